// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Before} from "../Before.sol";

/// @title Tokens come into vaults and go out again, earnings are collected, time passes.
abstract contract MoneyActs is Before {
    function someoneDeposits(uint256 seed, uint256 amount) public {
        address actor = people[seed % PEOPLE];
        if (token.balanceOf(actor) == 0) return;
        amount = bound(amount, 1, token.balanceOf(actor));
        noting(Act.Deposit, actor, actor);
        vm.prank(actor);
        pay.deposit(amount);
        eq(pay.vaultOf(actor), lastVault[seed % PEOPLE] + amount);
    }

    function someoneWithdraws(uint256 seed, uint256 amount, uint256 to) public {
        address actor = people[seed % PEOPLE];
        if (pay.vaultOf(actor) == 0) return;
        amount = bound(amount, 1, pay.vaultOf(actor));
        noting(Act.Withdraw, actor, actor);
        vm.prank(actor);
        pay.withdraw(amount, receiver(to));
        eq(pay.vaultOf(actor), lastVault[seed % PEOPLE] - amount);
    }

    function someoneCollects(uint256 seed, uint256 to) public {
        for (uint256 i; i < PEOPLE; ++i) {
            address actor = people[(seed % PEOPLE + i) % PEOPLE];
            uint256 amount = pay.earnedBy(actor);
            if (amount == 0) continue;
            noting(Act.Collect, actor, actor);
            collected[actor] += amount;
            vm.prank(actor);
            eq(pay.collect(receiver(to)), amount);
            return;
        }
    }

    function authorCollects(uint256 seed, uint256 to) public {
        uint256 id = services[seed % services.length];
        uint256 amount = pay.earnedByService(id);
        if (amount == 0) return;
        address actor = registry.ownerOf(id);
        noting(Act.CollectService, actor, actor);
        collectedOfService[id] += amount;
        vm.prank(actor);
        eq(pay.collectService(id, receiver(to)), amount);
    }

    /// Tokens that arrive without a call belong to nobody.
    function someoneDonates(uint256 seed, uint256 amount) public {
        address actor = people[seed % PEOPLE];
        amount = bound(amount, 0, token.balanceOf(actor) / 1000);
        noting(Act.Donate, actor, actor);
        donated += amount;
        vm.prank(actor);
        require(token.transfer(address(pay), amount));
    }

    /// Mostly minutes, sometimes months, now and then to the second that somebody waits for.
    function timePasses(uint256 seed, uint40 howLong) public {
        noting(Act.Time, address(0), address(0));
        uint256 longest = seed % 4 == 0 ? 40 days : 3 hours;
        uint256 target = block.timestamp + bound(howLong, 0, longest);
        if (seed % 4 == 1) target = boundary(seed >> 8);
        vm.warp(target);
        vm.roll(block.number + (target - lastTimestamp) / 12 + 1);
    }

    /// When a channel can be emptied, or the running terms of a pass end, and the second before.
    function boundary(uint256 seed) private view returns (uint256 target) {
        if (seed % 2 == 0 && channels.length != 0) {
            target = pay.channel(channels[(seed >> 8) % channels.length]).closesAt;
        } else {
            target = pay.passOf(services[(seed >> 8) % services.length], people[(seed >> 16) % HOLDERS]).until;
        }
        if ((seed >> 24) % 3 == 0 && target != 0) --target;
        if (target < block.timestamp || target > block.timestamp + 400 days) return block.timestamp;
    }

    /// Anyone may receive but the contract itself.
    function receiver(uint256 to) private view returns (address) {
        return people[to % PEOPLE];
    }
}
