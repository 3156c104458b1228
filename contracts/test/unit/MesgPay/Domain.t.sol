// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {Base} from "../../Base.sol";

contract DomainTest is Base {
    function setUp() public {
        deploy();
        publish();
    }

    function separator(uint256 chainId, address contract_) internal pure returns (bytes32) {
        bytes32 kind = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        return keccak256(abi.encode(kind, keccak256("MESG Pay"), keccak256("1"), chainId, contract_));
    }

    function testTheDomainIsOneContractOnOneChain() public {
        eq(pay.domainSeparator(), separator(31_337, address(pay)));
        vm.chainId(8453);
        eq(pay.domainSeparator(), separator(8453, address(pay)));
    }

    function testTheDomainDescribesItself() public view {
        (bytes1 fields, string memory name, string memory version, uint256 chainId, address verifying,,) =
            pay.eip712Domain();
        eq(uint8(fields), 0x0f);
        same(bytes(name), "MESG Pay");
        same(bytes(version), "1");
        eq(chainId, 31_337);
        eq(verifying, address(pay));
    }

    function testAVoucherCountsInOneContractOnly() public {
        IMesgPay.Config memory opened = open(100);
        IMesgPay.Claim memory row = voucher(SESSION_KEY, opened, 0, 60);
        pay = newPay(address(token));
        vm.startPrank(PAYER);
        token.approve(address(pay), 100);
        pay.open(opened, 100);
        vm.stopPrank();
        eq(claim(row), 0);
        eq(claim(voucher(SESSION_KEY, opened, 0, 60)), 60);
    }

    function testAVoucherCountsOnOneChainOnly() public {
        IMesgPay.Config memory opened = open(100);
        IMesgPay.Claim memory row = voucher(SESSION_KEY, opened, 0, 60);
        vm.chainId(8453);
        vm.expectEmit(address(pay));
        emit IMesgPay.ClaimSkipped(0, pay.channelIdOf(opened), IMesgPay.SkipReason.BadSignature);
        eq(claim(row), 0);
        vm.chainId(31_337);
        eq(claim(row), 60);
    }

    function testACloseCountsOnOneChainOnly() public {
        IMesgPay.Config memory opened = open(100);
        bytes32 id = pay.channelIdOf(opened);
        (bytes32 r, bytes32 vs) = compact(OPERATOR_KEY, pay.closeDigest(id, 0));
        vm.chainId(8453);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.OperatorSignatureInvalid.selector, id, opened.operator));
        pay.closeCooperative(opened, 0, r, vs);
    }

    /// A fork that takes another id keeps its channels: they are closed, or paid by vouchers of the new domain.
    function testAChainThatChangesItsIdLocksNothing() public {
        IMesgPay.Config memory opened = open(100);
        bytes32 id = pay.channelIdOf(opened);
        vm.chainId(8453);
        eq(pay.channelIdOf(opened) == id, true);
        eq(claim(voucher(SESSION_KEY, opened, 0, 60)), 60);
        vm.prank(PAYER);
        pay.startClose(opened);
        later(DAY);
        pay.finalizeClose(opened);
        eq(pay.vaultOf(PAYER), 40);
    }

    function testAChannelHasAnotherIdInAnotherContract() public {
        IMesgPay.Config memory opened = open(100);
        bytes32 id = pay.channelIdOf(opened);
        pay = newPay(address(token));
        eq(pay.channelIdOf(opened) == id, false);
    }
}
