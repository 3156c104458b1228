// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../src/interfaces/IMesgPay.sol";
import {Market} from "./Market.sol";

/// @title Nobody takes more out than is his, for every amount and account.
contract AccountsSymbolic is Market {
    function setUp() public {
        createMarket();
        vm.prank(PAYER);
        token.transfer(REFERRER, 1e24);
        vm.prank(REFERRER);
        token.approve(address(pay), type(uint256).max);
    }

    function check_S10_aVaultPaysNoMoreThanItHolds(uint96 mine, uint96 others, uint256 taken, address to) public {
        vm.assume(mine > 0 && others > 0 && mine < 1e24 && others < 1e24);
        vm.assume(to != address(pay) && to != PAYER && to != REFERRER);
        vm.prank(PAYER);
        pay.deposit(others);
        vm.prank(REFERRER);
        pay.deposit(mine);
        uint256 before = token.balanceOf(to);
        vm.prank(REFERRER);
        (bool done,) = address(pay).call(abi.encodeCall(pay.withdraw, (taken, to)));
        assert(done == (to != address(0) && taken > 0 && taken <= mine));
        if (!done) taken = 0;
        assert(token.balanceOf(to) - before == taken);
        assert(pay.vaultOf(REFERRER) == mine - taken);
        assert(pay.vaultOf(PAYER) == others);
    }

    /// The referrer earns 11.11 % of a pass (111 of 999) at once; whoever else calls gets nothing of it.
    function check_S11_collectPaysWhatIsCreditedOnce(address caller, address to) public {
        vm.assume(to != address(pay) && to != address(0) && caller != TREASURY);
        vm.startPrank(PAYER);
        pay.deposit(1000);
        pay.buyPass(IMesgPay.PassOrder(serviceId, 1, hashOf(1), PAYER, type(uint40).max, REFERRER, 999));
        vm.stopPrank();
        uint256 before = token.balanceOf(to);
        vm.startPrank(caller);
        (bool done,) = address(pay).call(abi.encodeCall(pay.collect, (to)));
        (bool again,) = address(pay).call(abi.encodeCall(pay.collect, (to)));
        assert(done == (caller == REFERRER) && !again);
        assert(token.balanceOf(to) - before == (done ? 111 : 0));
        assert(pay.earnedBy(REFERRER) == (done ? 0 : 111));
    }

    function check_S12_onlyTheOwnerCollectsForAService(address caller, address to) public {
        vm.assume(to != address(pay) && to != address(0));
        vm.startPrank(PAYER);
        pay.buyPass(IMesgPay.PassOrder(serviceId, 1, hashOf(1), PAYER, type(uint40).max, address(0), 999));
        vm.stopPrank();
        uint256 before = token.balanceOf(to);
        vm.prank(caller);
        (bool done,) = address(pay).call(abi.encodeCall(pay.collectService, (serviceId, to)));
        assert(done == (caller == AUTHOR));
        assert(token.balanceOf(to) - before == (done ? 111 : 0));
    }
}
