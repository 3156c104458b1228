// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IMesgPay} from "../interfaces/IMesgPay.sol";
import {IServiceRegistry} from "../interfaces/IServiceRegistry.sol";

/// @title Who holds what: the only part that moves tokens.
abstract contract Accounts is IMesgPay, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @inheritdoc IMesgPay
    IERC20 public immutable override token;
    /// @inheritdoc IMesgPay
    IServiceRegistry public immutable override registry;
    /// @inheritdoc IMesgPay
    address public immutable override treasury;

    /// @inheritdoc IMesgPay
    mapping(address account => uint256) public override vaultOf;
    /// @inheritdoc IMesgPay
    mapping(address account => uint256) public override earnedBy;
    /// @inheritdoc IMesgPay
    mapping(uint256 serviceId => uint256) public override earnedByService;

    constructor(IERC20 token_, IServiceRegistry registry_, address treasury_) {
        if (address(token_) == address(0) || address(registry_) == address(0) || treasury_ == address(0)) {
            revert AddressZero();
        }
        token = token_;
        registry = registry_;
        treasury = treasury_;
    }

    /// @inheritdoc IMesgPay
    function deposit(uint256 amount) external nonReentrant {
        if (amount == 0) revert AmountZero();
        vaultOf[msg.sender] += amount;
        emit Deposited(msg.sender, amount);
        _pull(amount);
    }

    /// @inheritdoc IMesgPay
    function withdraw(uint256 amount, address to) external nonReentrant {
        if (amount == 0) revert AmountZero();
        _spendVault(amount);
        emit Withdrawn(msg.sender, to, amount);
        _send(to, amount);
    }

    /// @inheritdoc IMesgPay
    function collect(address to) external nonReentrant returns (uint256 amount) {
        amount = earnedBy[msg.sender];
        if (amount == 0) revert NothingEarned();
        earnedBy[msg.sender] = 0;
        emit Collected(msg.sender, to, amount);
        _send(to, amount);
    }

    /// @inheritdoc IMesgPay
    function collectService(uint256 serviceId, address to) external nonReentrant returns (uint256 amount) {
        address owner = registry.ownerOf(serviceId);
        if (msg.sender != owner) revert NotServiceOwner(serviceId, msg.sender, owner);
        amount = earnedByService[serviceId];
        if (amount == 0) revert NothingEarned();
        earnedByService[serviceId] = 0;
        emit ServiceCollected(serviceId, owner, to, amount);
        _send(to, amount);
    }

    /// @dev A token that delivers another amount than was asked for is refused.
    modifier receives(uint256 amount) {
        uint256 before = token.balanceOf(address(this));
        _;
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert ReceivedOther(amount, received);
    }

    /// @dev What this contract sends to itself would be nobody's.
    function _send(address to, uint256 amount) private {
        if (to == address(this)) revert RecipientInvalid(to);
        token.safeTransfer(to, amount);
    }

    /// @dev Take tokens from the sender's wallet.
    function _pull(uint256 amount) internal {
        if (amount != 0) _transferIn(amount);
    }

    function _transferIn(uint256 amount) private receives(amount) {
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @dev Take from the sender's vault.
    function _spendVault(uint256 amount) internal {
        uint256 balance = vaultOf[msg.sender];
        if (balance < amount) revert VaultTooLow(msg.sender, balance, amount);
        unchecked {
            vaultOf[msg.sender] = balance - amount;
        }
    }

    /// @dev Zero parts cost no storage write.
    function _credit(address account, uint256 amount) internal {
        if (amount != 0) earnedBy[account] += amount;
    }

    /// @dev The author's part belongs to the Service: whoever owns it when it is collected gets it.
    function _creditService(uint256 serviceId, uint256 amount) internal {
        if (amount != 0) earnedByService[serviceId] += amount;
    }
}
