// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {IServiceRegistry} from "../../../src/interfaces/IServiceRegistry.sol";
import {MesgPay} from "../../../src/MesgPay.sol";
import {Base} from "../../Base.sol";

contract PayDeploymentTest is Base {
    function testItKnowsTokenRegistryAndTreasury() public {
        deploy();
        eq(address(pay.token()), address(token));
        eq(address(pay.registry()), address(registry));
        eq(pay.treasury(), TREASURY);
        eq(address(pay.PERMIT2()), 0x000000000022D473030F116dDEE9F6B43aC78BA3);
    }

    function testItNeedsTokenRegistryAndTreasury() public {
        (IERC20 some, IServiceRegistry one) = (IERC20(address(1)), IServiceRegistry(address(2)));
        vm.expectRevert(IMesgPay.AddressZero.selector);
        new MesgPay(IERC20(address(0)), one, TREASURY);
        vm.expectRevert(IMesgPay.AddressZero.selector);
        new MesgPay(some, IServiceRegistry(address(0)), TREASURY);
        vm.expectRevert(IMesgPay.AddressZero.selector);
        new MesgPay(some, one, address(0));
    }
}
