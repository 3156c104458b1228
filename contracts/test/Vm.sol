// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The cheatcodes of forge that these tests use; forge-std is not on npm.
interface Vm {
    function prank(address) external;
    function startPrank(address) external;
    function stopPrank() external;
    function warp(uint256) external;
    function roll(uint256) external;
    function chainId(uint256) external;
    function etch(address, bytes calldata code) external;
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function addr(uint256 key) external pure returns (address);
    function assume(bool) external pure;
    function expectRevert(bytes calldata) external;
    function expectRevert(bytes4) external;
    function expectPartialRevert(bytes4 selector) external;
    function expectEmit(bool, bool, bool, bool) external;
    function expectEmit(address emitter) external;
    function getBlockNumber() external view returns (uint256);
    function getBlockTimestamp() external view returns (uint256);
    function deployCode(string calldata artifact, bytes calldata arguments) external returns (address);
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonAddress(string calldata json, string calldata key) external pure returns (address);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function parseJsonString(string calldata json, string calldata key) external pure returns (string memory);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function parseBytes(string calldata) external pure returns (bytes memory);
    function parseUint(string calldata) external pure returns (uint256);
}
