// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {Base} from "../../Base.sol";

contract CollectTest is Base {
    address internal constant WALLET = address(0xF1);

    IMesgPay.Config internal opened;

    function setUp() public {
        deploy();
        publish();
        opened = open(2000);
        claim(voucher(SESSION_KEY, opened, 0, 1000));
    }

    function testAnOperatorCollectsAllHeEarned() public {
        address operator = vm.addr(OPERATOR_KEY);
        vm.expectEmit(address(pay));
        emit IMesgPay.Collected(operator, WALLET, 750);
        vm.prank(operator);
        eq(pay.collect(WALLET), 750);
        eq(token.balanceOf(WALLET), 750);
        eq(pay.earnedBy(operator), 0);
    }

    function testTreasuryAndReferrerCollectLikewise() public {
        vm.prank(TREASURY);
        eq(pay.collect(WALLET), 30);
        vm.prank(FRIEND);
        eq(pay.collect(WALLET), 20);
        eq(token.balanceOf(WALLET), 50);
    }

    function testTheOwnerCollectsForAService() public {
        vm.expectEmit(address(pay));
        emit IMesgPay.ServiceCollected(serviceId, AUTHOR, WALLET, 200);
        vm.prank(AUTHOR);
        eq(pay.collectService(serviceId, WALLET), 200);
        eq(token.balanceOf(WALLET), 200);
        eq(pay.earnedByService(serviceId), 0);
    }

    function testNothingIsCollectedTwice() public {
        vm.startPrank(FRIEND);
        pay.collect(WALLET);
        vm.expectRevert(IMesgPay.NothingEarned.selector);
        pay.collect(WALLET);
        vm.stopPrank();
        vm.startPrank(AUTHOR);
        pay.collectService(serviceId, WALLET);
        vm.expectRevert(IMesgPay.NothingEarned.selector);
        pay.collectService(serviceId, WALLET);
    }

    function testOnlyTheOwnerCollectsForAService() public {
        vm.prank(FRIEND);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.NotServiceOwner.selector, serviceId, FRIEND, AUTHOR));
        pay.collectService(serviceId, WALLET);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 5));
        pay.collectService(5, WALLET);
    }

    function testPastAndFutureIncomeFollowTheService() public {
        vm.prank(AUTHOR);
        registry.transferFrom(AUTHOR, FRIEND, serviceId);
        vm.prank(AUTHOR);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.NotServiceOwner.selector, serviceId, AUTHOR, FRIEND));
        pay.collectService(serviceId, WALLET);
        claim(voucher(SESSION_KEY, opened, 0, 1500));
        vm.prank(FRIEND);
        eq(pay.collectService(serviceId, WALLET), 300);
    }

    function testPassIncomeThatVestsLaterFollowsTheServiceToo() public {
        (uint32 index, bytes32 offerHash) = offer(pass());
        vm.prank(PAYER);
        pay.buyPass(IMesgPay.PassOrder(serviceId, index, offerHash, PAYER, type(uint40).max, FRIEND, 1000));
        vm.prank(AUTHOR);
        pay.collectService(serviceId, AUTHOR);
        vm.prank(AUTHOR);
        registry.transferFrom(AUTHOR, FRIEND, serviceId);
        later(30 days);
        address[] memory accounts = new address[](1);
        accounts[0] = PAYER;
        pay.settlePasses(serviceId, accounts);
        vm.prank(FRIEND);
        eq(pay.collectService(serviceId, WALLET), 950);
    }

    function testNothingIsCollectedIntoTheContract() public {
        bytes memory refusal = abi.encodeWithSelector(IMesgPay.RecipientInvalid.selector, pay);
        vm.prank(AUTHOR);
        vm.expectRevert(refusal);
        pay.collectService(serviceId, address(pay));
        vm.prank(TREASURY);
        vm.expectRevert(refusal);
        pay.collect(address(pay));
        eq(pay.earnedByService(serviceId), 200);
    }
}
