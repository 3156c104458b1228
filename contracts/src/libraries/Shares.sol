// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title How an amount is divided, exact to the unit.
library Shares {
    uint256 internal constant BPS = 10_000;

    struct Parts {
        uint256 author;
        uint256 treasury;
        uint256 referrer;
        uint256 operator;
    }

    /// @notice What each party gets of what was paid between two cumulative totals.
    /// @dev Every part is a function of the total that never falls, and they add up to it: many small claims pay
    /// exactly what one big claim pays. Rounding each part by itself would not do: three of them can rise by one
    /// when the total does, and what is left for the operator would be negative.
    function between(uint256 before, uint256 total, uint256 author, uint256 treasury, uint256 referrer)
        internal
        pure
        returns (Parts memory parts)
    {
        parts = divide(total, author, treasury, referrer);
        if (before == 0) return parts;
        Parts memory old = divide(before, author, treasury, referrer);
        unchecked {
            // No part falls while the total rises.
            parts.author -= old.author;
            parts.treasury -= old.treasury;
            parts.referrer -= old.referrer;
            parts.operator -= old.operator;
        }
    }

    /// @notice Divide a total in two, and the rest in two again; the bps must add up to at most 10 000.
    function divide(uint256 total, uint256 author, uint256 treasury, uint256 referrer)
        internal
        pure
        returns (Parts memory parts)
    {
        unchecked {
            // Totals fit 128 bits and the bps add up to at most 10 000: nothing here can overflow.
            uint256 shared = total * (author + treasury + referrer) / BPS;
            parts.operator = total - shared;
            parts.author = _part(shared, author, treasury + referrer);
            parts.treasury = _part(shared - parts.author, treasury, referrer);
            parts.referrer = shared - parts.author - parts.treasury;
        }
    }

    function _part(uint256 units, uint256 mine, uint256 others) private pure returns (uint256) {
        unchecked {
            return mine == 0 ? 0 : units * mine / (mine + others);
        }
    }
}
