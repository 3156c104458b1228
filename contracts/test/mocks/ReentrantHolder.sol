// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title An account that does one call while its tokens move, and remembers how that went.
contract ReentrantHolder {
    address private _target;
    bytes private _call;
    bool public called;
    bool public succeeded;
    bytes public answer;

    /// Do this the next time tokens move.
    function prepare(address target, bytes calldata call_) external {
        (_target, _call, called) = (target, call_, false);
    }

    /// Do this now.
    function act(address target, bytes calldata call_) external returns (bool done, bytes memory result) {
        (done, result) = target.call(call_);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
    }

    function tokensToSend() external {
        _interfere();
    }

    function tokensReceived() external {
        _interfere();
    }

    function _interfere() private {
        if (_target == address(0) || called) return;
        called = true;
        (succeeded, answer) = _target.call(_call);
    }
}
