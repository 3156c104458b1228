// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../src/interfaces/IMesgPay.sol";
import {IServiceRegistry} from "../../src/interfaces/IServiceRegistry.sol";
import {MesgPay} from "../../src/MesgPay.sol";
import {MesgToken} from "../../src/MesgToken.sol";
import {ServiceRegistry} from "../../src/ServiceRegistry.sol";

/// The cheatcodes that halmos knows.
interface Symbolic {
    function prank(address) external;
    function startPrank(address) external;
    function stopPrank() external;
    function warp(uint256) external;
    function roll(uint256) external;
    function assume(bool) external pure;
}

/// @title The market that the symbolic proofs start from; everything else in them stands for any value at once.
abstract contract Market {
    Symbolic internal constant vm = Symbolic(address(uint160(uint256(keccak256("hevm cheat code")))));

    address internal constant AUTHOR = address(0xA0);
    address internal constant PAYER = address(0xB0);
    address internal constant TREASURY = address(0xC0);
    address internal constant REFERRER = address(0xD0);
    address internal constant SIGNER = address(0xE0);
    address internal constant OPERATOR = address(0xF0);
    uint256 internal constant START = 1_800_000_000;
    uint40 internal constant CLOSE_DELAY = 1 days;
    /// A power of two: the solver shifts instead of dividing.
    uint40 internal constant DURATION = 2 ** 21;

    MesgToken internal token;
    ServiceRegistry internal registry;
    MesgPay internal pay;
    uint256 internal serviceId;

    function createMarket() internal {
        vm.warp(START);
        vm.roll(100);
        token = new MesgToken(PAYER);
        registry = new ServiceRegistry(token, TREASURY, 1);
        pay = new MesgPay(token, registry, TREASURY);
        vm.startPrank(PAYER);
        token.approve(address(pay), type(uint256).max);
        token.approve(address(registry), type(uint256).max);
        registry.commit(keccak256(abi.encode("weather", PAYER, bytes32(0))));
        vm.roll(101);
        serviceId = registry.register("weather", bytes32(0), 1e18);
        registry.publishVersion(serviceId, bytes32(uint256(1)), bytes32(0), "");
        registry.createOffer(
            serviceId, IServiceRegistry.OfferTerms(1, 7, 0, 0, CLOSE_DELAY, 0, 2000, 300, 200, false, 0)
        );
        registry.createOffer(serviceId, IServiceRegistry.OfferTerms(0, 999, 0, DURATION, 0, 0, 0, 333, 1111, false, 3));
        registry.transferFrom(PAYER, AUTHOR, serviceId);
        vm.stopPrank();
    }

    function hashOf(uint32 index) internal view returns (bytes32 offerHash) {
        (,, offerHash) = registry.offer(serviceId, index);
    }

    function config() internal view returns (IMesgPay.Config memory) {
        return IMesgPay.Config({
            payer: PAYER,
            signer: SIGNER,
            operator: OPERATOR,
            serviceId: serviceId,
            offerIndex: 0,
            offerHash: hashOf(0),
            referrer: REFERRER,
            authorBps: 2000,
            treasuryBps: 300,
            referrerBps: 200,
            closeDelay: CLOSE_DELAY,
            salt: bytes32(0)
        });
    }

    /// Another channel of another payer keeps tokens in the contract that nobody may reach through the first.
    function openTwo(uint96 amount, uint96 others) internal returns (IMesgPay.Config memory opened, bytes32 id) {
        vm.assume(amount > 0 && others > 0 && uint256(amount) + others < 1e26);
        opened = config();
        IMesgPay.Config memory other = config();
        other.salt = bytes32(uint256(1));
        vm.startPrank(PAYER);
        pay.open(opened, amount);
        pay.open(other, others);
        vm.stopPrank();
        id = pay.channelIdOf(opened);
    }

    function row(IMesgPay.Config memory opened, uint32 lane, uint128 cumulative, bytes32 r, bytes32 vs)
        internal
        pure
        returns (IMesgPay.Claim[] memory rows)
    {
        rows = new IMesgPay.Claim[](1);
        rows[0] = IMesgPay.Claim(opened, lane, cumulative, r, vs);
    }

    /// Whom an EIP-2098 signature comes from.
    function recovered(bytes32 digest, bytes32 r, bytes32 vs) internal pure returns (address) {
        bytes32 s = vs & bytes32(uint256(type(int256).max));
        return ecrecover(digest, uint8(uint256(vs) >> 255) + 27, r, s);
    }
}
