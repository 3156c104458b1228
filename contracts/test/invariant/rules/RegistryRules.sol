// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../../../src/interfaces/IServiceRegistry.sol";
import {LooseActs} from "../acts/LooseActs.sol";

/// @title What must always be true of names, versions and offers.
abstract contract RegistryRules is LooseActs {
    function I32_everyNameIsOneServiceWithAnOwner() public view {
        eq(registry.servicesLength(), services.length);
        IServiceRegistry.Summary[] memory page = registry.services(0, 100);
        eq(page.length, services.length);
        for (uint256 i; i < page.length; ++i) {
            eq(page[i].serviceId, uint256(keccak256(bytes(nameOf(i)))));
            eq(uint256(keccak256(bytes(page[i].sid))), page[i].serviceId);
            eq(uint256(keccak256(bytes(registry.sidOf(services[i])))), services[i]);
            require(registry.ownerOf(services[i]) != address(0), "nobody owns it");
            eq(page[i].owner, registry.ownerOf(services[i]));
            eq(page[i].versions, publishedHashes[services[i]].length);
            eq(page[i].offers, registry.offersLength(services[i]));
        }
    }

    function I33_aServiceChangesHandsOnlyByItsOwner() public view {
        for (uint256 i; i < services.length; ++i) {
            if (lastOwner[i] == address(0) || registry.ownerOf(services[i]) == lastOwner[i]) continue;
            eq(lastActor, lastOwner[i]);
            require(lastAct == Act.Transfer, "not handed over");
        }
        eq(forbiddenDone, 0);
    }

    function I34_versionsNeverChange() public view {
        for (uint256 i; i < services.length; ++i) {
            uint256 id = services[i];
            eq(registry.versionsLength(id), publishedHashes[id].length);
            for (uint256 index; index < publishedHashes[id].length; ++index) {
                IServiceRegistry.Version memory version = registry.version(id, index);
                require(keccak256(abi.encode(version)) == publishedHashes[id][index], "a version changed");
                (bool published, uint256 at) = registry.versionOf(id, version.manifestHash);
                require(published && at == index, "a version is not found");
            }
        }
    }

    function I35_offersNeverChangeAndStayEnded() public view {
        for (uint256 i; i < sales.length; ++i) {
            Sale memory sale = sales[i];
            (IServiceRegistry.OfferTerms memory terms, bool disabled, bytes32 offerHash) =
                registry.offer(sale.serviceId, sale.index);
            require(keccak256(abi.encode(terms)) == keccak256(abi.encode(sale.terms)), "terms changed");
            require(disabled == sale.disabled, "sold again, or no more");
            require(offerHash == sale.offerHash, "another hash");
        }
    }

    function I36_aNameCostsAtLeastOneTokenAndLessWithTime() public view {
        uint256 fee = registry.registrationFee();
        require(fee >= 1e18, "a name for nothing");
        if (lastAct == Act.Register) require(fee * 200 <= lastFee * 201, "more than a step dearer");
        else require(fee <= lastFee, "dearer without a sale");
    }
}
