// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {IServiceRegistry} from "../../../src/interfaces/IServiceRegistry.sol";
import {ClaimActs} from "./ClaimActs.sol";

/// @title Passes are bought, given, extended, settled and cancelled; each purchase is remembered as a stretch of time.
abstract contract PassActs is ClaimActs {
    /// What one purchase holds, and when it turns into income.
    struct Stretch {
        uint256 author;
        uint256 treasury;
        uint256 from;
        uint256 to;
        uint32 offerIndex;
    }

    struct Totals {
        uint256 paid;
        uint256 upfront;
        uint256 earned;
        uint256 refunded;
    }

    mapping(uint256 serviceId => mapping(address account => Stretch[])) internal stretches;
    mapping(uint256 serviceId => mapping(address account => uint256 timestamp)) internal settledAt;
    mapping(uint256 serviceId => mapping(address account => Totals)) internal passTotals;

    /// What stretches hold at a time: all before they begin, less with every second, nothing after they end.
    function heldAt(uint256 id, address account, uint256 time)
        internal
        view
        returns (uint256 author, uint256 treasury)
    {
        Stretch[] storage own = stretches[id][account];
        for (uint256 i; i < own.length; ++i) {
            Stretch storage one = own[i];
            uint256 left = one.to - least(one.to, most(one.from, time));
            author += (one.author * left) / (one.to - one.from);
            treasury += (one.treasury * left) / (one.to - one.from);
        }
    }

    function expiryOf(uint256 id, address account) internal view returns (uint256) {
        Stretch[] storage own = stretches[id][account];
        return own.length == 0 ? 0 : own[own.length - 1].to;
    }

    /// For oneself or as a gift, the terms that run or others, from the wallet or the vault.
    function someoneBuysPass(uint256 seed, uint256 gift) public {
        (bool found, Sale memory sale) = liveSale(seed, 0);
        if (!found) return;
        address buyer = people[(seed >> 8) % PEOPLE];
        address holder = gift % 3 == 0 ? people[gift % HOLDERS] : people[(seed >> 8) % HOLDERS];
        if (gift % 3 != 0) buyer = holder;
        if (!mayFollow(sale, buyer, holder)) return;
        bool fromVault = (seed >> 16) % 2 == 0 && pay.vaultOf(buyer) >= sale.terms.price;
        if (!fromVault && token.balanceOf(buyer) < sale.terms.price) return;
        address referrer = (seed >> 24) % 2 == 0 ? address(0) : people[(seed >> 32) % 2 == 0 ? REFERRER : 6];
        noting(Act.Buy, buyer, holder);
        settledByPurchase(sale.serviceId, holder);
        uint256 expiry = bought(sale, holder, referrer);
        uint40 startsBy = uint40(expiry - sale.terms.duration);
        eq(purchase(sale, buyer, holder, startsBy, referrer, fromVault), expiry);
    }

    function anyoneSettles(uint256 seed) public {
        uint256 id = services[seed % services.length];
        address[] memory accounts = new address[](2);
        (accounts[0], accounts[1]) = (people[(seed >> 8) % HOLDERS], people[(seed >> 16) % HOLDERS]);
        noting(Act.Settle, people[(seed >> 24) % PEOPLE], address(0));
        uint256 expected = settled(id, accounts[0]);
        if (accounts[1] != accounts[0]) expected += settled(id, accounts[1]);
        vm.prank(lastActor);
        eq(pay.settlePasses(id, accounts), expected);
    }

    function holderCancels(uint256 seed) public {
        uint256 id = services[seed % services.length];
        address holder = people[(seed >> 8) % HOLDERS];
        if (expiryOf(id, holder) <= block.timestamp || (seed >> 16) % 2 == 0) return;
        noting(Act.Cancel, holder, holder);
        settled(id, holder);
        (uint256 author, uint256 treasury) = heldAt(id, holder, block.timestamp);
        passTotals[id][holder].refunded += author + treasury;
        delete stretches[id][holder];
        vm.prank(holder);
        eq(pay.cancelPass(id), author + treasury);
        eq(pay.vaultOf(holder), lastVault[personOf(holder)] + author + treasury);
    }

    function purchase(
        Sale memory sale,
        address buyer,
        address holder,
        uint40 startsBy,
        address referrer,
        bool fromVault
    ) internal returns (uint40) {
        IMesgPay.PassOrder memory order = IMesgPay.PassOrder(
            sale.serviceId, sale.index, sale.offerHash, holder, startsBy, referrer, sale.terms.price
        );
        vm.prank(buyer);
        return fromVault ? pay.buyPassFromVault(order) : pay.buyPass(order);
    }

    /// Whether these terms may come after those that the holder has.
    function mayFollow(Sale memory sale, address buyer, address holder) internal view returns (bool) {
        uint256 expiry = most(expiryOf(sale.serviceId, holder), block.timestamp);
        if (expiry + sale.terms.duration > block.timestamp + 36_525 days) return false;
        (uint256 kinds,, uint32 last) = kindsOf(sale.serviceId, holder);
        if (kinds == 0 || sale.index == last) return true;
        return kinds == 1 && buyer == holder;
    }

    /// How many kinds of terms are not over yet, which one runs, and which one is last.
    function kindsOf(uint256 id, address holder) internal view returns (uint256 kinds, uint32 running, uint32 last) {
        Stretch[] storage stretch = stretches[id][holder];
        for (uint256 i; i < stretch.length; ++i) {
            if (stretch[i].to <= block.timestamp) continue;
            if (kinds == 0) (kinds, running) = (1, stretch[i].offerIndex);
            else if (stretch[i].offerIndex != last) ++kinds;
            last = stretch[i].offerIndex;
        }
    }

    /// Note what one settlement earns, and to whom it is owed.
    function settled(uint256 id, address account) internal returns (uint256 earned) {
        (uint256 oldAuthor, uint256 oldTreasury) = heldAt(id, account, settledAt[id][account]);
        (uint256 author, uint256 treasury) = heldAt(id, account, block.timestamp);
        settledAt[id][account] = block.timestamp;
        owedToService[id] += oldAuthor - author;
        owed[people[TREASURER]] += oldTreasury - treasury;
        earned = oldAuthor + oldTreasury - author - treasury;
        passTotals[id][account].earned += earned;
    }

    /// A purchase after the running terms have ended settles them.
    function settledByPurchase(uint256 id, address holder) internal {
        IMesgPay.Pass memory pass = pay.passOf(id, holder);
        if (pass.until != 0 && pass.until <= block.timestamp) settled(id, holder);
        if (expiryOf(id, holder) > block.timestamp) return;
        delete stretches[id][holder];
        settledAt[id][holder] = block.timestamp;
    }

    /// Note a purchase; return when the pass must end now.
    function bought(Sale memory sale, address holder, address referrer) internal returns (uint256 expiry) {
        IServiceRegistry.OfferTerms memory terms = sale.terms;
        Parts memory parts = divided(terms.price, 0, terms.treasuryBps, terms.referrerBps);
        uint256 from = most(expiryOf(sale.serviceId, holder), block.timestamp);
        expiry = from + terms.duration;
        stretches[sale.serviceId][holder].push(Stretch(parts.operator, parts.treasury, from, expiry, sale.index));
        passTotals[sale.serviceId][holder].paid += terms.price;
        passTotals[sale.serviceId][holder].upfront += parts.referrer;
        if (referrer == address(0)) owedToService[sale.serviceId] += parts.referrer;
        else owed[referrer] += parts.referrer;
    }
}
