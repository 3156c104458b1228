// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token that gives anybody any amount: for an address at which nothing can be deployed.
contract OpenToken is ERC20("Open", "OPEN") {
    function give(address account, uint256 amount) external {
        _mint(account, amount);
    }
}
