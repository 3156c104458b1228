// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {PassBase} from "../../PassBase.sol";

contract SeatsTest is PassBase {
    address internal constant ANNA = address(0xE1);
    address internal constant BERT = address(0xE2);

    function setUp() public override {
        super.setUp();
        buy(PAYER);
    }

    function give(address holder, uint16 number, address account) internal {
        vm.prank(holder);
        pay.giveSeat(serviceId, number, account);
    }

    function refused(address holder, uint16 number, address account, bytes memory refusal) internal {
        vm.prank(holder);
        vm.expectRevert(refusal);
        pay.giveSeat(serviceId, number, account);
    }

    function eqSeat(address account, address holder, uint16 number) internal view {
        same(abi.encode(pay.seatOf(serviceId, account)), abi.encode(IMesgPay.Seat(holder, number)));
        if (holder != address(0)) eq(pay.occupantOf(serviceId, holder, number), account);
    }

    function testTheHolderGivesSeats() public {
        vm.expectEmit(address(pay));
        emit IMesgPay.SeatGiven(serviceId, PAYER, ANNA, 1);
        give(PAYER, 1, ANNA);
        give(PAYER, 2, BERT);
        eqSeat(ANNA, PAYER, 1);
        eqSeat(BERT, PAYER, 2);
        eqSeat(FRIEND, address(0), 0);
    }

    function testThreeSeatsAreTheHoldersAndTwoMore() public {
        refused(PAYER, 0, ANNA, abi.encodeWithSelector(IMesgPay.SeatUnknown.selector, 0, 3));
        refused(PAYER, 3, ANNA, abi.encodeWithSelector(IMesgPay.SeatUnknown.selector, 3, 3));
    }

    function testWithoutAPassThereIsNoSeat() public {
        refused(FRIEND, 1, ANNA, abi.encodeWithSelector(IMesgPay.SeatUnknown.selector, 1, 0));
        later(30 days);
        refused(PAYER, 1, ANNA, abi.encodeWithSelector(IMesgPay.SeatUnknown.selector, 1, 0));
    }

    function testASeatIsGivenToAnother() public {
        give(PAYER, 1, ANNA);
        give(PAYER, 1, BERT);
        eqSeat(ANNA, address(0), 0);
        eqSeat(BERT, PAYER, 1);
    }

    function testASeatIsTakenBack() public {
        give(PAYER, 1, ANNA);
        vm.expectEmit(address(pay));
        emit IMesgPay.SeatGiven(serviceId, PAYER, address(0), 1);
        give(PAYER, 1, address(0));
        eqSeat(ANNA, address(0), 0);
        eq(pay.occupantOf(serviceId, PAYER, 1), address(0));
        give(PAYER, 1, address(0));
    }

    function testAnAccountSitsOnce() public {
        give(PAYER, 1, ANNA);
        give(PAYER, 2, ANNA);
        eqSeat(ANNA, PAYER, 2);
        eq(pay.occupantOf(serviceId, PAYER, 1), address(0));
        give(PAYER, 2, ANNA);
        eqSeat(ANNA, PAYER, 2);
    }

    function testWhoSitsElsewhereMustLeaveFirst() public {
        buy(FRIEND);
        give(FRIEND, 1, ANNA);
        refused(PAYER, 2, ANNA, abi.encodeWithSelector(IMesgPay.SeatElsewhere.selector, ANNA, FRIEND, 1));
        vm.prank(ANNA);
        pay.leaveSeat(serviceId);
        give(PAYER, 2, ANNA);
        eqSeat(ANNA, PAYER, 2);
    }

    function testASeatThatNoLongerCountsIsForgotten() public {
        buy(FRIEND);
        give(FRIEND, 1, ANNA);
        cancel(FRIEND);
        give(PAYER, 2, ANNA);
        eqSeat(ANNA, PAYER, 2);
        eq(pay.occupantOf(serviceId, FRIEND, 1), address(0));
    }

    function testAnOccupantLeaves() public {
        give(PAYER, 1, ANNA);
        vm.expectEmit(address(pay));
        emit IMesgPay.SeatLeft(serviceId, PAYER, ANNA, 1);
        vm.prank(ANNA);
        pay.leaveSeat(serviceId);
        eqSeat(ANNA, address(0), 0);
        eq(pay.occupantOf(serviceId, PAYER, 1), address(0));
    }

    function testWhoDoesNotSitCannotLeave() public {
        vm.prank(ANNA);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.SeatUnknown.selector, 0, 0));
        pay.leaveSeat(serviceId);
    }

    function testSeatsOfServicesAreApart() public {
        give(PAYER, 1, ANNA);
        uint256 first = serviceId;
        serviceId = register(AUTHOR, "another");
        vm.prank(AUTHOR);
        registry.publishVersion(serviceId, "m", 0, "");
        (offerIndex, offerHash) = offer(pass());
        buy(FRIEND);
        give(FRIEND, 1, ANNA);
        eqSeat(ANNA, FRIEND, 1);
        serviceId = first;
        eqSeat(ANNA, PAYER, 1);
    }
}
