"""The two families of expected failure and their stable codes; anything else is a bug and crashes loudly.

A `Refused` is the other side's fault (a peer, a user, a manifest): answer it and forget it. An
`Unavailable` is the world's fault: nothing changed, it may be tried again.
"""

from typing import ClassVar


class MesgError(Exception):
    """An expected failure: a stable `code`, one clear sentence, where it is, and what to do."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint


class Refused(MesgError):
    """The other side asked for something that is not allowed or makes no sense."""

    code = "refused"


class Unavailable(MesgError):
    """The world (chain, peer, engine, disk) did not answer in time; trying again may help."""

    code = "unavailable"
    retryable = True


class NotFound(Refused):
    """Nothing goes by that name here."""

    code = "not_found"


class InvalidInput(Refused):
    """A value does not fit its declared shape; `where` is a JSON pointer or a line."""

    code = "invalid_input"


class InvalidManifest(Refused):
    """A `mesg.yml` breaks a rule; `where` is its key and line."""

    code = "invalid_manifest"


class BadSignature(Refused):
    """A signature is malformed, malleable or made by somebody else."""

    code = "bad_signature"


class Expired(Refused):
    """A signed statement or an offer is past its time."""

    code = "expired"


class NotEntitled(Refused):
    """Neither a pass nor an open channel gives this account the right to do that."""

    code = "not_entitled"


class PaymentRefused(Refused):
    """A voucher, a charge or a channel breaks the rules of payment."""

    code = "payment_refused"


class PriceAboveMax(PaymentRefused):
    """The price is higher than the caller agreed to pay."""

    code = "price_above_max"


class InsufficientFunds(PaymentRefused):
    """The account or the channel does not hold enough."""

    code = "insufficient_funds"


class KeystoreLocked(Refused):
    """The wallet's key is encrypted and nobody gave the password."""

    code = "keystore_locked"


class ServiceStopped(Refused):
    """The Service is known here but no instance of it is running."""

    code = "service_stopped"


class TaskFailed(Refused):
    """The task ran and reported a failure of its own."""

    code = "task_failed"


class Overloaded(Refused):
    """A limit of this node is reached; the same request may succeed later."""

    code = "overloaded"
    retryable = True


class ProtocolViolation(Refused):
    """A peer sent bytes that the protocol does not allow; the session ends."""

    code = "protocol_violation"


class TransactionReverted(Refused):
    """The contract refused the transaction; the message names its error and numbers."""

    code = "transaction_reverted"


class ChainUnavailable(Unavailable):
    """No RPC endpoint answered in time."""

    code = "chain_unavailable"


class PeerUnavailable(Unavailable):
    """A peer could not be reached, or went away before it answered."""

    code = "peer_unavailable"


class EngineUnavailable(Unavailable):
    """The runtime that the Service needs (such as the Docker engine) does not answer."""

    code = "engine_unavailable"


class DeadlineExceeded(Unavailable):
    """The deadline passed, and the call was given up."""

    code = "deadline_exceeded"
