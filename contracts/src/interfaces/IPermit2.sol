// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The one function of Permit2 that is used here (deployed at the same address on every chain).
interface IPermit2 {
    /// @notice Which token, and the most that may be taken.
    struct TokenPermissions {
        address token;
        uint256 amount;
    }

    /// @notice What the owner signed, besides the spender and the witness.
    struct PermitTransferFrom {
        TokenPermissions permitted;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Where the tokens go, and how many.
    struct SignatureTransferDetails {
        address to;
        uint256 requestedAmount;
    }

    /// @notice Move tokens by a signature that also covers a witness of the spender's choice.
    function permitWitnessTransferFrom(
        PermitTransferFrom calldata permit,
        SignatureTransferDetails calldata transferDetails,
        address owner,
        bytes32 witness,
        string calldata witnessTypeString,
        bytes calldata signature
    ) external;
}
