// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../interfaces/IServiceRegistry.sol";
import {Offers} from "../libraries/Offers.sol";
import {Versions} from "./Versions.sol";

/// @title On which terms a Service is used: offers, which never change and can only be disabled.
abstract contract OfferBook is Versions {
    mapping(uint256 serviceId => uint32) internal _offersLength;
    mapping(uint256 serviceId => mapping(uint32 offerIndex => Offers.Offer)) private _offers;

    /// @inheritdoc IServiceRegistry
    function createOffer(uint256 serviceId, OfferTerms calldata terms)
        external
        onlyServiceOwner(serviceId)
        returns (uint32 offerIndex)
    {
        if (_versions[serviceId].length == 0) revert NothingPublished(serviceId);
        Offers.check(terms);
        offerIndex = _offersLength[serviceId]++;
        _offers[serviceId][offerIndex] = Offers.pack(terms);
        emit OfferCreated(serviceId, offerIndex, Offers.hash(serviceId, offerIndex, terms), terms);
    }

    /// @inheritdoc IServiceRegistry
    function disableOffer(uint256 serviceId, uint32 offerIndex) external onlyServiceOwner(serviceId) {
        if (_existingOffer(serviceId, offerIndex).disabled) revert OfferIsDisabled(serviceId, offerIndex);
        _offers[serviceId][offerIndex].disabled = true;
        emit OfferDisabled(serviceId, offerIndex);
    }

    /// @inheritdoc IServiceRegistry
    function liveOffer(uint256 serviceId, uint32 offerIndex)
        external
        view
        returns (OfferTerms memory terms, bytes32 offerHash)
    {
        terms = Offers.unpack(_liveOffer(serviceId, offerIndex));
        offerHash = Offers.hash(serviceId, offerIndex, terms);
    }

    /// @inheritdoc IServiceRegistry
    function liveMetered(uint256 serviceId, uint32 offerIndex)
        external
        view
        returns (uint8, bytes32, uint16, uint16, uint16, uint40)
    {
        Offers.Offer storage stored = _liveOffer(serviceId, offerIndex);
        return (
            stored.kind,
            Offers.hashStored(serviceId, offerIndex, stored),
            stored.authorBps,
            stored.treasuryBps,
            stored.referrerBps,
            stored.closeDelay
        );
    }

    /// @inheritdoc IServiceRegistry
    function livePass(uint256 serviceId, uint32 offerIndex)
        external
        view
        returns (uint8, bytes32, uint128, uint40, uint16, uint16)
    {
        Offers.Offer storage stored = _liveOffer(serviceId, offerIndex);
        return (
            stored.kind,
            Offers.hashStored(serviceId, offerIndex, stored),
            stored.price,
            stored.duration,
            stored.treasuryBps,
            stored.referrerBps
        );
    }

    /// @inheritdoc IServiceRegistry
    function passPrice(uint256 serviceId, uint32 offerIndex) external view returns (PassPrice memory) {
        return Offers.passPrice(_existingOffer(serviceId, offerIndex));
    }

    /// @inheritdoc IServiceRegistry
    function seatsOf(uint256 serviceId, uint32 offerIndex) external view returns (uint16) {
        return _existingOffer(serviceId, offerIndex).seats;
    }

    /// @inheritdoc IServiceRegistry
    function offer(uint256 serviceId, uint32 offerIndex)
        external
        view
        returns (OfferTerms memory terms, bool disabled, bytes32 offerHash)
    {
        Offers.Offer storage stored = _existingOffer(serviceId, offerIndex);
        terms = Offers.unpack(stored);
        disabled = stored.disabled;
        offerHash = Offers.hash(serviceId, offerIndex, terms);
    }

    /// @inheritdoc IServiceRegistry
    function offersLength(uint256 serviceId) external view returns (uint256) {
        return _offersLength[serviceId];
    }

    function _liveOffer(uint256 serviceId, uint32 offerIndex) private view returns (Offers.Offer storage stored) {
        stored = _existingOffer(serviceId, offerIndex);
        if (stored.disabled) revert OfferIsDisabled(serviceId, offerIndex);
        if (stored.validUntil != 0 && stored.validUntil < block.timestamp) {
            revert OfferExpired(stored.validUntil, block.timestamp);
        }
    }

    function _existingOffer(uint256 serviceId, uint32 offerIndex) private view returns (Offers.Offer storage stored) {
        stored = _offers[serviceId][offerIndex];
        // A metered offer has a close delay and a pass a duration: no stored offer has neither.
        if (stored.duration == 0 && stored.closeDelay == 0) revert OfferUnknown(serviceId, offerIndex);
    }
}
