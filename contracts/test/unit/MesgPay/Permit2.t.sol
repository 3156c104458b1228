// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {ContractWallet} from "../../mocks/ContractWallet.sol";
import {FeeToken} from "../../mocks/FeeToken.sol";
import {Permits} from "../../Permits.sol";

contract OpenWithPermit2Test is Permits {
    IMesgPay.Config internal wanted;
    bytes32 internal id;

    function setUp() public {
        deploy();
        publish();
        fundOwner(100);
        installPermit2();
        (uint32 index, bytes32 offerHash) = offer(metered());
        wanted = config(index, offerHash);
        wanted.payer = owner;
        id = pay.channelIdOf(wanted);
    }

    function refused(IMesgPay.Permit2Signature memory permit, uint128 amount, bytes4 selector) internal {
        vm.expectPartialRevert(selector);
        pay.openWithPermit2(wanted, amount, permit);
        eq(uint256(pay.channel(pay.channelIdOf(wanted)).phase), uint256(IMesgPay.Phase.Absent));
        eq(token.balanceOf(address(pay)), 0);
    }

    function testAnybodyMaySendWhatThePayerSigned() public {
        IMesgPay.Permit2Signature memory permit = signedPermit2(OWNER_KEY, id, 60, 5);
        vm.expectEmit(address(token));
        emit IERC20.Transfer(owner, address(pay), 60);
        vm.prank(FRIEND);
        eq(pay.openWithPermit2(wanted, 60, permit), id);
        eq(pay.channel(id).reserved, 60);
        eq(token.balanceOf(owner), 40);
        eq(claim(voucher(SESSION_KEY, wanted, 0, 60)), 60);
    }

    function testWhatThePayerSignedCountsOnce() public {
        IMesgPay.Permit2Signature memory permit = signedPermit2(OWNER_KEY, id, 60, 5);
        pay.openWithPermit2(wanted, 60, permit);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.PhaseWrong.selector, id, IMesgPay.Phase.Open));
        pay.openWithPermit2(wanted, 60, permit);
        wanted.salt = "another";
        permit = signedPermit2(OWNER_KEY, pay.channelIdOf(wanted), 40, 5);
        vm.expectRevert(bytes4(keccak256("InvalidNonce()")));
        pay.openWithPermit2(wanted, 40, permit);
    }

    function testThePayerSignedWhichChannelHeOpens() public {
        IMesgPay.Permit2Signature memory permit = signedPermit2(OWNER_KEY, id, 60, 5);
        wanted.operator = FRIEND;
        refused(permit, 60, bytes4(keccak256("InvalidSigner()")));
    }

    function testThePayerSignedHowMuch() public {
        refused(signedPermit2(OWNER_KEY, id, 60, 5), 59, bytes4(keccak256("InvalidSigner()")));
        refused(signedPermit2(OWNER_KEY, id, 60, 5), 61, bytes4(keccak256("InvalidSigner()")));
    }

    function testNobodySignsForThePayer() public {
        refused(signedPermit2(SESSION_KEY, id, 60, 5), 60, bytes4(keccak256("InvalidSigner()")));
    }

    function testASignatureEnds() public {
        IMesgPay.Permit2Signature memory permit = signedPermit2(OWNER_KEY, id, 60, 5);
        later(1);
        refused(permit, 60, bytes4(keccak256("SignatureExpired(uint256)")));
    }

    function testThePayerMustHaveTheTokens() public {
        IMesgPay.Permit2Signature memory permit = signedPermit2(OWNER_KEY, id, 101, 5);
        vm.expectRevert(bytes("TRANSFER_FROM_FAILED"));
        pay.openWithPermit2(wanted, 101, permit);
    }

    function testTheTermsAreCheckedAsEverywhere() public {
        wanted.authorBps = 0;
        IMesgPay.Permit2Signature memory permit = signedPermit2(OWNER_KEY, pay.channelIdOf(wanted), 60, 5);
        refused(permit, 60, IMesgPay.TermsMismatch.selector);
        refused(permit, 0, IMesgPay.AmountZero.selector);
    }

    function testASignatureIsForOneContract() public {
        IMesgPay.Permit2Signature memory permit = signedPermit2(OWNER_KEY, id, 60, 5);
        pay = newPay(address(token));
        refused(permit, 60, bytes4(keccak256("InvalidSigner()")));
    }

    function testAContractWalletPaysToo() public {
        ContractWallet wallet = new ContractWallet(owner, token, PERMIT2);
        vm.prank(owner);
        token.transfer(address(wallet), 100);
        wanted.payer = address(wallet);
        id = pay.channelIdOf(wanted);
        refused(signedPermit2(SESSION_KEY, id, 60, 5), 60, bytes4(keccak256("InvalidContractSignature()")));
        eq(pay.openWithPermit2(wanted, 60, signedPermit2(OWNER_KEY, id, 60, 5)), id);
        eq(token.balanceOf(address(wallet)), 40);
    }

    function testATokenThatTakesAFeeIsRefused() public {
        pay = newPay(address(new FeeToken(PAYER)));
        fundOwner(100);
        installPermit2();
        IMesgPay.Permit2Signature memory permit = signedPermit2(OWNER_KEY, pay.channelIdOf(wanted), 60, 5);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.ReceivedOther.selector, 60, 59));
        pay.openWithPermit2(wanted, 60, permit);
    }
}
