// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../../../src/interfaces/IServiceRegistry.sol";
import {Base} from "../../Base.sol";

contract OffersTest is Base {
    function setUp() public {
        deploy();
        publish();
    }

    function testAnOfferIsKeptAsMade() public {
        IServiceRegistry.OfferTerms memory terms = metered();
        (terms.pricePerEvent, terms.hostedOnly, terms.validUntil) = (3, true, START + 9);
        bytes32 offerHash = keccak256(abi.encode(serviceId, uint32(0), terms));
        vm.expectEmit(address(registry));
        emit IServiceRegistry.OfferCreated(serviceId, 0, offerHash, terms);
        offer(terms);
        (IServiceRegistry.OfferTerms memory kept, bool disabled, bytes32 keptHash) = registry.offer(serviceId, 0);
        same(abi.encode(kept), abi.encode(terms));
        eq(disabled, false);
        eq(keptHash, offerHash);
        (kept, keptHash) = registry.liveOffer(serviceId, 0);
        same(abi.encode(kept), abi.encode(terms));
        eq(keptHash, offerHash);
    }

    function testOffersAreCounted() public {
        eq(registry.offersLength(serviceId), 0);
        (uint32 first, bytes32 firstHash) = offer(pass());
        (uint32 second, bytes32 secondHash) = offer(pass());
        eq(first, 0);
        eq(second, 1);
        eq(registry.offersLength(serviceId), 2);
        eq(firstHash == secondHash, false);
    }

    function testNothingIsOfferedBeforeItIsPublished() public {
        uint256 id = register(AUTHOR, "empty");
        vm.prank(AUTHOR);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.NothingPublished.selector, id));
        registry.createOffer(id, pass());
    }

    function testADisabledOfferStaysDisabledAndReadable() public {
        (uint32 index, bytes32 offerHash) = offer(pass());
        vm.startPrank(AUTHOR);
        vm.expectEmit(address(registry));
        emit IServiceRegistry.OfferDisabled(serviceId, index);
        registry.disableOffer(serviceId, index);
        bytes memory refusal = abi.encodeWithSelector(IServiceRegistry.OfferIsDisabled.selector, serviceId, index);
        vm.expectRevert(refusal);
        registry.disableOffer(serviceId, index);
        vm.expectRevert(refusal);
        registry.liveOffer(serviceId, index);
        (IServiceRegistry.OfferTerms memory kept, bool disabled, bytes32 keptHash) = registry.offer(serviceId, index);
        same(abi.encode(kept), abi.encode(pass()));
        eq(disabled, true);
        eq(keptHash, offerHash);
    }

    function testAnOfferIsLiveUntilItsLastSecond() public {
        IServiceRegistry.OfferTerms memory terms = pass();
        terms.validUntil = START + 10;
        (uint32 index,) = offer(terms);
        later(10);
        registry.liveOffer(serviceId, index);
        later(11);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.OfferExpired.selector, START + 10, START + 11));
        registry.liveOffer(serviceId, index);
        registry.offer(serviceId, index);
    }

    function testAnUnknownOfferIsRefused() public {
        bytes memory refusal = abi.encodeWithSelector(IServiceRegistry.OfferUnknown.selector, serviceId, 9);
        vm.expectRevert(refusal);
        registry.offer(serviceId, 9);
        vm.expectRevert(refusal);
        registry.liveOffer(serviceId, 9);
        vm.prank(AUTHOR);
        vm.expectRevert(refusal);
        registry.disableOffer(serviceId, 9);
    }
}
