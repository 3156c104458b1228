// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {LooseActs} from "../acts/LooseActs.sol";

/// @title What must always be true of passes and what they hold.
abstract contract PassRules is LooseActs {
    function I19_aPassHoldsWhatItsPurchasesHaveNotEarned() public view {
        for (uint256 i; i < services.length; ++i) {
            for (uint256 holder; holder < HOLDERS; ++holder) {
                (uint256 id, address account) = (services[i], people[holder]);
                (uint256 author, uint256 treasury) = heldAt(id, account, block.timestamp);
                (uint256 earned, uint256 refundable) = pay.passValue(id, account);
                eq(refundable, author + treasury);
                (author, treasury) = heldAt(id, account, settledAt[id][account]);
                eq(earned + refundable, author + treasury);
            }
        }
    }

    function I20_whatWasPaidIsEarnedHeldOrRefunded() public view {
        for (uint256 i; i < services.length; ++i) {
            for (uint256 holder; holder < HOLDERS; ++holder) {
                Totals memory totals = passTotals[services[i]][people[holder]];
                uint256 held = accessOf(i, holder).held;
                eq(totals.paid, totals.upfront + totals.earned + totals.refunded + held);
            }
        }
    }

    function I21_whatAPassHoldsOnlyFallsButForPurchases() public view {
        for (uint256 i; i < services.length; ++i) {
            for (uint256 holder; holder < HOLDERS; ++holder) {
                if (lastAct == Act.Buy && lastSubject == people[holder]) continue;
                Access memory access = accessOf(i, holder);
                require(access.held <= lastAccess[i][holder].held, "held more");
                require(access.refundable <= lastAccess[i][holder].refundable, "refundable grew");
            }
        }
    }

    function I22_aPassEndsWhenItsPurchasesSay() public view {
        for (uint256 i; i < services.length; ++i) {
            for (uint256 holder; holder < HOLDERS; ++holder) {
                uint256 expiry = pay.passExpiry(services[i], people[holder]);
                uint256 expected = expiryOf(services[i], people[holder]);
                eq(expiry, expected);
                require(expiry <= block.timestamp + 36_525 days, "longer than a century");
            }
        }
    }

    function I23_onlyTheHolderShortensAPass() public view {
        for (uint256 i; i < services.length; ++i) {
            for (uint256 holder; holder < HOLDERS; ++holder) {
                if (accessOf(i, holder).expiry >= lastAccess[i][holder].expiry) continue;
                eq(lastActor, people[holder]);
                require(lastAct == Act.Cancel, "not cancelled");
            }
        }
    }

    function I24_aPassHasAtMostTwoKindsOfTermsInOrder() public view {
        for (uint256 i; i < services.length; ++i) {
            for (uint256 holder; holder < HOLDERS; ++holder) {
                IMesgPay.Pass memory pass = pay.passOf(services[i], people[holder]);
                require(pass.settledTo <= pass.until, "settled beyond its end");
                require(pass.settledTo <= block.timestamp, "settled in the future");
                if (pass.nextUntil == 0) continue;
                require(pass.nextUntil > pass.until && pass.until != 0, "out of order");
                require(pass.nextOfferIndex != pass.offerIndex, "the same terms twice");
            }
        }
    }

    /// Strangers can neither replace the terms that run nor put others behind them.
    function I25_onlyTheHolderChoosesOtherTerms() public view {
        for (uint256 i; i < services.length; ++i) {
            for (uint256 holder; holder < HOLDERS; ++holder) {
                IMesgPay.Pass memory pass = pay.passOf(services[i], people[holder]);
                IMesgPay.Pass memory last = lastPass[i][holder];
                if (lastActor == people[holder] || last.until <= block.timestamp) continue;
                eq(pass.offerIndex, last.offerIndex);
                eq(pass.nextOfferIndex, last.nextOfferIndex);
            }
        }
    }

    /// A way out for holders: a pass that runs can be cancelled at any time, for what it has not earned.
    function I26_aRunningPassCanBeCancelled() public {
        for (uint256 i; i < services.length; ++i) {
            for (uint256 holder; holder < HOLDERS; ++holder) {
                Access memory access = accessOf(i, holder);
                if (access.expiry <= block.timestamp) continue;
                uint256 vault = pay.vaultOf(people[holder]);
                vm.prank(people[holder]);
                eq(pay.cancelPass(services[i]), access.refundable);
                eq(pay.vaultOf(people[holder]), vault + access.refundable);
                eq(pay.passExpiry(services[i], people[holder]), 0);
            }
        }
    }

    /// A way out for authors: once a pass is over, anyone can have all that it held credited.
    function I27_anEndedPassCanBeSettledToTheLastUnit() public {
        uint256 end = block.timestamp + 36_525 days;
        vm.warp(end);
        for (uint256 i; i < services.length; ++i) {
            for (uint256 holder; holder < HOLDERS; ++holder) {
                uint256 held = accessOf(i, holder).held;
                address[] memory accounts = new address[](1);
                accounts[0] = people[holder];
                eq(pay.settlePasses(services[i], accounts), held);
                eq(accessOf(i, holder).held, 0);
            }
        }
    }
}
