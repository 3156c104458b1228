// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {IServiceRegistry} from "../../../src/interfaces/IServiceRegistry.sol";
import {PassBase} from "../../PassBase.sol";

contract BuyPassTest is PassBase {
    function eqPass(uint40 settledTo, uint40 until, uint32 index) internal view {
        same(abi.encode(pay.passOf(serviceId, PAYER)), abi.encode(IMesgPay.Pass(settledTo, until, index, 0, 0)));
    }

    function testAPassIsBoughtFromTheWallet() public {
        eqPass(0, 0, 0);
        vm.expectEmit(address(pay));
        emit IMesgPay.PassBought(serviceId, PAYER, PAYER, offerIndex, 1000, START + 30 days, FRIEND);
        eq(buy(PAYER, offerIndex, PAYER, FRIEND), START + 30 days);
        eqPass(START, START + 30 days, offerIndex);
        eq(pay.passExpiry(serviceId, PAYER), START + 30 days);
        eq(pay.accessUntil(serviceId, PAYER), START + 30 days);
        eq(token.balanceOf(address(pay)), 1000);
        eqHeld();
    }

    function testAPassIsBoughtFromTheVault() public {
        vm.startPrank(PAYER);
        pay.deposit(1500);
        vm.expectEmit(address(pay));
        emit IMesgPay.PassBought(serviceId, PAYER, PAYER, offerIndex, 1000, START + 30 days, FRIEND);
        eq(
            pay.buyPassFromVault(
                IMesgPay.PassOrder(serviceId, offerIndex, offerHash, PAYER, type(uint40).max, FRIEND, 1000)
            ),
            START + 30 days
        );
        eq(pay.vaultOf(PAYER), 500);
        eqHeld();
    }

    function testOnlyTheReferrersPartIsEarnedAtOnce() public {
        buy(PAYER, offerIndex, PAYER, FRIEND);
        eq(pay.earnedBy(FRIEND), 20);
        eq(pay.earnedByService(serviceId), 0);
        eq(pay.earnedBy(TREASURY), 0);
    }

    function testWithoutReferrerThatPartIsTheServices() public {
        buy(PAYER);
        eq(pay.earnedByService(serviceId), 20);
        eq(pay.earnedBy(address(0)), 0);
        eqHeld();
    }

    function testAPassCostsNoMoreThanTheBuyerAgreed() public {
        vm.prank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.PriceTooHigh.selector, 1000, 999));
        pay.buyPass(IMesgPay.PassOrder(serviceId, offerIndex, offerHash, PAYER, type(uint40).max, FRIEND, 999));
    }

    function testTheBuyerSaysWhichTerms() public {
        bytes memory refusal = abi.encodeWithSelector(IMesgPay.OfferHashMismatch.selector, bytes32("x"), offerHash);
        vm.startPrank(PAYER);
        vm.expectRevert(refusal);
        pay.buyPass(IMesgPay.PassOrder(serviceId, offerIndex, "x", PAYER, type(uint40).max, FRIEND, 1000));
        vm.expectRevert(refusal);
        pay.buyPassFromVault(IMesgPay.PassOrder(serviceId, offerIndex, "x", PAYER, type(uint40).max, FRIEND, 1000));
    }

    function testAChannelsOfferIsNoPass() public {
        (uint32 index, bytes32 hash) = offer(metered());
        vm.prank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.KindMismatch.selector, 1, 0));
        pay.buyPass(IMesgPay.PassOrder(serviceId, index, hash, PAYER, type(uint40).max, FRIEND, 1000));
    }

    function testAPassIsSomebodys() public {
        vm.prank(PAYER);
        vm.expectRevert(IMesgPay.AddressZero.selector);
        pay.buyPass(IMesgPay.PassOrder(serviceId, offerIndex, offerHash, address(0), type(uint40).max, FRIEND, 1000));
    }

    function testADisabledOfferIsNotSoldButWhatWasSoldGoesOn() public {
        buy(PAYER);
        vm.prank(AUTHOR);
        registry.disableOffer(serviceId, offerIndex);
        vm.prank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.OfferIsDisabled.selector, serviceId, offerIndex));
        pay.buyPass(IMesgPay.PassOrder(serviceId, offerIndex, offerHash, PAYER, type(uint40).max, FRIEND, 1000));
        later(15 days);
        eq(settle(PAYER), 490);
        eq(cancel(PAYER), 490);
        eqHeld();
    }

    function testWhoCannotPayGetsNoPass() public {
        vm.startPrank(AUTHOR);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, pay, 0, 1000));
        pay.buyPass(IMesgPay.PassOrder(serviceId, offerIndex, offerHash, AUTHOR, type(uint40).max, FRIEND, 1000));
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.VaultTooLow.selector, AUTHOR, 0, 1000));
        pay.buyPassFromVault(
            IMesgPay.PassOrder(serviceId, offerIndex, offerHash, AUTHOR, type(uint40).max, FRIEND, 1000)
        );
        eq(pay.passExpiry(serviceId, AUTHOR), 0);
        eq(pay.earnedBy(FRIEND), 0);
    }

    function testAPassMayCostNothing() public {
        uint32 free = otherOffer(0, 7 days, 1);
        eq(buy(AUTHOR, free, AUTHOR, FRIEND), START + 7 days);
        later(3 days);
        eq(settle(AUTHOR), 0);
        eq(cancel(AUTHOR), 0);
        vm.prank(AUTHOR);
        pay.buyPassFromVault(IMesgPay.PassOrder(serviceId, free, hashOf(free), AUTHOR, type(uint40).max, FRIEND, 0));
        eq(token.balanceOf(address(pay)), 0);
        eqHeld();
    }
}
