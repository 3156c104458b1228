// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NameFee} from "../../src/libraries/NameFee.sol";
import {Base} from "../Base.sol";

contract NameFeeFuzzTest is Base {
    function testFuzzItNeverRisesWithTime(uint128 fee, uint40 sold, uint32 some, uint32 more) public pure {
        NameFee.Last memory last = NameFee.Last(fee, sold);
        uint256 early = NameFee.current(last, uint256(sold) + some);
        uint256 late = NameFee.current(last, uint256(sold) + some + more);
        assert(late <= early && late >= 1e18);
        assert(early <= fee || early == 1e18);
    }

    function testFuzzItHalvesByTheHour(uint128 fee, uint40 sold, uint8 hours_) public pure {
        uint256 halved = hours_ < 128 ? uint256(fee) >> hours_ : 0;
        uint256 current = NameFee.current(NameFee.Last(fee, sold), uint256(sold) + uint256(hours_) * 1 hours);
        eq(current, halved < 1e18 ? 1e18 : halved);
    }

    function testFuzzANameRaisesItByA200thAndNothingOverflows(uint128 fee, uint40 timestamp) public pure {
        NameFee.Last memory next = NameFee.raised(fee, timestamp);
        uint256 dearer = uint256(fee) + fee / 200;
        eq(next.fee, dearer > type(uint128).max ? type(uint128).max : dearer);
        eq(next.timestamp, timestamp);
        NameFee.current(next, type(uint40).max);
    }
}
