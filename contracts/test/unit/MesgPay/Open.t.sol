// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {Base} from "../../Base.sol";

contract OpenTest is Base {
    IMesgPay.Config internal wanted;
    bytes32 internal id;

    function setUp() public {
        deploy();
        publish();
        (uint32 index, bytes32 offerHash) = offer(metered());
        wanted = config(index, offerHash);
        id = pay.channelIdOf(wanted);
    }

    function eqState(IMesgPay.Phase phase, uint128 reserved, uint128 claimed, uint40 closesAt) internal view {
        same(abi.encode(pay.channel(id)), abi.encode(IMesgPay.ChannelState(phase, reserved, claimed, closesAt)));
    }

    function testAChannelIsOpenedFromTheWallet() public {
        eqState(IMesgPay.Phase.Absent, 0, 0, 0);
        vm.expectEmit(address(pay));
        emit IMesgPay.ChannelOpened(id, PAYER, wanted.operator, wanted, 100);
        vm.prank(PAYER);
        eq(pay.open(wanted, 100), id);
        eqState(IMesgPay.Phase.Open, 100, 0, 0);
        eq(token.balanceOf(address(pay)), 100);
    }

    function testAChannelIsOpenedFromTheVault() public {
        vm.startPrank(PAYER);
        pay.deposit(150);
        vm.expectEmit(address(pay));
        emit IMesgPay.ChannelOpened(id, PAYER, wanted.operator, wanted, 100);
        eq(pay.openFromVault(wanted, 100), id);
        eqState(IMesgPay.Phase.Open, 100, 0, 0);
        eq(pay.vaultOf(PAYER), 50);
        eq(token.balanceOf(address(pay)), 150);
    }

    function testAVaultMustHoldTheReserve() public {
        vm.startPrank(PAYER);
        pay.deposit(99);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.VaultTooLow.selector, PAYER, 99, 100));
        pay.openFromVault(wanted, 100);
    }

    function testAWalletMustHoldTheReserve() public {
        wanted.payer = FRIEND;
        vm.startPrank(FRIEND);
        token.approve(address(pay), 100);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, FRIEND, 0, 100));
        pay.open(wanted, 100);
    }

    function testOnlyThePayerOpensHisChannel() public {
        bytes memory refusal = abi.encodeWithSelector(IMesgPay.NotPayer.selector, FRIEND, PAYER);
        IMesgPay.Config[] memory configs = new IMesgPay.Config[](1);
        configs[0] = wanted;
        uint128[] memory amounts = new uint128[](1);
        vm.startPrank(FRIEND);
        vm.expectRevert(refusal);
        pay.open(wanted, 1);
        vm.expectRevert(refusal);
        pay.openFromVault(wanted, 1);
        vm.expectRevert(refusal);
        pay.openWithPermit(wanted, 1, IMesgPay.Permit(START, 27, 0, 0));
        vm.expectRevert(refusal);
        pay.openMany(configs, amounts);
    }

    function testAChannelOpensOnce() public {
        vm.startPrank(PAYER);
        pay.open(wanted, 100);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.PhaseWrong.selector, id, IMesgPay.Phase.Open));
        pay.open(wanted, 100);
        pay.startClose(wanted);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.PhaseWrong.selector, id, IMesgPay.Phase.Closing));
        pay.open(wanted, 100);
        later(DAY);
        pay.finalizeClose(wanted);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.PhaseWrong.selector, id, IMesgPay.Phase.Closed));
        pay.open(wanted, 100);
    }

    function testAChannelReservesAtLeastOneUnitAndAtMost96Bits() public {
        vm.startPrank(PAYER);
        vm.expectRevert(IMesgPay.AmountZero.selector);
        pay.open(wanted, 0);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.AmountTooHigh.selector, uint256(1) << 96, type(uint96).max));
        pay.open(wanted, uint128(1) << 96);
        pay.open(wanted, 1);
    }

    function testAChannelHasSignerAndOperator() public {
        wanted.signer = address(0);
        vm.startPrank(PAYER);
        vm.expectRevert(IMesgPay.AddressZero.selector);
        pay.open(wanted, 1);
        (wanted.signer, wanted.operator) = (PAYER, address(0));
        vm.expectRevert(IMesgPay.AddressZero.selector);
        pay.open(wanted, 1);
    }
}
