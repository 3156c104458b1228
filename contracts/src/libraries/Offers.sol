// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../interfaces/IServiceRegistry.sol";

/// @title An offer as it is stored (two slots), what makes its terms valid, and its hash.
library Offers {
    uint8 internal constant PASS = 0;
    uint8 internal constant METERED = 1;
    uint256 internal constant BPS = 10_000;
    /// @dev Long enough for "for ever", short enough that no sum of renewals a human lives through overflows.
    uint256 internal constant DURATION_MAX = 36_525 days;
    /// @dev An operator must be able to notice a close and claim.
    uint256 internal constant CLOSE_DELAY_MIN = 1 hours;
    /// @dev A team, not a country: every seat is given by a transaction of its own.
    uint256 internal constant SEATS_MAX = 1000;
    /// @dev A buyer's money must come back within a month.
    uint256 internal constant CLOSE_DELAY_MAX = 30 days;

    /// @dev Two slots, ordered to fit; the terms are told in the interface's order.
    struct Offer {
        uint128 price;
        uint128 pricePerEvent;
        uint8 kind;
        uint40 duration;
        uint40 closeDelay;
        uint40 validUntil;
        uint16 authorBps;
        uint16 treasuryBps;
        uint16 referrerBps;
        bool hostedOnly;
        uint16 seats;
        bool disabled;
    }

    /// @notice Revert unless the terms make sense at this time.
    function check(IServiceRegistry.OfferTerms calldata terms) internal view {
        if (terms.kind == PASS) _checkPass(terms);
        else if (terms.kind == METERED) _checkMetered(terms);
        else revert IServiceRegistry.KindInvalid(terms.kind);
        uint256 bps = uint256(terms.authorBps) + terms.treasuryBps + terms.referrerBps;
        if (bps > BPS) revert IServiceRegistry.SharesTooHigh(bps, BPS);
        if (terms.validUntil != 0 && terms.validUntil < block.timestamp) {
            revert IServiceRegistry.OfferBornExpired(terms.validUntil, block.timestamp);
        }
    }

    /// @notice What a buyer signs or passes so that he gets these terms and no others.
    function hash(uint256 serviceId, uint32 offerIndex, IServiceRegistry.OfferTerms memory terms)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(serviceId, offerIndex, terms));
    }

    /// @notice The hash of the terms that are stored.
    function hashStored(uint256 serviceId, uint32 offerIndex, Offer storage stored) internal view returns (bytes32) {
        return hash(serviceId, offerIndex, unpack(stored));
    }

    /// @notice What is stored for these terms.
    function pack(IServiceRegistry.OfferTerms calldata terms) internal pure returns (Offer memory) {
        return Offer({
            price: terms.price,
            pricePerEvent: terms.pricePerEvent,
            kind: terms.kind,
            duration: terms.duration,
            closeDelay: terms.closeDelay,
            validUntil: terms.validUntil,
            authorBps: terms.authorBps,
            treasuryBps: terms.treasuryBps,
            referrerBps: terms.referrerBps,
            hostedOnly: terms.hostedOnly,
            seats: terms.seats,
            disabled: false
        });
    }

    /// @notice The terms that are stored.
    function unpack(Offer storage stored) internal view returns (IServiceRegistry.OfferTerms memory) {
        return IServiceRegistry.OfferTerms({
            kind: stored.kind,
            price: stored.price,
            pricePerEvent: stored.pricePerEvent,
            duration: stored.duration,
            closeDelay: stored.closeDelay,
            validUntil: stored.validUntil,
            authorBps: stored.authorBps,
            treasuryBps: stored.treasuryBps,
            referrerBps: stored.referrerBps,
            hostedOnly: stored.hostedOnly,
            seats: stored.seats
        });
    }

    /// @notice The part of stored terms that a pass's money depends on.
    function passPrice(Offer storage stored) internal view returns (IServiceRegistry.PassPrice memory) {
        return IServiceRegistry.PassPrice(stored.price, stored.duration, stored.treasuryBps, stored.referrerBps);
    }

    function _checkPass(IServiceRegistry.OfferTerms calldata terms) private pure {
        if (terms.duration == 0 || terms.duration > DURATION_MAX) {
            revert IServiceRegistry.DurationInvalid(terms.duration, 1, DURATION_MAX);
        }
        if (terms.closeDelay != 0) revert IServiceRegistry.CloseDelayInvalid(terms.closeDelay, 0, 0);
        if (terms.pricePerEvent != 0) revert IServiceRegistry.PricePerEventOnPass(terms.pricePerEvent);
        if (terms.authorBps != 0) revert IServiceRegistry.AuthorShareOnPass(terms.authorBps);
        if (terms.seats == 0 || terms.seats > SEATS_MAX) {
            revert IServiceRegistry.SeatsInvalid(terms.seats, 1, SEATS_MAX);
        }
    }

    function _checkMetered(IServiceRegistry.OfferTerms calldata terms) private pure {
        if (terms.duration != 0) revert IServiceRegistry.DurationInvalid(terms.duration, 0, 0);
        if (terms.seats != 0) revert IServiceRegistry.SeatsInvalid(terms.seats, 0, 0);
        if (terms.closeDelay < CLOSE_DELAY_MIN || terms.closeDelay > CLOSE_DELAY_MAX) {
            revert IServiceRegistry.CloseDelayInvalid(terms.closeDelay, CLOSE_DELAY_MIN, CLOSE_DELAY_MAX);
        }
    }
}
