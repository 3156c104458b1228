// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {FalseToken} from "../../mocks/FalseToken.sol";
import {FeeToken} from "../../mocks/FeeToken.sol";
import {RebasingToken} from "../../mocks/RebasingToken.sol";
import {SilentToken} from "../../mocks/SilentToken.sol";
import {PassBase} from "../../PassBase.sol";

contract HostileTokensTest is PassBase {
    function payIn(address hostile) internal {
        pay = newPay(hostile);
        vm.prank(PAYER);
        (bool done,) = hostile.call(abi.encodeCall(IERC20.approve, (address(pay), type(uint256).max)));
        assert(done);
    }

    function testATokenThatTakesAFeeIsRefused() public {
        payIn(address(new FeeToken(PAYER)));
        (uint32 index, bytes32 hash) = offer(metered());
        IMesgPay.Config memory wanted = config(index, hash);
        bytes memory refusal = abi.encodeWithSelector(IMesgPay.ReceivedOther.selector, 1000, 999);
        vm.startPrank(PAYER);
        vm.expectRevert(refusal);
        pay.open(wanted, 1000);
        vm.expectRevert(refusal);
        pay.deposit(1000);
        vm.expectRevert(refusal);
        pay.buyPass(IMesgPay.PassOrder(serviceId, offerIndex, offerHash, PAYER, type(uint40).max, FRIEND, 1000));
        eq(pay.vaultOf(PAYER), 0);
    }

    function testATokenThatAnswersFalseIsRefused() public {
        FalseToken hostile = new FalseToken(PAYER);
        payIn(address(hostile));
        vm.startPrank(PAYER);
        pay.deposit(100);
        hostile.refuse(true);
        bytes memory refusal = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, hostile);
        vm.expectRevert(refusal);
        pay.deposit(100);
        vm.expectRevert(refusal);
        pay.withdraw(100, PAYER);
        eq(pay.vaultOf(PAYER), 100);
        hostile.refuse(false);
        pay.withdraw(100, FRIEND);
        eq(hostile.balanceOf(FRIEND), 100);
    }

    function testATokenThatReturnsNothingIsGoodEnough() public {
        SilentToken silent = new SilentToken(PAYER);
        payIn(address(silent));
        IMesgPay.Config memory opened = open(1000);
        claim(voucher(SESSION_KEY, opened, 0, 1000));
        vm.prank(opened.operator);
        eq(pay.collect(FRIEND), 750);
        eq(silent.balanceOf(FRIEND), 750);
        eq(silent.balanceOf(address(pay)), 250);
    }

    function testATokenWhoseBalancesShrinkHarmsTheLastWhoLeavesAndNoBooks() public {
        RebasingToken rebasing = new RebasingToken(PAYER);
        payIn(address(rebasing));
        vm.prank(PAYER);
        pay.deposit(1000);
        rebasing.rebase(50);
        vm.startPrank(PAYER);
        pay.withdraw(500, FRIEND);
        vm.expectPartialRevert(bytes4(keccak256("ERC20InsufficientBalance(address,uint256,uint256)")));
        pay.withdraw(500, FRIEND);
        eq(pay.vaultOf(PAYER), 500);
    }

    function testATokenWhoseBalancesGrowGivesNobodyMore() public {
        RebasingToken rebasing = new RebasingToken(PAYER);
        payIn(address(rebasing));
        vm.prank(PAYER);
        pay.deposit(1000);
        rebasing.rebase(200);
        vm.startPrank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.VaultTooLow.selector, PAYER, 1000, 1001));
        pay.withdraw(1001, PAYER);
        pay.withdraw(1000, FRIEND);
        eq(rebasing.balanceOf(FRIEND), 1000);
    }
}
