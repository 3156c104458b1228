// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../../../src/interfaces/IServiceRegistry.sol";
import {Before} from "../Before.sol";

/// @title Names are taken, versions published, offers made and ended, Services handed over.
abstract contract RegistryActs is Before {
    /// What was published, as it must stay.
    mapping(uint256 serviceId => bytes32[]) internal publishedHashes;

    /// One name for each Service, all of different shapes.
    function nameOf(uint256 service) internal pure returns (string memory) {
        if (service == 0) return "weather.acme";
        if (service == 1) return "0-9_z.x";
        return "a23456789012345678901234567890123456789012345678901234567890123";
    }

    /// A Service with a version and offers to begin with.
    function createService(uint256 author) internal {
        uint256 id = someoneRegisters(author);
        authorPublishes(services.length - 1, 0);
        makeOffer(id, IServiceRegistry.OfferTerms(1, 7, 0, 0, 1 days, 0, 2000, 300, 200, false, 0));
        makeOffer(id, IServiceRegistry.OfferTerms(1, 1, 3, 0, 1 hours, 0, 3333, 3333, 3334, true, 0));
        makeOffer(id, IServiceRegistry.OfferTerms(0, 1000, 0, 30 days, 0, 0, 0, 300, 200, false, 3));
        makeOffer(id, IServiceRegistry.OfferTerms(0, 1e18 + 7, 0, 8009, 0, 0, 0, 333, 1111, false, 5));
    }

    /// The name of the next Service is taken, by anyone.
    function someoneRegisters(uint256 seed) public returns (uint256 id) {
        if (services.length == SERVICES_MAX) return 0;
        address owner = people[seed % PEOPLE];
        string memory sid = nameOf(services.length);
        bytes32 salt = keccak256(abi.encode(seed));
        noting(Act.Register, owner, owner);
        vm.prank(owner);
        registry.commit(keccak256(abi.encode(sid, owner, salt)));
        vm.roll(block.number + COMMITMENT_BLOCKS + (seed >> 128) % (7201 - COMMITMENT_BLOCKS));
        uint256 fee = registry.registrationFee();
        if (fee > token.balanceOf(owner)) return 0;
        uint256 before = token.balanceOf(people[TREASURER]);
        vm.prank(owner);
        id = registry.register(sid, salt, fee);
        if (owner != people[TREASURER]) eq(token.balanceOf(people[TREASURER]) - before, fee);
        eq(id, uint256(keccak256(bytes(sid))));
        eq(registry.ownerOf(id), owner);
        services.push(id);
    }

    function authorPublishes(uint256 seed, uint256 salt) public {
        uint256 id = services[seed % services.length];
        if (publishedHashes[id].length == 6) return;
        bytes32 manifest = keccak256(abi.encode(id, publishedHashes[id].length, salt));
        address owner = registry.ownerOf(id);
        noting(Act.Publish, owner, owner);
        vm.prank(owner);
        uint256 index = registry.publishVersion(id, manifest, bytes32(salt), "mesg://package");
        eq(index, publishedHashes[id].length);
        publishedHashes[id].push(keccak256(abi.encode(registry.version(id, index))));
        eq(registry.version(id, index).publishedAt, block.timestamp);
    }

    /// Whatever terms are allowed.
    function authorOffers(uint256 seed, uint128 price, uint16[3] memory bps, uint40 duration) public {
        uint256 id = services[seed % services.length];
        if (sales.length == SALES_MAX || publishedHashes[id].length == 0) return;
        IServiceRegistry.OfferTerms memory terms;
        bool metered = (seed >> 8) % 2 == 1;
        terms.kind = metered ? 1 : 0;
        terms.price = uint128(bound(price, 0, WEALTH / 100));
        terms.treasuryBps = uint16(bound(bps[1], 0, 10_000));
        terms.referrerBps = uint16(bound(bps[2], 0, 10_000 - terms.treasuryBps));
        if (metered) {
            terms.authorBps = uint16(bound(bps[0], 0, 10_000 - terms.treasuryBps - terms.referrerBps));
            terms.closeDelay = uint40(bound(duration, 1 hours, 30 days));
            terms.pricePerEvent = uint128(seed >> 128);
        } else {
            terms.duration = uint40(bound(duration, 1, seed % 3 == 0 ? 36_525 days : 40 days));
            terms.seats = uint16(bound(seed >> 16, 1, seed % 5 == 0 ? 1000 : SEATS));
        }
        if (seed % 4 == 0) terms.validUntil = uint40(block.timestamp + (seed >> 32) % 60 days);
        terms.hostedOnly = seed % 2 == 0;
        makeOffer(id, terms);
    }

    function authorEndsAnOffer(uint256 seed) public {
        if (seed % 4 != 0) return; // else soon nothing would be for sale
        Sale storage sale = sales[(seed >> 8) % sales.length];
        if (sale.disabled) return;
        address owner = registry.ownerOf(sale.serviceId);
        noting(Act.Disable, owner, owner);
        sale.disabled = true;
        vm.prank(owner);
        registry.disableOffer(sale.serviceId, sale.index);
    }

    function authorHandsOver(uint256 seed, uint256 person) public {
        uint256 id = services[seed % services.length];
        address owner = registry.ownerOf(id);
        noting(Act.Transfer, owner, owner);
        vm.prank(owner);
        registry.transferFrom(owner, people[person % PEOPLE], id);
    }

    function makeOffer(uint256 id, IServiceRegistry.OfferTerms memory terms) private {
        address owner = registry.ownerOf(id);
        noting(Act.Offer, owner, owner);
        vm.prank(owner);
        uint32 index = registry.createOffer(id, terms);
        sales.push(Sale(id, index, keccak256(abi.encode(id, index, terms)), false, terms));
    }
}
