// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../interfaces/IMesgPay.sol";
import {Passes} from "./Passes.sol";

/// @title Seats: other accounts that use a Service on somebody's pass. No money moves here.
abstract contract Seats is Passes {
    mapping(uint256 serviceId => mapping(address account => Seat)) private _seats;
    /// @inheritdoc IMesgPay
    mapping(uint256 serviceId => mapping(address holder => mapping(uint16 number => address)))
        public
        override occupantOf;

    /// @inheritdoc IMesgPay
    function giveSeat(uint256 serviceId, uint16 number, address account) external {
        uint16 seats = _runningSeats(serviceId, msg.sender);
        if (number == 0 || number >= seats) revert SeatUnknown(number, seats);
        address occupant = occupantOf[serviceId][msg.sender][number];
        if (occupant != address(0)) delete _seats[serviceId][occupant];
        if (account != address(0)) _vacate(serviceId, account);
        occupantOf[serviceId][msg.sender][number] = account;
        if (account != address(0)) _seats[serviceId][account] = Seat(msg.sender, number);
        emit SeatGiven(serviceId, msg.sender, account, number);
    }

    /// @inheritdoc IMesgPay
    function leaveSeat(uint256 serviceId) external {
        Seat memory seat = _seats[serviceId][msg.sender];
        if (seat.holder == address(0)) revert SeatUnknown(0, 0);
        delete _seats[serviceId][msg.sender];
        delete occupantOf[serviceId][seat.holder][seat.number];
        emit SeatLeft(serviceId, seat.holder, msg.sender, seat.number);
    }

    /// @inheritdoc IMesgPay
    function seatOf(uint256 serviceId, address account) external view returns (Seat memory) {
        return _seats[serviceId][account];
    }

    /// @inheritdoc IMesgPay
    function accessUntil(uint256 serviceId, address account) external view returns (uint40) {
        uint40 own = passExpiry(serviceId, account);
        Seat memory seat = _seats[serviceId][account];
        if (seat.holder == address(0)) return own;
        uint40 seated = _seatUntil(serviceId, seat);
        return seated > own ? seated : own;
    }

    /// @dev An account sits once: a seat that still counts must be left first, one that does not is forgotten.
    function _vacate(uint256 serviceId, address account) private {
        Seat memory seat = _seats[serviceId][account];
        if (seat.holder == address(0)) return;
        if (seat.holder != msg.sender && _seatUntil(serviceId, seat) > block.timestamp) {
            revert SeatElsewhere(account, seat.holder, seat.number);
        }
        delete occupantOf[serviceId][seat.holder][seat.number];
    }

    /// @dev How many may use the pass now, its holder included; 0 if it has ended.
    function _runningSeats(uint256 serviceId, address holder) private view returns (uint16) {
        Pass memory pass = _passes[serviceId][holder];
        if (block.timestamp < pass.until) return _seatsOf(serviceId, pass.offerIndex);
        if (block.timestamp < pass.nextUntil) return _seatsOf(serviceId, pass.nextOfferIndex);
        return 0;
    }

    /// @dev Until when a seat counts without interruption; 0 or past: it does not count now.
    function _seatUntil(uint256 serviceId, Seat memory seat) private view returns (uint40) {
        Pass memory pass = _passes[serviceId][seat.holder];
        if (_runningSeats(serviceId, seat.holder) <= seat.number) return 0;
        if (pass.nextUntil == 0 || _seatsOf(serviceId, pass.nextOfferIndex) <= seat.number) return pass.until;
        return pass.nextUntil;
    }

    function _seatsOf(uint256 serviceId, uint32 offerIndex) private view returns (uint16) {
        return registry.seatsOf(serviceId, offerIndex);
    }
}
