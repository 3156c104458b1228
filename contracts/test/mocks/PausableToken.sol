// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Pausable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Pausable.sol";

/// @title A token like MESG's of 2019: its owner can pause it, and it knows no permit.
contract PausableToken is ERC20Pausable {
    constructor(address holder) ERC20("MESG Token", "MESG") {
        _mint(holder, 250_000_000e18);
    }

    function pause() external {
        _pause();
    }

    function unpause() external {
        _unpause();
    }
}
