// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IServiceRegistry} from "../../../src/interfaces/IServiceRegistry.sol";
import {Base} from "../../Base.sol";

contract OwnershipTest is Base {
    function setUp() public {
        deploy();
        publish();
        offer(pass());
    }

    function allRefused(uint256 id, bytes memory refusal) internal {
        vm.expectRevert(refusal);
        registry.publishVersion(id, "other", 0, "");
        vm.expectRevert(refusal);
        registry.createOffer(id, pass());
        vm.expectRevert(refusal);
        registry.disableOffer(id, 0);
    }

    function testOnlyTheOwnerPublishesOffersAndDisables() public {
        vm.startPrank(PAYER);
        allRefused(
            serviceId, abi.encodeWithSelector(IServiceRegistry.NotServiceOwner.selector, serviceId, PAYER, AUTHOR)
        );
    }

    function testAnUnknownServiceIsNobodys() public {
        bytes memory refusal = abi.encodeWithSelector(IServiceRegistry.ServiceUnknown.selector, 5);
        vm.startPrank(AUTHOR);
        allRefused(5, refusal);
        vm.expectRevert(refusal);
        registry.sidOf(5);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 5));
        registry.ownerOf(5);
    }

    function testTheRightsGoWithTheToken() public {
        vm.prank(AUTHOR);
        registry.transferFrom(AUTHOR, FRIEND, serviceId);
        vm.startPrank(AUTHOR);
        allRefused(
            serviceId, abi.encodeWithSelector(IServiceRegistry.NotServiceOwner.selector, serviceId, AUTHOR, FRIEND)
        );
        vm.stopPrank();
        vm.startPrank(FRIEND);
        eq(registry.publishVersion(serviceId, "other", 0, ""), 1);
        eq(registry.createOffer(serviceId, pass()), 1);
        registry.disableOffer(serviceId, 0);
    }

    function testWhoMayMoveTheTokenMayNotPublish() public {
        vm.prank(AUTHOR);
        registry.approve(FRIEND, serviceId);
        vm.startPrank(FRIEND);
        allRefused(
            serviceId, abi.encodeWithSelector(IServiceRegistry.NotServiceOwner.selector, serviceId, FRIEND, AUTHOR)
        );
    }
}
