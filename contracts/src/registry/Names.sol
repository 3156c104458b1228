// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IServiceRegistry} from "../interfaces/IServiceRegistry.sol";
import {NameFee} from "../libraries/NameFee.sol";
import {Sid} from "../libraries/Sid.sol";

/// @title Who owns which name: promised, revealed and paid for; an ERC-721 token each.
abstract contract Names is ERC721, IServiceRegistry {
    using SafeERC20 for IERC20;

    /// @notice Blocks after which a commitment is void (a day of 12-second blocks).
    uint256 public constant COMMITMENT_BLOCKS_MAX = 7200;

    /// @inheritdoc IServiceRegistry
    IERC20 public immutable override token;
    /// @inheritdoc IServiceRegistry
    address public immutable override treasury;

    /// @inheritdoc IServiceRegistry
    uint256 public immutable override commitmentBlocksMin;

    /// @inheritdoc IServiceRegistry
    mapping(bytes32 commitment => uint256 blockNumber) public override committedAt;
    NameFee.Last private _lastFee;
    uint256[] internal _services;
    mapping(uint256 serviceId => string) internal _sids;

    constructor(IERC20 token_, address treasury_, uint256 commitmentBlocksMin_) {
        if (address(token_) == address(0) || treasury_ == address(0)) revert AddressZero();
        if (commitmentBlocksMin_ == 0 || commitmentBlocksMin_ > COMMITMENT_BLOCKS_MAX) {
            revert CommitmentBlocksInvalid(commitmentBlocksMin_, 1, COMMITMENT_BLOCKS_MAX);
        }
        token = token_;
        treasury = treasury_;
        commitmentBlocksMin = commitmentBlocksMin_;
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

    function _consume(bytes32 commitment) private {
        uint256 madeAt = committedAt[commitment];
        // 0 is no block in which anything was promised.
        // slither-disable-next-line incorrect-equality
        if (madeAt == 0) revert CommitmentMissing(commitment);
        if (block.number < madeAt + commitmentBlocksMin) revert CommitmentTooYoung(madeAt, block.number);
        if (block.number > madeAt + COMMITMENT_BLOCKS_MAX) revert CommitmentExpired(madeAt, block.number);
        delete committedAt[commitment];
    }

    function _existingOwner(uint256 serviceId) private view returns (address owner) {
        owner = _ownerOf(serviceId);
        if (owner == address(0)) revert ServiceUnknown(serviceId);
    }
}
