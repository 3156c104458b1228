// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../src/interfaces/IMesgPay.sol";
import {IServiceRegistry} from "../src/interfaces/IServiceRegistry.sol";
import {MesgPay} from "../src/MesgPay.sol";
import {MesgToken} from "../src/MesgToken.sol";
import {ServiceRegistry} from "../src/ServiceRegistry.sol";
import {Vm} from "./Vm.sol";

/// @title The market as every test finds it, and the sentences that tests are written in.
abstract contract Base {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public IS_TEST = true;

    uint256 internal constant SESSION_KEY = 0x5E55;
    uint256 internal constant OPERATOR_KEY = 0x0FE8;
    address internal constant AUTHOR = address(0xA0);
    address internal constant PAYER = address(0xB0);
    address internal constant TREASURY = address(0xC0);
    address internal constant FRIEND = address(0xD0);
    uint40 internal constant DAY = 1 days;
    /// @dev Not block.timestamp: the optimizer may read that again after the time was changed.
    uint40 internal constant START = 1_800_000_000;

    MesgToken internal token;
    ServiceRegistry internal registry;
    MesgPay internal pay;
    uint256 internal serviceId;

    error Different(uint256 actual, uint256 expected);
    error DifferentBytes(bytes actual, bytes expected);

    function eq(uint256 actual, uint256 expected) internal pure {
        if (actual != expected) revert Different(actual, expected);
    }

    function eq(address actual, address expected) internal pure {
        eq(uint160(actual), uint160(expected));
    }

    function eq(bytes32 actual, bytes32 expected) internal pure {
        eq(uint256(actual), uint256(expected));
    }

    function eq(bool actual, bool expected) internal pure {
        eq(actual ? 1 : 0, expected ? 1 : 0);
    }

    /// Compare whole values: texts, or what abi.encode makes of them.
    function same(bytes memory actual, bytes memory expected) internal pure {
        if (keccak256(actual) != keccak256(expected)) revert DifferentBytes(actual, expected);
    }

    function within(uint256 actual, uint256 expected, uint256 tolerance) internal pure {
        if (actual + tolerance < expected || actual > expected + tolerance) revert Different(actual, expected);
    }

    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + value % (high - low + 1);
    }

    function deploy() internal {
        later(0);
        vm.roll(100);
        token = MesgToken(vm.deployCode("MesgToken.sol:MesgToken", abi.encode(PAYER)));
        registry = newRegistry(address(token));
        pay = newPay(address(token));
        vm.prank(PAYER);
        token.approve(address(pay), type(uint256).max);
        allowNames(AUTHOR, 1000e18);
    }

    /// Deployed by name: a test that held the code would be compiled with all of it.
    function newRegistry(address paidIn) internal returns (ServiceRegistry) {
        return newRegistry(paidIn, 1);
    }

    function newRegistry(address paidIn, uint256 commitmentBlocks) internal returns (ServiceRegistry) {
        return ServiceRegistry(
            vm.deployCode("ServiceRegistry.sol:ServiceRegistry", abi.encode(paidIn, TREASURY, commitmentBlocks))
        );
    }

    function newPay(address paidIn) internal returns (MesgPay) {
        return MesgPay(vm.deployCode("MesgPay.sol:MesgPay", abi.encode(paidIn, registry, TREASURY)));
    }

    /// Go to a time after the start.
    function later(uint256 elapsed) internal {
        vm.warp(START + elapsed);
    }

    /// Give an account what names cost, and let the registry take it.
    function allowNames(address owner, uint256 amount) internal {
        vm.prank(PAYER);
        token.transfer(owner, amount);
        vm.prank(owner);
        token.approve(address(registry), amount);
    }

    function register(address owner, string memory sid) internal returns (uint256 id) {
        vm.prank(owner);
        registry.commit(keccak256(abi.encode(sid, owner, bytes32(0))));
        vm.roll(vm.getBlockNumber() + 1);
        vm.prank(owner);
        id = registry.register(sid, bytes32(0), type(uint256).max);
    }

    function publish() internal {
        serviceId = register(AUTHOR, "weather.acme");
        vm.prank(AUTHOR);
        registry.publishVersion(serviceId, bytes32("manifest"), bytes32("package"), "mesg://weather");
    }

    function metered() internal pure returns (IServiceRegistry.OfferTerms memory) {
        return IServiceRegistry.OfferTerms(1, 7, 0, 0, DAY, 0, 2000, 300, 200, false, 0);
    }

    function pass() internal pure returns (IServiceRegistry.OfferTerms memory) {
        return IServiceRegistry.OfferTerms(0, 1000, 0, 30 * DAY, 0, 0, 0, 300, 200, false, 3);
    }

    function offer(IServiceRegistry.OfferTerms memory terms) internal returns (uint32 index, bytes32 offerHash) {
        vm.prank(AUTHOR);
        index = registry.createOffer(serviceId, terms);
        (,, offerHash) = registry.offer(serviceId, index);
    }

    function config(uint32 index, bytes32 offerHash) internal view returns (IMesgPay.Config memory) {
        return IMesgPay.Config({
            payer: PAYER,
            signer: vm.addr(SESSION_KEY),
            operator: vm.addr(OPERATOR_KEY),
            serviceId: serviceId,
            offerIndex: index,
            offerHash: offerHash,
            referrer: FRIEND,
            authorBps: 2000,
            treasuryBps: 300,
            referrerBps: 200,
            closeDelay: DAY,
            salt: bytes32("salt")
        });
    }

    function open(uint128 amount) internal returns (IMesgPay.Config memory opened) {
        (uint32 index, bytes32 offerHash) = offer(metered());
        opened = config(index, offerHash);
        vm.prank(PAYER);
        pay.open(opened, amount);
    }

    function voucher(uint256 key, IMesgPay.Config memory chosen, uint32 lane, uint128 cumulative)
        internal
        view
        returns (IMesgPay.Claim memory)
    {
        (bytes32 r, bytes32 vs) = compact(key, pay.voucherDigest(pay.channelIdOf(chosen), lane, cumulative));
        return IMesgPay.Claim(chosen, lane, cumulative, r, vs);
    }

    function compact(uint256 key, bytes32 digest) internal pure returns (bytes32 r, bytes32 vs) {
        uint8 v;
        bytes32 s;
        (v, r, s) = vm.sign(key, digest);
        vs = bytes32(uint256(s) | (uint256(v - 27) << 255));
    }

    function claim(IMesgPay.Claim memory row) internal returns (uint256) {
        IMesgPay.Claim[] memory rows = new IMesgPay.Claim[](1);
        rows[0] = row;
        return pay.claim(rows);
    }
}
