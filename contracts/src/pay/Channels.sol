// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IPermit2} from "../interfaces/IPermit2.sol";
import {IMesgPay} from "../interfaces/IMesgPay.sol";
import {ChannelHash} from "../libraries/ChannelHash.sol";
import {Offers} from "../libraries/Offers.sol";
import {ChannelBook} from "./ChannelBook.sol";

/// @title The life of a channel, but for its claims: opened, topped up, closed.
abstract contract Channels is ChannelBook {
    /// @notice Uniswap's Permit2, at the same address on every chain that has it.
    IPermit2 public constant PERMIT2 = IPermit2(0x000000000022D473030F116dDEE9F6B43aC78BA3);

    /// @inheritdoc IMesgPay
    function open(Config calldata config, uint128 amount) external nonReentrant returns (bytes32 channelId) {
        channelId = _openOwn(config, amount);
        _pull(amount);
    }

    /// @inheritdoc IMesgPay
    function openFromVault(Config calldata config, uint128 amount) external nonReentrant returns (bytes32 channelId) {
        channelId = _openOwn(config, amount);
        _spendVault(amount);
    }

    /// @inheritdoc IMesgPay
    function openWithPermit(Config calldata config, uint128 amount, Permit calldata permit)
        external
        nonReentrant
        returns (bytes32 channelId)
    {
        channelId = _openOwn(config, amount);
        // Anyone may have sent the permit first: then the allowance is there, and what counts is the pull.
        try IERC20Permit(address(token))
            .permit(msg.sender, address(this), amount, permit.deadline, permit.v, permit.r, permit.s) {}
            catch {}
        _pull(amount);
    }

    /// @inheritdoc IMesgPay
    function openWithPermit2(Config calldata config, uint128 amount, Permit2Signature calldata permit)
        external
        nonReentrant
        receives(amount)
        returns (bytes32 channelId)
    {
        // The payer need not send this: he signed which channel he opens, and with how much.
        channelId = _open(config, amount);
        PERMIT2.permitWitnessTransferFrom(
            IPermit2.PermitTransferFrom(
                IPermit2.TokenPermissions(address(token), amount), permit.nonce, permit.deadline
            ),
            IPermit2.SignatureTransferDetails(address(this), amount),
            config.payer,
            ChannelHash.reserve(channelId, amount),
            ChannelHash.RESERVE_WITNESS,
            permit.signature
        );
    }

    /// @inheritdoc IMesgPay
    function openMany(Config[] calldata configs, uint128[] calldata amounts) external nonReentrant {
        if (configs.length != amounts.length) revert LengthsDiffer(configs.length, amounts.length);
        // It begins at 0.
        // slither-disable-next-line uninitialized-local
        uint256 total;
        for (uint256 i; i < configs.length; ++i) {
            _openOwn(configs[i], amounts[i]);
            total += amounts[i];
        }
        _pull(total);
    }

    /// @inheritdoc IMesgPay
    function topUp(Config calldata config, uint128 amount) external nonReentrant {
        if (amount == 0) revert AmountZero();
        (bytes32 channelId, Slot storage slot) = _running(config);
        uint256 reserved = uint256(slot.reserved) + amount;
        slot.reserved = _fit(reserved);
        emit ChannelToppedUp(channelId, msg.sender, amount, uint128(reserved));
        _pull(amount);
    }

    /// @inheritdoc IMesgPay
    function startClose(Config calldata config) external {
        if (msg.sender != config.payer && msg.sender != config.signer) {
            revert NotPayerNorSigner(msg.sender, config.payer, config.signer);
        }
        (bytes32 channelId, Slot storage slot) = _running(config);
        if (slot.phase != Phase.Open) revert PhaseWrong(channelId, slot.phase);
        uint40 closesAt = uint40(block.timestamp) + config.closeDelay;
        slot.phase = Phase.Closing;
        slot.closesAt = closesAt;
        emit ChannelClosing(channelId, closesAt);
    }

    /// @inheritdoc IMesgPay
    function finalizeClose(Config calldata config) external {
        (bytes32 channelId, Slot storage slot) = _running(config);
        if (slot.phase != Phase.Closing) revert PhaseWrong(channelId, slot.phase);
        if (block.timestamp < slot.closesAt) revert TooEarly(slot.closesAt, block.timestamp);
        _release(config.payer, channelId, slot);
    }

    /// @inheritdoc IMesgPay
    function closeCooperative(Config calldata config, uint128 finalClaimed, bytes32 r, bytes32 vs) external {
        (bytes32 channelId, Slot storage slot) = _running(config);
        if (slot.claimed != finalClaimed) revert FinalClaimedMismatch(slot.claimed, finalClaimed);
        if (!_signed(closeDigest(channelId, finalClaimed), config.operator, r, vs)) {
            revert OperatorSignatureInvalid(channelId, config.operator);
        }
        _release(config.payer, channelId, slot);
    }

    function _openOwn(Config calldata config, uint128 amount) private returns (bytes32) {
        if (msg.sender != config.payer) revert NotPayer(msg.sender, config.payer);
        return _open(config, amount);
    }

    function _open(Config calldata config, uint128 amount) private returns (bytes32 channelId) {
        if (config.signer == address(0) || config.operator == address(0)) revert AddressZero();
        if (amount == 0) revert AmountZero();
        _checkTerms(config);
        channelId = channelIdOf(config);
        Slot storage slot = _slots[channelId];
        if (slot.phase != Phase.Absent) revert PhaseWrong(channelId, slot.phase);
        slot.reserved = _fit(amount);
        slot.phase = Phase.Open;
        emit ChannelOpened(channelId, config.payer, config.operator, config, amount);
    }

    /// @dev Payer and operator may not agree on other shares than the author's.
    function _checkTerms(Config calldata config) private view {
        (uint8 kind, bytes32 offerHash, uint16 authorBps, uint16 treasuryBps, uint16 referrerBps, uint40 closeDelay) =
            registry.liveMetered(config.serviceId, config.offerIndex);
        if (kind != Offers.METERED) revert KindMismatch(kind, Offers.METERED);
        if (
            config.offerHash != offerHash || config.authorBps != authorBps || config.treasuryBps != treasuryBps
                || config.referrerBps != referrerBps || config.closeDelay != closeDelay
        ) {
            revert TermsMismatch(authorBps, treasuryBps, referrerBps, closeDelay, offerHash);
        }
    }

    function _release(address payer, bytes32 channelId, Slot storage slot) private {
        uint96 claimed = slot.claimed;
        uint96 rest = slot.reserved - claimed;
        slot.reserved = claimed;
        slot.closesAt = 0;
        slot.phase = Phase.Closed;
        vaultOf[payer] += rest;
        emit ChannelClosed(channelId, claimed, rest);
    }

    function _fit(uint256 amount) private pure returns (uint96) {
        if (amount > type(uint96).max) revert AmountTooHigh(amount, type(uint96).max);
        return uint96(amount);
    }
}
