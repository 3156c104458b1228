// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {Base} from "../../Base.sol";

contract VaultTest is Base {
    function setUp() public {
        deploy();
    }

    function testADepositFillsTheSendersVault() public {
        vm.startPrank(PAYER);
        vm.expectEmit(address(pay));
        emit IMesgPay.Deposited(PAYER, 60);
        pay.deposit(60);
        pay.deposit(40);
        eq(pay.vaultOf(PAYER), 100);
        eq(token.balanceOf(address(pay)), 100);
    }

    function testAWithdrawalGoesWhereTheOwnerSays() public {
        vm.startPrank(PAYER);
        pay.deposit(100);
        vm.expectEmit(address(pay));
        emit IMesgPay.Withdrawn(PAYER, FRIEND, 70);
        pay.withdraw(70, FRIEND);
        eq(pay.vaultOf(PAYER), 30);
        eq(token.balanceOf(FRIEND), 70);
        pay.withdraw(30, FRIEND);
        eq(token.balanceOf(address(pay)), 0);
    }

    function testNothingIsNeitherDepositedNorWithdrawn() public {
        vm.startPrank(PAYER);
        vm.expectRevert(IMesgPay.AmountZero.selector);
        pay.deposit(0);
        vm.expectRevert(IMesgPay.AmountZero.selector);
        pay.withdraw(0, PAYER);
    }

    function testNobodyWithdrawsMoreThanHeHas() public {
        vm.prank(FRIEND);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.VaultTooLow.selector, FRIEND, 0, 1));
        pay.withdraw(1, FRIEND);
        vm.startPrank(PAYER);
        pay.deposit(100);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.VaultTooLow.selector, PAYER, 100, 101));
        pay.withdraw(101, PAYER);
    }

    function testADepositNeedsAnApproval() public {
        vm.prank(FRIEND);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, pay, 0, 5));
        pay.deposit(5);
        eq(pay.vaultOf(FRIEND), 0);
    }

    function testNothingIsWithdrawnToNobody() public {
        vm.startPrank(PAYER);
        pay.deposit(5);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        pay.withdraw(5, address(0));
        eq(pay.vaultOf(PAYER), 5);
    }

    function testTheContractPaysNothingToItself() public {
        bytes memory refusal = abi.encodeWithSelector(IMesgPay.RecipientInvalid.selector, pay);
        vm.startPrank(PAYER);
        pay.deposit(100);
        vm.expectRevert(refusal);
        pay.withdraw(1, address(pay));
        eq(pay.vaultOf(PAYER), 100);
    }
}
