// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {Base} from "../../Base.sol";

contract CloseCooperativeTest is Base {
    IMesgPay.Config internal opened;
    bytes32 internal id;

    function setUp() public {
        deploy();
        publish();
        opened = open(100);
        id = pay.channelIdOf(opened);
        claim(voucher(SESSION_KEY, opened, 0, 40));
    }

    function close(uint256 key, uint128 finalClaimed) internal {
        (bytes32 r, bytes32 vs) = compact(key, pay.closeDigest(id, finalClaimed));
        pay.closeCooperative(opened, finalClaimed, r, vs);
    }

    function testTheOperatorsSignatureClosesAtOnce() public {
        (bytes32 r, bytes32 vs) = compact(OPERATOR_KEY, pay.closeDigest(id, 40));
        vm.expectEmit(address(pay));
        emit IMesgPay.ChannelClosed(id, 40, 60);
        vm.prank(FRIEND);
        pay.closeCooperative(opened, 40, r, vs);
        eq(pay.vaultOf(PAYER), 60);
        same(abi.encode(pay.channel(id)), abi.encode(IMesgPay.ChannelState(IMesgPay.Phase.Closed, 40, 40, 0)));
    }

    function testAClosingChannelIsClosedAtOnceToo() public {
        vm.prank(PAYER);
        pay.startClose(opened);
        close(OPERATOR_KEY, 40);
        eq(pay.vaultOf(PAYER), 60);
        eq(pay.channel(id).closesAt, 0);
    }

    function testNobodyElsesSignatureCloses() public {
        (bytes32 r, bytes32 vs) = compact(SESSION_KEY, pay.closeDigest(id, 40));
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.OperatorSignatureInvalid.selector, id, opened.operator));
        pay.closeCooperative(opened, 40, r, vs);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.OperatorSignatureInvalid.selector, id, opened.operator));
        pay.closeCooperative(opened, 40, bytes32(uint256(1)), bytes32(0));
    }

    function testAVoucherIsNoClose() public {
        (bytes32 r, bytes32 vs) = compact(OPERATOR_KEY, pay.voucherDigest(id, 0, 40));
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.OperatorSignatureInvalid.selector, id, opened.operator));
        pay.closeCooperative(opened, 40, r, vs);
    }

    function testTheOperatorSignsForWhatWasClaimed() public {
        (bytes32 r, bytes32 vs) = compact(OPERATOR_KEY, pay.closeDigest(id, 40));
        claim(voucher(SESSION_KEY, opened, 0, 50));
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.FinalClaimedMismatch.selector, 50, 40));
        pay.closeCooperative(opened, 40, r, vs);
        close(OPERATOR_KEY, 50);
        eq(pay.vaultOf(PAYER), 50);
    }

    function testNotForMoreThanWasClaimedEither() public {
        (bytes32 r, bytes32 vs) = compact(OPERATOR_KEY, pay.closeDigest(id, 41));
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.FinalClaimedMismatch.selector, 40, 41));
        pay.closeCooperative(opened, 41, r, vs);
    }

    function testAChannelClosesOnce() public {
        (bytes32 r, bytes32 vs) = compact(OPERATOR_KEY, pay.closeDigest(id, 40));
        pay.closeCooperative(opened, 40, r, vs);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.PhaseWrong.selector, id, IMesgPay.Phase.Closed));
        pay.closeCooperative(opened, 40, r, vs);
        eq(pay.vaultOf(PAYER), 60);
    }
}
