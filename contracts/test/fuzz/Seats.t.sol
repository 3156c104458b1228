// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../src/interfaces/IMesgPay.sol";
import {PassBase} from "../PassBase.sol";

contract SeatsFuzzTest is PassBase {
    address[3] internal holders = [PAYER, FRIEND, AUTHOR];
    address[4] internal accounts = [address(0xE1), address(0xE2), PAYER, address(0)];

    function setUp() public override {
        super.setUp();
        for (uint256 i; i < holders.length; ++i) {
            buy(FRIEND, offerIndex, holders[i], AUTHOR);
        }
    }

    /// One try of anybody; many are refused.
    function act(uint8 choice) internal {
        address holder = holders[choice % 3];
        address account = accounts[(choice / 3) % 4];
        uint256 what = choice / 12 % 8;
        if (what == 7) {
            buy(FRIEND, offerIndex, holder, AUTHOR);
            return;
        }
        bytes memory call = abi.encodeCall(pay.giveSeat, (serviceId, uint16(what), account));
        if (what == 4) call = abi.encodeCall(pay.cancelPass, (serviceId));
        if (what == 5) call = abi.encodeCall(pay.takeSeat, (serviceId, holder, uint16(1 + choice % 2)));
        if (what == 6) call = abi.encodeCall(pay.leaveSeat, (serviceId));
        vm.prank(what > 4 ? account : holder);
        (bool done,) = address(pay).call(call);
        if (what == 0 || what == 3) eq(done, false);
    }

    function testFuzzASeatCountsForWhomItWasGivenAndNobodyElse(uint8[16] memory choices) public {
        for (uint256 i; i < choices.length; ++i) {
            act(choices[i]);
        }
        for (uint256 i; i < 3; ++i) {
            IMesgPay.Seat memory seat = pay.seatOf(serviceId, accounts[i]);
            uint40 own = pay.passExpiry(serviceId, accounts[i]);
            uint40 holders_ = pay.passExpiry(serviceId, seat.holder);
            bool counts = pay.occupantOf(serviceId, seat.holder, seat.number) == accounts[i];
            eq(pay.accessUntil(serviceId, accounts[i]), counts && holders_ > own ? holders_ : own);
        }
    }
}
