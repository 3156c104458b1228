// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {Base} from "../../Base.sol";

contract LanesTest is Base {
    IMesgPay.Config internal opened;
    bytes32 internal id;

    function setUp() public {
        deploy();
        publish();
        opened = open(1000);
        id = pay.channelIdOf(opened);
    }

    function pays(uint32 lane, uint128 cumulative, uint256 delta) internal {
        IMesgPay.Claim memory row = voucher(SESSION_KEY, opened, lane, cumulative);
        vm.expectEmit(address(pay));
        emit IMesgPay.Claimed(id, lane, cumulative, uint128(delta));
        eq(claim(row), delta);
        eq(pay.laneClaimed(id, lane), cumulative);
    }

    function testLanesCountApart() public {
        pays(0, 100, 100);
        pays(7, 50, 50);
        pays(0, 130, 30);
        pays(7, 60, 10);
        pays(type(uint32).max, 1, 1);
        eq(pay.channel(id).claimed, 191);
        eq(pay.laneClaimed(id, 0), 130);
        eq(pay.laneClaimed(id, 7), 60);
        eq(pay.laneClaimed(id, 8), 0);
    }

    function testAnotherLaneMayComeFirst() public {
        pays(3, 40, 40);
        eq(pay.laneClaimed(id, 0), 0);
        pays(0, 40, 40);
        eq(pay.channel(id).claimed, 80);
    }

    function testAllLanesTogetherStayWithinTheReserve() public {
        pays(0, 600, 600);
        IMesgPay.Claim memory row = voucher(SESSION_KEY, opened, 1, 401);
        vm.expectEmit(address(pay));
        emit IMesgPay.ClaimSkipped(0, id, IMesgPay.SkipReason.OverReserve);
        eq(claim(row), 0);
        pays(1, 400, 400);
    }

    function testALaneIsDividedByItself() public {
        pays(0, 1000 - 4, 996);
        pays(1, 4, 4);
        // A fifth of 996 and of 4, each rounded down with the other shares: see Shares.divide.
        eq(
            pay.earnedByService(serviceId) + pay.earnedBy(TREASURY) + pay.earnedBy(FRIEND)
                + pay.earnedBy(opened.operator),
            1000
        );
        within(pay.earnedByService(serviceId), 200, 2);
    }
}
