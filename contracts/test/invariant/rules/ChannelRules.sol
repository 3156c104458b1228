// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {LooseActs} from "../acts/LooseActs.sol";

/// @title What must always be true of channels, their lanes and vouchers.
abstract contract ChannelRules is LooseActs {
    function I8_claimedNeverFallsNorPassesTheReserve() public view {
        for (uint256 i; i < channels.length; ++i) {
            IMesgPay.ChannelState memory state = pay.channel(channels[i]);
            require(state.claimed >= lastChannel[i].claimed, "claimed fell");
            require(state.claimed <= state.reserved, "claimed more than reserved");
            if (state.claimed != lastChannel[i].claimed) require(lastAct == Act.Claim, "not by a claim");
        }
    }

    function I9_lanesAddUpToWhatIsClaimed() public view {
        for (uint256 i; i < channels.length; ++i) {
            uint256 sum;
            for (uint256 lane; lane < LANES; ++lane) {
                sum += pay.laneClaimed(channels[i], laneNumber(lane));
            }
            eq(sum, pay.channel(channels[i]).claimed);
        }
    }

    function I10_aLaneStandsAtItsHighestPaidVoucher() public view {
        for (uint256 i; i < channels.length; ++i) {
            for (uint256 lane; lane < LANES; ++lane) {
                uint128 claimed = pay.laneClaimed(channels[i], laneNumber(lane));
                eq(claimed, cashed[i][lane]);
                require(claimed >= lastLane[i][lane], "a lane fell");
            }
        }
    }

    function I11_noVoucherPaysTwice() public {
        IMesgPay.Claim[] memory rows = new IMesgPay.Claim[](paidVouchers.length);
        for (uint256 i; i < rows.length; ++i) {
            Cashed memory one = paidVouchers[i];
            rows[i] = signedRow(one.channel, one.lane, one.cumulative, configs[one.channel].signer);
        }
        eq(pay.claim(rows), 0);
    }

    function I12_phasesOnlyMoveForwardAndClosedIsTheEnd() public view {
        for (uint256 i; i < channels.length; ++i) {
            IMesgPay.ChannelState memory state = pay.channel(channels[i]);
            require(state.phase >= lastChannel[i].phase, "a channel went back");
            require(state.phase != IMesgPay.Phase.Absent, "a channel vanished");
            if (lastChannel[i].phase != IMesgPay.Phase.Closed) continue;
            eq(state.reserved, lastChannel[i].reserved);
            eq(state.claimed, lastChannel[i].claimed);
            eq(state.reserved, state.claimed);
        }
    }

    function I13_aChannelIdOpensOnce() public {
        for (uint256 i; i < channels.length; ++i) {
            for (uint256 j; j < i; ++j) {
                require(channels[i] != channels[j], "opened twice");
            }
            vm.prank(configs[i].payer);
            (bool again,) = address(pay).call(abi.encodeCall(pay.open, (configs[i], 1)));
            require(!again, "opened again");
        }
    }

    /// Neither a top-up nor a second start moves the end of a close: nobody can delay the payer's exit.
    function I14_aCloseEndsWhenItWasToldTo() public view {
        for (uint256 i; i < channels.length; ++i) {
            IMesgPay.ChannelState memory state = pay.channel(channels[i]);
            uint256 expected = state.phase == IMesgPay.Phase.Closing ? startedAt[i] + configs[i].closeDelay : 0;
            eq(state.closesAt, expected);
            if (lastChannel[i].phase == IMesgPay.Phase.Closing && expected != 0) {
                eq(state.closesAt, lastChannel[i].closesAt);
            }
        }
    }

    function I15_onlyPayerOrSignerStartsAClose() public view {
        for (uint256 i; i < channels.length; ++i) {
            bool was = lastChannel[i].phase == IMesgPay.Phase.Open;
            if (!was || pay.channel(channels[i]).phase != IMesgPay.Phase.Closing) continue;
            require(lastActor == configs[i].payer || lastActor == configs[i].signer, "a stranger closes");
            eq(startedAt[i], lastTimestamp);
        }
    }

    /// The reserve goes back only after the delay or with the operator's signature, and only into the payer's vault.
    function I16_theReserveIsReleasedInTwoWaysOnly() public view {
        for (uint256 i; i < channels.length; ++i) {
            IMesgPay.ChannelState memory state = pay.channel(channels[i]);
            IMesgPay.ChannelState memory last = lastChannel[i];
            bool justClosed = state.phase == IMesgPay.Phase.Closed && last.phase != IMesgPay.Phase.Closed;
            if (!justClosed) {
                require(state.reserved >= last.reserved, "a reserve fell");
                continue;
            }
            uint256 payer = personOf(configs[i].payer);
            eq(pay.vaultOf(configs[i].payer), lastVault[payer] + last.reserved - last.claimed);
            bool late = last.phase == IMesgPay.Phase.Closing && block.timestamp >= last.closesAt;
            require(agreed[i] || (lastAct == Act.Finalize && late), "released too early");
        }
    }

    /// A way out for payers: start, wait for the delay, and everything unclaimed is theirs again.
    function I17_thePayerAlwaysGetsTheRestBack() public {
        for (uint256 i; i < channels.length; ++i) {
            IMesgPay.ChannelState memory state = pay.channel(channels[i]);
            if (state.phase == IMesgPay.Phase.Closed) continue;
            vm.prank(configs[i].payer);
            if (state.phase == IMesgPay.Phase.Open) pay.startClose(configs[i]);
            uint256 ends = pay.channel(channels[i]).closesAt;
            require(ends <= block.timestamp + configs[i].closeDelay, "longer than the delay");
            vm.warp(most(block.timestamp, ends));
            uint256 vault = pay.vaultOf(configs[i].payer);
            pay.finalizeClose(configs[i]);
            eq(pay.vaultOf(configs[i].payer), vault + state.reserved - state.claimed);
        }
    }

    /// A way out for operators: until a channel is emptied, a voucher over all the rest is paid, whoever brings it.
    function I18_theNewestVoucherIsPaidUntilTheEnd() public {
        for (uint256 i; i < channels.length; ++i) {
            IMesgPay.ChannelState memory state = pay.channel(channels[i]);
            uint128 rest = state.reserved - state.claimed;
            if (state.phase == IMesgPay.Phase.Closed || rest == 0) continue;
            uint256 lane = i % LANES;
            IMesgPay.Claim[] memory rows = new IMesgPay.Claim[](1);
            rows[0] = signedRow(i, lane, cashed[i][lane] + rest, configs[i].signer);
            eq(pay.claim(rows), rest);
            eq(pay.channel(channels[i]).claimed, state.reserved);
        }
    }
}
