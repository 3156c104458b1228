// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IServiceRegistry} from "../interfaces/IServiceRegistry.sol";
import {Names} from "./Names.sol";

/// @title What of a Service can be run: versions, each published once and never changed.
abstract contract Versions is Names {
    /// @notice Longest URI of a version: enough for any hash-addressed location, too short to store data in.
    uint256 public constant URI_BYTES_MAX = 512;

    mapping(uint256 serviceId => Version[]) internal _versions;
    mapping(uint256 serviceId => mapping(bytes32 manifestHash => uint256 indexPlusOne)) private _versionOf;

    /// @inheritdoc IServiceRegistry
    function publishVersion(uint256 serviceId, bytes32 manifestHash, bytes32 packageHash, string calldata uri)
        external
        onlyServiceOwner(serviceId)
        returns (uint256 index)
    {
        if (manifestHash == 0) revert ManifestHashZero();
        if (bytes(uri).length > URI_BYTES_MAX) revert UriTooLong(bytes(uri).length, URI_BYTES_MAX);
        uint256 known = _versionOf[serviceId][manifestHash];
        if (known != 0) revert ManifestPublished(serviceId, manifestHash, known - 1);
        index = _versions[serviceId].length;
        _versionOf[serviceId][manifestHash] = index + 1;
        _versions[serviceId].push(Version(manifestHash, packageHash, uint40(block.timestamp), uri));
        emit VersionPublished(serviceId, index, manifestHash, packageHash, uri);
    }

    /// @inheritdoc IServiceRegistry
    function version(uint256 serviceId, uint256 index) external view returns (Version memory) {
        if (index >= _versions[serviceId].length) revert VersionUnknown(serviceId, index);
        return _versions[serviceId][index];
    }

    /// @inheritdoc IServiceRegistry
    function versionsLength(uint256 serviceId) external view returns (uint256) {
        return _versions[serviceId].length;
    }

    /// @inheritdoc IServiceRegistry
    function versionOf(uint256 serviceId, bytes32 manifestHash) external view returns (bool published, uint256 index) {
        uint256 known = _versionOf[serviceId][manifestHash];
        return known == 0 ? (false, 0) : (true, known - 1);
    }
}
