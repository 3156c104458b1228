// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {MesgPay} from "../src/MesgPay.sol";
import {Shares} from "../src/libraries/Shares.sol";
import {IMesgPay} from "../src/interfaces/IMesgPay.sol";
import {IServiceRegistry} from "../src/interfaces/IServiceRegistry.sol";
import {Base} from "./Base.sol";

contract MesgPayTest is Base {
    uint256 internal constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function setUp() public {
        deploy();
        publish();
    }

    function testFuzzAClaimIsDividedExactly(uint96 first, uint96 second) public {
        IMesgPay.Config memory opened = open(1e24);
        uint128 low = uint128(bound(first, 1, 1e24 - 1));
        uint128 high = uint128(bound(second, low + 1, 1e24));
        eq(claim(voucher(SESSION_KEY, opened, 0, low)), low);
        eq(claim(voucher(SESSION_KEY, opened, 0, high)), high - low);
        uint256 author = pay.earnedByService(serviceId);
        uint256 treasury = pay.earnedBy(TREASURY);
        uint256 friend = pay.earnedBy(FRIEND);
        within(author, uint256(high) * 2000 / 10_000, 2);
        within(treasury, uint256(high) * 300 / 10_000, 2);
        within(friend, uint256(high) * 200 / 10_000, 2);
        eq(pay.earnedBy(vm.addr(OPERATOR_KEY)), high - author - treasury - friend);
    }

    function testFuzzEveryPartOnlyRises(uint96 total, uint96 step, uint16[3] memory bps) public pure {
        uint256 author = bound(bps[0], 0, 10_000);
        uint256 treasury = bound(bps[1], 0, 10_000 - author);
        uint256 referrer = bound(bps[2], 0, 10_000 - author - treasury);
        uint256 rise = step % 4 + 1;
        Shares.Parts memory parts = Shares.between(total, uint256(total) + rise, author, treasury, referrer);
        eq(parts.author + parts.treasury + parts.referrer + parts.operator, rise);
    }

    function testFuzzNoClaimWithoutTheSignersSignature(bytes32 r, bytes32 vs, uint96 amount) public {
        IMesgPay.Config memory opened = open(1e24);
        IMesgPay.Claim memory row = IMesgPay.Claim(opened, 0, uint128(bound(amount, 1, 1e24)), r, vs);
        eq(claim(row), 0);
        eq(pay.channel(pay.channelIdOf(opened)).claimed, 0);
    }

    function testFuzzAnotherKeyPaysNothing(uint256 key, uint96 amount) public {
        key = bound(key, 1, ORDER - 1);
        vm.assume(key != SESSION_KEY);
        IMesgPay.Config memory opened = open(1e24);
        eq(claim(voucher(key, opened, 0, uint128(bound(amount, 1, 1e24)))), 0);
    }

    function testAHighSIsNoSignature() public {
        IMesgPay.Config memory opened = open(100);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(SESSION_KEY, pay.voucherDigest(pay.channelIdOf(opened), 0, 10));
        uint256 high = ORDER - uint256(s);
        // A high s has no room for the recovery bit unless its top bit happens to be free.
        bytes32 vs = bytes32((high & ~(uint256(1) << 255)) | (uint256(28 - v) << 255));
        eq(claim(IMesgPay.Claim(opened, 0, 10, r, vs)), 0);
    }

    function testAVoucherCountsInOneContractOnly() public {
        IMesgPay.Config memory opened = open(100);
        IMesgPay.Claim memory row = voucher(SESSION_KEY, opened, 0, 60);
        pay = newPay(address(token));
        vm.startPrank(PAYER);
        token.approve(address(pay), 100);
        pay.open(opened, 100);
        vm.stopPrank();
        eq(claim(row), 0);
        eq(claim(voucher(SESSION_KEY, opened, 0, 60)), 60);
    }

    function testASkippedRowSaysWhyAndHarmsNoOther() public {
        IMesgPay.Config memory opened = open(100);
        bytes32 id = pay.channelIdOf(opened);
        IMesgPay.Claim[] memory rows = new IMesgPay.Claim[](4);
        rows[0] = voucher(SESSION_KEY, opened, 0, 101);
        rows[1] = voucher(OPERATOR_KEY, opened, 0, 5);
        rows[2] = voucher(SESSION_KEY, opened, 0, 40);
        rows[3] = rows[2];
        vm.expectEmit(true, false, false, true);
        emit IMesgPay.ClaimSkipped(0, id, IMesgPay.SkipReason.OverReserve);
        vm.expectEmit(true, false, false, true);
        emit IMesgPay.ClaimSkipped(1, id, IMesgPay.SkipReason.BadSignature);
        vm.expectEmit(true, false, false, true);
        emit IMesgPay.Claimed(id, 0, 40, 40);
        vm.expectEmit(true, false, false, true);
        emit IMesgPay.ClaimSkipped(3, id, IMesgPay.SkipReason.Stale);
        eq(pay.claim(rows), 40);
    }

    function testManyChannelsOpenWithOnePull() public {
        (uint32 index, bytes32 offerHash) = offer(metered());
        IMesgPay.Config[] memory configs = new IMesgPay.Config[](3);
        uint128[] memory amounts = new uint128[](3);
        for (uint256 i; i < 3; ++i) {
            configs[i] = config(index, offerHash);
            configs[i].salt = bytes32(i);
            amounts[i] = uint128(10 + i);
        }
        vm.startPrank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.LengthsDiffer.selector, 3, 2));
        pay.openMany(configs, new uint128[](2));
        pay.openMany(configs, amounts);
        eq(token.balanceOf(address(pay)), 33);
        eq(pay.channel(pay.channelIdOf(configs[2])).reserved, 12);
    }

    function testAPermitOpensAlsoWhenSomebodySentItFirst() public {
        uint256 key = 0xBEEF;
        address owner = vm.addr(key);
        vm.prank(PAYER);
        token.transfer(owner, 100);
        (uint32 index, bytes32 offerHash) = offer(metered());
        IMesgPay.Config memory wanted = config(index, offerHash);
        wanted.payer = owner;
        IMesgPay.Permit memory permit = signedPermit(key, owner, 60);
        token.permit(owner, address(pay), 60, permit.deadline, permit.v, permit.r, permit.s);
        vm.prank(owner);
        pay.openWithPermit(wanted, 60, permit);
        wanted.salt = bytes32("another");
        permit = signedPermit(key, owner, 40);
        vm.prank(owner);
        pay.openWithPermit(wanted, 40, permit);
        eq(token.balanceOf(owner), 0);
    }

    function signedPermit(uint256 key, address owner, uint256 amount) internal view returns (IMesgPay.Permit memory) {
        bytes32 kind = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 content = keccak256(abi.encode(kind, owner, address(pay), amount, token.nonces(owner), block.timestamp));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), content));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return IMesgPay.Permit(block.timestamp, v, r, s);
    }

    function testAPassIsSharedBetweenAuthorTreasuryAndReferrer() public {
        (uint32 index, bytes32 offerHash) = offer(pass());
        vm.startPrank(PAYER);
        eq(pay.buyPass(serviceId, index, offerHash, FRIEND, 1000, FRIEND), START + 30 days);
        pay.deposit(1000);
        eq(pay.buyPassFromVault(serviceId, index, offerHash, FRIEND, 1000, address(0)), START + 60 days);
        eq(pay.earnedByService(serviceId), 20);
        eq(pay.earnedBy(FRIEND), 20);
        eq(pay.passExpiry(serviceId, PAYER), 0);
        later(61 days);
        address[] memory accounts = new address[](1);
        accounts[0] = FRIEND;
        eq(pay.settlePasses(serviceId, accounts), 2000 - 40);
        eq(pay.earnedByService(serviceId), 950 + 970);
        eq(pay.earnedBy(TREASURY), 60);
        eq(pay.buyPass(serviceId, index, offerHash, FRIEND, 1000, FRIEND), START + 91 days);
    }

    function testIncomeFollowsTheService() public {
        IMesgPay.Config memory opened = open(100);
        claim(voucher(SESSION_KEY, opened, 0, 100));
        vm.prank(AUTHOR);
        registry.transferFrom(AUTHOR, FRIEND, serviceId);
        vm.prank(AUTHOR);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.NotServiceOwner.selector, serviceId, AUTHOR, FRIEND));
        pay.collectService(serviceId, AUTHOR);
        vm.prank(FRIEND);
        eq(pay.collectService(serviceId, address(0xF1)), 20);
        eq(token.balanceOf(address(0xF1)), 20);
    }

    function testAPassIsNoChannelAndAChannelNoPass() public {
        (uint32 passIndex, bytes32 passHash) = offer(pass());
        (uint32 index, bytes32 offerHash) = offer(metered());
        vm.startPrank(PAYER);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.KindMismatch.selector, 0, 1));
        pay.open(config(passIndex, passHash), 1);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.KindMismatch.selector, 1, 0));
        pay.buyPass(serviceId, index, offerHash, PAYER, 1000, address(0));
    }

    function testAnExpiredOfferIsNotSold() public {
        IServiceRegistry.OfferTerms memory terms = metered();
        terms.validUntil = uint40(block.timestamp) + 10;
        (uint32 index, bytes32 offerHash) = offer(terms);
        IMesgPay.Config memory wanted = config(index, offerHash);
        vm.startPrank(PAYER);
        vm.warp(terms.validUntil);
        pay.open(wanted, 1);
        wanted.salt = bytes32("late");
        vm.warp(terms.validUntil + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IServiceRegistry.OfferExpired.selector, terms.validUntil, terms.validUntil + 1)
        );
        pay.open(wanted, 1);
    }

    function testATokenThatTakesAFeeIsRefused() public {
        (uint32 index, bytes32 offerHash) = offer(metered());
        pay = newPay(address(new FeeToken(PAYER)));
        vm.startPrank(PAYER);
        pay.token().approve(address(pay), 1000);
        vm.expectRevert(abi.encodeWithSelector(IMesgPay.ReceivedOther.selector, 100, 99));
        pay.open(config(index, offerHash), 100);
    }

    function testATokenThatCallsBackCannotEnterTwice() public {
        CallingToken calling = new CallingToken();
        pay = newPay(address(calling));
        calling.attack(pay);
        vm.startPrank(address(calling));
        pay.deposit(100);
        vm.expectRevert(bytes4(keccak256("ReentrancyGuardReentrantCall()")));
        pay.withdraw(50, address(calling));
    }
}

/// Keeps one unit of every transfer.
contract FeeToken is ERC20 {
    constructor(address holder) ERC20("Fee", "FEE") {
        _mint(holder, 1000);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0)) super._update(to, address(1), 1);
    }
}

/// Withdraws again while it is being withdrawn.
contract CallingToken is ERC20 {
    MesgPay private target;

    constructor() ERC20("Call", "CALL") {
        _mint(address(this), 1000);
    }

    function attack(MesgPay pay) external {
        target = pay;
        _approve(address(this), address(pay), 1000);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from == address(target) && from != address(0)) target.withdraw(50, to);
    }
}
