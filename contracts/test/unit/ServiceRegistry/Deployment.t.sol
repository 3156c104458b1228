// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IServiceRegistry} from "../../../src/interfaces/IServiceRegistry.sol";
import {ServiceRegistry} from "../../../src/ServiceRegistry.sol";
import {Base} from "../../Base.sol";

contract RegistryDeploymentTest is Base {
    function testItKnowsItsTokenAndTheTreasury() public {
        deploy();
        eq(address(registry.token()), address(token));
        eq(registry.treasury(), TREASURY);
        eq(registry.servicesLength(), 0);
        eq(registry.commitmentBlocksMin(), 1);
        eq(registry.COMMITMENT_BLOCKS_MAX(), 7200);
        eq(registry.URI_BYTES_MAX(), 512);
        eq(registry.PAGE_MAX(), 100);
    }

    function testAServiceIsAnErc721Token() public {
        deploy();
        same(bytes(registry.name()), "MESG Service");
        same(bytes(registry.symbol()), "MESGS");
        eq(registry.supportsInterface(type(IERC165).interfaceId), true);
        eq(registry.supportsInterface(type(IERC721).interfaceId), true);
        eq(registry.supportsInterface(0xffffffff), false);
    }

    function testItNeedsATokenAndATreasury() public {
        vm.expectRevert(IServiceRegistry.AddressZero.selector);
        new ServiceRegistry(IERC20(address(0)), TREASURY, 1);
        vm.expectRevert(IServiceRegistry.AddressZero.selector);
        new ServiceRegistry(IERC20(address(1)), address(0), 1);
    }

    function testAPromiseMustBeAbleToBeKept() public {
        eq(newRegistry(address(1), 7200).commitmentBlocksMin(), 7200);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.CommitmentBlocksInvalid.selector, 0, 1, 7200));
        new ServiceRegistry(IERC20(address(1)), TREASURY, 0);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.CommitmentBlocksInvalid.selector, 7201, 1, 7200));
        new ServiceRegistry(IERC20(address(1)), TREASURY, 7201);
    }
}
