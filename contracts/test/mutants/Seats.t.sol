// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PassBase} from "../PassBase.sol";

/// @title What only mutants of the seats showed to be untested: no trace is left where nobody sits.
contract SeatMutantsTest is PassBase {
    address internal constant ANNA = address(0xE1);

    function setUp() public override {
        super.setUp();
        buy(PAYER);
    }

    function testNobodySitsOnASeatThatWasTakenBack() public {
        vm.startPrank(PAYER);
        pay.giveSeat(serviceId, 1, ANNA);
        pay.giveSeat(serviceId, 1, address(0));
        eq(pay.seatOf(serviceId, address(0)).holder, address(0));
        eq(pay.seatOf(serviceId, address(0)).number, 0);
        eq(pay.accessUntil(serviceId, address(0)), 0);
    }

    function testWhoLeftSitsNowhere() public {
        vm.prank(PAYER);
        pay.giveSeat(serviceId, 2, ANNA);
        vm.prank(ANNA);
        pay.leaveSeat(serviceId);
        eq(pay.seatOf(serviceId, ANNA).holder, address(0));
        eq(pay.seatOf(serviceId, ANNA).number, 0);
        eq(pay.occupantOf(serviceId, PAYER, 2), address(0));
    }
}
