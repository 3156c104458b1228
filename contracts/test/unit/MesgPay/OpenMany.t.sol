// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {Base} from "../../Base.sol";

contract OpenManyTest is Base {
    IMesgPay.Config[] internal configs;
    uint128[] internal amounts;

    function setUp() public {
        deploy();
        publish();
        (uint32 index, bytes32 offerHash) = offer(metered());
        for (uint128 i; i < 3; ++i) {
            IMesgPay.Config memory wanted = config(index, offerHash);
            wanted.salt = bytes32(uint256(i));
            configs.push(wanted);
            amounts.push(10 + i);
        }
    }

    function testManyChannelsOpenWithOnePull() public {
        vm.expectEmit(address(token));
        emit IERC20.Transfer(PAYER, address(pay), 33);
        vm.prank(PAYER);
        pay.openMany(configs, amounts);
        for (uint128 i; i < 3; ++i) {
            eq(pay.channel(pay.channelIdOf(configs[i])).reserved, 10 + i);
        }
    }

    function testEveryChannelHasAnAmount() public {
        amounts.pop();
        vm.prank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.LengthsDiffer.selector, 3, 2));
        pay.openMany(configs, amounts);
    }

    function testAllOpenOrNone() public {
        configs[2] = configs[0];
        bytes32 id = pay.channelIdOf(configs[0]);
        vm.prank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.PhaseWrong.selector, id, IMesgPay.Phase.Open));
        pay.openMany(configs, amounts);
        eq(token.balanceOf(address(pay)), 0);
    }

    function testNoChannelMovesNoToken() public {
        pay.openMany(new IMesgPay.Config[](0), new uint128[](0));
        eq(token.balanceOf(address(pay)), 0);
    }
}
