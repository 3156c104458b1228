// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {CallingToken} from "../../mocks/CallingToken.sol";
import {ReentrantHolder} from "../../mocks/ReentrantHolder.sol";
import {PassBase} from "../../PassBase.sol";

contract ReentrancyTest is PassBase {
    CallingToken internal calling;
    ReentrantHolder internal holder;
    IMesgPay.Config internal wanted;
    bytes[] internal guarded;

    function setUp() public override {
        PassBase.setUp();
        calling = new CallingToken(PAYER);
        pay = newPay(address(calling));
        holder = new ReentrantHolder();
        calling.tell(address(holder));
        vm.prank(PAYER);
        calling.transfer(address(holder), 10_000);
        holder.act(address(calling), abi.encodeCall(calling.approve, (address(pay), type(uint256).max)));
        (uint32 index, bytes32 hash) = offer(metered());
        wanted = config(index, hash);
        wanted.payer = address(holder);
        listGuarded();
    }

    /// All that move tokens or promise some.
    function listGuarded() internal {
        IMesgPay.Permit memory permit = IMesgPay.Permit(START, 27, 0, 0);
        IMesgPay.Permit2Signature memory permit2 = IMesgPay.Permit2Signature(0, START, "");
        guarded.push(abi.encodeCall(pay.deposit, (1)));
        guarded.push(abi.encodeCall(pay.withdraw, (1, address(holder))));
        guarded.push(abi.encodeCall(pay.collect, (address(holder))));
        guarded.push(abi.encodeCall(pay.collectService, (serviceId, address(holder))));
        guarded.push(abi.encodeCall(pay.open, (wanted, 1)));
        guarded.push(abi.encodeCall(pay.openFromVault, (wanted, 1)));
        guarded.push(abi.encodeCall(pay.openWithPermit, (wanted, 1, permit)));
        guarded.push(abi.encodeCall(pay.openWithPermit2, (wanted, 1, permit2)));
        guarded.push(abi.encodeCall(pay.openMany, (new IMesgPay.Config[](0), new uint128[](0))));
        guarded.push(abi.encodeCall(pay.topUp, (wanted, 1)));
        guarded.push(
            abi.encodeCall(
                pay.buyPass,
                (IMesgPay.PassOrder(
                        serviceId, offerIndex, offerHash, address(holder), type(uint40).max, address(0), 1000
                    ))
            )
        );
        guarded.push(
            abi.encodeCall(
                pay.buyPassFromVault,
                (IMesgPay.PassOrder(
                        serviceId, offerIndex, offerHash, address(holder), type(uint40).max, address(0), 1000
                    ))
            )
        );
    }

    function eqRefused() internal view {
        eq(holder.called(), true);
        eq(holder.succeeded(), false);
        same(holder.answer(), abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
    }

    function testNobodyEntersTwiceWhileTokensComeIn() public {
        for (uint256 i; i < guarded.length; ++i) {
            holder.prepare(address(pay), guarded[i]);
            holder.act(address(pay), abi.encodeCall(pay.deposit, (10)));
            eqRefused();
        }
        eq(pay.vaultOf(address(holder)), 10 * guarded.length);
        eq(calling.balanceOf(address(pay)), 10 * guarded.length);
    }

    function testNobodyEntersTwiceWhileTokensGoOut() public {
        holder.act(address(pay), abi.encodeCall(pay.deposit, (1000)));
        for (uint256 i; i < guarded.length; ++i) {
            holder.prepare(address(pay), guarded[i]);
            holder.act(address(pay), abi.encodeCall(pay.withdraw, (10, address(holder))));
            eqRefused();
        }
        eq(pay.vaultOf(address(holder)), 1000 - 10 * guarded.length);
        eq(calling.balanceOf(address(pay)), 1000 - 10 * guarded.length);
    }

    function testAPassCancelledBeforeItsTokensCameIsPaidAllTheSame() public {
        holder.prepare(address(pay), abi.encodeCall(pay.cancelPass, (serviceId)));
        holder.act(
            address(pay),
            abi.encodeCall(
                pay.buyPass,
                (IMesgPay.PassOrder(
                        serviceId, offerIndex, offerHash, address(holder), type(uint40).max, address(0), 1000
                    ))
            )
        );
        eq(holder.succeeded(), true);
        eq(pay.vaultOf(address(holder)), 980);
        eq(pay.earnedByService(serviceId), 20);
        eq(calling.balanceOf(address(pay)), 1000);
    }

    function testAVoucherCashedBeforeItsTokensCameIsPaidAllTheSame() public {
        IMesgPay.Claim[] memory rows = new IMesgPay.Claim[](1);
        rows[0] = voucher(SESSION_KEY, wanted, 0, 100);
        holder.prepare(address(pay), abi.encodeCall(pay.claim, (rows)));
        holder.act(address(pay), abi.encodeCall(pay.open, (wanted, 100)));
        eq(holder.succeeded(), true);
        eq(pay.earnedBy(wanted.operator), 75);
        eq(calling.balanceOf(address(pay)), 100);
    }

    function testTokensSentOnTheSideAreNoPayment() public {
        holder.prepare(address(calling), abi.encodeCall(calling.transfer, (address(pay), 5)));
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.ReceivedOther.selector, 10, 15));
        holder.act(address(pay), abi.encodeCall(pay.deposit, (10)));
    }

    function testARegistrationCannotBeEnteredForAnotherFee() public {
        registry = newRegistry(address(calling));
        holder.act(address(calling), abi.encodeCall(calling.approve, (address(registry), 10e18)));
        vm.prank(PAYER);
        calling.transfer(address(holder), 10e18);
        registry.commit(keccak256(abi.encode("first", holder, bytes32(0))));
        registry.commit(keccak256(abi.encode("second", holder, bytes32(0))));
        vm.roll(vm.getBlockNumber() + 1);
        holder.prepare(address(registry), abi.encodeCall(registry.register, ("second", 0, 10e18)));
        holder.act(address(registry), abi.encodeCall(registry.register, ("first", 0, 10e18)));
        eq(holder.succeeded(), true);
        eq(calling.balanceOf(TREASURY), 1e18 + 1.005e18);
        eq(registry.registrationFee(), 1.010025e18);
    }
}
