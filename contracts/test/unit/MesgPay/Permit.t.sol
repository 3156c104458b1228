// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {Permits} from "../../Permits.sol";

contract OpenWithPermitTest is Permits {
    IMesgPay.Config internal wanted;

    function setUp() public {
        deploy();
        publish();
        fundOwner(100);
        (uint32 index, bytes32 offerHash) = offer(metered());
        wanted = config(index, offerHash);
        wanted.payer = owner;
    }

    function openWith(IMesgPay.Permit memory permit, uint128 amount) internal {
        vm.prank(owner);
        pay.openWithPermit(wanted, amount, permit);
    }

    function testAPermitNeedsNoApproval() public {
        bytes32 id = pay.channelIdOf(wanted);
        IMesgPay.Permit memory permit = signedPermit(60);
        vm.expectEmit(address(pay));
        emit IMesgPay.ChannelOpened(id, owner, wanted.operator, wanted, 60);
        vm.prank(owner);
        eq(pay.openWithPermit(wanted, 60, permit), id);
        eq(pay.channel(id).reserved, 60);
        eq(token.balanceOf(owner), 40);
        eq(token.allowance(owner, address(pay)), 0);
    }

    function testItOpensAlsoWhenSomebodySentThePermitFirst() public {
        IMesgPay.Permit memory permit = signedPermit(60);
        vm.prank(FRIEND);
        token.permit(owner, address(pay), 60, permit.deadline, permit.v, permit.r, permit.s);
        openWith(permit, 60);
        eq(pay.channel(pay.channelIdOf(wanted)).reserved, 60);
    }

    function testAnInvalidPermitOpensNothing() public {
        IMesgPay.Permit memory permit = signedPermit(60);
        permit.r = bytes32(uint256(1));
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, pay, 0, 60));
        openWith(permit, 60);
        eq(uint256(pay.channel(pay.channelIdOf(wanted)).phase), uint256(IMesgPay.Phase.Absent));
    }

    function testALatePermitOpensNothing() public {
        IMesgPay.Permit memory permit = signedPermit(60);
        later(1);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, pay, 0, 60));
        openWith(permit, 60);
    }

    function testAnApprovalMakesUpForAnInvalidPermit() public {
        vm.prank(owner);
        token.approve(address(pay), 60);
        openWith(IMesgPay.Permit(0, 0, 0, 0), 60);
        eq(token.balanceOf(owner), 40);
    }
}
