// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {LooseActs} from "../acts/LooseActs.sol";

/// @title What must always be true of access and seats.
abstract contract SeatRules is LooseActs {
    function I28_seatsMapBothWays() public view {
        for (uint256 i; i < services.length; ++i) {
            uint256 id = services[i];
            for (uint256 person; person < HOLDERS; ++person) {
                IMesgPay.Seat memory seat = pay.seatOf(id, people[person]);
                if (seat.holder != address(0)) {
                    eq(pay.occupantOf(id, seat.holder, seat.number), people[person]);
                    require(seat.number != 0 && seat.number < 1000, "no such seat");
                }
                for (uint16 number; number <= SEATS; ++number) {
                    address occupant = pay.occupantOf(id, people[person], number);
                    if (occupant == address(0)) continue;
                    eq(pay.seatOf(id, occupant).holder, people[person]);
                    eq(pay.seatOf(id, occupant).number, number);
                }
            }
        }
    }

    /// The holder gives and takes back, the occupant leaves; another holder gets only who sits on nothing that counts.
    function I29_nobodyElseTakesASeatThatCounts() public view {
        for (uint256 i; i < services.length; ++i) {
            for (uint256 person; person < HOLDERS; ++person) {
                Access memory last = lastAccess[i][person];
                if (last.seat.holder == address(0)) continue;
                IMesgPay.Seat memory seat = pay.seatOf(services[i], people[person]);
                if (seat.holder == last.seat.holder && seat.number == last.seat.number) continue;
                bool counted = last.until > lastTimestamp && last.until > last.expiry;
                bool byHolder = lastAct == Act.GiveSeat && lastActor == last.seat.holder;
                bool bySelf = lastAct == Act.LeaveSeat && lastActor == people[person];
                require(byHolder || bySelf || (!counted && lastAct == Act.GiveSeat), "unseated by a stranger");
            }
        }
    }

    function I30_accessIsTheOwnPassOrASeatOnOne() public view {
        for (uint256 i; i < services.length; ++i) {
            for (uint256 person; person < HOLDERS; ++person) {
                Access memory access = accessOf(i, person);
                if (access.until == access.expiry) continue;
                require(access.until > access.expiry, "less than the own pass");
                require(access.seat.holder != address(0), "access out of nothing");
                require(access.until <= pay.passExpiry(services[i], access.seat.holder), "longer than the holder");
            }
        }
    }

    /// Time and strangers lengthen nobody's access: only a purchase, a seat, or terms that were queued and begin.
    function I31_accessGrowsOnlyByAPurchaseOrASeat() public view {
        for (uint256 i; i < services.length; ++i) {
            for (uint256 person; person < HOLDERS; ++person) {
                Access memory access = accessOf(i, person);
                Access memory last = lastAccess[i][person];
                if (access.until <= last.until) continue;
                bool sold = lastAct == Act.Buy && (lastSubject == people[person] || lastSubject == access.seat.holder);
                bool seated = lastAct == Act.GiveSeat && lastSubject == people[person];
                require(sold || seated || queuedTermsBegan(i, access.seat.holder), "access out of nothing");
            }
        }
    }

    function queuedTermsBegan(uint256 service, address holder) private view returns (bool) {
        if (lastAct != Act.Time || holder == address(0)) return false;
        IMesgPay.Pass memory last = lastPass[service][personOf(holder)];
        return last.nextUntil != 0 && lastTimestamp < last.until && last.until <= block.timestamp;
    }
}
