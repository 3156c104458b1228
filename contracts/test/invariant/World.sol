// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../src/interfaces/IMesgPay.sol";
import {IServiceRegistry} from "../../src/interfaces/IServiceRegistry.sol";
import {MesgPay} from "../../src/MesgPay.sol";
import {MesgToken} from "../../src/MesgToken.sol";
import {ServiceRegistry} from "../../src/ServiceRegistry.sol";
import {Base} from "../Base.sol";

/// @title Who acts in the invariant tests, on what, and what these tests know without asking the contracts.
abstract contract World is Base {
    /// People 0 to 2 pay, 3 and 4 operate, 5 and 6 are the first authors; the others are named below.
    uint256 internal constant PEOPLE = 10;
    uint256 internal constant PAYERS = 3;
    /// People below this number hold passes and sit on seats.
    uint256 internal constant HOLDERS = 4;
    uint256 internal constant REFERRER = 7;
    uint256 internal constant TREASURER = 8;
    uint256 internal constant SERVICES_MAX = 3;
    uint256 internal constant SALES_MAX = 14;
    uint256 internal constant CHANNELS_MAX = 8;
    uint256 internal constant LANES = 4;
    uint256 internal constant COMMITMENT_BLOCKS = 3;
    uint256 internal constant SEATS = 5;
    uint256 internal constant WEALTH = 1e24;
    address internal constant PERMIT2 = 0x000000000022D473030F116dDEE9F6B43aC78BA3;

    struct Sale {
        uint256 serviceId;
        uint32 index;
        bytes32 offerHash;
        bool disabled;
        IServiceRegistry.OfferTerms terms;
    }

    struct Parts {
        uint256 author;
        uint256 treasury;
        uint256 referrer;
        uint256 operator;
    }

    address[] internal people;
    uint256[] internal services;
    Sale[] internal sales;
    IMesgPay.Config[] internal configs;
    bytes32[] internal channels;

    /// What each side must have been credited in all, and what it took.
    mapping(address account => uint256) internal owed;
    mapping(uint256 serviceId => uint256) internal owedToService;
    mapping(address account => uint256) internal collected;
    mapping(uint256 serviceId => uint256) internal collectedOfService;
    /// The highest voucher that was paid on a lane.
    mapping(uint256 channel => mapping(uint256 lane => uint128)) internal cashed;
    /// Tokens that somebody sent to the contract without calling it.
    uint256 internal donated;

    function key(uint256 person) internal pure returns (uint256) {
        return 0x1000 + person;
    }

    function sessionKey(uint256 person) internal pure returns (uint256) {
        return 0x2000 + person;
    }

    function laneNumber(uint256 lane) internal pure returns (uint32) {
        return lane == LANES - 1 ? type(uint32).max : uint32(lane);
    }

    function personOf(address account) internal view returns (uint256 person) {
        while (people[person] != account) ++person;
    }

    function least(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function most(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a : b;
    }

    /// How an amount is divided, told again: what is shared is cut in two, and the rest of it in two again.
    function divided(uint256 total, uint256 author, uint256 treasury, uint256 referrer)
        internal
        pure
        returns (Parts memory parts)
    {
        uint256 shared = (total * (author + treasury + referrer)) / 10_000;
        if (author != 0) parts.author = (shared * author) / (author + treasury + referrer);
        if (treasury != 0) parts.treasury = ((shared - parts.author) * treasury) / (treasury + referrer);
        parts.referrer = shared - parts.author - parts.treasury;
        parts.operator = total - shared;
    }

    function createWorld() internal {
        vm.warp(1_800_000_000);
        vm.roll(100);
        for (uint256 i; i < PEOPLE; ++i) {
            people.push(vm.addr(key(i)));
        }
        // By name: the code is not compiled into this test.
        bytes memory arguments = abi.encode(address(this));
        token = MesgToken(vm.deployCode("MesgToken.sol:MesgToken", arguments));
        arguments = abi.encode(token, people[TREASURER], COMMITMENT_BLOCKS);
        registry = ServiceRegistry(vm.deployCode("ServiceRegistry.sol:ServiceRegistry", arguments));
        arguments = abi.encode(token, registry, people[TREASURER]);
        pay = MesgPay(vm.deployCode("MesgPay.sol:MesgPay", arguments));
        vm.etch(PERMIT2, vm.parseJsonBytes(vm.readFile("out/Permit2.json"), ".deployedBytecode"));
        for (uint256 i; i < PEOPLE; ++i) {
            enrich(people[i]);
        }
    }

    function enrich(address account) private {
        require(token.transfer(account, WEALTH));
        vm.startPrank(account);
        token.approve(address(pay), type(uint256).max);
        token.approve(address(registry), type(uint256).max);
        token.approve(PERMIT2, type(uint256).max);
        vm.stopPrank();
    }
}
