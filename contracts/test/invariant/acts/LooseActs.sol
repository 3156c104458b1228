// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {MoneyActs} from "./MoneyActs.sol";
import {RegistryActs} from "./RegistryActs.sol";
import {SeatActs} from "./SeatActs.sol";

/// @title Anyone does anything: most of it must revert, and what does not must still break no rule.
abstract contract LooseActs is MoneyActs, RegistryActs, SeatActs {
    /// How often somebody managed a Service that is not his, or was sold a pass that begins too late.
    uint256 internal forbiddenDone;

    function anyoneOpens(uint256 seed, uint128 amount, uint16[3] memory bps, uint40 delay, uint8 way) public {
        if (channels.length == CHANNELS_MAX) return;
        (, IMesgPay.Config memory wanted) = newConfig(seed);
        Sale memory sale = sales[(seed >> 40) % sales.length];
        if (seed % 2 == 0) (wanted.offerIndex, wanted.offerHash) = (sale.index, sale.offerHash);
        if (seed % 3 == 0) (wanted.authorBps, wanted.treasuryBps) = (bps[0], bps[1]);
        if (seed % 5 == 0) (wanted.referrerBps, wanted.closeDelay) = (bps[2], delay);
        if (seed % 7 == 0) wanted.salt = bytes32((seed >> 48) % CHANNELS_MAX);
        if (seed % 11 == 0) wanted.signer = address(0);
        address actor = people[(seed >> 56) % PEOPLE];
        noting(Act.Open, actor, wanted.payer);
        bytes32 id = pay.channelIdOf(wanted);
        IMesgPay.Permit2Signature memory permit;
        if (way % 3 == 2) permit = signedForPermit2(wanted, amount, key((seed >> 64) % PEOPLE));
        vm.prank(actor);
        if (way % 3 == 0) pay.open(wanted, amount);
        else if (way % 3 == 1) pay.openFromVault(wanted, amount);
        else pay.openWithPermit2(wanted, amount, permit);
        opened(wanted, id, amount);
    }

    function anyoneStartsClose(uint256 seed) public {
        uint256 channel = seed % channels.length;
        address actor = people[(seed >> 8) % PEOPLE];
        noting(Act.StartClose, actor, configs[channel].payer);
        startedAt[channel] = block.timestamp;
        vm.prank(actor);
        pay.startClose(configs[channel]);
    }

    function anyoneEnds(uint256 seed, uint128 claimed, bool known) public {
        uint256 channel = seed % channels.length;
        if (known) claimed = pay.channel(channels[channel]).claimed;
        address actor = people[(seed >> 8) % PEOPLE];
        uint256 signer = (seed >> 16) % PEOPLE;
        bool finalize = (seed >> 24) % 2 == 0;
        noting(finalize ? Act.Finalize : Act.Cooperate, actor, configs[channel].payer);
        agreed[channel] = !finalize && people[signer] == configs[channel].operator;
        (bytes32 r, bytes32 vs) = compact(key(signer), pay.closeDigest(channels[channel], claimed));
        vm.prank(actor);
        if (finalize) pay.finalizeClose(configs[channel]);
        else pay.closeCooperative(configs[channel], claimed, r, vs);
    }

    function anyoneToppedUp(uint256 seed, uint128 amount) public {
        uint256 channel = seed % channels.length;
        noting(Act.TopUp, people[(seed >> 8) % PEOPLE], configs[channel].payer);
        vm.prank(lastActor);
        pay.topUp(configs[channel], amount);
    }

    function anyoneMovesMoney(uint256 seed, uint256 amount, uint8 what) public {
        address actor = people[seed % PEOPLE];
        uint256 id = services[(seed >> 8) % services.length];
        Act[4] memory acts = [Act.Deposit, Act.Withdraw, Act.Collect, Act.CollectService];
        noting(acts[what % 4], actor, actor);
        if (what % 4 == 2) collected[actor] += pay.earnedBy(actor);
        if (what % 4 == 3) collectedOfService[id] += pay.earnedByService(id);
        vm.prank(actor);
        if (what % 4 == 0) {
            pay.deposit(amount);
        } else if (what % 4 == 1) {
            pay.withdraw(amount, (seed >> 24) % 4 == 0 ? address(pay) : people[(seed >> 16) % PEOPLE]);
        } else if (what % 4 == 2) {
            pay.collect(people[(seed >> 16) % PEOPLE]);
        } else {
            pay.collectService(id, people[(seed >> 16) % PEOPLE]);
        }
    }

    function anyoneBuys(uint256 seed, bool fromVault) public {
        Sale memory sale = sales[seed % sales.length];
        address buyer = people[(seed >> 8) % PEOPLE];
        address holder = people[(seed >> 16) % HOLDERS];
        address referrer = people[(seed >> 24) % PEOPLE];
        if ((seed >> 32) % 8 == 0) sale.offerHash = bytes32(seed);
        noting(Act.Buy, buyer, holder);
        settledByPurchase(sale.serviceId, holder);
        uint256 start = bought(sale, holder, referrer) - sale.terms.duration;
        uint256 startsBy = (seed >> 40) % 4 == 0 ? start - 1 : start + (seed >> 40) % 2;
        purchase(sale, buyer, holder, uint40(startsBy), referrer, fromVault);
        if (startsBy < start) ++forbiddenDone;
    }

    function anyoneCancels(uint256 seed) public {
        uint256 id = services[seed % services.length];
        address actor = people[(seed >> 8) % HOLDERS];
        noting(Act.Cancel, actor, actor);
        settled(id, actor);
        (uint256 author, uint256 treasury) = heldAt(id, actor, block.timestamp);
        passTotals[id][actor].refunded += author + treasury;
        delete stretches[id][actor];
        vm.prank(actor);
        pay.cancelPass(id);
    }

    function anyoneGivesSeat(uint256 seed, uint16 number) public {
        address account = people[(seed >> 16) % HOLDERS];
        noting(Act.GiveSeat, people[(seed >> 8) % HOLDERS], account);
        vm.prank(lastActor);
        pay.giveSeat(services[seed % services.length], seed % 2 == 0 ? number : number % 6, account);
    }

    function anyoneLeavesSeat(uint256 seed) public {
        noting(Act.LeaveSeat, people[(seed >> 8) % HOLDERS], people[(seed >> 8) % HOLDERS]);
        vm.prank(lastActor);
        pay.leaveSeat(services[seed % services.length]);
    }

    function anyoneTakesSeat(uint256 seed, uint16 number) public {
        address holder = people[(seed >> 16) % HOLDERS];
        noting(Act.TakeSeat, people[(seed >> 8) % HOLDERS], people[(seed >> 8) % HOLDERS]);
        vm.prank(lastActor);
        pay.takeSeat(services[seed % services.length], holder, number % 6);
    }

    function anyoneManages(uint256 seed, uint32 index, uint8 what) public {
        uint256 service = seed % services.length;
        uint256 id = services[service];
        address actor = people[(seed >> 8) % PEOPLE];
        Sale memory sale = sales[(seed >> 16) % sales.length];
        bytes32 manifest = keccak256(abi.encode(id, seed));
        noting(Act.Publish, actor, actor);
        vm.prank(actor);
        if (what % 5 == 0) registry.publishVersion(id, manifest, bytes32(seed), "");
        else if (what % 5 == 1) registry.createOffer(id, sale.terms);
        else if (what % 5 == 2) registry.disableOffer(id, index % 8);
        else if (what % 5 == 3) registry.transferFrom(lastOwner[service], actor, id);
        else registry.register(nameOf(service), bytes32(seed), type(uint256).max);
        if (actor == lastOwner[service]) revert("an author may: RegistryActs does it");
        ++forbiddenDone;
    }
}
