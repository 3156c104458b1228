// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The grammar of Service names: labels of [a-z0-9_-] separated by dots, 1 to 63 bytes in all.
library Sid {
    /// @dev As long as a DNS label, so that any sid can be one.
    uint256 internal constant BYTES_MAX = 63;

    /// @return valid Whether the text is a sid.
    /// @return position Where it stops being one.
    function check(string calldata sid) internal pure returns (bool valid, uint256 position) {
        bytes calldata text = bytes(sid);
        if (text.length > BYTES_MAX) return (false, BYTES_MAX);
        // It begins closed.
        // slither-disable-next-line uninitialized-local
        bool labelOpen;
        for (uint256 i; i < text.length; ++i) {
            bytes1 character = text[i];
            if (character == ".") {
                if (!labelOpen) return (false, i);
                labelOpen = false;
            } else if (_inLabel(character)) {
                labelOpen = true;
            } else {
                return (false, i);
            }
        }
        return (labelOpen, text.length);
    }

    function _inLabel(bytes1 character) private pure returns (bool) {
        return (character >= "a" && character <= "z") || (character >= "0" && character <= "9") || character == "-"
            || character == "_";
    }
}
