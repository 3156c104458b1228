// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {Base} from "../../Base.sol";

contract NameFeesTest is Base {
    uint256 private _names;

    function setUp() public {
        deploy();
        allowNames(AUTHOR, 1e24);
    }

    function take(uint256 count) internal {
        for (uint256 i; i < count; ++i) {
            register(AUTHOR, string.concat("name", Strings.toString(_names++)));
        }
    }

    function testTheFirstNameCostsOneToken() public view {
        eq(registry.registrationFee(), 1e18);
    }

    function testEveryNameMakesTheNextOneDearerByA200th() public {
        take(1);
        eq(registry.registrationFee(), 1.005e18);
        take(1);
        eq(registry.registrationFee(), 1.010025e18);
        take(1);
        eq(registry.registrationFee(), 1.015075125e18);
        eq(token.balanceOf(TREASURY), 1e18 + 1.005e18 + 1.010025e18);
    }

    function testTheFeeHalvesWithEveryQuietHour() public {
        take(300);
        uint256 fee = registry.registrationFee();
        later(1 hours);
        eq(registry.registrationFee(), fee / 2);
        later(2 hours);
        eq(registry.registrationFee(), fee / 4);
    }

    function testWithinAnHourItFallsInAStraightLine() public {
        take(300);
        uint256 fee = registry.registrationFee();
        later(30 minutes);
        within(registry.registrationFee(), fee * 3 / 4, 1);
        later(1 hours - 1);
        within(registry.registrationFee(), fee * 3601 / 7200, 1);
        later(90 minutes);
        within(registry.registrationFee(), fee * 3 / 8, 1);
    }

    function testItNeverFallsBelowOneToken() public {
        take(10);
        later(1 hours);
        eq(registry.registrationFee(), 1e18);
        later(10_000 days);
        eq(registry.registrationFee(), 1e18);
        take(1);
        eq(registry.registrationFee(), 1.005e18);
    }

    function test139NamesAtOnceInEachHourKeepIt() public {
        take(139);
        uint256 fee = registry.registrationFee();
        within(fee, 2e18, 0.001e18);
        later(1 hours);
        take(139);
        within(registry.registrationFee(), fee, 0.002e18);
    }

    function testAbout100NamesSpreadOverAnHourKeepItToo() public {
        take(300);
        uint256 fee = registry.registrationFee();
        for (uint256 i = 1; i <= 100; ++i) {
            later(i * 36 seconds);
            take(1);
        }
        within(registry.registrationFee(), fee, fee / 300);
    }

    function testAThousandAtOnceRaiseIt146Times() public {
        take(1000);
        within(registry.registrationFee(), 146.57e18, 0.01e18);
        // A squatter of a thousand names paid 29 115 tokens.
        within(token.balanceOf(TREASURY), 29_115e18, 1e18);
    }
}
