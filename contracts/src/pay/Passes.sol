// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../interfaces/IMesgPay.sol";
import {IServiceRegistry} from "../interfaces/IServiceRegistry.sol";
import {Offers} from "../libraries/Offers.sol";
import {PassTerms} from "../libraries/PassTerms.sol";
import {Accounts} from "./Accounts.sol";

/// @title Passes: the right of an account to use a Service until a time, earned by its author as the time passes.
/// @dev No amount is stored: what a pass holds follows from its offer and its times (see `IMesgPay.Pass`).
abstract contract Passes is Accounts {
    mapping(uint256 serviceId => mapping(address account => Pass)) internal _passes;

    /// @inheritdoc IMesgPay
    function buyPass(PassOrder calldata order) external nonReentrant returns (uint40 expiry) {
        uint128 price;
        (price, expiry) = _buy(order);
        _pull(price);
    }

    /// @inheritdoc IMesgPay
    function buyPassFromVault(PassOrder calldata order) external nonReentrant returns (uint40 expiry) {
        uint128 price;
        (price, expiry) = _buy(order);
        _spendVault(price);
    }

    /// @inheritdoc IMesgPay
    function settlePasses(uint256 serviceId, address[] calldata accounts) external returns (uint256 earned) {
        for (uint256 i; i < accounts.length; ++i) {
            Pass memory pass = _passes[serviceId][accounts[i]];
            if (pass.until == 0) continue;
            earned += _settle(serviceId, accounts[i], pass);
            _passes[serviceId][accounts[i]] = pass;
        }
    }

    /// @inheritdoc IMesgPay
    function cancelPass(uint256 serviceId) external returns (uint256 refunded) {
        Pass memory pass = _passes[serviceId][msg.sender];
        if (_end(pass) <= block.timestamp) revert PassUnknown(serviceId, msg.sender);
        _settle(serviceId, msg.sender, pass);
        refunded = _refundable(serviceId, pass);
        delete _passes[serviceId][msg.sender];
        vaultOf[msg.sender] += refunded;
        emit PassCancelled(serviceId, msg.sender, refunded);
    }

    /// @inheritdoc IMesgPay
    function passExpiry(uint256 serviceId, address account) public view returns (uint40) {
        return _end(_passes[serviceId][account]);
    }

    /// @inheritdoc IMesgPay
    function passOf(uint256 serviceId, address account) external view returns (Pass memory) {
        return _passes[serviceId][account];
    }

    /// @inheritdoc IMesgPay
    function passValue(uint256 serviceId, address account) external view returns (uint256 earned, uint256 refundable) {
        Pass memory pass = _passes[serviceId][account];
        if (pass.until == 0) return (0, 0);
        (uint256 author, uint256 treasury_) = _advance(serviceId, pass);
        return (author + treasury_, _refundable(serviceId, pass));
    }

    function _buy(PassOrder calldata order) private returns (uint128 price, uint40 expiry) {
        if (order.beneficiary == address(0)) revert AddressZero();
        IServiceRegistry.PassPrice memory terms = _livePrice(order);
        Pass memory pass = _passes[order.serviceId][order.beneficiary];
        if (pass.until != 0 && pass.until <= block.timestamp) _settle(order.serviceId, order.beneficiary, pass);
        _extend(pass, order, terms.duration);
        _passes[order.serviceId][order.beneficiary] = pass;
        _creditUpfront(order.serviceId, PassTerms.upfront(terms), order.referrer);
        (price, expiry) = (terms.price, _end(pass));
        emit PassBought(order.serviceId, order.beneficiary, msg.sender, order.offerIndex, price, expiry, order.referrer);
    }

    function _livePrice(PassOrder calldata order) private view returns (IServiceRegistry.PassPrice memory) {
        (uint8 kind, bytes32 registered, uint128 price, uint40 duration, uint16 treasuryBps, uint16 referrerBps) =
            registry.livePass(order.serviceId, order.offerIndex);
        if (kind != Offers.PASS) revert KindMismatch(kind, Offers.PASS);
        if (order.offerHash != registered) revert OfferHashMismatch(order.offerHash, registered);
        if (price > order.maxPrice) revert PriceTooHigh(price, order.maxPrice);
        return IServiceRegistry.PassPrice(price, duration, treasuryBps, referrerBps);
    }

    /// @dev Add a duration at the end, under the same terms or as the ones that follow.
    function _extend(Pass memory pass, PassOrder calldata order, uint40 duration) private view {
        uint40 start = _end(pass);
        if (start <= block.timestamp) {
            start = uint40(block.timestamp);
            (pass.settledTo, pass.until, pass.offerIndex) = (start, start + duration, order.offerIndex);
        } else if (pass.nextUntil != 0) {
            if (order.offerIndex != pass.nextOfferIndex) {
                revert PassTermsQueued(order.serviceId, order.beneficiary, pass.nextOfferIndex);
            }
            pass.nextUntil = start + duration;
        } else if (order.offerIndex == pass.offerIndex) {
            pass.until = start + duration;
        } else {
            // Else a stranger's gift could keep the holder from the terms that he wants.
            if (msg.sender != order.beneficiary) {
                revert GiftOfOtherTerms(order.serviceId, order.beneficiary, order.offerIndex);
            }
            (pass.nextUntil, pass.nextOfferIndex) = (start + duration, order.offerIndex);
        }
        if (start > order.startsBy) revert StartsTooLate(start, order.startsBy);
        uint256 latest = block.timestamp + Offers.DURATION_MAX;
        if (start + duration > latest) revert PassTooLong(start + duration, latest);
    }

    function _creditUpfront(uint256 serviceId, uint256 amount, address referrer) private {
        if (referrer == address(0)) _creditService(serviceId, amount);
        else _credit(referrer, amount);
    }

    /// @dev Credit what was earned by now and move the pass on; the caller stores it.
    function _settle(uint256 serviceId, address account, Pass memory pass) private returns (uint256 earned) {
        (uint256 author, uint256 treasury_) = _advance(serviceId, pass);
        earned = author + treasury_;
        _creditService(serviceId, author);
        _credit(treasury, treasury_);
        emit PassSettled(serviceId, account, pass.settledTo, earned);
    }

    /// @dev Move a pass on to now, into the terms that follow if the running ones are over.
    function _advance(uint256 serviceId, Pass memory pass) private view returns (uint256 author, uint256 treasury_) {
        (author, treasury_) = _earn(serviceId, pass);
        if (pass.nextUntil == 0 || block.timestamp < pass.until) return (author, treasury_);
        (pass.until, pass.offerIndex) = (pass.nextUntil, pass.nextOfferIndex);
        (pass.nextUntil, pass.nextOfferIndex) = (0, 0);
        (uint256 moreAuthor, uint256 moreTreasury) = _earn(serviceId, pass);
        return (author + moreAuthor, treasury_ + moreTreasury);
    }

    /// @dev What the running terms earned since they were last settled, and note that they were.
    function _earn(uint256 serviceId, Pass memory pass) private view returns (uint256 author, uint256 treasury_) {
        uint40 time = block.timestamp < pass.until ? uint40(block.timestamp) : pass.until;
        IServiceRegistry.PassPrice memory price = registry.passPrice(serviceId, pass.offerIndex);
        PassTerms.Held memory before = PassTerms.held(price, pass.until - pass.settledTo);
        PassTerms.Held memory rest = PassTerms.held(price, pass.until - time);
        pass.settledTo = time;
        return (before.author - rest.author, before.treasury - rest.treasury);
    }

    /// @dev What a pass that was moved on to now still holds.
    function _refundable(uint256 serviceId, Pass memory pass) private view returns (uint256) {
        uint256 running = _heldBy(serviceId, pass.offerIndex, pass.until - pass.settledTo);
        if (pass.nextUntil == 0) return running;
        return running + _heldBy(serviceId, pass.nextOfferIndex, pass.nextUntil - pass.until);
    }

    function _heldBy(uint256 serviceId, uint32 offerIndex, uint256 secondsLeft) private view returns (uint256) {
        PassTerms.Held memory held = PassTerms.held(registry.passPrice(serviceId, offerIndex), secondsLeft);
        return held.author + held.treasury;
    }

    function _end(Pass memory pass) internal pure returns (uint40) {
        return pass.nextUntil != 0 ? pass.nextUntil : pass.until;
    }
}
