// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {Base} from "../../Base.sol";

contract ClaimTest is Base {
    IMesgPay.Config internal opened;
    bytes32 internal id;

    function setUp() public {
        deploy();
        publish();
        opened = open(1000);
        id = pay.channelIdOf(opened);
    }

    function eqEarned(uint256 author, uint256 treasury, uint256 friend, uint256 operator) internal view {
        eq(pay.earnedByService(serviceId), author);
        eq(pay.earnedBy(TREASURY), treasury);
        eq(pay.earnedBy(FRIEND), friend);
        eq(pay.earnedBy(opened.operator), operator);
    }

    function testAVoucherIsDividedByTheOffersShares() public {
        IMesgPay.Claim memory row = voucher(SESSION_KEY, opened, 0, 1000);
        vm.expectEmit(address(pay));
        emit IMesgPay.Claimed(id, 0, 1000, 1000);
        eq(claim(row), 1000);
        eqEarned(200, 30, 20, 750);
        eq(pay.laneClaimed(id, 0), 1000);
        same(abi.encode(pay.channel(id)), abi.encode(IMesgPay.ChannelState(IMesgPay.Phase.Open, 1000, 1000, 0)));
    }

    function testALaterVoucherPaysTheDifference() public {
        claim(voucher(SESSION_KEY, opened, 0, 400));
        IMesgPay.Claim memory row = voucher(SESSION_KEY, opened, 0, 1000);
        vm.expectEmit(address(pay));
        emit IMesgPay.Claimed(id, 0, 1000, 600);
        eq(claim(row), 600);
        eqEarned(200, 30, 20, 750);
    }

    function testUnitByUnitPaysTheSame() public {
        for (uint128 i = 1; i <= 101; ++i) {
            eq(claim(voucher(SESSION_KEY, opened, 0, i)), 1);
        }
        eq(pay.earnedByService(serviceId), 20);
        eq(
            pay.earnedByService(serviceId) + pay.earnedBy(TREASURY) + pay.earnedBy(FRIEND)
                + pay.earnedBy(opened.operator),
            101
        );
    }

    function testWithoutReferrerTheOperatorGetsThatShare() public {
        opened.referrer = address(0);
        opened.salt = "no referrer";
        vm.prank(PAYER);
        pay.open(opened, 1000);
        claim(voucher(SESSION_KEY, opened, 0, 1000));
        eqEarned(200, 30, 0, 770);
        eq(pay.earnedBy(address(0)), 0);
    }

    function testAnybodyMaySubmitABatchOfManyChannels() public {
        IMesgPay.Claim[] memory rows = new IMesgPay.Claim[](2);
        rows[0] = voucher(SESSION_KEY, opened, 0, 1000);
        opened.salt = "second"; // in storage: the row has a copy
        vm.prank(PAYER);
        pay.open(opened, 500);
        rows[1] = voucher(SESSION_KEY, opened, 0, 500);
        vm.prank(FRIEND);
        eq(pay.claim(rows), 1500);
        eqEarned(300, 45, 30, 1125);
    }

    function testAnEmptyBatchPaysNothing() public {
        eq(pay.claim(new IMesgPay.Claim[](0)), 0);
        eqEarned(0, 0, 0, 0);
    }
}
