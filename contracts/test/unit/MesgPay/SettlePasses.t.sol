// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {PassBase} from "../../PassBase.sol";

contract SettlePassesTest is PassBase {
    function testAPassIsEarnedAsTheTimePasses() public {
        buy(PAYER, offerIndex, PAYER, FRIEND);
        later(10 days);
        vm.expectEmit(address(pay));
        emit IMesgPay.PassSettled(serviceId, PAYER, START + 10 days, 327);
        eq(settle(PAYER), 327);
        // 950 less the 633 that 20 days still hold; 30 less 20.
        eq(pay.earnedByService(serviceId), 317);
        eq(pay.earnedBy(TREASURY), 10);
        eq(pay.passOf(serviceId, PAYER).settledTo, START + 10 days);
        eq(pay.passExpiry(serviceId, PAYER), START + 30 days);
    }

    function testNothingIsEarnedTwice() public {
        buy(PAYER);
        later(10 days);
        settle(PAYER);
        vm.expectEmit(address(pay));
        emit IMesgPay.PassSettled(serviceId, PAYER, START + 10 days, 0);
        eq(settle(PAYER), 0);
        later(50 days);
        eq(settle(PAYER), 980 - 327);
        later(60 days);
        eq(settle(PAYER), 0);
        eqHeld();
    }

    function testSettlingEveryHourCreditsExactlyWhatSettlingOnceDoes() public {
        uint32 awkward = otherOffer(999_999_999_999_999_989, 30 days + 7, 3);
        buy(PAYER, awkward, PAYER, address(0));
        buy(FRIEND, awkward, FRIEND, address(0));
        uint256 atOnce = pay.earnedByService(serviceId);
        uint256 inParts;
        for (uint256 hour = 1; hour <= 30 * 24 + 1; ++hour) {
            later(hour * 1 hours);
            inParts += settle(PAYER);
        }
        uint256 author = pay.earnedByService(serviceId) - atOnce;
        uint256 treasury = pay.earnedBy(TREASURY);
        eq(settle(FRIEND), inParts);
        eq(pay.earnedByService(serviceId) - atOnce, 2 * author);
        eq(pay.earnedBy(TREASURY), 2 * treasury);
        eq(atOnce + 2 * (author + treasury), 2 * 999_999_999_999_999_989);
    }

    function testAnybodySettlesManyAtOnce() public {
        buy(PAYER);
        buy(FRIEND);
        address[] memory accounts = new address[](4);
        (accounts[0], accounts[1], accounts[2], accounts[3]) = (PAYER, AUTHOR, FRIEND, PAYER);
        later(30 days);
        vm.prank(address(0xABC));
        eq(pay.settlePasses(serviceId, accounts), 2 * 980);
        eq(pay.earnedByService(serviceId), 2 * 970);
        eqHeld();
    }

    function testWhoHasNoPassHasNothingToSettle() public {
        eq(settle(AUTHOR), 0);
        same(abi.encode(pay.passOf(serviceId, AUTHOR)), abi.encode(IMesgPay.Pass(0, 0, 0, 0, 0)));
        eq(pay.settlePasses(serviceId, new address[](0)), 0);
    }

    function testThePreviewTellsWhatSettlingAndCancellingDo() public {
        (uint256 earned, uint256 refundable) = pay.passValue(serviceId, PAYER);
        eq(earned + refundable, 0);
        buy(PAYER);
        uint256[5] memory times = [uint256(0), 1, 11 days, 30 days - 1, 30 days];
        for (uint256 i; i < times.length; ++i) {
            later(times[i]);
            (earned, refundable) = pay.passValue(serviceId, PAYER);
            eq(settle(PAYER), earned);
            (uint256 more, uint256 still) = pay.passValue(serviceId, PAYER);
            eq(more, 0);
            eq(still, refundable);
        }
        eq(refundable, 0);
    }

    function testRoundingFavoursNobodyForLong() public {
        uint32 tiny = otherOffer(1, 3, 1);
        buy(PAYER, tiny, PAYER, FRIEND);
        later(1);
        // What seconds left hold is rounded down: the one unit is earned as soon as less than all of it is held.
        eq(settle(PAYER), 1);
        eq(cancel(PAYER), 0);
        eqHeld();
    }
}
