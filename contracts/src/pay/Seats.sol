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
        occupantOf[serviceId][msg.sender][number] = account;
        emit SeatGiven(serviceId, msg.sender, account, number);
        // Who sits on another's pass stays there: a stranger moves nobody, and keeps nobody from moving.
        bool sitsHere = _seats[serviceId][account].holder == msg.sender;
        if (account != address(0) && (sitsHere || _seatUntil(serviceId, account) <= block.timestamp)) {
            _sit(serviceId, account, msg.sender, number);
        }
    }

    /// @inheritdoc IMesgPay
    function takeSeat(uint256 serviceId, address holder, uint16 number) external {
        if (occupantOf[serviceId][holder][number] != msg.sender) revert SeatNotGiven(msg.sender, holder, number);
        _sit(serviceId, msg.sender, holder, number);
    }

    /// @inheritdoc IMesgPay
    function leaveSeat(uint256 serviceId) external {
        Seat memory seat = _seats[serviceId][msg.sender];
        if (occupantOf[serviceId][seat.holder][seat.number] != msg.sender) {
            revert SeatNotGiven(msg.sender, seat.holder, seat.number);
        }
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
        uint40 seated = _seatUntil(serviceId, account);
        return seated > own ? seated : own;
    }

    /// @dev An account sits on one seat of a holder: the one it leaves is free again.
    function _sit(uint256 serviceId, address account, address holder, uint16 number) private {
        Seat memory left = _seats[serviceId][account];
        bool moves = left.holder == holder && left.number != number;
        if (moves && occupantOf[serviceId][holder][left.number] == account) {
            delete occupantOf[serviceId][holder][left.number];
        }
        _seats[serviceId][account] = Seat(holder, number);
        emit SeatTaken(serviceId, holder, account, number);
    }

    /// @dev How many may use the pass now, its holder included; 0 if it has ended.
    function _runningSeats(uint256 serviceId, address holder) private view returns (uint16) {
        Pass memory pass = _passes[serviceId][holder];
        if (block.timestamp < pass.until) return _seatsOf(serviceId, pass.offerIndex);
        if (block.timestamp < pass.nextUntil) return _seatsOf(serviceId, pass.nextOfferIndex);
        return 0;
    }

    /// @dev Until when an account's seat counts without interruption; 0 or past: it does not count now.
    function _seatUntil(uint256 serviceId, address account) private view returns (uint40) {
        Seat memory seat = _seats[serviceId][account];
        if (occupantOf[serviceId][seat.holder][seat.number] != account) return 0;
        if (_runningSeats(serviceId, seat.holder) <= seat.number) return 0;
        Pass memory pass = _passes[serviceId][seat.holder];
        if (pass.nextUntil == 0 || _seatsOf(serviceId, pass.nextOfferIndex) <= seat.number) return pass.until;
        return pass.nextUntil;
    }

    function _seatsOf(uint256 serviceId, uint32 offerIndex) private view returns (uint16) {
        return registry.seatsOf(serviceId, offerIndex);
    }
}
