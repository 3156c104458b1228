// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {Base} from "../../Base.sol";

contract TopUpTest is Base {
    IMesgPay.Config internal opened;
    bytes32 internal id;

    function setUp() public {
        deploy();
        publish();
        opened = open(100);
        id = pay.channelIdOf(opened);
    }

    function testAnybodyMayReserveMore() public {
        vm.prank(PAYER);
        token.transfer(FRIEND, 50);
        vm.startPrank(FRIEND);
        token.approve(address(pay), 50);
        vm.expectEmit(address(pay));
        emit IMesgPay.ChannelToppedUp(id, FRIEND, 50, 150);
        pay.topUp(opened, 50);
        eq(pay.channel(id).reserved, 150);
        eq(token.balanceOf(address(pay)), 150);
    }

    function testMoreMayBeReservedWhileClosingButChangesNothing() public {
        vm.startPrank(PAYER);
        pay.startClose(opened);
        later(10);
        pay.topUp(opened, 50);
        same(
            abi.encode(pay.channel(id)), abi.encode(IMesgPay.ChannelState(IMesgPay.Phase.Closing, 150, 0, START + DAY))
        );
    }

    function testOnlyARunningChannelIsToppedUp() public {
        vm.startPrank(PAYER);
        pay.startClose(opened);
        later(DAY);
        pay.finalizeClose(opened);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.PhaseWrong.selector, id, IMesgPay.Phase.Closed));
        pay.topUp(opened, 1);
        opened.salt = "absent";
        bytes32 absent = pay.channelIdOf(opened);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.PhaseWrong.selector, absent, IMesgPay.Phase.Absent));
        pay.topUp(opened, 1);
    }

    function testTheAmountHasLimits() public {
        vm.startPrank(PAYER);
        vm.expectRevert(IMesgPay.AmountZero.selector);
        pay.topUp(opened, 0);
        uint128 room = type(uint96).max - 100;
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.AmountTooHigh.selector, uint256(1) << 96, type(uint96).max));
        pay.topUp(opened, room + 1);
        vm.expectPartialRevert(bytes4(keccak256("ERC20InsufficientBalance(address,uint256,uint256)")));
        pay.topUp(opened, room);
    }
}
