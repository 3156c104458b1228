// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IMesgPay} from "../../../src/interfaces/IMesgPay.sol";
import {Before} from "../Before.sol";

/// @title Payers open channels in every way there is, anyone tops them up, and they are closed.
abstract contract ChannelActs is Before {
    bytes private constant PERMIT2_TYPE =
        "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,Reserve witness)Reserve(bytes32 channelId,uint128 amount)TokenPermissions(address token,uint256 amount)";

    /// When a close was started, by whom it was signed.
    mapping(uint256 channel => uint256 timestamp) internal startedAt;
    mapping(uint256 channel => bool) internal agreed;
    uint256 private permitNonce;

    function payerOpens(uint256 seed, uint128 amount, uint8 way) public {
        if (channels.length + 2 > CHANNELS_MAX) return;
        (bool found, IMesgPay.Config memory wanted) = newConfig(seed);
        if (!found) return;
        uint256 richest = way % 6 == 1 ? pay.vaultOf(wanted.payer) : token.balanceOf(wanted.payer);
        if (richest < 2) return;
        amount = uint128(bound(amount, 1, richest / (seed % 3 == 0 ? 1 : 2)));
        noting(Act.Open, wanted.payer, wanted.payer);
        if (way % 6 == 5) return openTwo(wanted, amount);
        bytes32 id = pay.channelIdOf(wanted);
        if (way % 6 == 0) open(wanted, amount);
        if (way % 6 == 1) openFromVault(wanted, amount);
        if (way % 6 == 2) openWithPermit(wanted, amount, false);
        if (way % 6 == 3) openWithPermit(wanted, amount, true);
        if (way % 6 == 4) openWithPermit2(wanted, amount);
        opened(wanted, id, amount);
    }

    function anyoneTopsUp(uint256 seed, uint128 amount) public {
        (bool found, uint256 channel) = runningChannel(seed);
        address from = people[(seed >> 8) % PEOPLE];
        if (!found || token.balanceOf(from) == 0) return;
        amount = uint128(bound(amount, 1, token.balanceOf(from)));
        noting(Act.TopUp, from, configs[channel].payer);
        vm.prank(from);
        pay.topUp(configs[channel], amount);
        eq(pay.channel(channels[channel]).reserved, lastChannel[channel].reserved + amount);
    }

    function payerOrSignerStartsClose(uint256 seed) public {
        (bool found, uint256 channel) = runningChannel(seed);
        if (!found || pay.channel(channels[channel]).phase != IMesgPay.Phase.Open) return;
        IMesgPay.Config memory config = configs[channel];
        address from = (seed >> 8) % 2 == 0 ? config.payer : config.signer;
        noting(Act.StartClose, from, config.payer);
        startedAt[channel] = block.timestamp;
        vm.prank(from);
        pay.startClose(config);
    }

    function anyoneFinalizes(uint256 seed) public {
        (bool found, uint256 channel) = runningChannel(seed);
        if (!found) return;
        IMesgPay.ChannelState memory state = pay.channel(channels[channel]);
        if (state.phase != IMesgPay.Phase.Closing || block.timestamp < state.closesAt) return;
        address from = people[(seed >> 8) % PEOPLE];
        noting(Act.Finalize, from, configs[channel].payer);
        vm.prank(from);
        pay.finalizeClose(configs[channel]);
    }

    function operatorAgreesToClose(uint256 seed) public {
        (bool found, uint256 channel) = runningChannel(seed);
        if (!found || (seed >> 16) % 2 == 0) return;
        uint128 claimed = pay.channel(channels[channel]).claimed;
        uint256 operator = personOf(configs[channel].operator);
        (bytes32 r, bytes32 vs) = compact(key(operator), pay.closeDigest(channels[channel], claimed));
        address from = people[(seed >> 8) % PEOPLE];
        noting(Act.Cooperate, from, configs[channel].payer);
        agreed[channel] = true;
        vm.prank(from);
        pay.closeCooperative(configs[channel], claimed, r, vs);
    }

    function newConfig(uint256 seed) internal view returns (bool found, IMesgPay.Config memory wanted) {
        Sale memory sale;
        (found, sale) = liveSale(seed, 1);
        uint256 payer = (seed >> 8) % PAYERS;
        wanted = IMesgPay.Config({
            payer: people[payer],
            signer: vm.addr(sessionKey(payer)),
            operator: people[3 + (seed >> 16) % 2],
            serviceId: sale.serviceId,
            offerIndex: sale.index,
            offerHash: sale.offerHash,
            referrer: (seed >> 24) % 2 == 0 ? address(0) : people[REFERRER],
            authorBps: sale.terms.authorBps,
            treasuryBps: sale.terms.treasuryBps,
            referrerBps: sale.terms.referrerBps,
            closeDelay: sale.terms.closeDelay,
            salt: bytes32(channels.length)
        });
    }

    function liveSale(uint256 seed, uint8 kind) internal view returns (bool found, Sale memory sale) {
        for (uint256 i; i < sales.length; ++i) {
            sale = sales[(seed % sales.length + i) % sales.length];
            bool expired = sale.terms.validUntil != 0 && sale.terms.validUntil < block.timestamp;
            if (sale.terms.kind == kind && !sale.disabled && !expired) return (true, sale);
        }
    }

    function runningChannel(uint256 seed) internal view returns (bool found, uint256 channel) {
        for (uint256 i; i < channels.length; ++i) {
            channel = (seed % channels.length + i) % channels.length;
            IMesgPay.Phase phase = pay.channel(channels[channel]).phase;
            if (phase == IMesgPay.Phase.Open || phase == IMesgPay.Phase.Closing) return (true, channel);
        }
        return (false, 0);
    }

    function opened(IMesgPay.Config memory wanted, bytes32 id, uint128 amount) internal {
        configs.push(wanted);
        channels.push(id);
        eq(pay.channel(id).reserved, amount);
    }

    function open(IMesgPay.Config memory wanted, uint128 amount) private {
        vm.prank(wanted.payer);
        pay.open(wanted, amount);
    }

    function openFromVault(IMesgPay.Config memory wanted, uint128 amount) private {
        vm.prank(wanted.payer);
        pay.openFromVault(wanted, amount);
    }

    /// Without an approval; somebody may have sent the permit first.
    function openWithPermit(IMesgPay.Config memory wanted, uint128 amount, bool sent) private {
        address owner = wanted.payer;
        vm.prank(owner);
        token.approve(address(pay), 0);
        bytes32 kind = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 content = keccak256(abi.encode(kind, owner, address(pay), amount, token.nonces(owner), block.timestamp));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), content));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key(personOf(owner)), digest);
        if (sent) token.permit(owner, address(pay), amount, block.timestamp, v, r, s);
        vm.prank(owner);
        pay.openWithPermit(wanted, amount, IMesgPay.Permit(block.timestamp, v, r, s));
        eq(token.allowance(owner, address(pay)), 0);
        vm.prank(owner);
        token.approve(address(pay), type(uint256).max);
    }

    /// Sent by anybody: what counts is the payer's signature.
    function openWithPermit2(IMesgPay.Config memory wanted, uint128 amount) private {
        vm.prank(people[9]);
        pay.openWithPermit2(wanted, amount, signedForPermit2(wanted, amount, key(personOf(wanted.payer))));
    }

    function signedForPermit2(IMesgPay.Config memory wanted, uint128 amount, uint256 signer)
        internal
        returns (IMesgPay.Permit2Signature memory)
    {
        bytes32 kind = keccak256("Reserve(bytes32 channelId,uint128 amount)");
        bytes32 witness = keccak256(abi.encode(kind, pay.channelIdOf(wanted), amount));
        kind = keccak256("TokenPermissions(address token,uint256 amount)");
        bytes32 permitted = keccak256(abi.encode(kind, token, amount));
        bytes32 content =
            keccak256(abi.encode(keccak256(PERMIT2_TYPE), permitted, pay, ++permitNonce, block.timestamp, witness));
        bytes32 separator = IERC20Permit(PERMIT2).DOMAIN_SEPARATOR();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signer, keccak256(abi.encodePacked(hex"1901", separator, content)));
        return IMesgPay.Permit2Signature(permitNonce, block.timestamp, abi.encodePacked(r, s, v));
    }

    function openTwo(IMesgPay.Config memory wanted, uint128 amount) private {
        IMesgPay.Config[] memory both = new IMesgPay.Config[](2);
        uint128[] memory amounts = new uint128[](2);
        (both[0], amounts[0], amounts[1]) = (wanted, (amount + 1) / 2, amount / 2);
        if (amounts[1] == 0) amounts[1] = 1;
        (, both[1]) = newConfig(uint256(uint160(wanted.payer)));
        (both[1].payer, both[1].signer, both[1].salt) = (wanted.payer, wanted.signer, bytes32(channels.length + 1));
        if (uint256(amounts[0]) + amounts[1] > token.balanceOf(wanted.payer)) return;
        vm.prank(wanted.payer);
        pay.openMany(both, amounts);
        opened(both[0], pay.channelIdOf(both[0]), amounts[0]);
        opened(both[1], pay.channelIdOf(both[1]), amounts[1]);
    }
}
