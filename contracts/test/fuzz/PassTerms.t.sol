// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../../src/interfaces/IServiceRegistry.sol";
import {PassTerms} from "../../src/libraries/PassTerms.sol";
import {Base} from "../Base.sol";

contract PassTermsFuzzTest is Base {
    function shaped(uint128 price, uint40 duration, uint16[2] memory bps)
        internal
        pure
        returns (IServiceRegistry.PassPrice memory)
    {
        uint16 treasuryBps = uint16(bound(bps[0], 0, 10_000));
        uint16 referrerBps = uint16(bound(bps[1], 0, 10_000 - treasuryBps));
        return IServiceRegistry.PassPrice(price, uint40(bound(duration, 1, 36_525 days)), treasuryBps, referrerBps);
    }

    function testFuzzWholeDurationsHoldWholePrices(uint128 price, uint40 duration, uint16[2] memory bps, uint8 times)
        public
        pure
    {
        IServiceRegistry.PassPrice memory chosen = shaped(price, duration, bps);
        PassTerms.Held memory held = PassTerms.held(chosen, uint256(chosen.duration) * times);
        eq(held.author + held.treasury + PassTerms.upfront(chosen) * times, uint256(price) * times);
    }

    function testFuzzWhatIsHeldOnlyFallsWithTime(
        uint128 price,
        uint40 duration,
        uint16[2] memory bps,
        uint40[2] memory left
    ) public pure {
        IServiceRegistry.PassPrice memory chosen = shaped(price, duration, bps);
        if (left[0] > left[1]) (left[0], left[1]) = (left[1], left[0]);
        PassTerms.Held memory less = PassTerms.held(chosen, left[0]);
        PassTerms.Held memory more = PassTerms.held(chosen, left[1]);
        assert(less.author <= more.author && less.treasury <= more.treasury);
        PassTerms.Held memory none = PassTerms.held(chosen, 0);
        eq(none.author + none.treasury, 0);
    }
}
