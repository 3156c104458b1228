// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../interfaces/IMesgPay.sol";
import {IServiceRegistry} from "../interfaces/IServiceRegistry.sol";
import {Offers} from "../libraries/Offers.sol";
import {Shares} from "../libraries/Shares.sol";
import {Accounts} from "./Accounts.sol";

/// @title Passes: the right of an account to use a Service until a time.
abstract contract Passes is Accounts {
    mapping(uint256 serviceId => mapping(address account => uint40)) public override passExpiry;

    /// @inheritdoc IMesgPay
    function buyPass(
        uint256 serviceId,
        uint32 offerIndex,
        bytes32 offerHash,
        address beneficiary,
        uint128 maxPrice,
        address referrer
    ) external nonReentrant returns (uint40 expiry) {
        IServiceRegistry.OfferTerms memory terms = _passTerms(serviceId, offerIndex, offerHash, maxPrice);
        expiry = _grant(serviceId, offerIndex, terms, beneficiary, referrer);
        _pull(terms.price);
    }

    /// @inheritdoc IMesgPay
    function buyPassFromVault(
        uint256 serviceId,
        uint32 offerIndex,
        bytes32 offerHash,
        address beneficiary,
        uint128 maxPrice,
        address referrer
    ) external nonReentrant returns (uint40 expiry) {
        IServiceRegistry.OfferTerms memory terms = _passTerms(serviceId, offerIndex, offerHash, maxPrice);
        expiry = _grant(serviceId, offerIndex, terms, beneficiary, referrer);
        _spendVault(terms.price);
    }

    function _passTerms(uint256 serviceId, uint32 offerIndex, bytes32 offerHash, uint128 maxPrice)
        private
        view
        returns (IServiceRegistry.OfferTerms memory terms)
    {
        bytes32 registered;
        (terms, registered) = registry.liveOffer(serviceId, offerIndex);
        if (terms.kind != Offers.PASS) revert KindMismatch(terms.kind, Offers.PASS);
        if (offerHash != registered) revert OfferHashMismatch(offerHash, registered);
        if (terms.price > maxPrice) revert PriceTooHigh(terms.price, maxPrice);
    }

    function _grant(
        uint256 serviceId,
        uint32 offerIndex,
        IServiceRegistry.OfferTerms memory terms,
        address beneficiary,
        address referrer
    ) private returns (uint40 expiry) {
        if (beneficiary == address(0)) revert AddressZero();
        expiry = passExpiry[serviceId][beneficiary];
        if (expiry < block.timestamp) expiry = uint40(block.timestamp);
        expiry += terms.duration;
        passExpiry[serviceId][beneficiary] = expiry;
        _sharePrice(serviceId, terms, referrer);
        emit PassBought(serviceId, beneficiary, msg.sender, offerIndex, terms.price, expiry, referrer);
    }

    /// @dev Nobody operates a pass: the Service gets what treasury and referrer do not.
    function _sharePrice(uint256 serviceId, IServiceRegistry.OfferTerms memory terms, address referrer) private {
        uint256 referrerBps = referrer == address(0) ? 0 : terms.referrerBps;
        Shares.Parts memory parts = Shares.divide(terms.price, 0, terms.treasuryBps, referrerBps);
        _credit(treasury, parts.treasury);
        _credit(referrer, parts.referrer);
        _creditService(serviceId, parts.operator);
    }
}
