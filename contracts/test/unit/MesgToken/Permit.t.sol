// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {Permits} from "../../Permits.sol";

contract PermitTest is Permits {
    function setUp() public {
        deploy();
        fundOwner(100);
    }

    function testAPermitAllowsWhatWasSigned() public {
        send(signedPermit(60), 60);
        eq(token.allowance(owner, address(pay)), 60);
        eq(token.nonces(owner), 1);
    }

    function testAPermitCountsOnce() public {
        IMesgPay.Permit memory permit = signedPermit(60);
        send(permit, 60);
        vm.expectPartialRevert(ERC20Permit.ERC2612InvalidSigner.selector);
        send(permit, 60);
    }

    function testAPermitEnds() public {
        IMesgPay.Permit memory permit = signedPermit(60);
        later(1);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, START));
        send(permit, 60);
    }

    function testAPermitForAnotherAmountIsNone() public {
        IMesgPay.Permit memory permit = signedPermit(60);
        vm.expectPartialRevert(ERC20Permit.ERC2612InvalidSigner.selector);
        send(permit, 61);
    }

    function send(IMesgPay.Permit memory permit, uint256 amount) internal {
        token.permit(owner, address(pay), amount, permit.deadline, permit.v, permit.r, permit.s);
    }
}
