// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Shares} from "../../src/libraries/Shares.sol";
import {Base} from "../Base.sol";

contract SharesFuzzTest is Base {
    function shares(uint16[3] memory bps) internal pure returns (uint256 author, uint256 treasury, uint256 referrer) {
        author = bound(bps[0], 0, 10_000);
        treasury = bound(bps[1], 0, 10_000 - author);
        referrer = bound(bps[2], 0, 10_000 - author - treasury);
    }

    function testFuzzPartsAddUp(uint128 total, uint16[3] memory bps) public pure {
        (uint256 author, uint256 treasury, uint256 referrer) = shares(bps);
        Shares.Parts memory parts = Shares.divide(total, author, treasury, referrer);
        eq(parts.author + parts.treasury + parts.referrer + parts.operator, total);
        within(parts.author, uint256(total) * author / 10_000, 1);
        within(parts.treasury, uint256(total) * treasury / 10_000, 2);
        within(parts.referrer, uint256(total) * referrer / 10_000, 2);
        if (author == 0) eq(parts.author, 0);
        if (treasury == 0) eq(parts.treasury, 0);
        if (referrer == 0) eq(parts.referrer, 0);
    }

    function testFuzzNoPartFallsWhenTheTotalRisesByOne(uint128 total, uint16[3] memory bps) public pure {
        (uint256 author, uint256 treasury, uint256 referrer) = shares(bps);
        eqRise(Shares.between(total, uint256(total) + 1, author, treasury, referrer), 1);
    }

    function testFuzzNoPartFallsWhenTheTotalRises(uint128 before, uint128 after_, uint16[3] memory bps) public pure {
        (uint256 author, uint256 treasury, uint256 referrer) = shares(bps);
        if (before > after_) (before, after_) = (after_, before);
        eqRise(Shares.between(before, after_, author, treasury, referrer), after_ - before);
    }

    /// A part that fell would show as a huge one: they are subtracted unchecked.
    function eqRise(Shares.Parts memory parts, uint256 rise) internal pure {
        assert(parts.author <= rise && parts.treasury <= rise && parts.referrer <= rise && parts.operator <= rise);
        eq(parts.author + parts.treasury + parts.referrer + parts.operator, rise);
    }
}
