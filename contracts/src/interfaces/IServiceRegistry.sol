// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

/// @title What is for sale: Services, their versions, and the immutable offers under which they are used.
/// @notice A Service is an ERC-721 token whose id is keccak256 of its sid. Nobody administers this contract.
interface IServiceRegistry is IERC721 {
    /// @notice The author's terms. They never change; a new price is a new offer.
    struct OfferTerms {
        uint8 kind; // 0: pass, 1: metered
        uint128 price; // of the pass, or of one call
        uint128 pricePerEvent; // metered only
        uint40 duration; // pass only: seconds of access
        uint40 closeDelay; // metered only: seconds between startClose and finalizeClose
        uint40 validUntil; // unix seconds after which nobody can buy; 0: for ever
        uint16 authorBps; // metered only: shares in 1/10000 of what is paid; of a pass the author gets the rest
        uint16 treasuryBps;
        uint16 referrerBps; // of a pass: earned at once and never refunded; the author's without a referrer
        bool hostedOnly; // the package is not given to buyers
        uint16 seats; // pass only: accounts that may use one pass, its holder included
    }

    /// @notice The part of a pass offer's terms that money depends on.
    struct PassPrice {
        uint128 price;
        uint40 duration;
        uint16 treasuryBps;
        uint16 referrerBps;
    }

    /// @notice One published version of a Service.
    struct Version {
        bytes32 manifestHash;
        bytes32 packageHash;
        uint40 publishedAt;
        string uri;
    }

    /// @notice One line of the paginated listing.
    struct Summary {
        uint256 serviceId;
        string sid;
        address owner;
        uint256 versions;
        uint256 offers;
    }

    /// @notice A name was promised; nobody can tell which.
    event Committed(bytes32 indexed commitment, address indexed sender);
    /// @notice A Service exists from now on; `fee` tokens went to the treasury.
    event ServiceRegistered(uint256 indexed serviceId, string sid, address indexed owner, uint256 fee);
    /// @notice A version exists from now on, for ever.
    event VersionPublished(
        uint256 indexed serviceId, uint256 indexed index, bytes32 indexed manifestHash, bytes32 packageHash, string uri
    );
    /// @notice An offer can be bought from now on.
    event OfferCreated(
        uint256 indexed serviceId, uint32 indexed offerIndex, bytes32 indexed offerHash, OfferTerms terms
    );
    /// @notice An offer can no longer be bought; what was bought under it stays valid.
    event OfferDisabled(uint256 indexed serviceId, uint32 indexed offerIndex);

    error SidInvalid(string sid, uint256 position);
    error SidTaken(string sid);
    error AddressZero();
    error FeeTooHigh(uint256 fee, uint256 maxFee);
    error CommitmentBlocksInvalid(uint256 given, uint256 minimum, uint256 maximum);
    error CommitmentPending(bytes32 commitment, uint256 committedAtBlock);
    error CommitmentMissing(bytes32 commitment);
    error CommitmentTooYoung(uint256 committedAtBlock, uint256 blockNumber);
    error CommitmentExpired(uint256 committedAtBlock, uint256 blockNumber);
    error ServiceUnknown(uint256 serviceId);
    error NotServiceOwner(uint256 serviceId, address account, address owner);
    error ManifestHashZero();
    error ManifestPublished(uint256 serviceId, bytes32 manifestHash, uint256 index);
    error UriTooLong(uint256 length, uint256 maximum);
    error VersionUnknown(uint256 serviceId, uint256 index);
    error NothingPublished(uint256 serviceId);
    error KindInvalid(uint8 kind);
    error DurationInvalid(uint40 duration, uint256 minimum, uint256 maximum);
    error CloseDelayInvalid(uint40 closeDelay, uint256 minimum, uint256 maximum);
    error PricePerEventOnPass(uint128 pricePerEvent);
    error AuthorShareOnPass(uint16 authorBps);
    error SeatsInvalid(uint16 seats, uint256 minimum, uint256 maximum);
    error SharesTooHigh(uint256 bps, uint256 maximum);
    error OfferBornExpired(uint40 validUntil, uint256 timestamp);
    error OfferUnknown(uint256 serviceId, uint256 offerIndex);
    error OfferIsDisabled(uint256 serviceId, uint256 offerIndex);
    error OfferExpired(uint40 validUntil, uint256 timestamp);

    /// @notice Promise to register a name. Needed before `register`, so that nobody who sees that call can be first.
    /// @param commitment keccak256(abi.encode(sid, owner, salt)), where owner will send `register`.
    /// @dev A pending commitment cannot be renewed: else anyone could keep it too young for ever.
    function commit(bytes32 commitment) external;

    /// @notice Take the promised name, at least `commitmentBlocksMin` and at most 7200 blocks after `commit`.
    /// @param sid 1 to 63 bytes: labels of [a-z0-9_-] separated by dots.
    /// @param salt What made the commitment unguessable.
    /// @param maxFee The most the sender agrees to pay; `registrationFee` tokens go to the treasury.
    /// @return serviceId keccak256(bytes(sid)), owned by the sender.
    function register(string calldata sid, bytes32 salt, uint256 maxFee) external returns (uint256 serviceId);

    /// @notice What a name costs now. It rises with every name taken and falls back with time, so that one name is
    /// cheap and ten thousand at once are not.
    function registrationFee() external view returns (uint256);

    /// @notice Publish a version; only the owner of the Service. A manifest hash can be published once.
    /// @return index The version's position, from 0.
    function publishVersion(uint256 serviceId, bytes32 manifestHash, bytes32 packageHash, string calldata uri)
        external
        returns (uint256 index);

    /// @notice Offer the Service under terms that never change; only the owner, once a version is published.
    /// @return offerIndex The offer's position, from 0.
    function createOffer(uint256 serviceId, OfferTerms calldata terms) external returns (uint32 offerIndex);

    /// @notice End the sale of an offer for ever; only the owner of the Service.
    function disableOffer(uint256 serviceId, uint32 offerIndex) external;

    /// @notice The terms of an offer that can be bought now; reverts if it is unknown, disabled or expired.
    /// @return terms The terms.
    /// @return offerHash keccak256(abi.encode(serviceId, offerIndex, terms)).
    function liveOffer(uint256 serviceId, uint32 offerIndex)
        external
        view
        returns (OfferTerms memory terms, bytes32 offerHash);

    /// @notice What a channel under a metered offer must repeat; reverts as `liveOffer`. The other answers mean
    /// nothing if the kind is another.
    function liveMetered(uint256 serviceId, uint32 offerIndex)
        external
        view
        returns (
            uint8 kind,
            bytes32 offerHash,
            uint16 authorBps,
            uint16 treasuryBps,
            uint16 referrerBps,
            uint40 closeDelay
        );

    /// @notice What a pass costs now; reverts as `liveOffer`. The price means nothing if the kind is another.
    function livePass(uint256 serviceId, uint32 offerIndex)
        external
        view
        returns (uint8 kind, bytes32 offerHash, uint128 price, uint40 duration, uint16 treasuryBps, uint16 referrerBps);

    /// @notice What a pass of any offer ever made costs, for how long, and how it is shared.
    function passPrice(uint256 serviceId, uint32 offerIndex) external view returns (PassPrice memory);

    /// @notice How many accounts may use one pass of an offer, its holder included.
    function seatsOf(uint256 serviceId, uint32 offerIndex) external view returns (uint16);

    /// @notice The terms of any offer ever made, whether it is disabled, and its hash.
    function offer(uint256 serviceId, uint32 offerIndex)
        external
        view
        returns (OfferTerms memory terms, bool disabled, bytes32 offerHash);

    /// @notice How many offers the Service ever had.
    function offersLength(uint256 serviceId) external view returns (uint256);

    /// @notice One version of the Service.
    function version(uint256 serviceId, uint256 index) external view returns (Version memory);

    /// @notice How many versions the Service has.
    function versionsLength(uint256 serviceId) external view returns (uint256);

    /// @notice Where the manifest was published, and whether it was.
    function versionOf(uint256 serviceId, bytes32 manifestHash) external view returns (bool published, uint256 index);

    /// @notice The name of a Service; reverts if there is none.
    function sidOf(uint256 serviceId) external view returns (string memory);

    /// @notice The id a sid has, or would have.
    function serviceIdOf(string calldata sid) external pure returns (uint256);

    /// @notice The block in which a pending commitment was made; 0 if there is none.
    function committedAt(bytes32 commitment) external view returns (uint256);

    /// @notice How many blocks old a commitment must be: as many has a revealed name before anybody else can take it.
    function commitmentBlocksMin() external view returns (uint256);

    /// @notice The token that names are paid in.
    function token() external view returns (IERC20);

    /// @notice Who gets what names cost.
    function treasury() external view returns (address);

    /// @notice How many Services there are.
    function servicesLength() external view returns (uint256);

    /// @notice At most `limit` (and at most 100) Services from position `offset`, oldest first.
    function services(uint256 offset, uint256 limit) external view returns (Summary[] memory);
}
