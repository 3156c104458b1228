// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../src/interfaces/IMesgPay.sol";
import {Market} from "./Market.sol";

/// @title Passes at every second: what is earned, held and paid back.
contract PassesSymbolic is Market {
    function setUp() public {
        createMarket();
        vm.startPrank(PAYER);
        token.transfer(REFERRER, 1e24);
        pay.buyPass(IMesgPay.PassOrder(serviceId, 1, hashOf(1), PAYER, type(uint40).max, REFERRER, 999));
        vm.stopPrank();
        vm.prank(REFERRER);
        token.approve(address(pay), type(uint256).max);
    }

    function check_S13_aCancelledPassIsPaidForExactly(uint40 settledAt, uint40 cancelledAt) public {
        vm.assume(settledAt >= START && cancelledAt >= settledAt && cancelledAt < START + DURATION);
        vm.warp(settledAt);
        uint256 earned = settle();
        vm.warp(cancelledAt);
        (, uint256 refundable) = pay.passValue(serviceId, PAYER);
        vm.prank(PAYER);
        uint256 refunded = pay.cancelPass(serviceId);
        assert(refunded == refundable && pay.vaultOf(PAYER) == refunded);
        assert(pay.earnedBy(REFERRER) == 111);
        uint256 credited = pay.earnedByService(serviceId) + pay.earnedBy(TREASURY);
        assert(credited >= earned);
        assert(refunded + credited + 111 == 999);
    }

    function check_S14_manySettlementsCreditWhatOneDoes(uint40 first, uint40 second) public {
        vm.assume(first >= START && second >= first && second < START + 2 * DURATION);
        vm.warp(second);
        (uint256 expected,) = pay.passValue(serviceId, PAYER);
        vm.warp(first);
        uint256 earned = settle();
        vm.warp(second);
        assert(earned + settle() == expected);
        assert(settle() == 0);
        if (second >= START + DURATION) assert(expected == 999 - 111);
    }

    function check_S15_refundsOnlyFallWithTime(uint40 first, uint40 second) public {
        vm.assume(first >= START && second >= first && second < START + 2 * DURATION);
        vm.warp(first);
        (uint256 earned, uint256 refundable) = pay.passValue(serviceId, PAYER);
        vm.warp(second);
        (uint256 earnedLater, uint256 refundableLater) = pay.passValue(serviceId, PAYER);
        assert(refundableLater <= refundable && earnedLater >= earned);
        assert(earned + refundable == earnedLater + refundableLater);
    }

    /// A stranger's gift adds its whole duration, whenever it comes.
    function check_S16_aGiftAddsItsWholeDuration(uint40 time) public {
        vm.assume(time >= START && time < START + 2 * DURATION);
        vm.warp(time);
        bytes32 offerHash = hashOf(1);
        vm.prank(REFERRER);
        pay.buyPass(IMesgPay.PassOrder(serviceId, 1, offerHash, PAYER, type(uint40).max, address(0), 999));
        uint256 begin = time > START + DURATION ? time : START + DURATION;
        assert(pay.passExpiry(serviceId, PAYER) == begin + DURATION);
    }

    function check_S17_nobodyElseCancelsAPass(address caller, uint40 time) public {
        vm.assume(caller != PAYER && time >= START && time < START + 2 * DURATION);
        vm.warp(time);
        vm.prank(caller);
        (bool done,) = address(pay).call(abi.encodeCall(pay.cancelPass, (serviceId)));
        assert(!done);
        assert(pay.passExpiry(serviceId, PAYER) == START + DURATION);
    }

    function settle() private returns (uint256) {
        address[] memory accounts = new address[](1);
        accounts[0] = PAYER;
        return pay.settlePasses(serviceId, accounts);
    }
}
