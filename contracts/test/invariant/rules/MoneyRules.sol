// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LooseActs} from "../acts/LooseActs.sol";

/// @title What must always be true of money.
abstract contract MoneyRules is LooseActs {
    function I1_everyTokenBelongsToSomebody() public view {
        uint256 sum = donated;
        for (uint256 i; i < PEOPLE; ++i) {
            sum += pay.vaultOf(people[i]) + pay.earnedBy(people[i]);
        }
        for (uint256 i; i < services.length; ++i) {
            sum += pay.earnedByService(services[i]);
            for (uint256 holder; holder < HOLDERS; ++holder) {
                sum += accessOf(i, holder).held;
            }
        }
        for (uint256 i; i < channels.length; ++i) {
            sum += pay.channel(channels[i]).reserved - pay.channel(channels[i]).claimed;
        }
        eq(token.balanceOf(address(pay)), sum);
    }

    function I2_noTokenIsLostAndTheRegistryKeepsNone() public view {
        uint256 sum = token.balanceOf(address(pay)) + token.balanceOf(address(this));
        for (uint256 i; i < PEOPLE; ++i) {
            sum += token.balanceOf(people[i]);
        }
        eq(sum, token.totalSupply());
        eq(token.balanceOf(address(registry)), 0);
    }

    function I3_everyoneWasCreditedExactlyHisShares() public view {
        for (uint256 i; i < PEOPLE; ++i) {
            eq(pay.earnedBy(people[i]) + collected[people[i]], owed[people[i]]);
        }
        for (uint256 i; i < services.length; ++i) {
            eq(pay.earnedByService(services[i]) + collectedOfService[services[i]], owedToService[services[i]]);
        }
    }

    function I4_onlyTheOwnerSpendsAVault() public view {
        for (uint256 i; i < PEOPLE; ++i) {
            if (pay.vaultOf(people[i]) >= lastVault[i]) continue;
            eq(lastActor, people[i]);
            require(lastAct == Act.Withdraw || lastAct == Act.Open || lastAct == Act.Buy, "not by such an action");
        }
    }

    /// The owner acts, or signs a channel for Permit2 (lastSubject is its payer), or pays for a name.
    function I5_onlyTheOwnerSpendsAWallet() public view {
        for (uint256 i; i < PEOPLE; ++i) {
            if (token.balanceOf(people[i]) >= lastWallet[i]) continue;
            if (lastAct != Act.Open) eq(lastActor, people[i]);
            else eq(lastSubject, people[i]);
        }
    }

    function I6_earningsFallOnlyWhenTheirOwnerCollectsAll() public view {
        for (uint256 i; i < PEOPLE; ++i) {
            if (pay.earnedBy(people[i]) >= lastEarned[i]) continue;
            eq(pay.earnedBy(people[i]), 0);
            eq(lastActor, people[i]);
            require(lastAct == Act.Collect, "not by collect");
        }
        for (uint256 i; i < services.length; ++i) {
            if (pay.earnedByService(services[i]) >= lastServiceEarned[i]) continue;
            eq(pay.earnedByService(services[i]), 0);
            eq(lastActor, lastOwner[i]);
            require(lastAct == Act.CollectService, "not by collectService");
        }
    }

    /// A way out: who is credited something can take it at any time, and gets it once.
    function I7_whatIsCreditedCanBeTaken() public {
        for (uint256 i; i < PEOPLE; ++i) {
            address account = people[i];
            uint256 expected = token.balanceOf(account) + pay.vaultOf(account) + pay.earnedBy(account);
            vm.startPrank(account);
            if (pay.vaultOf(account) != 0) pay.withdraw(pay.vaultOf(account), account);
            if (pay.earnedBy(account) != 0) pay.collect(account);
            vm.stopPrank();
            eq(token.balanceOf(account), expected);
            eq(pay.vaultOf(account) + pay.earnedBy(account), 0);
        }
        for (uint256 i; i < services.length; ++i) {
            address owner = registry.ownerOf(services[i]);
            uint256 earned = pay.earnedByService(services[i]);
            uint256 expected = token.balanceOf(owner) + earned;
            vm.prank(owner);
            if (earned != 0) pay.collectService(services[i], owner);
            eq(token.balanceOf(owner), expected);
            eq(pay.earnedByService(services[i]), 0);
        }
    }
}
