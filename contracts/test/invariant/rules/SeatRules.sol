// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {LooseActs} from "../acts/LooseActs.sol";

/// @title What must always be true of access and seats.
abstract contract SeatRules is LooseActs {
    function I28_aSeatCountsWhereBothSaySo() public view {
        for (uint256 i; i < services.length; ++i) {
            uint256 id = services[i];
            for (uint256 person; person < HOLDERS; ++person) {
                IMesgPay.Seat memory seat = pay.seatOf(id, people[person]);
                require(seat.holder == address(0) || (seat.number != 0 && seat.number < 1000), "no such seat");
                if (pay.accessUntil(id, people[person]) <= pay.passExpiry(id, people[person])) continue;
                eq(pay.occupantOf(id, seat.holder, seat.number), people[person]);
            }
        }
    }

    /// Who sits on a pass and has access by it moves by his own will, or by the holder's of that very pass.
    function I29_nobodyElseMovesWhoSits() public view {
        for (uint256 i; i < services.length; ++i) {
            for (uint256 person; person < HOLDERS; ++person) {
                Access memory last = lastAccess[i][person];
                if (last.until <= last.expiry || last.until <= lastTimestamp) continue;
                IMesgPay.Seat memory seat = pay.seatOf(services[i], people[person]);
                bool sits = seat.holder == last.seat.holder && seat.number == last.seat.number;
                if (sits && pay.occupantOf(services[i], seat.holder, seat.number) == people[person]) continue;
                bool byHolder = lastAct == Act.GiveSeat && lastActor == last.seat.holder;
                bool bySelf = (lastAct == Act.LeaveSeat || lastAct == Act.TakeSeat) && lastActor == people[person];
                require(byHolder || bySelf, "moved by a stranger");
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
                bool seated = (lastAct == Act.GiveSeat || lastAct == Act.TakeSeat) && lastSubject == people[person];
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
