// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../../../src/interfaces/IServiceRegistry.sol";
import {Base} from "../../Base.sol";

contract VersionsTest is Base {
    function setUp() public {
        deploy();
        serviceId = register(AUTHOR, "weather.acme");
    }

    function publishOne(bytes32 manifestHash, string memory uri) internal returns (uint256) {
        vm.prank(AUTHOR);
        return registry.publishVersion(serviceId, manifestHash, "package", uri);
    }

    function testAVersionIsKeptAsPublished() public {
        eq(publishOne("1", "mesg://1"), 0);
        later(5);
        vm.expectEmit(address(registry));
        emit IServiceRegistry.VersionPublished(serviceId, 1, "2", "package", "mesg://2");
        eq(publishOne("2", "mesg://2"), 1);
        eq(registry.versionsLength(serviceId), 2);
        same(
            abi.encode(registry.version(serviceId, 0)),
            abi.encode(IServiceRegistry.Version("1", "package", START, "mesg://1"))
        );
        same(
            abi.encode(registry.version(serviceId, 1)),
            abi.encode(IServiceRegistry.Version("2", "package", START + 5, "mesg://2"))
        );
    }

    function testAVersionIsFoundByItsManifest() public {
        publishOne("1", "");
        publishOne("2", "");
        (bool published, uint256 index) = registry.versionOf(serviceId, "2");
        eq(published, true);
        eq(index, 1);
        (published, index) = registry.versionOf(serviceId, "3");
        eq(published, false);
        eq(index, 0);
    }

    function testAManifestIsPublishedOnce() public {
        publishOne("0", "");
        publishOne("1", "");
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ManifestPublished.selector, serviceId, bytes32("1"), 1));
        publishOne("1", "");
    }

    function testAManifestHasAHash() public {
        vm.expectRevert(IServiceRegistry.ManifestHashZero.selector);
        publishOne(0, "");
    }

    function testAUriHasAtMost512Bytes() public {
        publishOne("1", string(new bytes(512)));
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.UriTooLong.selector, 513, 512));
        publishOne("2", string(new bytes(513)));
    }

    function testAnUnknownVersionIsRefused() public {
        publishOne("1", "");
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.VersionUnknown.selector, serviceId, 1));
        registry.version(serviceId, 1);
        eq(registry.versionsLength(5), 0);
    }
}
