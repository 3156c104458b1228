// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {PassBase} from "../../PassBase.sol";

contract CancelPassTest is PassBase {
    function refused() internal {
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.PassUnknown.selector, serviceId, PAYER));
        vm.prank(PAYER);
        pay.cancelPass(serviceId);
    }

    function testCancellingPaysBackWhatWasNotEarned() public {
        buy(PAYER, offerIndex, PAYER, FRIEND);
        later(10 days);
        vm.expectEmit(address(pay));
        emit IMesgPay.PassSettled(serviceId, PAYER, START + 10 days, 327);
        vm.expectEmit(address(pay));
        emit IMesgPay.PassCancelled(serviceId, PAYER, 653);
        eq(cancel(PAYER), 653);
        eq(pay.vaultOf(PAYER), 653);
        eq(pay.earnedByService(serviceId), 317);
        eq(pay.earnedBy(TREASURY), 10);
        eq(pay.earnedBy(FRIEND), 20);
        eq(pay.passExpiry(serviceId, PAYER), 0);
        eq(pay.accessUntil(serviceId, PAYER), 0);
        eqHeld();
    }

    function testAtEveryMomentExactlyPriceLessUpfrontLessEarnedComesBack() public {
        uint32 awkward = otherOffer(1009, 997, 3);
        for (uint256 second; second < 997; second += 83) {
            later(second * 1000);
            uint256 before = pay.earnedByService(serviceId) + pay.earnedBy(TREASURY);
            buy(PAYER, awkward, PAYER, FRIEND);
            later(second * 1000 + second);
            uint256 refunded = cancel(PAYER);
            uint256 earned = pay.earnedByService(serviceId) + pay.earnedBy(TREASURY) - before;
            eq(refunded + earned + 20, 1009);
            within(refunded, 989 * (997 - second) / 997, 1);
            eqHeld();
        }
    }

    function testAtOnceAllButTheReferrersPartComesBack() public {
        buy(PAYER, offerIndex, PAYER, FRIEND);
        eq(cancel(PAYER), 980);
        eq(pay.earnedBy(FRIEND), 20);
        eq(pay.earnedByService(serviceId), 0);
    }

    function testInItsLastSecondAPassCanBeCancelled() public {
        buy(PAYER);
        later(30 days - 1);
        eq(cancel(PAYER), 0);
        eq(pay.earnedByService(serviceId) + pay.earnedBy(TREASURY), 1000);
    }

    function testAPassThatEndedCannotBeCancelled() public {
        buy(PAYER);
        later(30 days);
        refused();
        eq(settle(PAYER), 980);
        refused();
    }

    function testNoPassNoCancelling() public {
        refused();
        buy(PAYER);
        cancel(PAYER);
        refused();
        eq(settle(PAYER), 0);
    }

    function testAPassCanBeBoughtAgainAfterwards() public {
        buy(PAYER);
        later(10 days);
        cancel(PAYER);
        eq(buy(PAYER), START + 40 days);
        later(25 days);
        eq(cancel(PAYER), 490);
        eqHeld();
    }

    function testTheRefundOfAnExtendedPassCoversAllItsTime() public {
        buy(PAYER);
        buy(PAYER);
        later(15 days);
        eq(cancel(PAYER), 490 + 980);
        vm.prank(PAYER);
        pay.withdraw(490 + 980, FRIEND);
        eqHeld();
    }
}
