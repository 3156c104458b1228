// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The words of MesgPay: what its functions take and answer, what it logs, and why it refuses.
interface IMesgPayTypes {
    /// @notice The immutable terms of a channel. They are never stored: their EIP-712 hash is the channel's id.
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

    /// @notice A place on another account's pass.
    struct Seat {
        address holder; // zero: none
        uint16 number; // from 1; the holder himself sits on 0
    }

    /// @notice Tokens came into an account's vault.
    event Deposited(address indexed account, uint256 amount);
    /// @notice Tokens left an account's vault.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice A channel was opened with everything needed to claim on it.
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
    /// @notice A seat on a holder's pass was given to an account, or to nobody.
    event SeatGiven(uint256 indexed serviceId, address indexed holder, address indexed account, uint16 number);
    /// @notice An account left its seat.
    event SeatLeft(uint256 indexed serviceId, address indexed holder, address indexed account, uint16 number);
    /// @notice An account's earnings were paid out.
    event Collected(address indexed account, address indexed to, uint256 amount);
    /// @notice A Service's earnings were paid out by its owner.
    event ServiceCollected(uint256 indexed serviceId, address indexed owner, address indexed to, uint256 amount);

    error AddressZero();
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
    error SeatElsewhere(address account, address holder, uint16 number);
    error TooEarly(uint40 closesAt, uint256 timestamp);
    error FinalClaimedMismatch(uint128 claimed, uint128 finalClaimed);
    error OperatorSignatureInvalid(bytes32 channelId, address operator);
}
