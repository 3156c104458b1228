// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token that calls sender and recipient in the middle of a transfer, as ERC-777 does.
contract CallingToken is ERC20 {
    mapping(address account => bool) private _told;

    constructor(address holder) ERC20("Calling", "CALL") {
        _mint(holder, 1000e18);
    }

    /// Tell an account from now on.
    function tell(address account) external {
        _told[account] = true;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (_told[from]) ITransferHook(from).tokensToSend();
        super._update(from, to, value);
        if (_told[to]) ITransferHook(to).tokensReceived();
    }
}

/// What a holder is told.
interface ITransferHook {
    function tokensToSend() external;
    function tokensReceived() external;
}
