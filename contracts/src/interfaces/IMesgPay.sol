// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IServiceRegistry} from "./IServiceRegistry.sol";

/// @title How Services are paid: vault balances, payment channels and passes. Nobody administers this contract.
/// @notice Tokens move only in deposit, open, topUp, buyPass, withdraw and collect; all else is accounting inside.
interface IMesgPay {
    /// @notice The immutable terms of a channel. They are never stored: their hash is the channel's id.
    struct Config {
        address payer; // reserves the tokens and gets the rest back
        address signer; // signs the vouchers: a session key of the payer
        address operator; // is paid for serving
        uint256 serviceId;
        uint32 offerIndex;
        bytes32 offerHash;
        address referrer; // zero: none, the operator gets that share
        uint16 authorBps; // these three and closeDelay are the offer's, repeated here to make claims cheap
        uint16 treasuryBps;
        uint16 referrerBps;
        uint40 closeDelay;
        bytes32 salt;
    }

    /// @notice One voucher to cash: Voucher(channelId, lane, cumulative) signed by config.signer (EIP-2098).
    struct Claim {
        Config config;
        uint32 lane;
        uint128 cumulative;
        bytes32 r;
        bytes32 vs;
    }

    /// @notice An ERC-2612 signature over exactly the amount to pull.
    struct Permit {
        uint256 deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    /// @notice A Permit2 signature of the payer over exactly the amount, with the witness Reserve(channelId, amount).
    struct Permit2Signature {
        uint256 nonce;
        uint256 deadline;
        bytes signature;
    }

    /// @notice A channel's life: Absent -> Open -> Closing -> Closed, or Open/Closing -> Closed by consent.
    enum Phase {
        Absent,
        Open,
        Closing,
        Closed
    }

    /// @notice Why a row of `claim` paid nothing.
    enum SkipReason {
        NotOpen, // absent or closed
        Stale, // that much was claimed on this lane before
        OverReserve, // the channel does not hold that much
        BadSignature // not signed by config.signer
    }

    /// @notice What the contract knows of a channel.
    struct ChannelState {
        Phase phase;
        uint128 reserved; // all that was ever put in, less what went back
        uint128 claimed; // over all lanes; never decreases
        uint40 closesAt; // unix seconds; 0 unless closing
    }

    /// @notice A pass: the running terms, and others that may follow them. Income of the running terms has been
    /// credited up to `settledTo`; what they hold is their price, less the part earned at once, times the seconds
    /// from `settledTo` to `until`, divided by their offer's duration.
    struct Pass {
        uint40 settledTo; // unix seconds
        uint40 until; // end of the running terms; 0: no pass
        uint32 offerIndex;
        uint40 nextUntil; // end of the terms that follow, which begin at `until`; 0: none
        uint32 nextOfferIndex;
    }

    /// @notice What a buyer of a pass agrees to.
    struct PassOrder {
        uint256 serviceId;
        uint32 offerIndex;
        bytes32 offerHash;
        address beneficiary;
        uint40 startsBy; // unix seconds: the latest that the new time may begin, behind what the pass has already
        address referrer; // zero: none, the Service gets that share
        uint128 maxPrice;
    }

    /// @notice A place on another account's pass.
    struct Seat {
        address holder; // zero: none
        uint16 number; // from 1; the holder himself sits on 0
    }

    /// @notice Tokens came into an account's vault.
    event Deposited(address indexed account, uint256 amount);
    /// @notice Tokens left an account's vault.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice A channel was opened with everything needed to claim on it. Paid from a wallet, the token's transfer of
    /// `amount` (or of the sum, if several were opened at once) follows; from the vault, none does.
    event ChannelOpened(
        bytes32 indexed channelId, address indexed payer, address indexed operator, Config config, uint128 amount
    );
    /// @notice Somebody reserved more on a channel.
    event ChannelToppedUp(bytes32 indexed channelId, address indexed from, uint128 amount, uint128 reserved);
    /// @notice A voucher was cashed: `delta` more on that lane.
    event Claimed(bytes32 indexed channelId, uint32 lane, uint128 cumulative, uint128 delta);
    /// @notice A row of a claim paid nothing; the others are not affected.
    event ClaimSkipped(uint256 index, bytes32 indexed channelId, SkipReason reason);
    /// @notice The payer wants out: vouchers must be claimed before the channel is emptied.
    event ChannelClosing(bytes32 indexed channelId, uint40 closesAt);
    /// @notice A channel ended; the rest is in the payer's vault.
    event ChannelClosed(bytes32 indexed channelId, uint128 claimed, uint128 refunded);
    /// @notice An account may use a Service until `expiry`.
    event PassBought(
        uint256 indexed serviceId,
        address indexed beneficiary,
        address indexed buyer,
        uint32 offerIndex,
        uint128 price,
        uint40 expiry,
        address referrer
    );
    /// @notice What a pass earned its author and the treasury up to `settledTo` was credited.
    event PassSettled(uint256 indexed serviceId, address indexed account, uint40 settledTo, uint256 earned);
    /// @notice A pass ended by its holder's will; what it had not earned is in his vault.
    event PassCancelled(uint256 indexed serviceId, address indexed account, uint256 refunded);
    /// @notice An account sits on a seat that it was given.
    event SeatTaken(uint256 indexed serviceId, address indexed holder, address indexed account, uint16 number);
    /// @notice A seat on a holder's pass was given to an account, or to nobody.
    event SeatGiven(uint256 indexed serviceId, address indexed holder, address indexed account, uint16 number);
    /// @notice An account left its seat.
    event SeatLeft(uint256 indexed serviceId, address indexed holder, address indexed account, uint16 number);
    /// @notice An account's earnings were paid out.
    event Collected(address indexed account, address indexed to, uint256 amount);
    /// @notice A Service's earnings were paid out by its owner.
    event ServiceCollected(uint256 indexed serviceId, address indexed owner, address indexed to, uint256 amount);

    error AddressZero();
    error RecipientInvalid(address to);
    error AmountZero();
    error AmountTooHigh(uint256 amount, uint256 maximum);
    error ReceivedOther(uint256 expected, uint256 received);
    error VaultTooLow(address account, uint256 balance, uint256 needed);
    error NothingEarned();
    error NotServiceOwner(uint256 serviceId, address account, address owner);
    error NotPayer(address account, address payer);
    error NotPayerNorSigner(address account, address payer, address signer);
    error LengthsDiffer(uint256 configs, uint256 amounts);
    error KindMismatch(uint8 kind, uint8 needed);
    error OfferHashMismatch(bytes32 given, bytes32 registered);
    error TermsMismatch(uint16 authorBps, uint16 treasuryBps, uint16 referrerBps, uint40 closeDelay, bytes32 offerHash);
    error PriceTooHigh(uint128 price, uint128 maxPrice);
    error PhaseWrong(bytes32 channelId, Phase phase);
    error PassUnknown(uint256 serviceId, address account);
    error PassTooLong(uint256 expiry, uint256 maximum);
    error PassTermsQueued(uint256 serviceId, address account, uint32 nextOfferIndex);
    error GiftOfOtherTerms(uint256 serviceId, address account, uint32 offerIndex);
    error SeatUnknown(uint16 number, uint16 seats);
    error SeatNotGiven(address account, address holder, uint16 number);
    error StartsTooLate(uint40 start, uint40 startsBy);
    error TooEarly(uint40 closesAt, uint256 timestamp);
    error FinalClaimedMismatch(uint128 claimed, uint128 finalClaimed);
    error OperatorSignatureInvalid(bytes32 channelId, address operator);

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
    function buyPass(PassOrder calldata order) external returns (uint40 expiry);
    /// @notice As `buyPass`, paid from the sender's vault.
    function buyPassFromVault(PassOrder calldata order) external returns (uint40 expiry);
    /// @notice Credit what passes of a Service have earned by now; anyone may, at any time, again and again.
    /// @return earned What all of them earned since they were last settled.
    function settlePasses(uint256 serviceId, address[] calldata accounts) external returns (uint256 earned);
    /// @notice End the sender's pass now; what it has not earned goes to the sender's vault.
    function cancelPass(uint256 serviceId) external returns (uint256 refunded);

    /// @notice Give a seat of the sender's pass to an account (zero: to nobody); its former occupant loses it. The
    /// account sits there at once, unless it sits on another seat that counts now: then `takeSeat` moves it. A seat
    /// outlives the pass: it counts again when the holder has a pass with enough seats.
    /// @param number From 1 to the running offer's seats - 1.
    function giveSeat(uint256 serviceId, uint16 number, address account) external;
    /// @notice Sit on a seat that the sender was given, and on no other.
    function takeSeat(uint256 serviceId, address holder, uint16 number) external;
    /// @notice Leave the seat that the sender sits on, and give it back.
    function leaveSeat(uint256 serviceId) external;

    /// @notice Until when an account may use a Service, by its own pass or by a seat: the first second in which it may
    /// not. 0 or past: it may not now.
    function accessUntil(uint256 serviceId, address account) external view returns (uint40);
    /// @notice The first second in which an account's own pass has ended; 0 if it has none.
    function passExpiry(uint256 serviceId, address account) external view returns (uint40);
    /// @notice A pass as it is stored.
    function passOf(uint256 serviceId, address account) external view returns (Pass memory);
    /// @notice What settling a pass now would credit, and what cancelling it now would pay back.
    function passValue(uint256 serviceId, address account) external view returns (uint256 earned, uint256 refundable);
    /// @notice Where an account sits; it counts while `occupantOf` says the same.
    function seatOf(uint256 serviceId, address account) external view returns (Seat memory);
    /// @notice Whom a seat of a holder's pass was given.
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
    /// @notice The id of the channel with this config: keccak256(abi.encode(this contract, its EIP-712 struct hash)). It
    /// does not depend on the chain's id, so that a chain that changes it locks nothing; signatures do.
    function channelIdOf(Config calldata config) external view returns (bytes32);
    /// @notice What a channel's signer signs (EIP-712).
    function voucherDigest(bytes32 channelId, uint32 lane, uint128 cumulative) external view returns (bytes32);
    /// @notice What an operator signs to let a channel be closed at once (EIP-712).
    function closeDigest(bytes32 channelId, uint128 finalClaimed) external view returns (bytes32);
    /// @notice The EIP-712 domain separator of this contract on this chain.
    function domainSeparator() external view returns (bytes32);
}
