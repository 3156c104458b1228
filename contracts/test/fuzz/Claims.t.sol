// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../src/interfaces/IMesgPay.sol";
import {Base} from "../Base.sol";

contract ClaimsFuzzTest is Base {
    uint256 internal constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint128 internal constant RESERVE = 1e24;

    IMesgPay.Config internal opened;
    bytes32 internal id;

    function setUp() public {
        deploy();
        publish();
        opened = open(RESERVE);
        id = pay.channelIdOf(opened);
    }

    function earned() internal view returns (uint256) {
        return
            pay.earnedByService(serviceId) + pay.earnedBy(TREASURY) + pay.earnedBy(FRIEND)
                + pay.earnedBy(opened.operator);
    }

    function testFuzzTwoClaimsAreDividedAsOne(uint96 first, uint96 second) public {
        uint128 low = uint128(bound(first, 1, RESERVE - 1));
        uint128 high = uint128(bound(second, low + 1, RESERVE));
        eq(claim(voucher(SESSION_KEY, opened, 0, low)), low);
        eq(claim(voucher(SESSION_KEY, opened, 0, high)), high - low);
        within(pay.earnedByService(serviceId), uint256(high) * 2000 / 10_000, 1);
        within(pay.earnedBy(TREASURY), uint256(high) * 300 / 10_000, 2);
        within(pay.earnedBy(FRIEND), uint256(high) * 200 / 10_000, 2);
        eq(earned(), high);
    }

    function testFuzzVouchersInAnyOrderPayTheHighestOfEveryLane(uint96[6] memory amounts, uint8[6] memory lanes)
        public
    {
        uint256[3] memory highest;
        uint256 paid;
        for (uint256 i; i < amounts.length; ++i) {
            uint256 lane = lanes[i] % 3;
            uint256 amount = bound(amounts[i], 0, RESERVE / 3);
            paid += claim(voucher(SESSION_KEY, opened, uint32(lane), uint128(amount)));
            if (amount > highest[lane]) highest[lane] = amount;
        }
        for (uint32 lane; lane < 3; ++lane) {
            eq(pay.laneClaimed(id, lane), highest[lane]);
        }
        eq(paid, highest[0] + highest[1] + highest[2]);
        eq(pay.channel(id).claimed, paid);
        eq(earned(), paid);
    }

    function testFuzzNoMoreThanTheReserveIsPaid(uint128 first, uint128 second) public {
        uint256 paid = claim(voucher(SESSION_KEY, opened, 0, first));
        paid += claim(voucher(SESSION_KEY, opened, 1, second));
        assert(paid <= RESERVE);
        eq(pay.channel(id).claimed, paid);
        eq(earned(), paid);
    }

    function testFuzzNoClaimWithoutASignature(bytes32 r, bytes32 vs, uint96 amount) public {
        eq(claim(IMesgPay.Claim(opened, 0, uint128(bound(amount, 1, RESERVE)), r, vs)), 0);
        eq(pay.channel(id).claimed, 0);
    }

    function testFuzzAnotherKeyPaysNothing(uint256 key, uint96 amount) public {
        key = bound(key, 1, ORDER - 1);
        vm.assume(key != SESSION_KEY);
        eq(claim(voucher(key, opened, 0, uint128(bound(amount, 1, RESERVE)))), 0);
    }

    function testFuzzWhatIsLeftComesBack(uint96 claimed, uint32 waited) public {
        uint256 paid = claim(voucher(SESSION_KEY, opened, 0, uint128(bound(claimed, 0, RESERVE))));
        vm.prank(PAYER);
        pay.startClose(opened);
        later(bound(waited, DAY, type(uint32).max));
        pay.finalizeClose(opened);
        eq(pay.vaultOf(PAYER), RESERVE - paid);
        eq(token.balanceOf(address(pay)), pay.vaultOf(PAYER) + earned());
    }
}
