// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title A token that misbehaves as anybody tells it to.
contract HostileToken is ERC20Permit {
    enum Behaviour {
        Honest,
        Paused,
        KeepsAFee,
        AnswersFalse,
        AnswersNothing,
        Reenters,
        GivesMore
    }

    error EnforcedPause();

    Behaviour private _behaviour;
    address private _victim;

    constructor(address recipient) ERC20("MESG", "MESG") ERC20Permit("MESG") {
        _mint(recipient, 250_000_000e18);
    }

    /// Behave like that from now on; `victim` is called in the middle of a transfer.
    function behave(Behaviour behaviour, address victim) external {
        (_behaviour, _victim) = (behaviour, victim);
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        if (!_willing()) return false;
        super.transfer(to, value);
        return _answer();
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        if (!_willing()) return false;
        super.transferFrom(from, to, value);
        return _answer();
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (_behaviour == Behaviour.KeepsAFee) super._update(to, address(0), (value + 99) / 100);
        if (_behaviour == Behaviour.GivesMore) super._update(address(0), to, 1);
    }

    function _willing() private returns (bool) {
        if (_behaviour == Behaviour.Paused) revert EnforcedPause();
        if (_behaviour == Behaviour.Reenters) _reenter();
        return _behaviour != Behaviour.AnswersFalse;
    }

    function _answer() private view returns (bool) {
        if (_behaviour == Behaviour.AnswersNothing) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
        return true;
    }

    function _reenter() private {
        (bool done, bytes memory problem) = _victim.call(abi.encodeWithSignature("collect(address)", address(1)));
        if (!done) {
            assembly ("memory-safe") {
                revert(add(problem, 32), mload(problem))
            }
        }
    }
}
