// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../src/interfaces/IMesgPay.sol";
import {Market} from "./Market.sol";

/// @title What nobody can do to a channel, with any signature and from any account.
contract ChannelsSymbolic is Market {
    function setUp() public {
        createMarket();
    }

    function check_S4_noClaimPaysMoreThanIsReserved(
        uint96 amount,
        address caller,
        uint128 cumulative,
        bytes32 r,
        bytes32 vs
    ) public {
        (IMesgPay.Config memory opened, bytes32 id) = openTwo(amount, 1);
        vm.prank(caller);
        uint256 paid = pay.claim(row(opened, 0, cumulative, r, vs));
        assert(paid == 0 || (paid == cumulative && cumulative <= amount));
        assert(pay.channel(id).claimed == paid);
        assert(pay.channel(id).reserved == amount);
    }

    function check_S5_withoutTheSignersSignatureNothingIsPaid(
        uint96 amount,
        address caller,
        uint32 lane,
        uint128 cumulative,
        bytes32 r,
        bytes32 vs
    ) public {
        (IMesgPay.Config memory opened, bytes32 id) = openTwo(amount, 1);
        vm.assume(recovered(pay.voucherDigest(id, lane, cumulative), r, vs) != SIGNER);
        vm.prank(caller);
        assert(pay.claim(row(opened, lane, cumulative, r, vs)) == 0);
        assert(pay.channel(id).claimed == 0);
    }

    function check_S6_theReserveIsNotReleasedBeforeTheDelay(uint96 amount, address caller, uint40 closedAt, uint40 now_)
        public
    {
        vm.assume(closedAt >= START && closedAt < START + 36_525 days);
        (IMesgPay.Config memory opened, bytes32 id) = openTwo(amount, 1);
        vm.warp(closedAt);
        vm.prank(PAYER);
        pay.startClose(opened);
        vm.assume(now_ >= closedAt && now_ < START + 2 * 36_525 days);
        vm.warp(now_);
        vm.prank(caller);
        (bool done,) = address(pay).call(abi.encodeCall(pay.finalizeClose, (opened)));
        assert(done == (now_ >= uint256(closedAt) + CLOSE_DELAY));
        assert(pay.vaultOf(PAYER) == (done ? amount : 0));
        assert(pay.channel(id).reserved == (done ? 0 : amount));
    }

    function check_S7_onlyTheOperatorEndsAChannelAtOnce(
        uint96 amount,
        address caller,
        uint128 finalClaimed,
        bytes32 r,
        bytes32 vs
    ) public {
        (IMesgPay.Config memory opened, bytes32 id) = openTwo(amount, 1);
        bool signed = recovered(pay.closeDigest(id, finalClaimed), r, vs) == OPERATOR;
        vm.prank(caller);
        (bool done,) = address(pay).call(abi.encodeCall(pay.closeCooperative, (opened, finalClaimed, r, vs)));
        if (done) assert(signed && finalClaimed == 0 && pay.vaultOf(PAYER) == amount);
        else assert(pay.channel(id).reserved == amount);
    }

    function check_S8_onlyPayerAndSignerStartAClose(uint96 amount, address caller) public {
        (IMesgPay.Config memory opened,) = openTwo(amount, 1);
        vm.prank(caller);
        (bool done,) = address(pay).call(abi.encodeCall(pay.startClose, (opened)));
        assert(done == (caller == PAYER || caller == SIGNER));
    }

    function check_S9_nobodyMovesTheEndOfAClose(uint96 amount, uint128 more, address caller, uint40 now_) public {
        (IMesgPay.Config memory opened, bytes32 id) = openTwo(amount, 1);
        vm.prank(SIGNER);
        pay.startClose(opened);
        vm.assume(now_ >= START && now_ < START + 36_525 days);
        vm.warp(now_);
        vm.startPrank(caller);
        (bool again,) = address(pay).call(abi.encodeCall(pay.startClose, (opened)));
        (bool topped,) = address(pay).call(abi.encodeCall(pay.topUp, (opened, more)));
        assert(!again);
        assert(pay.channel(id).closesAt == START + CLOSE_DELAY);
        assert(pay.channel(id).reserved == (topped ? uint256(amount) + more : amount));
    }
}
