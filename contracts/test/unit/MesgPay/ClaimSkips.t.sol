// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {Base} from "../../Base.sol";

contract ClaimSkipsTest is Base {
    uint256 internal constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    IMesgPay.Config internal opened;
    bytes32 internal id;

    function setUp() public {
        deploy();
        publish();
        opened = open(100);
        id = pay.channelIdOf(opened);
    }

    function skipped(IMesgPay.Claim memory row, IMesgPay.SkipReason reason) internal {
        bytes32 channelId = pay.channelIdOf(row.config);
        IMesgPay.ChannelState memory before = pay.channel(channelId);
        vm.expectEmit(address(pay));
        emit IMesgPay.ClaimSkipped(0, channelId, reason);
        eq(claim(row), 0);
        same(abi.encode(pay.channel(channelId)), abi.encode(before));
    }

    function testASkippedRowSaysWhyAndHarmsNoOther() public {
        IMesgPay.Claim[] memory rows = new IMesgPay.Claim[](5);
        rows[0] = voucher(SESSION_KEY, opened, 0, 101);
        rows[1] = voucher(OPERATOR_KEY, opened, 0, 5);
        rows[2] = voucher(SESSION_KEY, opened, 0, 40);
        rows[3] = rows[2];
        opened.salt = "absent";
        rows[4] = voucher(SESSION_KEY, opened, 0, 5);
        vm.expectEmit(address(pay));
        emit IMesgPay.ClaimSkipped(0, id, IMesgPay.SkipReason.OverReserve);
        vm.expectEmit(address(pay));
        emit IMesgPay.ClaimSkipped(1, id, IMesgPay.SkipReason.BadSignature);
        vm.expectEmit(address(pay));
        emit IMesgPay.Claimed(id, 0, 40, 40);
        vm.expectEmit(address(pay));
        emit IMesgPay.ClaimSkipped(3, id, IMesgPay.SkipReason.Stale);
        vm.expectEmit(address(pay));
        emit IMesgPay.ClaimSkipped(4, pay.channelIdOf(opened), IMesgPay.SkipReason.NotOpen);
        eq(pay.claim(rows), 40);
    }

    function testAClosedChannelPaysNoVoucher() public {
        IMesgPay.Claim memory row = voucher(SESSION_KEY, opened, 0, 60);
        vm.prank(PAYER);
        pay.startClose(opened);
        later(DAY);
        pay.finalizeClose(opened);
        skipped(row, IMesgPay.SkipReason.NotOpen);
    }

    function testASmallerOrNoAmountIsStale() public {
        skipped(voucher(SESSION_KEY, opened, 0, 0), IMesgPay.SkipReason.Stale);
        claim(voucher(SESSION_KEY, opened, 0, 40));
        skipped(voucher(SESSION_KEY, opened, 0, 39), IMesgPay.SkipReason.Stale);
        skipped(voucher(SESSION_KEY, opened, 0, 40), IMesgPay.SkipReason.Stale);
    }

    function testAnAmountBeyondAllReservesIsSkippedWithoutOverflow() public {
        claim(voucher(SESSION_KEY, opened, 0, 40));
        skipped(voucher(SESSION_KEY, opened, 0, type(uint128).max), IMesgPay.SkipReason.OverReserve);
        skipped(voucher(SESSION_KEY, opened, 1, type(uint128).max), IMesgPay.SkipReason.OverReserve);
        skipped(voucher(SESSION_KEY, opened, 1, 61), IMesgPay.SkipReason.OverReserve);
    }

    function testAHighSIsNoSignature() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(SESSION_KEY, pay.voucherDigest(id, 0, 10));
        uint256 high = ORDER - uint256(s);
        // EIP-2098 has room for a low s only: in `vs`, a high one is another number.
        bytes32 vs = bytes32((high & ~(uint256(1) << 255)) | (uint256(28 - v) << 255));
        skipped(IMesgPay.Claim(opened, 0, 10, r, vs), IMesgPay.SkipReason.BadSignature);
    }

    function testNothingIsNoSignature() public {
        skipped(IMesgPay.Claim(opened, 0, 10, 0, 0), IMesgPay.SkipReason.BadSignature);
    }

    function testTheAmountTheLaneAndTheChannelAreSigned() public {
        IMesgPay.Claim memory row = voucher(SESSION_KEY, opened, 0, 10);
        row.cumulative = 11;
        skipped(row, IMesgPay.SkipReason.BadSignature);
        row = voucher(SESSION_KEY, opened, 0, 10);
        row.lane = 1;
        skipped(row, IMesgPay.SkipReason.BadSignature);
        row = voucher(SESSION_KEY, opened, 0, 10);
        opened.salt = "another";
        vm.prank(PAYER);
        pay.open(opened, 100);
        row.config = opened;
        skipped(row, IMesgPay.SkipReason.BadSignature);
    }

    function testACloseIsNoVoucher() public {
        (bytes32 r, bytes32 vs) = compact(SESSION_KEY, pay.closeDigest(id, 10));
        skipped(IMesgPay.Claim(opened, 0, 10, r, vs), IMesgPay.SkipReason.BadSignature);
    }
}
