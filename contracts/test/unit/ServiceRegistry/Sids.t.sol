// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../../../src/interfaces/IServiceRegistry.sol";
import {Base} from "../../Base.sol";

contract SidsTest is Base {
    function setUp() public {
        deploy();
    }

    function testSidsAreLabelsJoinedByDots() public {
        string[8] memory good = ["a", "0", "-", "_", "-_0.z9.a", "a.b", "weather.acme", "xn--caf-dma.example"];
        for (uint256 i; i < good.length; ++i) {
            eq(registry.ownerOf(register(AUTHOR, good[i])), AUTHOR);
        }
    }

    function testARefusalSaysWhereTheSidEnds() public {
        string[12] memory bad = ["", ".", "a.", ".a", "a..b", "A", "a b", "a/b", unicode"é", "ab`", "ab{", "ab\x00c"];
        uint256[12] memory position = [uint256(0), 0, 2, 0, 2, 0, 1, 1, 0, 2, 2, 2];
        for (uint256 i; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.SidInvalid.selector, bad[i], position[i]));
            registry.register(bad[i], 0, 1e18);
        }
    }

    function testASidHasAtMost63Bytes() public {
        string memory longest = "aaaaaaaaabbbbbbbbbcccccccccdddddddddeeeeeeeeefffffffffggggggggg";
        eq(bytes(longest).length, 63);
        register(AUTHOR, longest);
        string memory longer = string.concat(longest, "h");
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.SidInvalid.selector, longer, 63));
        registry.register(longer, 0, 1e18);
    }
}
