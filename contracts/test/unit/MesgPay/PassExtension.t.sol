// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {PassBase} from "../../PassBase.sol";

contract PassExtensionTest is PassBase {
    function testTheNewTimeBeginsWhenTheOldEnds() public {
        buy(PAYER);
        later(10 days);
        eq(buy(PAYER), START + 60 days);
        later(59 days);
        eq(buy(PAYER), START + 90 days);
        eqHeld();
    }

    function testAfterTheEndItBeginsNow() public {
        buy(PAYER);
        later(30 days);
        eq(buy(PAYER), START + 60 days);
        later(100 days);
        eq(buy(PAYER), START + 130 days);
        later(130 days);
        settle(PAYER);
        eq(pay.earnedByService(serviceId), 3 * 970);
        eq(pay.earnedBy(TREASURY), 3 * 30);
        eqHeld();
    }

    function testARenewalAfterTheEndSettlesThePassThatEnded() public {
        buy(PAYER);
        later(40 days);
        vm.expectEmit(address(pay));
        emit IMesgPay.PassSettled(serviceId, PAYER, START + 30 days, 980);
        vm.expectEmit(address(pay));
        emit IMesgPay.PassBought(serviceId, PAYER, PAYER, offerIndex, 1000, START + 70 days, address(0));
        buy(PAYER);
        eq(pay.earnedByService(serviceId), 970 + 20);
        same(
            abi.encode(pay.passOf(serviceId, PAYER)),
            abi.encode(IMesgPay.Pass(START + 40 days, START + 70 days, offerIndex, 0, 0))
        );
    }

    function testARenewalBeforeTheEndSettlesNothing() public {
        buy(PAYER);
        later(10 days);
        buy(PAYER);
        eq(pay.earnedByService(serviceId), 40);
        eq(settle(PAYER), 950 - 633 + 10 + 0);
    }

    function testAGiftOfTheSameTermsExtends() public {
        buy(PAYER);
        vm.expectEmit(address(pay));
        emit IMesgPay.PassBought(serviceId, PAYER, FRIEND, offerIndex, 1000, START + 60 days, AUTHOR);
        eq(buy(FRIEND, offerIndex, PAYER, AUTHOR), START + 60 days);
        eq(pay.passExpiry(serviceId, FRIEND), 0);
        eq(token.balanceOf(FRIEND), 1e24 - 1000);
        eqHeld();
    }

    function testAGiftIsARightOfItsHolder() public {
        buy(FRIEND, offerIndex, PAYER, AUTHOR);
        eq(cancel(PAYER), 980);
        eq(pay.vaultOf(PAYER), 980);
        vm.prank(FRIEND);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.PassUnknown.selector, serviceId, FRIEND));
        pay.cancelPass(serviceId);
    }

    function testAPassEndsInAHundredYearsAtTheLatest() public {
        uint32 century = otherOffer(1000, 36_525 days, 1);
        eq(buy(PAYER, century, PAYER, FRIEND), START + 36_525 days);
        bytes memory refusal =
            abi.encodeWithSelector(IMesgPay.PassTooLong.selector, START + 2 * 36_525 days, START + 36_525 days);
        bytes32 hash = hashOf(century);
        vm.prank(PAYER);
        vm.expectRevert(refusal);
        pay.buyPass(IMesgPay.PassOrder(serviceId, century, hash, PAYER, type(uint40).max, FRIEND, 1000));
        refusal = abi.encodeWithSelector(
            IMesgPay.PassTooLong.selector, START + 36_555 days, START + 36_525 days + 30 days - 1
        );
        later(30 days - 1);
        vm.prank(PAYER);
        vm.expectRevert(refusal);
        pay.buyPass(IMesgPay.PassOrder(serviceId, offerIndex, offerHash, PAYER, type(uint40).max, FRIEND, 1000));
        later(30 days);
        eq(buy(PAYER), START + 36_555 days);
        eqHeld();
    }

    function testManyRenewalsReachAHundredYearsButNoMore() public {
        uint32 decade = otherOffer(7, 3652 days, 1);
        for (uint256 i; i < 10; ++i) {
            buy(PAYER, decade, PAYER, FRIEND);
        }
        bytes32 hash = hashOf(decade);
        vm.prank(PAYER);
        vm.expectRevert(
            abi.encodeWithSelector(IMesgPay.PassTooLong.selector, START + 11 * 3652 days, START + 36_525 days)
        );
        pay.buyPass(IMesgPay.PassOrder(serviceId, decade, hash, PAYER, type(uint40).max, FRIEND, 7));
        eqHeld();
    }

    function testWhatWasBoughtBeginsWhenTheBuyerAgreedOrNotAtAll() public {
        IMesgPay.PassOrder memory order =
            IMesgPay.PassOrder(serviceId, offerIndex, offerHash, PAYER, START, address(0), 1000);
        vm.prank(PAYER);
        eq(pay.buyPass(order), START + 30 days);
        order.startsBy = START + 30 days - 1;
        vm.startPrank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.StartsTooLate.selector, START + 30 days, order.startsBy));
        pay.buyPass(order);
        order.startsBy += 1;
        eq(pay.buyPass(order), START + 60 days);
        vm.stopPrank();
    }

    function testAGiftInFrontOfAPurchaseMakesItFail() public {
        uint32 team = otherOffer(1000, 30 days, 5);
        uint32 trial = otherOffer(0, 30 days, 1);
        IMesgPay.PassOrder memory order =
            IMesgPay.PassOrder(serviceId, team, hashOf(team), PAYER, START + 1 hours, address(0), 1000);
        buy(FRIEND, trial, PAYER, address(0));
        vm.prank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.StartsTooLate.selector, START + 30 days, START + 1 hours));
        pay.buyPass(order);
    }
}
