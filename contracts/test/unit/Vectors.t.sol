// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IMesgPay} from "../../src/interfaces/IMesgPay.sol";
import {IServiceRegistry} from "../../src/interfaces/IServiceRegistry.sol";
import {ChannelHash} from "../../src/libraries/ChannelHash.sol";
import {MesgPay} from "../../src/MesgPay.sol";
import {OpenToken} from "../mocks/OpenToken.sol";
import {Permits} from "../Permits.sol";

/// What Python signs is what the contract checks: both read tests/vectors/signed-objects.json.
contract VectorsTest is Permits {
    string internal json;
    IMesgPay.Config internal chosen;
    bytes32 internal id;

    function setUp() public {
        deploy();
        json = vm.readFile("../tests/vectors/signed-objects.json");
        address there = vm.parseJsonAddress(json, ".domain.verifyingContract");
        vm.etch(there, address(newPay(vm.parseJsonAddress(json, ".reserve.token"))).code);
        pay = MesgPay(there);
        vm.chainId(vm.parseJsonUint(json, ".domain.chainId"));
        serviceId = vm.parseJsonUint(json, ".serviceId.number");
        chosen = vectorConfig();
        id = pay.channelIdOf(chosen);
    }

    /// The terms that tests/vectors/make.py uses.
    function vectorTerms() internal pure returns (IServiceRegistry.OfferTerms memory) {
        return IServiceRegistry.OfferTerms(1, 0.5e18, 0, 0, 86_400, 0, 2000, 100, 0, false, 0);
    }

    function vectorConfig() internal view returns (IMesgPay.Config memory) {
        address payer = vm.parseJsonAddress(json, ".accounts.payer");
        return IMesgPay.Config({
            payer: payer,
            signer: payer,
            operator: vm.parseJsonAddress(json, ".accounts.operator"),
            serviceId: serviceId,
            offerIndex: 1,
            offerHash: word(".offerHash"),
            referrer: address(0),
            authorBps: 2000,
            treasuryBps: 100,
            referrerBps: 0,
            closeDelay: 86_400,
            salt: 0x4444444444444444444444444444444444444444444444444444444444444444
        });
    }

    function word(string memory key) internal view returns (bytes32) {
        return bytes32(bytesAt(key));
    }

    function bytesAt(string memory key) internal view returns (bytes memory) {
        return vm.parseBytes(string.concat("0x", vm.parseJsonString(json, key)));
    }

    function testTheDomain() public view {
        (, string memory name, string memory version, uint256 chainId, address verifying,,) = pay.eip712Domain();
        same(bytes(name), bytes(vm.parseJsonString(json, ".domain.name")));
        same(bytes(version), bytes(vm.parseJsonString(json, ".domain.version")));
        eq(chainId, vm.parseJsonUint(json, ".domain.chainId"));
        eq(verifying, address(pay));
        eq(pay.domainSeparator(), word(".domain.separator"));
    }

    function testTheServiceIdIsTheSidsHash() public view {
        eq(registry.serviceIdOf(vm.parseJsonString(json, ".serviceId.sid")), serviceId);
    }

    /// The vectors' offer is the Service's second.
    function offerTwice() internal returns (uint32 index, bytes32 offerHash) {
        eq(register(AUTHOR, vm.parseJsonString(json, ".serviceId.sid")), serviceId);
        vm.prank(AUTHOR);
        registry.publishVersion(serviceId, "m", 0, "");
        offer(vectorTerms());
        return offer(vectorTerms());
    }

    function testTheOfferHash() public {
        eq(keccak256(abi.encode(serviceId, uint32(1), vectorTerms())), word(".offerHash"));
        (uint32 index, bytes32 offerHash) = offerTwice();
        eq(index, 1);
        eq(offerHash, word(".offerHash"));
    }

    function testTheChannelId() public view {
        eq(id, word(".channelId"));
    }

    function testTheVoucherAndItsSignature() public view {
        bytes32 digest = pay.voucherDigest(id, 0, 1.5e18);
        eq(digest, word(".voucher.digest"));
        eq(signerOf(digest, ".voucher.signature"), chosen.signer);
    }

    function testTheClose() public view {
        eq(pay.closeDigest(id, uint128(number(".close.finalClaimed"))), word(".close.digest"));
    }

    function testTheReserveIsTakenByTheRealPermit2() public {
        owner = chosen.payer;
        offerTwice();
        uint256 amount = number(".reserve.amount");
        vm.etch(address(pay.token()), address(new OpenToken()).code);
        OpenToken(address(pay.token())).give(owner, amount);
        installPermit2();
        eq(vm.parseJsonAddress(json, ".reserve.permit2"), PERMIT2);
        eq(vm.parseJsonAddress(json, ".reserve.spender"), address(pay));
        eq(IERC20Permit(PERMIT2).DOMAIN_SEPARATOR(), word(".reserve.separator"));
        eq(ChannelHash.reserve(id, uint128(amount)), word(".reserve.witness"));
        IMesgPay.Permit2Signature memory permit = IMesgPay.Permit2Signature(
            number(".reserve.nonce"), vm.parseJsonUint(json, ".reserve.deadline"), bytesAt(".reserve.signature")
        );
        eq(pay.openWithPermit2(chosen, uint128(amount), permit), id);
        eq(pay.channel(id).reserved, amount);
    }

    function number(string memory key) internal view returns (uint256) {
        return vm.parseUint(vm.parseJsonString(json, key));
    }

    /// As EIP-2098 has it: r, then s with the recovery bit on top.
    function signerOf(bytes32 digest, string memory key) internal view returns (address) {
        (bytes32 r, uint256 vs) = abi.decode(bytesAt(key), (bytes32, uint256));
        return ecrecover(digest, uint8(27 + (vs >> 255)), r, bytes32(vs & ~(uint256(1) << 255)));
    }
}
