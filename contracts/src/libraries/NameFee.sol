// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a name costs: more with every name taken, half as much with every quiet hour, never nothing.
/// @dev Nobody sets it. In each hour 139 names at once, or 100 spread over it (each begins the line anew), keep it
/// where it is; a thousand at once raise it 146 times.
library NameFee {
    /// @dev One token: what a name costs when nobody else wants one.
    uint256 internal constant MINIMUM = 1e18;
    /// @dev Every name taken makes the next one dearer by a 200th.
    uint256 internal constant STEP_DIVISOR = 200;
    uint256 internal constant HALF_LIFE = 1 hours;

    /// @dev One slot.
    struct Last {
        uint128 fee;
        uint40 timestamp;
    }

    /// @notice The fee at a time, by halving and, within the hour, in a straight line.
    function current(Last memory last, uint256 timestamp) internal pure returns (uint256 fee) {
        uint256 elapsed = timestamp - last.timestamp;
        fee = last.fee >> (elapsed / HALF_LIFE);
        // Half a unit is nothing to a fee of a token.
        // slither-disable-next-line divide-before-multiply
        fee -= (fee / 2) * (elapsed % HALF_LIFE) / HALF_LIFE;
        if (fee < MINIMUM) fee = MINIMUM;
    }

    /// @notice What to remember once a name was sold for `fee`.
    function raised(uint256 fee, uint256 timestamp) internal pure returns (Last memory) {
        uint256 next = fee + fee / STEP_DIVISOR;
        return Last(next > type(uint128).max ? type(uint128).max : uint128(next), uint40(timestamp));
    }
}
