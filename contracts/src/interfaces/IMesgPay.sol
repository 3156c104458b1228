// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IMesgPayTypes} from "./IMesgPayTypes.sol";
import {IServiceRegistry} from "./IServiceRegistry.sol";

/// @title How Services are paid: vault balances, payment channels and passes. Nobody administers this contract.
/// @notice Tokens move only in deposit, open, topUp, buyPass, withdraw and collect; all else is accounting inside.
interface IMesgPay is IMesgPayTypes {
    /// @notice The token everything is paid in.
    function token() external view returns (IERC20);
    /// @notice Where offers and owners of Services are looked up.
    function registry() external view returns (IServiceRegistry);
    /// @notice Whose account gets the treasury's shares.
    function treasury() external view returns (address);

    /// @notice Put tokens into the sender's vault. They must have been approved.
    function deposit(uint256 amount) external;
    /// @notice Take tokens out of the sender's vault.
    function withdraw(uint256 amount, address to) external;
    /// @notice Pay out all that the sender earned as operator, referrer or treasury.
    function collect(address to) external returns (uint256 amount);
    /// @notice Pay out all that a Service earned; only its current owner.
    function collectService(uint256 serviceId, address to) external returns (uint256 amount);

    /// @notice Open a channel and reserve tokens on it, pulled from the sender, who must be the payer.
    /// The config must repeat the terms of the registry's live metered offer. A channel id opens once.
    function open(Config calldata config, uint128 amount) external returns (bytes32 channelId);
    /// @notice As `open`, from the payer's vault.
    function openFromVault(Config calldata config, uint128 amount) external returns (bytes32 channelId);
    /// @notice As `open`, with a permit over exactly `amount` instead of a former approval.
    function openWithPermit(Config calldata config, uint128 amount, Permit calldata permit)
        external
        returns (bytes32 channelId);
    /// @notice As `open`, paid by Permit2 out of the payer's wallet; anyone may send it. The payer signs Permit2's
    /// PermitWitnessTransferFrom with the witness Reserve(bytes32 channelId,uint128 amount).
    function openWithPermit2(Config calldata config, uint128 amount, Permit2Signature calldata permit)
        external
        returns (bytes32 channelId);
    /// @notice Open several channels with one pull of tokens.
    function openMany(Config[] calldata configs, uint128[] calldata amounts) external;
    /// @notice Reserve more on an open or closing channel; anyone may. Never changes when it closes.
    function topUp(Config calldata config, uint128 amount) external;

    /// @notice Cash vouchers: credits operator, Service, treasury and referrer inside. Anyone may submit them, until
    /// the channel is closed. A row that cannot be paid is skipped with an event and does not affect the others.
    /// @return paid What all rows paid together.
    function claim(Claim[] calldata claims) external returns (uint256 paid);

    /// @notice Begin to close; payer or signer. The channel can be emptied config.closeDelay seconds later.
    function startClose(Config calldata config) external;
    /// @notice Empty a closing channel into the payer's vault once the delay is over; anyone may.
    function finalizeClose(Config calldata config) external;
    /// @notice Empty a channel into the payer's vault at once; anyone, with the operator's signature over
    /// Close(channelId, finalClaimed), where finalClaimed is all that has been claimed.
    function closeCooperative(Config calldata config, uint128 finalClaimed, bytes32 r, bytes32 vs) external;

    /// @notice Buy or extend a pass, paid from the sender's wallet (which must have approved the price). The new time
    /// begins when the old ends: expiry = max(now, expiry) + duration. Only the holder may let other terms follow
    /// the running ones, and only one kind of them.
    /// @return expiry Unix second until which the beneficiary may use the Service.
    function buyPass(
        uint256 serviceId,
        uint32 offerIndex,
        bytes32 offerHash,
        address beneficiary,
        uint128 maxPrice,
        address referrer
    ) external returns (uint40 expiry);
    /// @notice As `buyPass`, paid from the sender's vault.
    function buyPassFromVault(
        uint256 serviceId,
        uint32 offerIndex,
        bytes32 offerHash,
        address beneficiary,
        uint128 maxPrice,
        address referrer
    ) external returns (uint40 expiry);
    /// @notice Credit what passes of a Service have earned by now; anyone may, at any time, again and again.
    /// @return earned What all of them earned since they were last settled.
    function settlePasses(uint256 serviceId, address[] calldata accounts) external returns (uint256 earned);
    /// @notice End the sender's pass now; what it has not earned goes to the sender's vault.
    function cancelPass(uint256 serviceId) external returns (uint256 refunded);

    /// @notice Give a seat of the sender's pass to an account (zero: to nobody); its former occupant loses it.
    /// @param number From 1 to the running offer's seats - 1.
    function giveSeat(uint256 serviceId, uint16 number, address account) external;
    /// @notice Leave the seat that somebody gave the sender.
    function leaveSeat(uint256 serviceId) external;

    /// @notice Until when an account may use a Service, by its own pass or by a seat; 0 or past: it may not.
    function accessUntil(uint256 serviceId, address account) external view returns (uint40);
    /// @notice Until when an account holds a pass of its own; 0 if it has none.
    function passExpiry(uint256 serviceId, address account) external view returns (uint40);
    /// @notice A pass as it is stored.
    function passOf(uint256 serviceId, address account) external view returns (Pass memory);
    /// @notice What settling a pass now would credit, and what cancelling it now would pay back.
    function passValue(uint256 serviceId, address account) external view returns (uint256 earned, uint256 refundable);
    /// @notice Whose pass an account sits on.
    function seatOf(uint256 serviceId, address account) external view returns (Seat memory);
    /// @notice Who sits on a seat of a holder's pass.
    function occupantOf(uint256 serviceId, address holder, uint16 number) external view returns (address);
    /// @notice An account's free balance.
    function vaultOf(address account) external view returns (uint256);
    /// @notice What an account may collect.
    function earnedBy(address account) external view returns (uint256);
    /// @notice What the owner of a Service may collect.
    function earnedByService(uint256 serviceId) external view returns (uint256);
    /// @notice The state of a channel.
    function channel(bytes32 channelId) external view returns (ChannelState memory);
    /// @notice The cumulative amount claimed on one lane of a channel.
    function laneClaimed(bytes32 channelId, uint32 lane) external view returns (uint128);
    /// @notice The id of the channel with this config.
    function channelIdOf(Config calldata config) external view returns (bytes32);
    /// @notice What a channel's signer signs (EIP-712).
    function voucherDigest(bytes32 channelId, uint32 lane, uint128 cumulative) external view returns (bytes32);
    /// @notice What an operator signs to let a channel be closed at once (EIP-712).
    function closeDigest(bytes32 channelId, uint128 finalClaimed) external view returns (bytes32);
    /// @notice The EIP-712 domain separator of this contract on this chain.
    function domainSeparator() external view returns (bytes32);
}
