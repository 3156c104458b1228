// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../interfaces/IMesgPay.sol";
import {Shares} from "../libraries/Shares.sol";
import {ChannelBook} from "./ChannelBook.sol";

/// @title Vouchers become earnings here; no token moves and no other contract is called.
abstract contract Claims is ChannelBook {
    /// @inheritdoc IMesgPay
    function claim(Claim[] calldata claims) external returns (uint256 paid) {
        // It begins at 0.
        // slither-disable-next-line uninitialized-local
        uint256 treasuryPart;
        for (uint256 i; i < claims.length; ++i) {
            (uint256 delta, uint256 part) = _claim(i, claims[i]);
            paid += delta;
            treasuryPart += part;
        }
        _credit(treasury, treasuryPart);
    }

    function _claim(uint256 index, Claim calldata row) private returns (uint256 delta, uint256 treasuryPart) {
        bytes32 channelId = channelIdOf(row.config);
        Slot memory slot = _slots[channelId];
        uint256 before = _laneClaimed(channelId, row.lane, slot);
        (bool skipped, SkipReason reason) = _check(row, channelId, slot, before);
        if (skipped) {
            emit ClaimSkipped(index, channelId, reason);
            return (0, 0);
        }
        delta = row.cumulative - before;
        _advance(channelId, row, slot, delta);
        treasuryPart = _share(row.config, before, row.cumulative);
        emit Claimed(channelId, row.lane, row.cumulative, uint128(delta));
    }

    function _check(Claim calldata row, bytes32 channelId, Slot memory slot, uint256 before)
        private
        view
        returns (bool skipped, SkipReason reason)
    {
        if (slot.phase != Phase.Open && slot.phase != Phase.Closing) return (true, SkipReason.NotOpen);
        if (row.cumulative <= before) return (true, SkipReason.Stale);
        if (slot.claimed + (row.cumulative - before) > slot.reserved) return (true, SkipReason.OverReserve);
        bytes32 digest = voucherDigest(channelId, row.lane, row.cumulative);
        return (!_signed(digest, row.config.signer, row.r, row.vs), SkipReason.BadSignature);
    }

    /// @dev Lane 0 alone costs no slot of its own; the first use of another lane moves it out.
    function _advance(bytes32 channelId, Claim calldata row, Slot memory slot, uint256 delta) private {
        Slot storage stored = _slots[channelId];
        if (row.lane != 0 && !slot.laned) {
            stored.laned = true;
            if (slot.claimed != 0) _lanes[channelId][0] = slot.claimed;
        }
        if (row.lane != 0 || slot.laned) _lanes[channelId][row.lane] = row.cumulative;
        stored.claimed = uint96(slot.claimed + delta); // at most reserved, which fits
    }

    /// @dev Credit everybody's part but the treasury's, which is returned to be credited once a batch.
    function _share(Config calldata config, uint256 before, uint256 total) private returns (uint256 treasuryPart) {
        uint256 referrerBps = config.referrer == address(0) ? 0 : config.referrerBps;
        Shares.Parts memory parts = Shares.between(before, total, config.authorBps, config.treasuryBps, referrerBps);
        _creditService(config.serviceId, parts.author);
        _credit(config.referrer, parts.referrer);
        _credit(config.operator, parts.operator);
        return parts.treasury;
    }
}
