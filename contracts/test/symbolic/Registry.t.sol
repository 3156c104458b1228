// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../../src/interfaces/IServiceRegistry.sol";
import {NameFee} from "../../src/libraries/NameFee.sol";
import {Sid} from "../../src/libraries/Sid.sol";
import {Market} from "./Market.sol";

/// @title Names: what they cost, which there are, and who manages a Service.
contract RegistrySymbolic is Market {
    function setUp() public {
        createMarket();
    }

    function check_S18_aNameIsNeverFreeAndOnlyGetsCheaper(uint128 last, uint40 then, uint40 time) public pure {
        vm.assume(time >= then && last >= 1e18);
        uint256 fee = NameFee.current(NameFee.Last(last, then), time);
        assert(fee >= 1e18 && fee <= last);
    }

    function check_S19_aNameTakenMakesTheNextDearer(uint120 fee, uint40 time) public pure {
        vm.assume(fee >= 1e18);
        NameFee.Last memory last = NameFee.raised(fee, time);
        assert(last.fee > fee && last.fee <= uint256(fee) + uint256(fee) / 200);
        assert(last.timestamp == time);
        assert(NameFee.current(last, time) == last.fee);
    }

    /// Three bytes: every way in which a character can follow another.
    function check_S20_aNameIsLabelsAndSingleDots(bytes3 text) public view {
        bytes memory sid = abi.encodePacked(text);
        assert(this.valid(sid) == (labels(sid, 0, false)));
    }

    /// Whichever character it is made of.
    function check_S21_aNameHasOneTo63Bytes(bytes1 character) public view {
        bytes memory sid = new bytes(64);
        for (uint256 i; i < 64; ++i) {
            sid[i] = character;
        }
        assert(!this.valid(""));
        assert(!this.valid(sid));
    }

    function check_S22_onlyTheOwnerManagesAService(address caller, bytes32 manifest, bytes32 package, uint32 index)
        public
    {
        vm.assume(caller != AUTHOR && caller != address(0));
        IServiceRegistry.OfferTerms memory terms =
            IServiceRegistry.OfferTerms(1, 7, 0, 0, CLOSE_DELAY, 0, 2000, 300, 200, false, 0);
        vm.startPrank(caller);
        bool done = tried(abi.encodeCall(registry.publishVersion, (serviceId, manifest, package, "")));
        done = done || tried(abi.encodeCall(registry.createOffer, (serviceId, terms)));
        done = done || tried(abi.encodeCall(registry.disableOffer, (serviceId, index)));
        done = done || tried(abi.encodeCall(registry.approve, (caller, serviceId)));
        done = done || tried(abi.encodeCall(registry.transferFrom, (AUTHOR, caller, serviceId)));
        assert(!done);
        assert(registry.ownerOf(serviceId) == AUTHOR);
    }

    function valid(bytes calldata text) external pure returns (bool answer) {
        (answer,) = Sid.check(string(text));
    }

    function tried(bytes memory call) private returns (bool done) {
        (done,) = address(registry).call(call);
    }

    /// The grammar, told once more: labels of at least one character, single dots between them.
    function labels(bytes memory text, uint256 place, bool open) private pure returns (bool) {
        if (place == text.length) return open;
        bytes1 one = text[place];
        if (one == ".") return open && labels(text, place + 1, false);
        bool letter = (one >= 0x61 && one <= 0x7A) || (one >= 0x30 && one <= 0x39) || one == "-" || one == "_";
        return letter && labels(text, place + 1, true);
    }
}
