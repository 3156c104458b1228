// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {IServiceRegistry} from "../../../src/interfaces/IServiceRegistry.sol";
import {Base} from "../../Base.sol";

contract OpenTermsTest is Base {
    bytes32 internal offerHash;
    IMesgPay.Config internal wanted;

    function setUp() public {
        deploy();
        publish();
        uint32 index;
        (index, offerHash) = offer(metered());
        wanted = config(index, offerHash);
    }

    function refused(bytes memory refusal) internal {
        vm.prank(PAYER);
        vm.expectRevert(refusal);
        pay.open(wanted, 1);
    }

    function testPayerAndOperatorCannotAgreeOnOtherTerms() public {
        bytes memory refusal = abi.encodeWithSelector(IMesgPay.TermsMismatch.selector, 2000, 300, 200, DAY, offerHash);
        wanted.offerHash = bytes32("another");
        refused(refusal);
        wanted.offerHash = offerHash;
        wanted.authorBps = 0;
        refused(refusal);
        wanted.authorBps = 2000;
        wanted.treasuryBps = 299;
        refused(refusal);
        wanted.treasuryBps = 300;
        wanted.referrerBps = 201;
        refused(refusal);
        wanted.referrerBps = 200;
        wanted.closeDelay = DAY - 1;
        refused(refusal);
        wanted.closeDelay = DAY;
        vm.prank(PAYER);
        pay.open(wanted, 1);
    }

    function testAPassIsNoChannel() public {
        (uint32 index, bytes32 passHash) = offer(pass());
        (wanted.offerIndex, wanted.offerHash) = (index, passHash);
        refused(abi.encodeWithSelector(IMesgPay.KindMismatch.selector, 0, 1));
    }

    function testAnUnknownOfferIsNotSold() public {
        wanted.offerIndex = 7;
        refused(abi.encodeWithSelector(IServiceRegistry.OfferUnknown.selector, serviceId, 7));
    }

    function testADisabledOfferIsNotSold() public {
        vm.prank(AUTHOR);
        registry.disableOffer(serviceId, wanted.offerIndex);
        refused(abi.encodeWithSelector(IServiceRegistry.OfferIsDisabled.selector, serviceId, wanted.offerIndex));
    }

    function testAnExpiredOfferIsNotSold() public {
        IServiceRegistry.OfferTerms memory terms = metered();
        terms.validUntil = START + 10;
        (wanted.offerIndex, wanted.offerHash) = offer(terms);
        later(11);
        refused(abi.encodeWithSelector(IServiceRegistry.OfferExpired.selector, START + 10, START + 11));
        later(10);
        vm.prank(PAYER);
        pay.open(wanted, 1);
    }

    function testWhatWasSoldStaysSold() public {
        vm.prank(PAYER);
        pay.open(wanted, 100);
        vm.prank(AUTHOR);
        registry.disableOffer(serviceId, wanted.offerIndex);
        vm.prank(PAYER);
        pay.topUp(wanted, 10);
        eq(claim(voucher(SESSION_KEY, wanted, 0, 110)), 110);
    }
}
