// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../src/interfaces/IMesgPay.sol";
import {World} from "./World.sol";

/// @title What everything was before the last action, and who did that action to whom.
abstract contract Before is World {
    enum Act {
        None,
        Open,
        TopUp,
        Claim,
        StartClose,
        Finalize,
        Cooperate,
        Deposit,
        Withdraw,
        Collect,
        CollectService,
        Buy,
        Cancel,
        Settle,
        GiveSeat,
        LeaveSeat,
        TakeSeat,
        Register,
        Publish,
        Offer,
        Disable,
        Transfer,
        Donate,
        Time
    }

    struct Access {
        uint40 expiry;
        uint40 until;
        uint256 held;
        uint256 refundable;
        IMesgPay.Seat seat;
    }

    Act internal lastAct;
    address internal lastActor;
    /// The beneficiary of a purchase, or who was given a seat.
    address internal lastSubject;
    uint256 internal lastTimestamp;
    uint256 internal lastFee;
    mapping(uint256 channel => IMesgPay.ChannelState) internal lastChannel;
    mapping(uint256 channel => mapping(uint256 lane => uint128)) internal lastLane;
    mapping(uint256 person => uint256) internal lastWallet;
    mapping(uint256 person => uint256) internal lastVault;
    mapping(uint256 person => uint256) internal lastEarned;
    mapping(uint256 service => uint256) internal lastServiceEarned;
    mapping(uint256 service => address) internal lastOwner;
    mapping(uint256 service => mapping(uint256 holder => Access)) internal lastAccess;
    mapping(uint256 service => mapping(uint256 holder => IMesgPay.Pass)) internal lastPass;

    /// Note everything as it is, and who acts now.
    function noting(Act act, address actor, address subject) internal {
        (lastAct, lastActor, lastSubject) = (act, actor, subject);
        lastTimestamp = block.timestamp;
        lastFee = registry.registrationFee();
        for (uint256 i; i < channels.length; ++i) {
            lastChannel[i] = pay.channel(channels[i]);
            for (uint256 lane; lane < LANES; ++lane) {
                lastLane[i][lane] = pay.laneClaimed(channels[i], laneNumber(lane));
            }
        }
        for (uint256 i; i < PEOPLE; ++i) {
            (lastWallet[i], lastVault[i]) = (token.balanceOf(people[i]), pay.vaultOf(people[i]));
            lastEarned[i] = pay.earnedBy(people[i]);
        }
        for (uint256 i; i < services.length; ++i) {
            noteService(i);
        }
    }

    function accessOf(uint256 service, uint256 holder) internal view returns (Access memory access) {
        (uint256 id, address account) = (services[service], people[holder]);
        (uint256 earned, uint256 refundable) = pay.passValue(id, account);
        access.expiry = pay.passExpiry(id, account);
        access.until = pay.accessUntil(id, account);
        access.held = earned + refundable;
        access.refundable = refundable;
        access.seat = pay.seatOf(id, account);
    }

    function noteService(uint256 service) private {
        lastServiceEarned[service] = pay.earnedByService(services[service]);
        lastOwner[service] = registry.ownerOf(services[service]);
        for (uint256 holder; holder < HOLDERS; ++holder) {
            lastAccess[service][holder] = accessOf(service, holder);
            lastPass[service][holder] = pay.passOf(services[service], people[holder]);
        }
    }
}
