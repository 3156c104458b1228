// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../../src/interfaces/IServiceRegistry.sol";
import {Base} from "../Base.sol";

contract SidsFuzzTest is Base {
    function setUp() public {
        deploy();
        allowNames(address(this), 1e18);
    }

    function eqValid(bytes memory sid, bool valid) internal {
        registry.commit(keccak256(abi.encode(string(sid), address(this), bytes32(0))));
        vm.roll(101);
        try registry.register(string(sid), 0, 1e18) returns (uint256 id) {
            assert(valid);
            same(bytes(registry.sidOf(id)), sid);
        } catch (bytes memory refusal) {
            assert(!valid && bytes4(refusal) == IServiceRegistry.SidInvalid.selector);
        }
    }

    function inLabel(bytes1 character) internal pure returns (bool) {
        return (character >= "a" && character <= "z") || (character >= "0" && character <= "9") || character == "-"
            || character == "_";
    }

    function testFuzzLength(uint8 length) public {
        bytes memory sid = new bytes(length);
        for (uint256 i; i < length; ++i) {
            sid[i] = "x";
        }
        eqValid(sid, length >= 1 && length <= 63);
    }

    function testFuzzCharacter(bytes1 character) public {
        bytes memory sid = "a?b";
        sid[1] = character;
        eqValid(sid, inLabel(character) || character == ".");
    }

    /// Texts of few characters, so that dots meet.
    function testFuzzDots(bytes8 choice, uint8 length) public {
        bytes memory sid = new bytes(bound(length, 1, 8));
        bytes4 alphabet = "a.._";
        bool valid = true;
        for (uint256 i; i < sid.length; ++i) {
            sid[i] = alphabet[uint8(choice[i]) % 4];
            if (sid[i] == "." && (i == 0 || sid[i - 1] == ".")) valid = false;
        }
        eqValid(sid, valid && sid[sid.length - 1] != ".");
    }
}
