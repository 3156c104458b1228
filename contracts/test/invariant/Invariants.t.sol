// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ChannelRules} from "./rules/ChannelRules.sol";
import {MoneyRules} from "./rules/MoneyRules.sol";
import {PassRules} from "./rules/PassRules.sol";
import {RegistryRules} from "./rules/RegistryRules.sol";
import {SeatRules} from "./rules/SeatRules.sol";

/// @title All rules, and the world they are tried in. The test contract acts itself: it is its own target.
abstract contract Rules is MoneyRules, ChannelRules, PassRules, SeatRules, RegistryRules {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    /// In storage, where no optimiser takes it for the time of another line.
    uint256 private present;

    error RuleBroken(uint256 number, bytes why);

    function setUp() public {
        createWorld();
        createService(5);
        createService(6);
        noting(Act.None, address(0), address(0));
    }

    /// One campaign for all rules: they look at the same world after each action, and none leaves a trace in it.
    function invariant_everyRuleHolds() public {
        bytes4[36] memory rules = [
            this.I1_everyTokenBelongsToSomebody.selector,
            this.I2_noTokenIsLostAndTheRegistryKeepsNone.selector,
            this.I3_everyoneWasCreditedExactlyHisShares.selector,
            this.I4_onlyTheOwnerSpendsAVault.selector,
            this.I5_onlyTheOwnerSpendsAWallet.selector,
            this.I6_earningsFallOnlyWhenTheirOwnerCollectsAll.selector,
            this.I7_whatIsCreditedCanBeTaken.selector,
            this.I8_claimedNeverFallsNorPassesTheReserve.selector,
            this.I9_lanesAddUpToWhatIsClaimed.selector,
            this.I10_aLaneStandsAtItsHighestPaidVoucher.selector,
            this.I11_noVoucherPaysTwice.selector,
            this.I12_phasesOnlyMoveForwardAndClosedIsTheEnd.selector,
            this.I13_aChannelIdOpensOnce.selector,
            this.I14_aCloseEndsWhenItWasToldTo.selector,
            this.I15_onlyPayerOrSignerStartsAClose.selector,
            this.I16_theReserveIsReleasedInTwoWaysOnly.selector,
            this.I17_thePayerAlwaysGetsTheRestBack.selector,
            this.I18_theNewestVoucherIsPaidUntilTheEnd.selector,
            this.I19_aPassHoldsWhatItsPurchasesHaveNotEarned.selector,
            this.I20_whatWasPaidIsEarnedHeldOrRefunded.selector,
            this.I21_whatAPassHoldsOnlyFallsButForPurchases.selector,
            this.I22_aPassEndsWhenItsPurchasesSay.selector,
            this.I23_onlyTheHolderShortensAPass.selector,
            this.I24_aPassHasAtMostTwoKindsOfTermsInOrder.selector,
            this.I25_onlyTheHolderChoosesOtherTerms.selector,
            this.I26_aRunningPassCanBeCancelled.selector,
            this.I27_anEndedPassCanBeSettledToTheLastUnit.selector,
            this.I28_aSeatCountsWhereBothSaySo.selector,
            this.I29_nobodyElseMovesWhoSits.selector,
            this.I30_accessIsTheOwnPassOrASeatOnOne.selector,
            this.I31_accessGrowsOnlyByAPurchaseOrASeat.selector,
            this.I32_everyNameIsOneServiceWithAnOwner.selector,
            this.I33_aServiceChangesHandsOnlyByItsOwner.selector,
            this.I34_versionsNeverChange.selector,
            this.I35_offersNeverChangeAndStayEnded.selector,
            this.I36_aNameCostsAtLeastOneTokenAndLessWithTime.selector
        ];
        for (uint256 i; i < rules.length; ++i) {
            (bool holds, bytes memory why) = tries(i + 1) ? tried(rules[i]) : looked(rules[i]);
            if (!holds) revert RuleBroken(i + 1, why);
        }
    }

    /// The ways out, and what must not work again: these rules act, in a copy of the world.
    function tries(uint256 number) private pure returns (bool) {
        return
            number == 7 || number == 11 || number == 13 || number == 17 || number == 18 || number == 26 || number == 27;
    }

    /// A revert undoes all but the time.
    function tried(bytes4 rule) private returns (bool holds, bytes memory why) {
        present = block.timestamp;
        try this.rehearse(rule) {}
        catch (bytes memory answer) {
            (holds, why) = abi.decode(answer, (bool, bytes));
        }
        vm.warp(present);
    }

    function rehearse(bytes4 rule) external {
        (bool holds, bytes memory why) = address(this).call(abi.encodePacked(rule));
        bytes memory answer = abi.encode(holds, why);
        assembly ("memory-safe") {
            revert(add(answer, 32), mload(answer))
        }
    }

    function looked(bytes4 rule) private view returns (bool holds, bytes memory why) {
        return address(this).staticcall(abi.encodePacked(rule));
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    function targeting(bytes4[] memory selectors) internal view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(this), selectors);
    }

    function validActs() internal pure returns (bytes4[] memory chosen) {
        bytes4[20] memory all = [
            this.payerOpens.selector,
            this.anyoneTopsUp.selector,
            this.anyoneCashes.selector,
            this.anyoneTriesRows.selector,
            this.payerOrSignerStartsClose.selector,
            this.anyoneFinalizes.selector,
            this.operatorAgreesToClose.selector,
            this.someoneBuysPass.selector,
            this.anyoneSettles.selector,
            this.holderCancels.selector,
            this.holderGivesSeat.selector,
            this.occupantLeaves.selector,
            this.occupantMoves.selector,
            this.someoneDeposits.selector,
            this.someoneWithdraws.selector,
            this.someoneCollects.selector,
            this.authorCollects.selector,
            this.someoneDonates.selector,
            this.timePasses.selector,
            this.authorOffers.selector
        ];
        chosen = new bytes4[](23);
        for (uint256 i; i < 19; ++i) {
            chosen[i] = all[i];
        }
        (chosen[19], chosen[20]) = (this.someoneRegisters.selector, this.authorPublishes.selector);
        (chosen[21], chosen[22]) = (this.authorEndsAnOffer.selector, this.authorHandsOver.selector);
    }
}

/// @title Everybody does what he may: nothing of it may revert.
/// forge-config: default.invariant.runs = 6
/// forge-config: default.invariant.depth = 80
/// forge-config: default.invariant.fail_on_revert = true
/// forge-config: ci.invariant.runs = 100
/// forge-config: ci.invariant.depth = 200
/// forge-config: ci.invariant.fail_on_revert = true
contract ValidTest is Rules {
    function targetSelectors() public view returns (FuzzSelector[] memory) {
        return targeting(validActs());
    }
}

/// @title Everybody also tries what he may not.
/// forge-config: default.invariant.runs = 6
/// forge-config: default.invariant.depth = 100
/// forge-config: default.invariant.fail_on_revert = false
/// forge-config: ci.invariant.runs = 100
/// forge-config: ci.invariant.depth = 200
/// forge-config: ci.invariant.fail_on_revert = false
contract LooseTest is Rules {
    function targetSelectors() public view returns (FuzzSelector[] memory) {
        bytes4[] memory valid = validActs();
        bytes4[] memory all = new bytes4[](valid.length + 11);
        for (uint256 i; i < valid.length; ++i) {
            all[i] = valid[i];
        }
        uint256 at = valid.length;
        (all[at], all[at + 1]) = (this.anyoneOpens.selector, this.anyoneStartsClose.selector);
        (all[at + 2], all[at + 3]) = (this.anyoneEnds.selector, this.anyoneToppedUp.selector);
        (all[at + 4], all[at + 5]) = (this.anyoneMovesMoney.selector, this.anyoneBuys.selector);
        (all[at + 6], all[at + 7]) = (this.anyoneCancels.selector, this.anyoneGivesSeat.selector);
        (all[at + 8], all[at + 9]) = (this.anyoneLeavesSeat.selector, this.anyoneManages.selector);
        all[at + 10] = this.anyoneTakesSeat.selector;
        return targeting(all);
    }
}
