// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IMesgPay} from "../interfaces/IMesgPay.sol";
import {ChannelHash} from "../libraries/ChannelHash.sol";
import {Accounts} from "./Accounts.sol";

/// @title What is stored of channels, how they are named, and whose signature counts.
/// @dev Nothing of a channel is ever deleted or lowered except its reserve, and a closed one stays closed: no
/// voucher can be used twice.
abstract contract ChannelBook is Accounts, EIP712 {
    /// @dev One slot. 96 bits hold any supply below 79 billion whole tokens of 18 decimals.
    struct Slot {
        uint96 reserved;
        uint96 claimed;
        uint40 closesAt;
        Phase phase;
        bool laned; // lanes are kept apart in _lanes; until then all that is claimed is lane 0's
    }

    // A mapping begins empty.
    // slither-disable-next-line uninitialized-state
    mapping(bytes32 channelId => Slot) internal _slots;
    mapping(bytes32 channelId => mapping(uint32 lane => uint256 claimed)) internal _lanes;

    /// @inheritdoc IMesgPay
    function channel(bytes32 channelId) external view returns (ChannelState memory) {
        Slot memory slot = _slots[channelId];
        return ChannelState(slot.phase, slot.reserved, slot.claimed, slot.closesAt);
    }

    /// @inheritdoc IMesgPay
    function laneClaimed(bytes32 channelId, uint32 lane) external view returns (uint128) {
        return uint128(_laneClaimed(channelId, lane, _slots[channelId]));
    }

    /// @inheritdoc IMesgPay
    function channelIdOf(Config calldata config) public view returns (bytes32) {
        return keccak256(abi.encode(address(this), ChannelHash.config(config)));
    }

    /// @inheritdoc IMesgPay
    function voucherDigest(bytes32 channelId, uint32 lane, uint128 cumulative) public view returns (bytes32) {
        return _hashTypedDataV4(ChannelHash.voucher(channelId, lane, cumulative));
    }

    /// @inheritdoc IMesgPay
    function closeDigest(bytes32 channelId, uint128 finalClaimed) public view returns (bytes32) {
        return _hashTypedDataV4(ChannelHash.close(channelId, finalClaimed));
    }

    /// @inheritdoc IMesgPay
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    function _running(Config calldata config) internal view returns (bytes32 channelId, Slot storage slot) {
        channelId = channelIdOf(config);
        slot = _slots[channelId];
        if (slot.phase != Phase.Open && slot.phase != Phase.Closing) revert PhaseWrong(channelId, slot.phase);
    }

    function _laneClaimed(bytes32 channelId, uint32 lane, Slot memory slot) internal view returns (uint256) {
        if (slot.laned) return _lanes[channelId][lane];
        return lane == 0 ? slot.claimed : 0;
    }

    function _signed(bytes32 digest, address signer, bytes32 r, bytes32 vs) internal pure returns (bool) {
        // The third answer only explains the problem.
        // slither-disable-next-line unused-return
        (address recovered, ECDSA.RecoverError problem,) = ECDSA.tryRecover(digest, r, vs);
        return problem == ECDSA.RecoverError.NoError && recovered == signer;
    }
}
