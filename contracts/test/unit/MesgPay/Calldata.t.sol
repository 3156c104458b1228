// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {Base} from "../../Base.sol";

/// Words that do not fit their type: one channel must not have two names.
contract CalldataTest is Base {
    IMesgPay.Config internal opened;
    bytes32 internal id;
    /// Which words of a config have room for more than their type: all but serviceId, offerHash and salt.
    uint8[9] internal narrow = [0, 1, 2, 4, 6, 7, 8, 9, 10];

    function setUp() public {
        deploy();
        publish();
        opened = open(100);
        id = pay.channelIdOf(opened);
    }

    /// Set the highest bit of a word, counted behind the selector.
    function soil(bytes memory call, uint256 index) internal pure returns (bytes memory) {
        call[4 + 32 * index] = 0x80;
        return call;
    }

    function testNoChannelIsOpenedUnderASecondName() public {
        opened.salt = "another";
        for (uint256 i; i < narrow.length; ++i) {
            vm.prank(PAYER);
            (bool done,) = address(pay).call(soil(abi.encodeCall(pay.open, (opened, 1)), narrow[i]));
            eq(done, false);
        }
        eq(token.balanceOf(address(pay)), 100);
    }

    function testNoChannelIsClosedUnderASecondName() public {
        for (uint256 i; i < narrow.length; ++i) {
            vm.prank(PAYER);
            (bool done,) = address(pay).call(soil(abi.encodeCall(pay.startClose, (opened)), narrow[i]));
            eq(done, false);
        }
        eq(uint256(pay.channel(id).phase), uint256(IMesgPay.Phase.Open));
    }

    function testNoVoucherIsCashedUnderASecondName() public {
        IMesgPay.Claim[] memory rows = new IMesgPay.Claim[](1);
        rows[0] = voucher(SESSION_KEY, opened, 0, 60);
        for (uint256 i; i < narrow.length; ++i) {
            // Before the row: where the array is, and how long.
            (bool done, bytes memory result) = address(pay).call(soil(abi.encodeCall(pay.claim, (rows)), 2 + narrow[i]));
            eq(done && abi.decode(result, (uint256)) != 0, false);
        }
        eq(pay.channel(id).claimed, 0);
        eq(pay.claim(rows), 60);
    }
}
