// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {PassBase} from "../../PassBase.sol";

contract PassTwoTermsTest is PassBase {
    uint32 internal dearer;

    function setUp() public override {
        super.setUp();
        dearer = otherOffer(5000, 10 days, 5);
    }

    /// 30 days of the first terms, then ten of the dearer ones: 980 + 4900 units are earned with time.
    function buyBoth() internal {
        buy(PAYER);
        eq(buy(PAYER, dearer, PAYER, address(0)), START + 40 days);
    }

    function eqPass(uint40 settledTo, uint40 until, uint32 index, uint40 nextUntil, uint32 nextIndex) internal view {
        same(
            abi.encode(pay.passOf(serviceId, PAYER)),
            abi.encode(IMesgPay.Pass(settledTo, until, index, nextUntil, nextIndex))
        );
    }

    function testOtherTermsFollowTheRunningOnes() public {
        buyBoth();
        eqPass(START, START + 30 days, offerIndex, START + 40 days, dearer);
        eq(pay.passExpiry(serviceId, PAYER), START + 40 days);
        eq(pay.accessUntil(serviceId, PAYER), START + 40 days);
        eq(pay.earnedByService(serviceId), 20 + 100);
        eqHeld();
    }

    function testTheTermsThatFollowAreExtended() public {
        buyBoth();
        eq(buy(PAYER, dearer, PAYER, address(0)), START + 50 days);
        eqPass(START, START + 30 days, offerIndex, START + 50 days, dearer);
        eq(buy(FRIEND, dearer, PAYER, address(0)), START + 60 days);
        eqHeld();
    }

    function testOnlyOneKindOfTermsFollows() public {
        buyBoth();
        uint32 third = otherOffer(1, 1 days, 1);
        vm.startPrank(PAYER);
        bytes memory refusal = abi.encodeWithSelector(IMesgPay.PassTermsQueued.selector, serviceId, PAYER, dearer);
        bytes32 hash = hashOf(third);
        vm.expectRevert(refusal);
        pay.buyPass(IMesgPay.PassOrder(serviceId, third, hash, PAYER, type(uint40).max, address(0), 1000));
        // Nor the running terms again: they would come after the ones that follow.
        vm.expectRevert(refusal);
        pay.buyPass(IMesgPay.PassOrder(serviceId, offerIndex, offerHash, PAYER, type(uint40).max, address(0), 1000));
    }

    function testOnlyTheHolderLetsOtherTermsFollow() public {
        buy(PAYER);
        bytes32 hash = hashOf(dearer);
        vm.prank(FRIEND);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.GiftOfOtherTerms.selector, serviceId, PAYER, dearer));
        pay.buyPass(IMesgPay.PassOrder(serviceId, dearer, hash, PAYER, type(uint40).max, address(0), 5000));
        later(30 days);
        eq(buy(FRIEND, dearer, PAYER, address(0)), START + 40 days);
    }

    function testSettlingMovesIntoTheTermsThatFollow() public {
        buyBoth();
        later(15 days);
        eq(settle(PAYER), 490);
        eqPass(START + 15 days, START + 30 days, offerIndex, START + 40 days, dearer);
        later(30 days);
        eq(settle(PAYER), 490);
        eqPass(START + 30 days, START + 40 days, dearer, 0, 0);
        later(35 days);
        eq(settle(PAYER), 2450);
        later(41 days);
        eq(settle(PAYER), 2450);
        eqPass(START + 40 days, START + 40 days, dearer, 0, 0);
        eqHeld();
    }

    function testSettlingOnceCreditsTheSame() public {
        buyBoth();
        later(35 days);
        vm.expectEmit(address(pay));
        emit IMesgPay.PassSettled(serviceId, PAYER, START + 35 days, 980 + 2450);
        eq(settle(PAYER), 980 + 2450);
        eqPass(START + 35 days, START + 40 days, dearer, 0, 0);
        eqHeld();
    }

    function testAfterTheMoveTheFormerTermsMayFollow() public {
        buyBoth();
        later(31 days);
        eq(buy(PAYER), START + 70 days);
        eqPass(START + 31 days, START + 40 days, dearer, START + 70 days, offerIndex);
        eqHeld();
    }

    function testAfterTheMoveAGiftExtendsTheRunningTerms() public {
        buyBoth();
        later(31 days);
        eq(buy(FRIEND, dearer, PAYER, address(0)), START + 50 days);
        eqPass(START + 31 days, START + 50 days, dearer, 0, 0);
    }

    function testBothTermsOverAreSettledByARenewal() public {
        buyBoth();
        later(100 days);
        eq(buy(PAYER), START + 130 days);
        eqPass(START + 100 days, START + 130 days, offerIndex, 0, 0);
        eq(pay.earnedByService(serviceId), 970 + 4850 + 20);
        eq(pay.earnedBy(TREASURY), 30 + 150);
        eqHeld();
    }

    function testCancellingRefundsBothTerms() public {
        buyBoth();
        later(15 days);
        eq(cancel(PAYER), 490 + 4900);
        eqPass(0, 0, 0, 0, 0);
        eqHeld();
    }

    function testCancellingInTheTermsThatFollowRefundsTheirRest() public {
        buyBoth();
        later(32 days);
        eq(cancel(PAYER), 4900 * 8 / 10);
        eq(pay.earnedByService(serviceId), 120 + 950 + 950);
        eqHeld();
    }
}
