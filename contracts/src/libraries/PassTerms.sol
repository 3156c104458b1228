// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../interfaces/IServiceRegistry.sol";
import {Shares} from "./Shares.sol";

/// @title What passes under an offer cost and hold; a pure function of the immutable terms and of time.
library PassTerms {
    /// @dev What seconds of a pass hold for each side; both fall to 0 with time and never rise.
    struct Held {
        uint256 author;
        uint256 treasury;
    }

    /// @notice The part of the price that is earned at once: the referrer's, and the author's without one.
    function upfront(IServiceRegistry.PassPrice memory price) internal pure returns (uint256) {
        return price.referrerBps == 0 ? 0 : _parts(price).referrer;
    }

    /// @notice What the given seconds hold. Whole durations hold exactly that many prices less their upfront parts.
    /// @dev A function of the seconds left, so that many settlements credit exactly what one does.
    function held(IServiceRegistry.PassPrice memory price, uint256 secondsLeft) internal pure returns (Held memory) {
        Shares.Parts memory parts = _parts(price);
        return Held({
            author: parts.operator * secondsLeft / price.duration,
            treasury: parts.treasury * secondsLeft / price.duration
        });
    }

    /// @dev Nobody operates a pass: the author gets what treasury and referrer do not.
    function _parts(IServiceRegistry.PassPrice memory price) private pure returns (Shares.Parts memory) {
        return Shares.divide(price.price, 0, price.treasuryBps, price.referrerBps);
    }
}
