// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IServiceRegistry} from "../../../src/interfaces/IServiceRegistry.sol";
import {Base} from "../../Base.sol";

contract ListingTest is Base {
    function setUp() public {
        deploy();
    }

    function fill(uint256 count) internal {
        for (uint256 i; i < count; ++i) {
            register(AUTHOR, string.concat("s", Strings.toString(i)));
        }
    }

    function testALineTellsAService() public {
        publish();
        offer(pass());
        offer(metered());
        IServiceRegistry.Summary[] memory expected = new IServiceRegistry.Summary[](1);
        expected[0] = IServiceRegistry.Summary(serviceId, "weather.acme", AUTHOR, 1, 2);
        same(abi.encode(registry.services(0, 10)), abi.encode(expected));
    }

    function testServicesAreListedInOrderByPages() public {
        fill(5);
        IServiceRegistry.Summary[] memory page = registry.services(3, 100);
        eq(page.length, 2);
        same(bytes(page[0].sid), "s3");
        same(bytes(page[1].sid), "s4");
        eq(registry.services(0, 2).length, 2);
        eq(registry.services(0, 0).length, 0);
    }

    function testAPageBeyondTheEndIsEmpty() public {
        fill(2);
        eq(registry.services(2, 10).length, 0);
        eq(registry.services(type(uint256).max, type(uint256).max).length, 0);
    }

    function testAPageHasAtMost100Lines() public {
        fill(102);
        eq(registry.services(0, type(uint256).max).length, 100);
        eq(registry.services(1, 101).length, 100);
        eq(registry.services(2, 100).length, 100);
        eq(registry.services(3, 100).length, 99);
    }
}
