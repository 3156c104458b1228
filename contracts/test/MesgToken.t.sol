// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Base} from "./Base.sol";

contract MesgTokenTest is Base {
    function setUp() public {
        deploy();
    }

    function testTheWholeSupplyIsGivenOnce() public view {
        eq(token.totalSupply(), 250_000_000e18);
        eq(token.balanceOf(PAYER) + token.balanceOf(AUTHOR), 250_000_000e18);
        eq(token.decimals(), 18);
        assert(keccak256(bytes(token.symbol())) == keccak256("MESG"));
    }

    function testFuzzAPermitAllowsOnlyWhatWasSigned(uint256 amount, address other) public {
        vm.assume(other != FRIEND && other != address(0));
        uint256 key = 0xBEEF;
        address owner = vm.addr(key);
        bytes32 kind = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 content = keccak256(abi.encode(kind, owner, FRIEND, amount, 0, block.timestamp));
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(key, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), content)));
        token.permit(owner, FRIEND, amount, block.timestamp, v, r, s);
        eq(token.allowance(owner, FRIEND), amount);
        eq(token.allowance(owner, other), 0);
    }
}
