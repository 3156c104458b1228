// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IServiceRegistry} from "./interfaces/IServiceRegistry.sol";
import {NameFee} from "./libraries/NameFee.sol";
import {Offers} from "./libraries/Offers.sol";
import {Sid} from "./libraries/Sid.sol";

/// @title What is for sale. Holds no money (what names cost goes straight to the treasury) and has no administrator.
contract ServiceRegistry is ERC721, IServiceRegistry {
    using SafeERC20 for IERC20;

    /// @notice Blocks after which a commitment is void (a day of 12-second blocks).
    uint256 public constant COMMITMENT_BLOCKS_MAX = 7200;
    /// @notice Longest URI of a version: enough for any hash-addressed location, too short to store data in.
    uint256 public constant URI_BYTES_MAX = 512;
    /// @notice Longest page of the listing, so that it fits the gas of any node's eth_call.
    uint256 public constant PAGE_MAX = 100;

    /// @inheritdoc IServiceRegistry
    IERC20 public immutable override token;
    /// @inheritdoc IServiceRegistry
    address public immutable override treasury;

    /// @inheritdoc IServiceRegistry
    mapping(bytes32 commitment => uint256 blockNumber) public override committedAt;
    NameFee.Last private _lastFee;
    uint256[] private _services;
    mapping(uint256 serviceId => string) private _sids;
    mapping(uint256 serviceId => Version[]) private _versions;
    mapping(uint256 serviceId => mapping(bytes32 manifestHash => uint256 indexPlusOne)) private _versionOf;
    mapping(uint256 serviceId => uint32) private _offersLength;
    mapping(uint256 serviceId => mapping(uint32 offerIndex => Offers.Offer)) private _offers;

    /// @param token_ What names are paid in.
    /// @param treasury_ Who is paid for them.
    constructor(IERC20 token_, address treasury_) ERC721("MESG Service", "MESGS") {
        if (address(token_) == address(0) || treasury_ == address(0)) revert AddressZero();
        token = token_;
        treasury = treasury_;
    }

    modifier onlyServiceOwner(uint256 serviceId) {
        address owner = _existingOwner(serviceId);
        if (msg.sender != owner) revert NotServiceOwner(serviceId, msg.sender, owner);
        _;
    }

    /// @inheritdoc IServiceRegistry
    function commit(bytes32 commitment) external {
        uint256 madeAt = committedAt[commitment];
        if (madeAt != 0 && block.number <= madeAt + COMMITMENT_BLOCKS_MAX) {
            revert CommitmentPending(commitment, madeAt);
        }
        committedAt[commitment] = block.number;
        emit Committed(commitment, msg.sender);
    }

    /// @inheritdoc IServiceRegistry
    function register(string calldata sid, bytes32 salt, uint256 maxFee) external returns (uint256 serviceId) {
        (bool valid, uint256 position) = Sid.check(sid);
        if (!valid) revert SidInvalid(sid, position);
        _consume(keccak256(abi.encode(sid, msg.sender, salt)));
        serviceId = serviceIdOf(sid);
        if (_ownerOf(serviceId) != address(0)) revert SidTaken(sid);
        uint256 fee = registrationFee();
        if (fee > maxFee) revert FeeTooHigh(fee, maxFee);
        _lastFee = NameFee.raised(fee, block.timestamp);
        _services.push(serviceId);
        _sids[serviceId] = sid;
        emit ServiceRegistered(serviceId, sid, msg.sender, fee);
        _mint(msg.sender, serviceId);
        token.safeTransferFrom(msg.sender, treasury, fee);
    }

    /// @inheritdoc IServiceRegistry
    function registrationFee() public view returns (uint256) {
        return NameFee.current(_lastFee, block.timestamp);
    }

    /// @inheritdoc IServiceRegistry
    function publishVersion(uint256 serviceId, bytes32 manifestHash, bytes32 packageHash, string calldata uri)
        external
        onlyServiceOwner(serviceId)
        returns (uint256 index)
    {
        if (manifestHash == 0) revert ManifestHashZero();
        if (bytes(uri).length > URI_BYTES_MAX) revert UriTooLong(bytes(uri).length, URI_BYTES_MAX);
        uint256 known = _versionOf[serviceId][manifestHash];
        if (known != 0) revert ManifestPublished(serviceId, manifestHash, known - 1);
        index = _versions[serviceId].length;
        _versionOf[serviceId][manifestHash] = index + 1;
        _versions[serviceId].push(Version(manifestHash, packageHash, uint40(block.timestamp), uri));
        emit VersionPublished(serviceId, index, manifestHash, packageHash, uri);
    }

    /// @inheritdoc IServiceRegistry
    function createOffer(uint256 serviceId, OfferTerms calldata terms)
        external
        onlyServiceOwner(serviceId)
        returns (uint32 offerIndex)
    {
        if (_versions[serviceId].length == 0) revert NothingPublished(serviceId);
        Offers.check(terms);
        offerIndex = _offersLength[serviceId]++;
        _offers[serviceId][offerIndex] = Offers.pack(terms);
        emit OfferCreated(serviceId, offerIndex, Offers.hash(serviceId, offerIndex, terms), terms);
    }

    /// @inheritdoc IServiceRegistry
    function disableOffer(uint256 serviceId, uint32 offerIndex) external onlyServiceOwner(serviceId) {
        if (_existingOffer(serviceId, offerIndex).disabled) revert OfferIsDisabled(serviceId, offerIndex);
        _offers[serviceId][offerIndex].disabled = true;
        emit OfferDisabled(serviceId, offerIndex);
    }

    /// @inheritdoc IServiceRegistry
    function liveOffer(uint256 serviceId, uint32 offerIndex)
        external
        view
        returns (OfferTerms memory terms, bytes32 offerHash)
    {
        terms = Offers.unpack(_liveOffer(serviceId, offerIndex));
        offerHash = Offers.hash(serviceId, offerIndex, terms);
    }

    /// @inheritdoc IServiceRegistry
    function liveMetered(uint256 serviceId, uint32 offerIndex)
        external
        view
        returns (uint8, bytes32, uint16, uint16, uint16, uint40)
    {
        Offers.Offer storage stored = _liveOffer(serviceId, offerIndex);
        return (
            stored.kind,
            Offers.hashStored(serviceId, offerIndex, stored),
            stored.authorBps,
            stored.treasuryBps,
            stored.referrerBps,
            stored.closeDelay
        );
    }

    /// @inheritdoc IServiceRegistry
    function livePass(uint256 serviceId, uint32 offerIndex)
        external
        view
        returns (uint8, bytes32, uint128, uint40, uint16, uint16)
    {
        Offers.Offer storage stored = _liveOffer(serviceId, offerIndex);
        return (
            stored.kind,
            Offers.hashStored(serviceId, offerIndex, stored),
            stored.price,
            stored.duration,
            stored.treasuryBps,
            stored.referrerBps
        );
    }

    /// @inheritdoc IServiceRegistry
    function passPrice(uint256 serviceId, uint32 offerIndex) external view returns (PassPrice memory) {
        return Offers.passPrice(_existingOffer(serviceId, offerIndex));
    }

    /// @inheritdoc IServiceRegistry
    function seatsOf(uint256 serviceId, uint32 offerIndex) external view returns (uint16) {
        return _existingOffer(serviceId, offerIndex).seats;
    }

    /// @inheritdoc IServiceRegistry
    function offer(uint256 serviceId, uint32 offerIndex)
        external
        view
        returns (OfferTerms memory terms, bool disabled, bytes32 offerHash)
    {
        Offers.Offer storage stored = _existingOffer(serviceId, offerIndex);
        terms = Offers.unpack(stored);
        disabled = stored.disabled;
        offerHash = Offers.hash(serviceId, offerIndex, terms);
    }

    /// @inheritdoc IServiceRegistry
    function offersLength(uint256 serviceId) external view returns (uint256) {
        return _offersLength[serviceId];
    }

    /// @inheritdoc IServiceRegistry
    function version(uint256 serviceId, uint256 index) external view returns (Version memory) {
        if (index >= _versions[serviceId].length) revert VersionUnknown(serviceId, index);
        return _versions[serviceId][index];
    }

    /// @inheritdoc IServiceRegistry
    function versionsLength(uint256 serviceId) external view returns (uint256) {
        return _versions[serviceId].length;
    }

    /// @inheritdoc IServiceRegistry
    function versionOf(uint256 serviceId, bytes32 manifestHash) external view returns (bool published, uint256 index) {
        uint256 known = _versionOf[serviceId][manifestHash];
        return known == 0 ? (false, 0) : (true, known - 1);
    }

    /// @inheritdoc IServiceRegistry
    function sidOf(uint256 serviceId) external view returns (string memory) {
        _existingOwner(serviceId);
        return _sids[serviceId];
    }

    /// @inheritdoc IServiceRegistry
    function serviceIdOf(string calldata sid) public pure returns (uint256) {
        return uint256(keccak256(bytes(sid)));
    }

    /// @inheritdoc IServiceRegistry
    function servicesLength() external view returns (uint256) {
        return _services.length;
    }

    /// @inheritdoc IServiceRegistry
    function services(uint256 offset, uint256 limit) external view returns (Summary[] memory page) {
        uint256 left = offset < _services.length ? _services.length - offset : 0;
        if (limit > PAGE_MAX) limit = PAGE_MAX;
        page = new Summary[](limit < left ? limit : left);
        for (uint256 i; i < page.length; ++i) {
            uint256 id = _services[offset + i];
            page[i] = Summary(id, _sids[id], _ownerOf(id), _versions[id].length, _offersLength[id]);
        }
    }

    function _consume(bytes32 commitment) private {
        uint256 madeAt = committedAt[commitment];
        if (madeAt == 0) revert CommitmentMissing(commitment);
        if (block.number <= madeAt) revert CommitmentTooYoung(madeAt, block.number);
        if (block.number > madeAt + COMMITMENT_BLOCKS_MAX) revert CommitmentExpired(madeAt, block.number);
        delete committedAt[commitment];
    }

    function _existingOwner(uint256 serviceId) private view returns (address owner) {
        owner = _ownerOf(serviceId);
        if (owner == address(0)) revert ServiceUnknown(serviceId);
    }

    function _liveOffer(uint256 serviceId, uint32 offerIndex) private view returns (Offers.Offer storage stored) {
        stored = _existingOffer(serviceId, offerIndex);
        if (stored.disabled) revert OfferIsDisabled(serviceId, offerIndex);
        if (stored.validUntil != 0 && stored.validUntil < block.timestamp) {
            revert OfferExpired(stored.validUntil, block.timestamp);
        }
    }

    function _existingOffer(uint256 serviceId, uint32 offerIndex) private view returns (Offers.Offer storage stored) {
        stored = _offers[serviceId][offerIndex];
        // A metered offer has a close delay and a pass a duration: no stored offer has neither.
        if (stored.duration == 0 && stored.closeDelay == 0) revert OfferUnknown(serviceId, offerIndex);
    }
}
