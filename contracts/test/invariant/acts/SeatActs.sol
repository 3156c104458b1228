// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {PassActs} from "./PassActs.sol";

/// @title Holders give seats of their passes, take them back, and occupants leave.
abstract contract SeatActs is PassActs {
    function holderGivesSeat(uint256 seed, uint256 to) public {
        (bool found, uint256 id, address holder) = holderWithSeats(seed);
        if (!found) return;
        address account = to % 8 == 0 ? address(0) : people[to % HOLDERS];
        bool stays = account != address(0) && sitsElsewhere(id, holder, account);
        uint16 number = uint16(bound(seed >> 24, 1, least(seatsOf(id, holder), SEATS) - 1));
        noting(Act.GiveSeat, holder, account);
        vm.prank(holder);
        pay.giveSeat(id, number, account);
        eq(pay.occupantOf(id, holder, number), account);
        if (account == address(0) || stays) return;
        eq(pay.seatOf(id, account).holder, holder);
        eq(pay.seatOf(id, account).number, number);
        require(pay.accessUntil(id, account) > block.timestamp, "a seat is access");
    }

    function occupantLeaves(uint256 seed) public {
        uint256 id = services[seed % services.length];
        for (uint256 i; i < HOLDERS; ++i) {
            address occupant = people[((seed >> 8) % HOLDERS + i) % HOLDERS];
            IMesgPay.Seat memory seat = pay.seatOf(id, occupant);
            if (pay.occupantOf(id, seat.holder, seat.number) != occupant) continue;
            noting(Act.LeaveSeat, occupant, occupant);
            vm.prank(occupant);
            pay.leaveSeat(id);
            eq(pay.accessUntil(id, occupant), pay.passExpiry(id, occupant));
            return;
        }
    }

    function occupantMoves(uint256 seed) public {
        uint256 id = services[seed % services.length];
        for (uint256 i; i < HOLDERS * SEATS; ++i) {
            address holder = people[((seed >> 8) % HOLDERS + i / SEATS) % HOLDERS];
            uint16 number = uint16(1 + i % SEATS);
            address occupant = pay.occupantOf(id, holder, number);
            if (occupant == address(0)) continue;
            noting(Act.TakeSeat, occupant, occupant);
            vm.prank(occupant);
            pay.takeSeat(id, holder, number);
            eq(pay.seatOf(id, occupant).holder, holder);
            eq(pay.seatOf(id, occupant).number, number);
            return;
        }
    }

    /// The seats of the terms that run now, as the holder's purchases tell.
    function seatsOf(uint256 id, address holder) internal view returns (uint256) {
        if (expiryOf(id, holder) <= block.timestamp) return 0;
        (, uint32 running,) = kindsOf(id, holder);
        for (uint256 i; i < sales.length; ++i) {
            if (sales[i].serviceId == id && sales[i].index == running) return sales[i].terms.seats;
        }
        revert("a pass without an offer");
    }

    function holderWithSeats(uint256 seed) internal view returns (bool, uint256, address) {
        for (uint256 i; i < services.length * HOLDERS; ++i) {
            uint256 id = services[(seed % services.length + i / HOLDERS) % services.length];
            address holder = people[((seed >> 16) % HOLDERS + i) % HOLDERS];
            if (seatsOf(id, holder) > 1) return (true, id, holder);
        }
        return (false, 0, address(0));
    }

    /// Whether the account sits on another holder's pass, on a seat that counts.
    function sitsElsewhere(uint256 id, address holder, address account) internal view returns (bool) {
        IMesgPay.Seat memory seat = pay.seatOf(id, account);
        if (pay.occupantOf(id, seat.holder, seat.number) != account) return false;
        return seat.holder != holder && seatsOf(id, seat.holder) > seat.number;
    }
}
