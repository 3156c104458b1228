// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {Base} from "../../Base.sol";

contract CloseTest is Base {
    IMesgPay.Config internal opened;
    bytes32 internal id;

    function setUp() public {
        deploy();
        publish();
        opened = open(100);
        id = pay.channelIdOf(opened);
    }

    function startClose(address sender) internal {
        vm.prank(sender);
        pay.startClose(opened);
    }

    function testThePayerBeginsToClose() public {
        later(7);
        vm.expectEmit(address(pay));
        emit IMesgPay.ChannelClosing(id, START + 7 + DAY);
        startClose(PAYER);
        same(
            abi.encode(pay.channel(id)),
            abi.encode(IMesgPay.ChannelState(IMesgPay.Phase.Closing, 100, 0, START + 7 + DAY))
        );
    }

    function testTheSessionKeyBeginsToClose() public {
        startClose(opened.signer);
        eq(pay.channel(id).closesAt, START + DAY);
    }

    function testNobodyElseBeginsToClose() public {
        address[3] memory others = [opened.operator, FRIEND, AUTHOR];
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IMesgPay.NotPayerNorSigner.selector, others[i], PAYER, opened.signer)
            );
            startClose(others[i]);
        }
    }

    function testAClosingChannelIsEmptiedIntoTheVaultByAnybody() public {
        claim(voucher(SESSION_KEY, opened, 0, 40));
        startClose(PAYER);
        later(DAY);
        vm.expectEmit(address(pay));
        emit IMesgPay.ChannelClosed(id, 40, 60);
        vm.prank(FRIEND);
        pay.finalizeClose(opened);
        eq(pay.vaultOf(PAYER), 60);
        same(abi.encode(pay.channel(id)), abi.encode(IMesgPay.ChannelState(IMesgPay.Phase.Closed, 40, 40, 0)));
    }

    function testTheOperatorHasTheWholeDelay() public {
        startClose(PAYER);
        later(DAY - 1);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.TooEarly.selector, START + DAY, START + DAY - 1));
        pay.finalizeClose(opened);
        eq(claim(voucher(SESSION_KEY, opened, 0, 100)), 100);
        later(DAY);
        pay.finalizeClose(opened);
        eq(pay.vaultOf(PAYER), 0);
    }

    function testEvenLaterUntilItIsEmptied() public {
        startClose(PAYER);
        later(DAY + 5);
        eq(claim(voucher(SESSION_KEY, opened, 0, 100)), 100);
    }

    function testNobodyDelaysACloseByBeginningAgain() public {
        startClose(PAYER);
        later(10);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.PhaseWrong.selector, id, IMesgPay.Phase.Closing));
        startClose(opened.signer);
        eq(pay.channel(id).closesAt, START + DAY);
    }

    function testOnlyAClosingChannelIsEmptied() public {
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.PhaseWrong.selector, id, IMesgPay.Phase.Open));
        pay.finalizeClose(opened);
        startClose(PAYER);
        later(DAY);
        pay.finalizeClose(opened);
        bytes memory refusal = abi.encodeWithSelector(IMesgPay.PhaseWrong.selector, id, IMesgPay.Phase.Closed);
        vm.expectRevert(refusal);
        pay.finalizeClose(opened);
        vm.expectRevert(refusal);
        startClose(PAYER);
        eq(pay.vaultOf(PAYER), 100);
    }
}
