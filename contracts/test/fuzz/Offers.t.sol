// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../../src/interfaces/IServiceRegistry.sol";
import {Base} from "../Base.sol";

contract OffersFuzzTest is Base {
    function setUp() public {
        deploy();
        publish();
    }

    /// Much of what is tried should be valid.
    function likely(IServiceRegistry.OfferTerms memory terms) internal pure {
        terms.kind = uint8(bound(terms.kind, 0, 2));
        if (terms.kind == 0 && terms.closeDelay % 4 != 0) {
            (terms.closeDelay, terms.pricePerEvent, terms.authorBps) = (0, 0, 0);
            (terms.seats, terms.duration) = (uint16(bound(terms.seats, 0, 1001)), terms.duration % 2 ** 32);
        }
        if (terms.kind == 1 && terms.duration % 4 != 0) (terms.duration, terms.seats) = (0, 0);
        terms.closeDelay = uint40(bound(terms.closeDelay, 0, 31 days));
        terms.authorBps = uint16(bound(terms.authorBps, 0, 10_001));
        terms.treasuryBps = uint16(bound(terms.treasuryBps, 0, 100));
        terms.referrerBps = uint16(bound(terms.referrerBps, 0, 100));
        if (terms.validUntil % 4 != 0) terms.validUntil = 0;
    }

    function isPass(IServiceRegistry.OfferTerms memory terms) internal pure returns (bool) {
        return terms.duration > 0 && terms.duration <= 36_525 days && terms.closeDelay == 0 && terms.pricePerEvent == 0
            && terms.authorBps == 0 && terms.seats > 0 && terms.seats <= 1000;
    }

    function isMetered(IServiceRegistry.OfferTerms memory terms) internal pure returns (bool) {
        return terms.duration == 0 && terms.seats == 0 && terms.closeDelay >= 1 hours && terms.closeDelay <= 30 days;
    }

    function isValid(IServiceRegistry.OfferTerms memory terms) internal pure returns (bool) {
        if (terms.kind > 1 || !(terms.kind == 0 ? isPass(terms) : isMetered(terms))) return false;
        if (uint256(terms.authorBps) + terms.treasuryBps + terms.referrerBps > 10_000) return false;
        return terms.validUntil == 0 || terms.validUntil >= START;
    }

    function testFuzzAnOfferIsKeptAsMadeOrRefused(IServiceRegistry.OfferTerms memory terms) public {
        likely(terms);
        bool valid = isValid(terms);
        vm.prank(AUTHOR);
        try registry.createOffer(serviceId, terms) returns (uint32 index) {
            assert(valid && index == 0);
            (IServiceRegistry.OfferTerms memory kept, bool disabled, bytes32 offerHash) =
                registry.offer(serviceId, index);
            eq(disabled, false);
            same(abi.encode(kept), abi.encode(terms));
            eq(offerHash, keccak256(abi.encode(serviceId, index, terms)));
            eqLive(index, offerHash);
        } catch {
            assert(!valid);
        }
    }

    function eqLive(uint32 index, bytes32 offerHash) internal view {
        (, bytes32 hash) = registry.liveOffer(serviceId, index);
        eq(hash, offerHash);
        (, hash,,,,) = registry.liveMetered(serviceId, index);
        eq(hash, offerHash);
        (, hash,,,,) = registry.livePass(serviceId, index);
        eq(hash, offerHash);
    }
}
