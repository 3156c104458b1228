// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../interfaces/IMesgPay.sol";

/// @title The EIP-712 struct hashes of channels, vouchers and closes.
library ChannelHash {
    bytes32 internal constant CONFIG_TYPEHASH = keccak256(
        "Config(address payer,address signer,address operator,uint256 serviceId,uint32 offerIndex,bytes32 offerHash,address referrer,uint16 authorBps,uint16 treasuryBps,uint16 referrerBps,uint40 closeDelay,bytes32 salt)"
    );
    bytes32 internal constant VOUCHER_TYPEHASH = keccak256("Voucher(bytes32 channelId,uint32 lane,uint128 cumulative)");
    bytes32 internal constant CLOSE_TYPEHASH = keccak256("Close(bytes32 channelId,uint128 finalClaimed)");

    bytes32 internal constant RESERVE_TYPEHASH = keccak256("Reserve(bytes32 channelId,uint128 amount)");
    /// @dev How Permit2 is told to hash its witness (EIP-712: types in the order of their names).
    string internal constant RESERVE_WITNESS =
        "Reserve witness)Reserve(bytes32 channelId,uint128 amount)TokenPermissions(address token,uint256 amount)";

    /// @dev A config is twelve words in calldata as in EIP-712's encodeData, so they are hashed as they came: a word
    /// that does not fit its type makes the id of no channel.
    function config(IMesgPay.Config calldata value) internal pure returns (bytes32 hash) {
        bytes32 typeHash = CONFIG_TYPEHASH;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            calldatacopy(add(free, 0x20), value, 0x180)
            hash := keccak256(free, 0x1a0)
        }
    }

    function voucher(bytes32 channelId, uint32 lane, uint128 cumulative) internal pure returns (bytes32) {
        return keccak256(abi.encode(VOUCHER_TYPEHASH, channelId, lane, cumulative));
    }

    function close(bytes32 channelId, uint128 finalClaimed) internal pure returns (bytes32) {
        return keccak256(abi.encode(CLOSE_TYPEHASH, channelId, finalClaimed));
    }

    function reserve(bytes32 channelId, uint128 amount) internal pure returns (bytes32) {
        return keccak256(abi.encode(RESERVE_TYPEHASH, channelId, amount));
    }
}
