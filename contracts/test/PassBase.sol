// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../src/interfaces/IMesgPay.sol";
import {IServiceRegistry} from "../src/interfaces/IServiceRegistry.sol";
import {Base} from "./Base.sol";

/// @title Passes of 30 days for 1000 units: 20 are earned at once, 950 by the author and 30 by the treasury with time.
abstract contract PassBase is Base {
    uint32 internal offerIndex;
    bytes32 internal offerHash;

    function setUp() public virtual {
        deploy();
        publish();
        (offerIndex, offerHash) = offer(pass());
        vm.prank(PAYER);
        token.transfer(FRIEND, 1e24);
        vm.prank(FRIEND);
        token.approve(address(pay), type(uint256).max);
    }

    /// Another offer of passes.
    function otherOffer(uint128 price, uint40 duration, uint16 seats) internal returns (uint32 index) {
        IServiceRegistry.OfferTerms memory terms = pass();
        (terms.price, terms.duration, terms.seats) = (price, duration, seats);
        (index,) = offer(terms);
    }

    function hashOf(uint32 index) internal view returns (bytes32 hash) {
        (,, hash) = registry.offer(serviceId, index);
    }

    function buy(address buyer, uint32 index, address beneficiary, address referrer) internal returns (uint40 expiry) {
        (IServiceRegistry.OfferTerms memory terms,, bytes32 hash) = registry.offer(serviceId, index);
        vm.prank(buyer);
        return
            pay.buyPass(
                IMesgPay.PassOrder(serviceId, index, hash, beneficiary, type(uint40).max, referrer, terms.price)
            );
    }

    function buy(address holder) internal returns (uint40 expiry) {
        return buy(holder, offerIndex, holder, address(0));
    }

    function settle(address account) internal returns (uint256 earned) {
        address[] memory accounts = new address[](1);
        accounts[0] = account;
        return pay.settlePasses(serviceId, accounts);
    }

    function cancel(address holder) internal returns (uint256 refunded) {
        vm.prank(holder);
        return pay.cancelPass(serviceId);
    }

    /// Nothing but passes was bought: every token is somebody's.
    function eqHeld() internal view {
        uint256 owed = pay.earnedByService(serviceId);
        address[4] memory everybody = [AUTHOR, PAYER, TREASURY, FRIEND];
        for (uint256 i; i < everybody.length; ++i) {
            (uint256 earned, uint256 refundable) = pay.passValue(serviceId, everybody[i]);
            owed += pay.vaultOf(everybody[i]) + pay.earnedBy(everybody[i]) + earned + refundable;
        }
        eq(token.balanceOf(address(pay)), owed);
    }
}
