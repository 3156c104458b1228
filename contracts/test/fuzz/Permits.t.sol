// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../src/interfaces/IMesgPay.sol";
import {Permits} from "../Permits.sol";

contract PermitsFuzzTest is Permits {
    function setUp() public {
        deploy();
        publish();
        fundOwner(1e24);
        installPermit2();
    }

    function testFuzzAPermitAllowsOnlyWhatWasSigned(uint256 amount, address other) public {
        vm.assume(other != address(pay) && other != PERMIT2);
        IMesgPay.Permit memory permit = signedPermit(amount);
        token.permit(owner, address(pay), amount, permit.deadline, permit.v, permit.r, permit.s);
        eq(token.allowance(owner, address(pay)), amount);
        eq(token.allowance(owner, other), 0);
    }

    function testFuzzPermit2OpensOnlyWhatWasSigned(uint96 signed, uint96 asked, uint256 nonce, bytes32 salt) public {
        (uint32 index, bytes32 offerHash) = offer(metered());
        IMesgPay.Config memory wanted = config(index, offerHash);
        (wanted.payer, wanted.salt) = (owner, salt);
        bytes32 id = pay.channelIdOf(wanted);
        uint128 amount = uint128(bound(signed, 1, 1e24));
        asked = uint96(bound(asked, 1, 1e24));
        IMesgPay.Permit2Signature memory permit = signedPermit2(OWNER_KEY, id, amount, nonce);
        if (asked != amount) {
            vm.expectRevert(bytes4(keccak256("InvalidSigner()")));
            pay.openWithPermit2(wanted, asked, permit);
        }
        pay.openWithPermit2(wanted, amount, permit);
        eq(pay.channel(id).reserved, amount);
        eq(token.balanceOf(owner), 1e24 - amount);
    }
}
