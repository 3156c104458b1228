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
        allRefused(index, refusal);
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
        allRefused(index, abi.encodeWithSelector(IServiceRegistry.OfferExpired.selector, START + 10, START + 11));
        registry.offer(serviceId, index);
    }

    function testWhatMesgPayAsksForIsTheSame() public {
        (uint32 sold, bytes32 soldHash) = offer(pass());
        (uint32 index, bytes32 offerHash) = offer(metered());
        same(meteredAnswer(index), abi.encode(1, offerHash, 2000, 300, 200, DAY));
        same(passAnswer(sold), abi.encode(0, soldHash, 1000, 30 days, 300, 200));
        same(
            abi.encode(registry.passPrice(serviceId, sold)),
            abi.encode(IServiceRegistry.PassPrice(1000, 30 days, 300, 200))
        );
        eq(registry.seatsOf(serviceId, sold), 3);
        eq(registry.seatsOf(serviceId, index), 0);
    }

    function testTheOtherKindIsTold() public {
        (uint32 sold, bytes32 soldHash) = offer(pass());
        (uint32 index, bytes32 offerHash) = offer(metered());
        (uint8 kind, bytes32 hash,,,,) = registry.liveMetered(serviceId, sold);
        eq(kind, 0);
        eq(hash, soldHash);
        (kind, hash,,,,) = registry.livePass(serviceId, index);
        eq(kind, 1);
        eq(hash, offerHash);
    }

    function meteredAnswer(uint32 index) internal view returns (bytes memory) {
        (uint8 kind, bytes32 hash, uint16 author, uint16 treasury, uint16 referrer, uint40 delay) =
            registry.liveMetered(serviceId, index);
        return abi.encode(kind, hash, author, treasury, referrer, delay);
    }

    function passAnswer(uint32 index) internal view returns (bytes memory) {
        (uint8 kind, bytes32 hash, uint128 price, uint40 duration, uint16 treasury, uint16 referrer) =
            registry.livePass(serviceId, index);
        return abi.encode(kind, hash, price, duration, treasury, referrer);
    }

    /// Every question about an offer that can be sold is refused in the same words.
    function allRefused(uint32 index, bytes memory refusal) internal {
        vm.expectRevert(refusal);
        registry.liveOffer(serviceId, index);
        vm.expectRevert(refusal);
        registry.liveMetered(serviceId, index);
        vm.expectRevert(refusal);
        registry.livePass(serviceId, index);
    }

    function testAnUnknownOfferIsRefused() public {
        bytes memory refusal = abi.encodeWithSelector(IServiceRegistry.OfferUnknown.selector, serviceId, 9);
        allRefused(9, refusal);
        vm.expectRevert(refusal);
        registry.offer(serviceId, 9);
        vm.expectRevert(refusal);
        registry.passPrice(serviceId, 9);
        vm.expectRevert(refusal);
        registry.seatsOf(serviceId, 9);
        vm.prank(AUTHOR);
        vm.expectRevert(refusal);
        registry.disableOffer(serviceId, 9);
    }
}
