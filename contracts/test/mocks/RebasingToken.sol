// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token whose balances change without a transfer: all of them, by the same factor.
contract RebasingToken is ERC20 {
    uint256 private _percent = 100;

    constructor(address holder) ERC20("Rebasing", "REBASE") {
        _mint(holder, 1000e18);
    }

    function rebase(uint256 percent) external {
        _percent = percent;
    }

    function balanceOf(address account) public view override returns (uint256) {
        return super.balanceOf(account) * _percent / 100;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value * 100 / _percent);
    }
}
