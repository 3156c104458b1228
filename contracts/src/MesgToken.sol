// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title The MESG token: a fixed supply that nobody can change, pause or freeze.
contract MesgToken is ERC20, ERC20Permit {
    /// @notice Every token there will ever be: 250 million, with 18 decimals.
    uint256 public constant SUPPLY = 250_000_000e18;

    /// @param recipient Who receives the whole supply, once.
    constructor(address recipient) ERC20("MESG", "MESG") ERC20Permit("MESG") {
        _mint(recipient, SUPPLY);
    }
}
