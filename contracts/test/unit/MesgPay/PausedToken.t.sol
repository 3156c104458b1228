// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {PausableToken} from "../../mocks/PausableToken.sol";
import {PassBase} from "../../PassBase.sol";
import {Permits} from "../../Permits.sol";

/// The token of 2019 can be paused and knows no permit: it must not trap anybody's accounts.
contract PausedTokenTest is PassBase, Permits {
    PausableToken internal paused;
    IMesgPay.Config internal opened;
    bytes32 internal id;

    function setUp() public override {
        PassBase.setUp();
        paused = new PausableToken(PAYER);
        pay = newPay(address(paused));
        vm.prank(PAYER);
        paused.approve(address(pay), type(uint256).max);
        opened = open(1000);
        id = pay.channelIdOf(opened);
        buy(PAYER);
        vm.prank(PAYER);
        pay.deposit(5000);
    }

    function testEverythingInsideGoesOnWhileItIsPausedAndIsPaidOutAfterwards() public {
        paused.pause();
        eq(claim(voucher(SESSION_KEY, opened, 0, 600)), 600);
        later(15 days);
        eq(settle(PAYER), 490);
        eq(cancel(PAYER), 490);
        vm.startPrank(PAYER);
        pay.startClose(opened);
        later(16 days);
        pay.finalizeClose(opened);
        pay.buyPassFromVault(
            IMesgPay.PassOrder(serviceId, offerIndex, offerHash, PAYER, type(uint40).max, FRIEND, 1000)
        );
        eq(pay.vaultOf(PAYER), 5000 + 490 + 400 - 1000);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        pay.withdraw(4890, PAYER);
        eq(pay.vaultOf(PAYER), 4890);
        paused.unpause();
        pay.withdraw(4890, AUTHOR);
        eq(paused.balanceOf(AUTHOR), 4890);
    }

    function testEarningsWait() public {
        claim(voucher(SESSION_KEY, opened, 0, 600));
        paused.pause();
        vm.startPrank(opened.operator);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        pay.collect(FRIEND);
        eq(pay.earnedBy(opened.operator), 450);
        paused.unpause();
        eq(pay.collect(FRIEND), 450);
        eq(paused.balanceOf(FRIEND), 450);
    }

    function testNothingIsOpenedOnTokensThatDidNotCome() public {
        paused.pause();
        opened.salt = "another";
        vm.startPrank(PAYER);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        pay.open(opened, 10);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        pay.deposit(10);
        pay.openFromVault(opened, 10);
        (bytes32 r, bytes32 vs) = compact(OPERATOR_KEY, pay.closeDigest(pay.channelIdOf(opened), 0));
        pay.closeCooperative(opened, 0, r, vs);
        eq(pay.vaultOf(PAYER), 5000);
    }

    function testWithoutPermitAnApprovalOpens() public {
        opened.salt = "another";
        vm.prank(PAYER);
        pay.openWithPermit(opened, 10, IMesgPay.Permit(START, 27, 0, 0));
        eq(pay.channel(pay.channelIdOf(opened)).reserved, 10);
    }

    function testWithoutPermitPermit2Opens() public {
        fundOwner(100);
        installPermit2();
        (opened.salt, opened.payer) = ("another", owner);
        id = pay.channelIdOf(opened);
        IMesgPay.Permit2Signature memory permit = signedPermit2(OWNER_KEY, id, 100, 0);
        paused.pause();
        vm.expectRevert(bytes("TRANSFER_FROM_FAILED"));
        pay.openWithPermit2(opened, 100, permit);
        paused.unpause();
        pay.openWithPermit2(opened, 100, permit);
        eq(pay.channel(id).reserved, 100);
    }
}
