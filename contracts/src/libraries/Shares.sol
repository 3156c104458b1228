// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title How an amount is divided, exact to the unit.
library Shares {
    uint256 internal constant BPS = 10_000;

    /// @notice A party's part of what was paid between two cumulative totals.
    /// @dev Computed on totals, so many small claims pay exactly what one big claim pays.
    function part(uint256 before, uint256 total, uint256 bps) internal pure returns (uint256) {
        return total * bps / BPS - before * bps / BPS;
    }
}
