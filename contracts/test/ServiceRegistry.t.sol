// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../src/interfaces/IServiceRegistry.sol";
import {Base} from "./Base.sol";

contract ServiceRegistryTest is Base {
    function setUp() public {
        deploy();
    }

    function commitmentTo(string memory sid, address owner, bytes32 salt) internal pure returns (bytes32) {
        return keccak256(abi.encode(sid, owner, salt));
    }

    function testARegisteredServiceIsAToken() public {
        uint256 id = register(AUTHOR, "weather.acme");
        eq(id, uint256(keccak256("weather.acme")));
        eq(registry.ownerOf(id), AUTHOR);
        eq(uint256(keccak256(bytes(registry.sidOf(id)))), id);
        eq(registry.servicesLength(), 1);
    }

    function testWhoSeesARegistrationCannotTakeTheName() public {
        bytes32 salt = bytes32("secret");
        vm.prank(AUTHOR);
        registry.commit(commitmentTo("weather", AUTHOR, salt));
        vm.roll(101);
        // The thief saw `register` in the pool: his promise is for another owner and too young.
        vm.prank(PAYER);
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.CommitmentMissing.selector, commitmentTo("weather", PAYER, salt))
        );
        registry.register("weather", salt, type(uint256).max);
        vm.prank(PAYER);
        registry.commit(commitmentTo("weather", PAYER, salt));
        vm.prank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.CommitmentTooYoung.selector, 101, 101));
        registry.register("weather", salt, type(uint256).max);
        vm.prank(AUTHOR);
        registry.register("weather", salt, type(uint256).max);
    }

    function testNobodyCanKeepAPromiseYoung() public {
        bytes32 commitment = commitmentTo("weather", AUTHOR, 0);
        registry.commit(commitment);
        vm.roll(101);
        vm.prank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.CommitmentPending.selector, commitment, 100));
        registry.commit(commitment);
        vm.prank(AUTHOR);
        registry.register("weather", 0, type(uint256).max);
    }

    function testAPromiseIsGoodFor7200Blocks() public {
        registry.commit(commitmentTo("weather", AUTHOR, 0));
        vm.roll(100 + 7200);
        vm.prank(AUTHOR);
        registry.register("weather", 0, type(uint256).max);
    }

    function testAPromiseExpires() public {
        registry.commit(commitmentTo("weather", AUTHOR, 0));
        vm.roll(100 + 7201);
        vm.prank(AUTHOR);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.CommitmentExpired.selector, 100, 7301));
        registry.register("weather", 0, type(uint256).max);
        registry.commit(commitmentTo("weather", AUTHOR, 0));
        vm.roll(100 + 7202);
        vm.prank(AUTHOR);
        registry.register("weather", 0, type(uint256).max);
    }

    function testANameIsTakenOnce() public {
        register(AUTHOR, "weather");
        registry.commit(commitmentTo("weather", PAYER, 0));
        vm.roll(block.number + 1);
        vm.prank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.SidTaken.selector, "weather"));
        registry.register("weather", 0, type(uint256).max);
    }

    function testSidsAreLabelsJoinedByDots() public {
        string[9] memory bad = ["", ".", "a.", ".a", "a..b", "A", "a b", "a/b", unicode"é"];
        uint256[9] memory position = [uint256(0), 0, 2, 0, 2, 0, 1, 1, 0];
        for (uint256 i; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.SidInvalid.selector, bad[i], position[i]));
            registry.register(bad[i], 0, type(uint256).max);
        }
        register(AUTHOR, "a");
        register(AUTHOR, "-_0.z9.a");
    }

    function testFuzzSidLength(uint8 length) public {
        allowNames(address(this), 1e18);
        bytes memory sid = new bytes(length);
        for (uint256 i; i < length; ++i) {
            sid[i] = "x";
        }
        bool valid = length >= 1 && length <= 63;
        registry.commit(commitmentTo(string(sid), address(this), 0));
        vm.roll(101);
        try registry.register(string(sid), 0, type(uint256).max) {
            assert(valid);
        } catch (bytes memory refusal) {
            assert(!valid && bytes4(refusal) == IServiceRegistry.SidInvalid.selector);
        }
    }

    function testFuzzSidCharacter(bytes1 character) public {
        allowNames(address(this), 1e18);
        bytes memory sid = "a?b";
        sid[1] = character;
        bool valid = (character >= "a" && character <= "z") || (character >= "0" && character <= "9")
            || character == "-" || character == "_" || character == ".";
        registry.commit(commitmentTo(string(sid), address(this), 0));
        vm.roll(101);
        try registry.register(string(sid), 0, type(uint256).max) {
            assert(valid);
        } catch (bytes memory refusal) {
            assert(!valid && bytes4(refusal) == IServiceRegistry.SidInvalid.selector);
        }
    }

    function testAManifestIsPublishedOnce() public {
        publish();
        vm.prank(AUTHOR);
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.ManifestPublished.selector, serviceId, bytes32("manifest"), 0)
        );
        registry.publishVersion(serviceId, bytes32("manifest"), 0, "");
        (bool published, uint256 index) = registry.versionOf(serviceId, bytes32("manifest"));
        assert(published && index == 0);
        (published,) = registry.versionOf(serviceId, bytes32("other"));
        assert(!published);
    }

    function testOnlyTheOwnerPublishesOffersAndDisables() public {
        publish();
        (uint32 index,) = offer(pass());
        bytes memory refusal =
            abi.encodeWithSelector(IServiceRegistry.NotServiceOwner.selector, serviceId, PAYER, AUTHOR);
        vm.startPrank(PAYER);
        vm.expectRevert(refusal);
        registry.publishVersion(serviceId, bytes32("other"), 0, "");
        vm.expectRevert(refusal);
        registry.createOffer(serviceId, pass());
        vm.expectRevert(refusal);
        registry.disableOffer(serviceId, index);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceUnknown.selector, 5));
        registry.createOffer(5, pass());
    }

    function testAUriHasALimit() public {
        publish();
        vm.startPrank(AUTHOR);
        registry.publishVersion(serviceId, bytes32("1"), 0, string(new bytes(512)));
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.UriTooLong.selector, 513, 512));
        registry.publishVersion(serviceId, bytes32("2"), 0, string(new bytes(513)));
    }

    function testFuzzOffersAreKeptAsMadeOrRefused(IServiceRegistry.OfferTerms memory terms) public {
        publish();
        terms.kind = uint8(bound(terms.kind, 0, 2));
        if (terms.kind == 0 && terms.closeDelay % 2 == 0) {
            (terms.closeDelay, terms.pricePerEvent, terms.authorBps) = (0, 0, 0);
        }
        if (terms.kind == 1 && terms.duration % 2 == 0) (terms.duration, terms.seats) = (0, 0);
        if (terms.kind == 0) terms.seats = uint16(bound(terms.seats, 0, 1001));
        terms.closeDelay = uint40(bound(terms.closeDelay, 0, 31 days));
        terms.authorBps = uint16(bound(terms.authorBps, 0, 10_001));
        terms.treasuryBps = uint16(bound(terms.treasuryBps, 0, 100));
        terms.referrerBps = uint16(bound(terms.referrerBps, 0, 100));
        bool valid = terms.kind <= 1
            && (terms.kind == 0
                    ? terms.duration > 0 && terms.duration <= 36_525 days && terms.closeDelay == 0
                    && terms.pricePerEvent == 0 && terms.authorBps == 0 && terms.seats > 0 && terms.seats <= 1000
                    : terms.duration == 0 && terms.seats == 0 && terms.closeDelay >= 1 hours
                    && terms.closeDelay <= 30 days)
            && uint256(terms.authorBps) + terms.treasuryBps + terms.referrerBps <= 10_000
            && (terms.validUntil == 0 || terms.validUntil >= block.timestamp);
        vm.prank(AUTHOR);
        try registry.createOffer(serviceId, terms) returns (uint32 index) {
            assert(valid && index == 0);
            (IServiceRegistry.OfferTerms memory kept, bool disabled, bytes32 offerHash) =
                registry.offer(serviceId, index);
            assert(!disabled && keccak256(abi.encode(kept)) == keccak256(abi.encode(terms)));
            assert(offerHash == keccak256(abi.encode(serviceId, index, terms)));
        } catch {
            assert(!valid);
        }
    }

    function testADisabledOfferStaysDisabled() public {
        publish();
        (uint32 index,) = offer(pass());
        vm.startPrank(AUTHOR);
        registry.disableOffer(serviceId, index);
        bytes memory refusal = abi.encodeWithSelector(IServiceRegistry.OfferIsDisabled.selector, serviceId, index);
        vm.expectRevert(refusal);
        registry.disableOffer(serviceId, index);
        vm.expectRevert(refusal);
        registry.liveOffer(serviceId, index);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.OfferUnknown.selector, serviceId, 9));
        registry.offer(serviceId, 9);
    }

    function testTheListingHasPages() public {
        for (uint256 i; i < 5; ++i) {
            register(AUTHOR, string(abi.encodePacked("s", bytes1(uint8(0x30 + i)))));
        }
        IServiceRegistry.Summary[] memory page = registry.services(3, 100);
        eq(page.length, 2);
        eq(page[0].serviceId, uint256(keccak256("s3")));
        eq(page[1].owner, AUTHOR);
        eq(registry.services(5, 10).length, 0);
        eq(registry.services(0, 2).length, 2);
        eq(registry.services(type(uint256).max, type(uint256).max).length, 0);
    }
}
