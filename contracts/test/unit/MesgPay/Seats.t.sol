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

    /// The account sits there, and it counts.
    function eqSeat(address account, address holder, uint16 number) internal view {
        same(abi.encode(pay.seatOf(serviceId, account)), abi.encode(IMesgPay.Seat(holder, number)));
        eq(pay.occupantOf(serviceId, holder, number), account);
        eq(pay.accessUntil(serviceId, account), pay.passExpiry(serviceId, holder));
    }

    function eqOut(address account) internal view {
        eq(pay.accessUntil(serviceId, account), 0);
    }

    function take(address account, address holder, uint16 number) internal {
        vm.prank(account);
        pay.takeSeat(serviceId, holder, number);
    }

    function testTheHolderGivesSeats() public {
        vm.expectEmit(address(pay));
        emit IMesgPay.SeatGiven(serviceId, PAYER, ANNA, 1);
        vm.expectEmit(address(pay));
        emit IMesgPay.SeatTaken(serviceId, PAYER, ANNA, 1);
        give(PAYER, 1, ANNA);
        give(PAYER, 2, BERT);
        eqSeat(ANNA, PAYER, 1);
        eqSeat(BERT, PAYER, 2);
        eqOut(FRIEND);
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
        eqOut(ANNA);
        eqSeat(BERT, PAYER, 1);
    }

    function testASeatIsTakenBack() public {
        give(PAYER, 1, ANNA);
        vm.expectEmit(address(pay));
        emit IMesgPay.SeatGiven(serviceId, PAYER, address(0), 1);
        give(PAYER, 1, address(0));
        eqOut(ANNA);
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

    function testWhoSitsOnAStrangersPassMovesWhenHeWants() public {
        buy(FRIEND);
        give(FRIEND, 1, ANNA);
        give(PAYER, 2, ANNA);
        eqSeat(ANNA, FRIEND, 1);
        vm.expectEmit(address(pay));
        emit IMesgPay.SeatTaken(serviceId, PAYER, ANNA, 2);
        take(ANNA, PAYER, 2);
        eqSeat(ANNA, PAYER, 2);
        // The stranger cannot bring her back.
        give(FRIEND, 2, ANNA);
        eqSeat(ANNA, PAYER, 2);
    }

    function testNobodyTakesASeatThatHeWasNotGiven() public {
        give(PAYER, 1, BERT);
        bytes memory refusal = abi.encodeWithSelector(IMesgPay.SeatNotGiven.selector, ANNA, PAYER, 1);
        vm.expectRevert(refusal);
        take(ANNA, PAYER, 1);
        give(PAYER, 1, ANNA);
        take(ANNA, PAYER, 1);
        eqSeat(ANNA, PAYER, 1);
    }

    function testASeatGivenToAnotherCountsNoMore() public {
        give(PAYER, 1, ANNA);
        give(PAYER, 1, BERT);
        eqOut(ANNA);
        vm.prank(ANNA);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.SeatNotGiven.selector, ANNA, PAYER, 1));
        pay.leaveSeat(serviceId);
        eqSeat(BERT, PAYER, 1);
        // The seat she had is another's: taking a new one frees nobody's.
        give(PAYER, 2, ANNA);
        eqSeat(ANNA, PAYER, 2);
        eqSeat(BERT, PAYER, 1);
    }

    function testASeatThatNoLongerCountsIsForgotten() public {
        buy(FRIEND);
        give(FRIEND, 1, ANNA);
        cancel(FRIEND);
        give(PAYER, 2, ANNA);
        eqSeat(ANNA, PAYER, 2);
    }

    function testAnOccupantLeaves() public {
        give(PAYER, 1, ANNA);
        vm.expectEmit(address(pay));
        emit IMesgPay.SeatLeft(serviceId, PAYER, ANNA, 1);
        vm.prank(ANNA);
        pay.leaveSeat(serviceId);
        eqOut(ANNA);
        eq(pay.occupantOf(serviceId, PAYER, 1), address(0));
    }

    function testWhoDoesNotSitCannotLeave() public {
        vm.prank(ANNA);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.SeatNotGiven.selector, ANNA, address(0), 0));
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
