// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IServiceRegistry} from "./interfaces/IServiceRegistry.sol";
import {Names} from "./registry/Names.sol";
import {OfferBook} from "./registry/OfferBook.sol";

/// @title What is for sale. Holds no money (what names cost goes straight to the treasury) and has no administrator.
contract ServiceRegistry is OfferBook {
    /// @notice Longest page of the listing, so that it fits the gas of any node's eth_call.
    uint256 public constant PAGE_MAX = 100;

    /// @param token_ What names are paid in.
    /// @param treasury_ Who is paid for them.
    /// @param commitmentBlocksMin_ How old a promise of a name must be to be kept.
    constructor(IERC20 token_, address treasury_, uint256 commitmentBlocksMin_)
        ERC721("MESG Service", "MESGS")
        Names(token_, treasury_, commitmentBlocksMin_)
    {}

    /// @inheritdoc IServiceRegistry
    function services(uint256 offset, uint256 limit) external view returns (Summary[] memory page) {
        uint256 left = offset < _services.length ? _services.length - offset : 0;
        if (limit > PAGE_MAX) limit = PAGE_MAX;
        page = new Summary[](limit < left ? limit : left);
        for (uint256 i; i < page.length; ++i) {
            uint256 id = _services[offset + i];
            page[i] = Summary(id, _sids[id], _ownerOf(id), _versions[id].length, _offersLength[id]);
        }
    }
}
