// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IPermit2} from "../../src/interfaces/IPermit2.sol";

/// @title Permit2's one function as its specification tells it: spender, amount, nonce, deadline and witness are signed.
contract Permit2 is IPermit2 {
    string private constant STUB =
        "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,";
    bytes32 private constant PERMISSIONS = keccak256("TokenPermissions(address token,uint256 amount)");

    mapping(address owner => mapping(uint256 nonce => bool)) public used;

    error NonceUsed();
    error SignatureExpired();
    error SignatureInvalid();
    error AmountInvalid();

    function permitWitnessTransferFrom(
        PermitTransferFrom calldata permit,
        SignatureTransferDetails calldata details,
        address owner,
        bytes32 witness,
        string calldata witnessType,
        bytes calldata signature
    ) external {
        if (block.timestamp > permit.deadline) revert SignatureExpired();
        if (details.requestedAmount > permit.permitted.amount) revert AmountInvalid();
        if (used[owner][permit.nonce]) revert NonceUsed();
        used[owner][permit.nonce] = true;
        bytes32 digest = digestOf(permit, msg.sender, witness, witnessType);
        if (ECDSA.recover(digest, signature) != owner) revert SignatureInvalid();
        require(IERC20(permit.permitted.token).transferFrom(owner, details.to, details.requestedAmount));
    }

    /// What the owner signs.
    function digestOf(PermitTransferFrom calldata permit, address spender, bytes32 witness, string calldata witnessType)
        public
        view
        returns (bytes32)
    {
        bytes32 kind = keccak256(abi.encodePacked(STUB, witnessType));
        bytes32 permitted = keccak256(abi.encode(PERMISSIONS, permit.permitted));
        bytes32 content = keccak256(abi.encode(kind, permitted, spender, permit.nonce, permit.deadline, witness));
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(), content));
    }

    function domainSeparator() public view returns (bytes32) {
        bytes32 kind = keccak256("EIP712Domain(string name,uint256 chainId,address verifyingContract)");
        return keccak256(abi.encode(kind, keccak256("Permit2"), block.chainid, address(this)));
    }
}
