// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {PassBase} from "../../PassBase.sol";

contract SeatAccessTest is PassBase {
    address internal constant ANNA = address(0xE1);

    function seat(uint16 number) internal {
        vm.prank(PAYER);
        pay.giveSeat(serviceId, number, ANNA);
    }

    function eqAccess(uint40 until) internal view {
        eq(pay.accessUntil(serviceId, ANNA), until);
    }

    function testNobodyHasAccessToBeginWith() public view {
        eqAccess(0);
    }

    function testAnOccupantHasAccessAsLongAsTheHolder() public {
        buy(PAYER);
        seat(1);
        eqAccess(START + 30 days);
        buy(PAYER);
        eqAccess(START + 60 days);
    }

    function testAnOccupantsOwnPassCountsIfItIsLonger() public {
        buy(PAYER);
        seat(1);
        buy(FRIEND, offerIndex, ANNA, FRIEND);
        buy(FRIEND, offerIndex, ANNA, FRIEND);
        eqAccess(START + 60 days);
        vm.prank(ANNA);
        pay.cancelPass(serviceId);
        eqAccess(START + 30 days);
    }

    function testAfterThePassThereIsNoAccess() public {
        buy(PAYER);
        seat(2);
        later(30 days);
        eqAccess(0);
        buy(PAYER);
        // Who sat before the renewal sits after it.
        eqAccess(START + 60 days);
        cancel(PAYER);
        eqAccess(0);
    }

    function testTermsThatFollowWithTheSeatExtendTheAccess() public {
        uint32 team = otherOffer(5000, 10 days, 5);
        buy(PAYER);
        buy(PAYER, team, PAYER, FRIEND);
        seat(2);
        eqAccess(START + 40 days);
    }

    function testTermsThatFollowWithoutTheSeatDoNot() public {
        uint32 single = otherOffer(500, 10 days, 2);
        buy(PAYER);
        buy(PAYER, single, PAYER, FRIEND);
        seat(2);
        eqAccess(START + 30 days);
        later(30 days);
        eqAccess(0);
    }

    function testASeatOfTheTermsThatFollowIsGivenOnceTheyRun() public {
        uint32 team = otherOffer(5000, 10 days, 5);
        buy(PAYER);
        buy(PAYER, team, PAYER, FRIEND);
        vm.prank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.SeatUnknown.selector, 4, 3));
        pay.giveSeat(serviceId, 4, ANNA);
        later(30 days);
        seat(4);
        eqAccess(START + 40 days);
        settle(PAYER);
        eqAccess(START + 40 days);
        later(40 days);
        eqAccess(0);
        vm.prank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.SeatUnknown.selector, 1, 0));
        pay.giveSeat(serviceId, 1, ANNA);
    }

    function testBothTermsEndOnTheirSecondThoughNobodySettled() public {
        buy(PAYER);
        buy(PAYER, otherOffer(5000, 10 days, 5), PAYER, FRIEND);
        seat(1);
        later(40 days - 1);
        eqAccess(START + 40 days);
        seat(4);
        later(40 days);
        eqAccess(0);
        vm.prank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.SeatUnknown.selector, 1, 0));
        pay.giveSeat(serviceId, 1, FRIEND);
    }

    function testWhoSitsOnASmallerRenewalsMissingSeatMayBeGivenAnother() public {
        buy(FRIEND);
        vm.prank(FRIEND);
        pay.giveSeat(serviceId, 2, ANNA);
        cancel(FRIEND);
        buy(FRIEND, otherOffer(500, 30 days, 2), FRIEND, AUTHOR);
        eqAccess(0);
        buy(PAYER);
        seat(1);
        eqAccess(START + 30 days);
        same(abi.encode(pay.seatOf(serviceId, ANNA)), abi.encode(IMesgPay.Seat(PAYER, 1)));
    }

    function testTheHolderMaySitOnAnothersPass() public {
        buy(PAYER);
        buy(FRIEND);
        buy(FRIEND);
        vm.prank(FRIEND);
        pay.giveSeat(serviceId, 1, PAYER);
        eq(pay.accessUntil(serviceId, PAYER), START + 60 days);
    }

    function testSeatsMoveNoMoney() public {
        buy(PAYER);
        seat(1);
        eqHeld();
        later(3 days);
        cancel(PAYER);
        eqHeld();
    }
}
