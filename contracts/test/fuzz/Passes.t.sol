// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../../src/interfaces/IServiceRegistry.sol";
import {PassBase} from "../PassBase.sol";

contract PassesFuzzTest is PassBase {
    struct Shape {
        uint96 price;
        uint32 duration;
        uint16 treasuryBps;
        uint16 referrerBps;
    }

    function shaped(Shape memory shape) internal returns (uint32 index, uint256 price, uint256 duration) {
        IServiceRegistry.OfferTerms memory terms = pass();
        terms.price = uint128(bound(shape.price, 0, 1e23));
        terms.duration = uint40(bound(shape.duration, 1, 1000 days));
        terms.treasuryBps = uint16(bound(shape.treasuryBps, 0, 10_000));
        terms.referrerBps = uint16(bound(shape.referrerBps, 0, 10_000 - terms.treasuryBps));
        (index,) = offer(terms);
        return (index, terms.price, terms.duration);
    }

    function credited() internal view returns (uint256) {
        return pay.earnedByService(serviceId) + pay.earnedBy(TREASURY) + pay.earnedBy(AUTHOR);
    }

    function testFuzzCancellingAtAnyMomentPaysPriceLessUpfrontLessEarned(Shape memory shape, uint32 moment, uint8 times)
        public
    {
        (uint32 index, uint256 price, uint256 duration) = shaped(shape);
        times = uint8(bound(times, 1, 3));
        for (uint256 i; i < times; ++i) {
            buy(PAYER, index, PAYER, AUTHOR);
        }
        uint256 upfront = pay.earnedBy(AUTHOR);
        moment = uint32(bound(moment, 0, duration * times - 1));
        later(moment);
        uint256 refunded = cancel(PAYER);
        eq(refunded + credited(), price * times);
        within(refunded, (price * times - upfront) * (duration * times - moment) / (duration * times), 2);
        eqHeld();
    }

    function testFuzzManySettlementsCreditWhatOneDoes(Shape memory shape, uint32[5] memory moments) public {
        (uint32 index,, uint256 duration) = shaped(shape);
        buy(PAYER, index, PAYER, AUTHOR);
        buy(FRIEND, index, FRIEND, AUTHOR);
        uint256 last;
        uint256 inParts;
        uint256 treasury;
        for (uint256 i; i < moments.length; ++i) {
            last = bound(moments[i], last, duration + 10);
            later(last);
            inParts += settle(PAYER);
            treasury = pay.earnedBy(TREASURY);
        }
        eq(settle(FRIEND), inParts);
        eq(pay.earnedBy(TREASURY), 2 * treasury);
        eq(cancelled(PAYER), cancelled(FRIEND));
        eqHeld();
    }

    function testFuzzTwoTermsHoldAllThatWasPaid(Shape memory first, Shape memory second, uint32 settledAt, uint32 endAt)
        public
    {
        (uint32 one, uint256 price,) = shaped(first);
        (uint32 other, uint256 otherPrice,) = shaped(second);
        buy(PAYER, one, PAYER, AUTHOR);
        buy(PAYER, other, PAYER, AUTHOR);
        uint256 end = pay.passExpiry(serviceId, PAYER) - START;
        settledAt = uint32(bound(settledAt, 0, end));
        later(settledAt);
        settle(PAYER);
        eqHeld();
        later(bound(endAt, settledAt, end));
        uint256 refunded = cancelled(PAYER);
        settle(PAYER);
        eq(credited() + refunded, price + otherPrice);
        eqHeld();
    }

    function cancelled(address holder) internal returns (uint256) {
        if (pay.passExpiry(serviceId, holder) <= vm.getBlockTimestamp()) return 0;
        return cancel(holder);
    }
}
