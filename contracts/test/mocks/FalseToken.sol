// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token that answers false, where others revert, once it was told to refuse.
contract FalseToken is ERC20 {
    bool private _refuses;

    constructor(address holder) ERC20("False", "FALSE") {
        _mint(holder, 1000e18);
    }

    function refuse(bool refuses) external {
        _refuses = refuses;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        return !_refuses && super.transfer(to, value);
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        return !_refuses && super.transferFrom(from, to, value);
    }
}
