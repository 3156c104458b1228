// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../../../src/interfaces/IServiceRegistry.sol";
import {Base} from "../../Base.sol";

contract OfferTermsTest is Base {
    function setUp() public {
        deploy();
        publish();
    }

    function refused(IServiceRegistry.OfferTerms memory terms, bytes memory refusal) internal {
        vm.prank(AUTHOR);
        vm.expectRevert(refusal);
        registry.createOffer(serviceId, terms);
    }

    function testThereAreTwoKinds() public {
        IServiceRegistry.OfferTerms memory terms = pass();
        terms.kind = 2;
        refused(terms, abi.encodeWithSelector(IServiceRegistry.KindInvalid.selector, 2));
    }

    function testAPassLastsASecondToAHundredYears() public {
        IServiceRegistry.OfferTerms memory terms = pass();
        terms.duration = 1;
        offer(terms);
        terms.duration = 36_525 days;
        offer(terms);
        terms.duration = 0;
        refused(terms, abi.encodeWithSelector(IServiceRegistry.DurationInvalid.selector, 0, 1, 36_525 days));
        terms.duration = 36_525 days + 1;
        refused(
            terms, abi.encodeWithSelector(IServiceRegistry.DurationInvalid.selector, 36_525 days + 1, 1, 36_525 days)
        );
    }

    function testAPassHasOneToAThousandSeats() public {
        IServiceRegistry.OfferTerms memory terms = pass();
        terms.seats = 1;
        offer(terms);
        terms.seats = 1000;
        offer(terms);
        terms.seats = 0;
        refused(terms, abi.encodeWithSelector(IServiceRegistry.SeatsInvalid.selector, 0, 1, 1000));
        terms.seats = 1001;
        refused(terms, abi.encodeWithSelector(IServiceRegistry.SeatsInvalid.selector, 1001, 1, 1000));
    }

    function testAPassHasNothingOfAChannel() public {
        IServiceRegistry.OfferTerms memory terms = pass();
        terms.closeDelay = DAY;
        refused(terms, abi.encodeWithSelector(IServiceRegistry.CloseDelayInvalid.selector, DAY, 0, 0));
        terms = pass();
        terms.pricePerEvent = 1;
        refused(terms, abi.encodeWithSelector(IServiceRegistry.PricePerEventOnPass.selector, 1));
        terms = pass();
        terms.authorBps = 1;
        refused(terms, abi.encodeWithSelector(IServiceRegistry.AuthorShareOnPass.selector, 1));
    }

    function testAChannelHasNothingOfAPass() public {
        IServiceRegistry.OfferTerms memory terms = metered();
        terms.duration = 1;
        refused(terms, abi.encodeWithSelector(IServiceRegistry.DurationInvalid.selector, 1, 0, 0));
        terms = metered();
        terms.seats = 1;
        refused(terms, abi.encodeWithSelector(IServiceRegistry.SeatsInvalid.selector, 1, 0, 0));
    }

    function testAChannelClosesInAnHourToAMonth() public {
        IServiceRegistry.OfferTerms memory terms = metered();
        terms.closeDelay = 1 hours;
        offer(terms);
        terms.closeDelay = 30 days;
        offer(terms);
        terms.closeDelay = 1 hours - 1;
        refused(terms, abi.encodeWithSelector(IServiceRegistry.CloseDelayInvalid.selector, 3599, 1 hours, 30 days));
        terms.closeDelay = 30 days + 1;
        refused(
            terms, abi.encodeWithSelector(IServiceRegistry.CloseDelayInvalid.selector, 30 days + 1, 1 hours, 30 days)
        );
    }

    function testSharesAddUpToAtMostAll() public {
        IServiceRegistry.OfferTerms memory terms = metered();
        (terms.authorBps, terms.treasuryBps, terms.referrerBps) = (5000, 3000, 2000);
        offer(terms);
        terms.referrerBps = 2001;
        refused(terms, abi.encodeWithSelector(IServiceRegistry.SharesTooHigh.selector, 10_001, 10_000));
        // Three times 65 535 must not overflow either.
        (terms.authorBps, terms.treasuryBps, terms.referrerBps) = (65_535, 65_535, 65_535);
        refused(terms, abi.encodeWithSelector(IServiceRegistry.SharesTooHigh.selector, 196_605, 10_000));
    }

    function testAnOfferIsNotBornExpired() public {
        IServiceRegistry.OfferTerms memory terms = metered();
        terms.validUntil = START;
        offer(terms);
        terms.validUntil = START - 1;
        refused(terms, abi.encodeWithSelector(IServiceRegistry.OfferBornExpired.selector, START - 1, START));
    }
}
