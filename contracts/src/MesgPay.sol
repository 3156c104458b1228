// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IServiceRegistry} from "./interfaces/IServiceRegistry.sol";
import {Accounts} from "./pay/Accounts.sol";
import {Channels} from "./pay/Channels.sol";
import {Claims} from "./pay/Claims.sol";
import {Seats} from "./pay/Seats.sol";

/// @title How Services are paid. Immutable: no owner, no pause, no upgrade; a new version is a new address.
contract MesgPay is Channels, Claims, Seats {
    /// @param token_ What everything is paid in.
    /// @param registry_ Where offers and owners are looked up.
    /// @param treasury_ Whose account gets the treasury's shares.
    constructor(IERC20 token_, IServiceRegistry registry_, address treasury_)
        Accounts(token_, registry_, treasury_)
        EIP712("MESG Pay", "1")
    {}
}
