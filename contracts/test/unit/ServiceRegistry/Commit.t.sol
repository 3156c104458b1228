// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../../../src/interfaces/IServiceRegistry.sol";
import {Base} from "../../Base.sol";

contract CommitTest is Base {
    bytes32 internal constant SALT = bytes32("secret");
    bytes32 internal commitment = keccak256(abi.encode("weather", AUTHOR, SALT));

    function setUp() public {
        deploy();
    }

    function testAPromiseIsRemembered() public {
        vm.expectEmit(address(registry));
        emit IServiceRegistry.Committed(commitment, PAYER);
        vm.prank(PAYER);
        registry.commit(commitment);
        eq(registry.committedAt(commitment), 100);
    }

    function testAPromiseIsUsedUp() public {
        registry.commit(commitment);
        vm.roll(101);
        take("weather");
        eq(registry.committedAt(commitment), 0);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.CommitmentMissing.selector, commitment));
        take("weather");
    }

    function testWhoSeesARegistrationCannotTakeTheName() public {
        registry.commit(commitment);
        vm.roll(101);
        // The thief saw `register` in the pool: his promise is for another owner and too young.
        bytes32 stolen = keccak256(abi.encode("weather", FRIEND, SALT));
        vm.startPrank(FRIEND);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.CommitmentMissing.selector, stolen));
        registry.register("weather", SALT, 1e18);
        registry.commit(stolen);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.CommitmentTooYoung.selector, 101, 101));
        registry.register("weather", SALT, 1e18);
        vm.stopPrank();
        take("weather");
        eq(registry.ownerOf(registry.serviceIdOf("weather")), AUTHOR);
    }

    function testNobodyCanKeepAPromiseYoung() public {
        registry.commit(commitment);
        vm.roll(100 + 7200);
        vm.prank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.CommitmentPending.selector, commitment, 100));
        registry.commit(commitment);
        take("weather");
    }

    function testAPromiseExpiresAfter7200BlocksAndCanBeMadeAgain() public {
        registry.commit(commitment);
        vm.roll(100 + 7201);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.CommitmentExpired.selector, 100, 7301));
        take("weather");
        registry.commit(commitment);
        eq(registry.committedAt(commitment), 7301);
        vm.roll(7302);
        take("weather");
    }

    function testAPromiseWithAnotherSaltIsAnother() public {
        registry.commit(commitment);
        vm.roll(101);
        bytes32 other = keccak256(abi.encode("weather", AUTHOR, bytes32("other")));
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.CommitmentMissing.selector, other));
        vm.prank(AUTHOR);
        registry.register("weather", "other", 1e18);
    }

    function take(string memory sid) internal {
        vm.prank(AUTHOR);
        registry.register(sid, SALT, 1e18);
    }

    /// A reveal that is seen but not mined at once: the thief's own promise must ripen, the owner's is ripe.
    function testARevealedNameHasBlocksBeforeAnybodyElseCanTakeIt() public {
        registry = newRegistry(address(token), 10);
        allowNames(AUTHOR, 1000e18);
        registry.commit(commitment);
        vm.roll(109);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.CommitmentTooYoung.selector, 100, 109));
        take("weather");
        vm.roll(110);
        vm.startPrank(FRIEND);
        registry.commit(keccak256(abi.encode("weather", FRIEND, SALT)));
        vm.roll(119);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.CommitmentTooYoung.selector, 110, 119));
        registry.register("weather", SALT, 1e18);
        vm.stopPrank();
        take("weather");
    }
}
