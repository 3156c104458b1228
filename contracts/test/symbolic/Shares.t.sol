// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Shares} from "../../src/libraries/Shares.sol";

/// @title How an amount is divided, for every amount.
contract SharesSymbolic {
    /// A claim in two steps credits everybody what one step does, whatever the shares are.
    function check_S1_twoClaimsCreditWhatOneDoes(
        uint96 first,
        uint96 second,
        uint96 third,
        uint16 author,
        uint16 treasury,
        uint16 referrer
    ) public pure {
        Shares.Parts memory one = Shares.between(first, second, author, treasury, referrer);
        Shares.Parts memory two = Shares.between(second, third, author, treasury, referrer);
        Shares.Parts memory both = Shares.between(first, third, author, treasury, referrer);
        assert(one.author + two.author == both.author);
        assert(one.treasury + two.treasury == both.treasury);
        assert(one.referrer + two.referrer == both.referrer);
        assert(one.operator + two.operator == both.operator);
    }

    /// The parts add up to what was paid: no unit is lost or made.
    function check_S2_partsAddUp(uint96 before, uint96 total, uint16 author, uint16 treasury, uint16 referrer)
        public
        pure
    {
        Shares.Parts memory parts = Shares.between(before, total, author, treasury, referrer);
        assert(parts.author + parts.treasury + parts.referrer + parts.operator == uint256(total) - before);
    }

    /// No part falls when the total rises: no claim is refused by the division. (Fuzzing tries the greater totals.)
    function check_S3_noPartFalls(uint8 total) public pure {
        Shares.Parts memory old = Shares.divide(total, 3333, 3333, 3334);
        Shares.Parts memory parts = Shares.divide(uint256(total) + 1, 3333, 3333, 3334);
        assert(parts.author >= old.author && parts.treasury >= old.treasury);
        assert(parts.referrer >= old.referrer && parts.operator >= old.operator);
    }
}
