// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IServiceRegistry} from "../../../src/interfaces/IServiceRegistry.sol";
import {Base} from "../../Base.sol";

contract RegisterTest is Base {
    function setUp() public {
        deploy();
    }

    function testARegisteredServiceIsItsAuthorsToken() public {
        uint256 id = register(AUTHOR, "weather.acme");
        eq(id, uint256(keccak256("weather.acme")));
        eq(registry.serviceIdOf("weather.acme"), id);
        eq(registry.ownerOf(id), AUTHOR);
        eq(registry.balanceOf(AUTHOR), 1);
        same(bytes(registry.sidOf(id)), "weather.acme");
        eq(registry.servicesLength(), 1);
    }

    function testARegistrationIsAnnounced() public {
        uint256 id = promised("weather", AUTHOR);
        vm.expectEmit(address(registry));
        emit IServiceRegistry.ServiceRegistered(id, "weather", AUTHOR, 1e18);
        vm.expectEmit(address(registry));
        emit IERC721.Transfer(address(0), AUTHOR, id);
        vm.prank(AUTHOR);
        registry.register("weather", 0, 1e18);
    }

    function testANameIsTakenOnce() public {
        register(AUTHOR, "weather");
        allowNames(FRIEND, 10e18);
        promised("weather", FRIEND);
        vm.prank(FRIEND);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.SidTaken.selector, "weather"));
        registry.register("weather", 0, 10e18);
    }

    function testANameIsPaidToTheTreasury() public {
        register(AUTHOR, "weather");
        eq(token.balanceOf(TREASURY), 1e18);
        eq(token.balanceOf(AUTHOR), 999e18);
        eq(token.balanceOf(address(registry)), 0);
    }

    function testANameCostsNoMoreThanTheAuthorAgreed() public {
        promised("weather", AUTHOR);
        vm.prank(AUTHOR);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.FeeTooHigh.selector, 1e18, 1e18 - 1));
        registry.register("weather", 0, 1e18 - 1);
        vm.prank(AUTHOR);
        registry.register("weather", 0, 1e18);
    }

    function testWhoDoesNotPayGetsNoName() public {
        uint256 id = promised("weather", PAYER);
        vm.prank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, registry, 0, 1e18));
        registry.register("weather", 0, 1e18);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceUnknown.selector, id));
        registry.sidOf(id);
        eq(registry.registrationFee(), 1e18);
    }

    function promised(string memory sid, address owner) internal returns (uint256 id) {
        registry.commit(keccak256(abi.encode(sid, owner, bytes32(0))));
        vm.roll(vm.getBlockNumber() + 1);
        return registry.serviceIdOf(sid);
    }
}
