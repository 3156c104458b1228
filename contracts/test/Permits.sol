// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IMesgPay} from "../src/interfaces/IMesgPay.sol";
import {Base} from "./Base.sol";

/// @title Somebody who pays by signatures: permits (ERC-2612) and Uniswap's real Permit2.
abstract contract Permits is Base {
    uint256 internal constant OWNER_KEY = 0xBEEF;
    address internal constant PERMIT2 = 0x000000000022D473030F116dDEE9F6B43aC78BA3;
    bytes32 private constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 private constant TOKEN_PERMISSIONS_TYPEHASH = keccak256("TokenPermissions(address token,uint256 amount)");
    bytes32 private constant PERMIT2_TYPEHASH = keccak256(
        "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,Reserve witness)Reserve(bytes32 channelId,uint128 amount)TokenPermissions(address token,uint256 amount)"
    );
    bytes32 private constant RESERVE_TYPEHASH = keccak256("Reserve(bytes32 channelId,uint128 amount)");

    address internal owner;

    /// Give the signing owner tokens.
    function fundOwner(uint256 amount) internal {
        owner = vm.addr(OWNER_KEY);
        IERC20 paidIn = pay.token();
        vm.prank(PAYER);
        paidIn.transfer(owner, amount);
    }

    /// Put Permit2 where it is on every chain, and let it move the owner's tokens. `node permit2.js` gets its code.
    function installPermit2() internal {
        vm.etch(PERMIT2, vm.parseJsonBytes(vm.readFile("out/Permit2.json"), ".deployedBytecode"));
        IERC20 paidIn = pay.token();
        vm.prank(owner);
        paidIn.approve(PERMIT2, type(uint256).max);
    }

    function signedPermit(uint256 amount) internal view returns (IMesgPay.Permit memory) {
        IERC20Permit permitted = IERC20Permit(address(pay.token()));
        bytes32 content = keccak256(abi.encode(PERMIT_TYPEHASH, owner, pay, amount, permitted.nonces(owner), START));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(OWNER_KEY, digest(permitted.DOMAIN_SEPARATOR(), content));
        return IMesgPay.Permit(START, v, r, s);
    }

    function signedPermit2(uint256 key, bytes32 channelId, uint128 amount, uint256 nonce)
        internal
        view
        returns (IMesgPay.Permit2Signature memory)
    {
        bytes32 permitted = keccak256(abi.encode(TOKEN_PERMISSIONS_TYPEHASH, pay.token(), amount));
        bytes32 witness = keccak256(abi.encode(RESERVE_TYPEHASH, channelId, amount));
        bytes32 content = keccak256(abi.encode(PERMIT2_TYPEHASH, permitted, pay, nonce, START, witness));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest(IERC20Permit(PERMIT2).DOMAIN_SEPARATOR(), content));
        return IMesgPay.Permit2Signature(nonce, START, abi.encodePacked(r, s, v));
    }

    function digest(bytes32 separator, bytes32 content) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", separator, content));
    }
}
