// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {ChannelActs} from "./ChannelActs.sol";

/// @title Anyone cashes vouchers, good and bad ones, in any order; what each row must pay is worked out beforehand.
abstract contract ClaimActs is ChannelActs {
    /// Every voucher that was ever paid.
    struct Cashed {
        uint256 channel;
        uint256 lane;
        uint128 cumulative;
    }

    Cashed[] internal paidVouchers;

    /// A good voucher on a running channel.
    function anyoneCashes(uint256 seed, uint128 amount) public {
        (bool found, uint256 channel) = runningChannel(seed);
        if (!found) return;
        IMesgPay.ChannelState memory state = pay.channel(channels[channel]);
        if (state.claimed == state.reserved) return;
        amount = uint128(bound(amount, 1, state.reserved - state.claimed));
        uint256 lane = (seed >> 16) % LANES;
        uint128 cumulative = cashed[channel][lane] + amount;
        noting(Act.Claim, people[(seed >> 8) % PEOPLE], configs[channel].payer);
        IMesgPay.Claim[] memory rows = new IMesgPay.Claim[](1);
        rows[0] = signedRow(channel, lane, cumulative, configs[channel].signer);
        vm.prank(lastActor);
        eq(pay.claim(rows), amount);
        account(channel, lane, cumulative);
    }

    /// Three rows of any kind: replayed, too high, of closed channels, signed by others.
    function anyoneTriesRows(uint256 seed, uint128[3] memory cumulatives, uint8[3] memory signers) public {
        if (channels.length == 0) return;
        noting(Act.Claim, people[(seed >> 8) % PEOPLE], address(0));
        IMesgPay.Claim[] memory rows = new IMesgPay.Claim[](3);
        uint256 expected;
        for (uint256 i; i < 3; ++i) {
            uint256 channel = (seed >> (16 + 8 * i)) % channels.length;
            uint256 lane = (seed >> (64 + 8 * i)) % LANES;
            uint128 cumulative = cumulativeFrom(cumulatives[i], channel, lane);
            bool genuine = signers[i] % 4 != 0;
            rows[i] = signedRow(channel, lane, cumulative, genuine ? configs[channel].signer : people[signers[i] % 9]);
            if (genuine) expected += account(channel, lane, cumulative);
        }
        vm.prank(lastActor);
        eq(pay.claim(rows), expected);
    }

    function signedRow(uint256 channel, uint256 lane, uint128 cumulative, address signer)
        internal
        view
        returns (IMesgPay.Claim memory)
    {
        bytes32 digest = pay.voucherDigest(channels[channel], laneNumber(lane), cumulative);
        (bytes32 r, bytes32 vs) = compact(keyOf(signer), digest);
        return IMesgPay.Claim(configs[channel], laneNumber(lane), cumulative, r, vs);
    }

    /// Mostly near what makes a difference: what was cashed, and what is reserved.
    function cumulativeFrom(uint128 seed, uint256 channel, uint256 lane) private view returns (uint128) {
        uint256 choice = seed % 5;
        if (choice == 0) return cashed[channel][lane];
        if (choice == 1) return cashed[channel][lane] + 1;
        if (choice == 2) return pay.channel(channels[channel]).reserved;
        if (choice == 3) return pay.channel(channels[channel]).reserved + 1;
        return seed;
    }

    function keyOf(address signer) private view returns (uint256) {
        for (uint256 i; i < PAYERS; ++i) {
            if (signer == vm.addr(sessionKey(i))) return sessionKey(i);
        }
        return key(personOf(signer));
    }

    /// Note a genuine voucher, and to whom its shares are owed; 0 if it must not be paid.
    function account(uint256 channel, uint256 lane, uint128 cumulative) private returns (uint256 delta) {
        IMesgPay.Config memory config = configs[channel];
        IMesgPay.ChannelState memory state = pay.channel(channels[channel]);
        uint128 before = cashed[channel][lane];
        if (state.phase != IMesgPay.Phase.Open && state.phase != IMesgPay.Phase.Closing) return 0;
        if (cumulative <= before || cashedOf(channel) + cumulative - before > state.reserved) return 0;
        delta = cumulative - before;
        cashed[channel][lane] = cumulative;
        paidVouchers.push(Cashed(channel, lane, cumulative));
        owe(config, divided(before, config), divided(cumulative, config));
    }

    function cashedOf(uint256 channel) internal view returns (uint256 sum) {
        for (uint256 lane; lane < LANES; ++lane) {
            sum += cashed[channel][lane];
        }
    }

    function divided(uint256 total, IMesgPay.Config memory config) private pure returns (Parts memory) {
        uint256 referrerBps = config.referrer == address(0) ? 0 : config.referrerBps;
        return divided(total, config.authorBps, config.treasuryBps, referrerBps);
    }

    function owe(IMesgPay.Config memory config, Parts memory old, Parts memory parts) private {
        owedToService[config.serviceId] += parts.author - old.author;
        owed[people[TREASURER]] += parts.treasury - old.treasury;
        owed[config.referrer] += parts.referrer - old.referrer;
        owed[config.operator] += parts.operator - old.operator;
    }
}
