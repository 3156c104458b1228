// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MesgToken} from "../../../src/MesgToken.sol";
import {Base} from "../../Base.sol";

contract SupplyTest is Base {
    function testTheWholeSupplyIsGivenOnce() public {
        token = MesgToken(vm.deployCode("MesgToken.sol:MesgToken", abi.encode(FRIEND)));
        eq(token.totalSupply(), 250_000_000e18);
        eq(token.balanceOf(FRIEND), token.SUPPLY());
        eq(token.decimals(), 18);
        same(bytes(token.name()), "MESG");
        same(bytes(token.symbol()), "MESG");
    }
}
