"""What a contract's refusal means to a person: a sentence and what to do, by the name of its error.

A refusal comes as `TransactionReverted` says it: `action: Error(name=value, …)`. In the sentences below
`{name}` is the value as it came, `{name_tokens}` an amount, `{name_time}` a time, `{name_percent}` a share.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mesg.marketplace.domain.moments import moment_text, span_text
from mesg.marketplace.domain.money import UNITS_MAX, TokenAmount

_RAISED = re.compile(r"(?:^|: )(\w+)\((.*)\)$", re.DOTALL)
_VALUE = re.compile(r"(\w+)=(.*?)(?=, \w+=|$)", re.DOTALL)
_BUG = "this is a mistake of the program that made the transaction: tell its makers"
_AGAIN = "nothing was changed; look at it again, then try again"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happened, in one sentence, and what to do about it."""

    sentence: str
    hint: str


_TOKEN: Mapping[str, tuple[str, str]] = {
    "ERC20InsufficientBalance": (
        "the account {sender} holds {balance_tokens}, this takes {needed_tokens}",
        "see what you hold: mesg wallet balance",
    ),
    "ERC20InsufficientAllowance": (
        "{spender} may take {allowance_tokens} from the wallet, this takes {needed_tokens}",
        "allow more: mesg wallet approve AMOUNT",
    ),
    "ERC20InvalidApprover": ("nobody's account cannot allow anything", _BUG),
    "ERC20InvalidReceiver": ("tokens cannot be sent to {receiver}", "give another account"),
    "ERC20InvalidSender": ("tokens cannot be taken from {sender}", _BUG),
    "ERC20InvalidSpender": ("{spender} cannot be allowed anything", _BUG),
    "ERC2612ExpiredSignature": (
        "the signed permission ended at {deadline_time}",
        "sign a new one",
    ),
    "ERC2612InvalidSigner": (
        "the permission is signed by {signer}, the tokens belong to {owner}",
        "sign it with the owner's key",
    ),
    "InvalidAccountNonce": (
        "the signed permission of {account} was used already, or an older one is still open",
        "sign a new one",
    ),
    "ECDSAInvalidSignature": ("the signature under the permission is not one", _BUG),
    "ECDSAInvalidSignatureLength": ("the signature has {length} bytes", _BUG),
    "ECDSAInvalidSignatureS": ("the signature is not in its only allowed form", _BUG),
    "InvalidShortString": ("the token's name cannot be read", _BUG),
    "StringTooLong": ("the token's name is too long", _BUG),
    "SafeERC20FailedOperation": (
        "the token {token} refused the transfer",
        "see what you hold and have allowed: mesg wallet balance",
    ),
    "RecipientInvalid": (
        "{to} is the market's own contract: what is sent there would be nobody's",
        "give another account",
    ),
    "EnforcedPause": (
        "the token is paused by its issuer: nobody can move any now",
        "nothing was changed; try again once transfers are open again",
    ),
}

_NAMES: Mapping[str, tuple[str, str]] = {
    "SidTaken": ("the name {sid} belongs to somebody already", "choose another sid"),
    "SidInvalid": (
        "{sid} is not a service id: its character {position} is not allowed there",
        "use 1-63 of a-z 0-9 _ - in labels joined by dots, such as weather.acme",
    ),
    "FeeTooHigh": (
        "the name costs {fee_tokens} now, more than the {maxFee_tokens} you allow",
        "allow more with --max-fee, or wait: the fee halves every hour in which no names are taken",
    ),
    "CommitmentMissing": (
        "the name was not announced before it was to be taken",
        "try again; taking a name begins with announcing it",
    ),
    "CommitmentPending": (
        "the same name is being taken already, announced in block {committedAtBlock}",
        "wait for the next block, then try again",
    ),
    "CommitmentTooYoung": (
        "the name was announced in block {committedAtBlock}; it is too early to take it",
        "try again in a minute",
    ),
    "CommitmentBlocksInvalid": (
        "a promise of a name must wait {minimum} to {maximum} blocks, not {given}",
        "deploy with another --commitment-blocks",
    ),
    "CommitmentExpired": (
        "the name was announced too long ago, in block {committedAtBlock}",
        "try again; it is announced anew",
    ),
    "ServiceUnknown": (
        "no such Service is on the market",
        "publish it: mesg market publish SERVICE",
    ),
    "NotServiceOwner": (
        "the Service belongs to {owner}, not to {account}",
        "only its owner may do this; see it with: mesg market show SERVICE",
    ),
    "ManifestHashZero": ("the version has no manifest", _BUG),
    "ManifestPublished": (
        "this very version is published already, as number {index}",
        "change the Service before you publish it again",
    ),
    "UriTooLong": ("the version's address has {length} bytes, at most {maximum} are taken", _BUG),
    "VersionUnknown": ("there is no version {index}", "see them: mesg market show SERVICE"),
    "NothingPublished": (
        "the Service has no version yet",
        "publish one first: mesg market publish SERVICE",
    ),
    "ERC721NonexistentToken": (
        "no such Service is on the market",
        "publish it: mesg market publish SERVICE",
    ),
    "ERC721IncorrectOwner": ("the Service belongs to {owner}, not to {sender}", _AGAIN),
    "ERC721InsufficientApproval": (
        "{operator} may not give this Service away: it belongs to somebody else",
        "only its owner may do this; see it with: mesg market show SERVICE",
    ),
    "ERC721InvalidReceiver": (
        "{receiver} cannot own a Service: it is nobody, or a contract that takes none",
        "give another account",
    ),
    "ERC721InvalidApprover": ("{approver} may not let others act for this Service", _BUG),
    "ERC721InvalidOperator": ("{operator} cannot act for others", _BUG),
    "ERC721InvalidOwner": ("{owner} cannot own a Service", _BUG),
    "ERC721InvalidSender": ("{sender} owns no such Service", _BUG),
}

_OFFERS: Mapping[str, tuple[str, str]] = {
    "OfferUnknown": ("there is no offer {offerIndex}", "see them: mesg market show SERVICE"),
    "OfferIsDisabled": (
        "offer {offerIndex} is closed for ever",
        "see the open ones: mesg market show SERVICE",
    ),
    "OfferExpired": (
        "the offer ended at {validUntil_time}",
        "see the open ones: mesg market show SERVICE",
    ),
    "OfferBornExpired": (
        "the offer would have ended at {validUntil_time}, before it began",
        "give a later --valid-until",
    ),
    "OfferHashMismatch": (
        "the offer is not what you were shown: the chain was reorganised, or it is another one",
        "nothing was paid; look again: mesg market show SERVICE",
    ),
    "KindInvalid": ("there is no such kind of offer", _BUG),
    "KindMismatch": (
        "the offer is of another kind: passes are bought, calls are paid through channels",
        "see its offers: mesg market show SERVICE",
    ),
    "AuthorShareOnPass": (
        "of a pass the author gets what treasury and referrer do not: it has no author share",
        "leave --author-share out",
    ),
    "CloseDelayInvalid": (
        "a close delay of {closeDelay} s is not allowed here",
        "give --close-delay of 1 hour to 30 days for a price per call, none for a pass",
    ),
    "DurationInvalid": (
        "a duration of {duration} s is not allowed here",
        "a pass lasts at most 100 years; a price per call has no duration",
    ),
    "PricePerEventOnPass": ("a pass has no price per event", "leave --per-event out"),
    "SeatsInvalid": (
        "{seats} seats are not allowed, {minimum} to {maximum} are",
        "give another --seats",
    ),
    "SharesTooHigh": (
        "the shares add up to {bps_percent} %, more than the whole",
        "lower the shares",
    ),
}

_PASSES: Mapping[str, tuple[str, str]] = {
    "PriceTooHigh": (
        "the pass costs {price_tokens}, more than the {maxPrice_tokens} you allow",
        "allow more with --max-price, or look for another offer: mesg market show SERVICE",
    ),
    "PassUnknown": (
        "{account} has no pass that is still running",
        "buy one: mesg market buy SERVICE",
    ),
    "PassTermsQueued": (
        "other terms (offer {nextOfferIndex}) follow the running ones already, and only those can be extended",
        "buy offer {nextOfferIndex} again, or wait until the running terms end",
    ),
    "GiftOfOtherTerms": (
        "{account} has a pass of other terms than offer {offerIndex}, and only he may change them",
        "give more of the offer that he has",
    ),
    "PassTooLong": (
        "the pass would last until {expiry_time}, longer than 100 years",
        "it lasts long enough; nothing was paid",
    ),
    "SeatNotGiven": (
        "{holder} did not give seat {number} to {account}",
        "ask the holder for it: mesg market seat give SERVICE ACCOUNT --seat NUMBER",
    ),
    "StartsTooLate": (
        "what was to be bought would begin only at {start_time}, behind what the pass has already",
        "somebody gave that account time meanwhile; look at the pass and buy again",
    ),
    "SeatUnknown": (
        "there is no seat {number} to give or leave: the pass has {seats}, the holder's own included",
        "seats are numbered from 1; see the offer's seats: mesg market show SERVICE",
    ),
}

_CHANNELS: Mapping[str, tuple[str, str]] = {
    "TooEarly": (
        "it is too early: the channel can be finished in {wait}, at {closesAt_time}",
        "try again then: mesg channel withdraw",
    ),
    "PhaseWrong": (
        "the channel is {phase_name}, and this is not possible then",
        "see your channels: mesg channel list",
    ),
    "NotPayer": ("the channel is paid by {payer}, not by {account}", "only its payer may do this"),
    "NotPayerNorSigner": (
        "the channel is paid by {payer}, not by {account}",
        "only its payer may do this",
    ),
    "TermsMismatch": (
        "the channel's terms are not those of the offer",
        "nothing was paid; look again: mesg market show SERVICE",
    ),
    "FinalClaimedMismatch": (
        "the operator has claimed {claimed_tokens} meanwhile, not the {finalClaimed_tokens} he agreed to",
        "ask him again: mesg channel close CHANNEL",
    ),
    "OperatorSignatureInvalid": (
        "the consent is not signed by the operator {operator}",
        "close without him: mesg channel close CHANNEL --unilateral",
    ),
    "LengthsDiffer": ("{configs} channels and {amounts} amounts do not go together", _BUG),
    "AmountZero": ("the amount is 0", "give an amount above 0"),
    "AmountTooHigh": ("the amount is above what a channel can hold", "give a smaller amount"),
    "AddressZero": ("an account is missing", "give the account"),
    "VaultTooLow": (
        "the vault holds {balance_tokens}, this takes {needed_tokens}",
        "see what you hold: mesg wallet balance",
    ),
    "NothingEarned": (
        "there is nothing to collect",
        "see what is coming: mesg market earnings",
    ),
    "ReceivedOther": (
        "{received_tokens} arrived instead of {expected_tokens}: the token keeps a part of transfers",
        "this market works with tokens that arrive whole",
    ),
    "ReentrancyGuardReentrantCall": ("the token called back into the market", _BUG),
}

_GENERAL: Mapping[str, tuple[str, str]] = {
    "Error": ("the contract refused: {reason}", _AGAIN),
    "Panic": ("the contract failed by itself (code {code})", _BUG),
}

SENTENCES: Mapping[str, tuple[str, str]] = {
    **_TOKEN,
    **_NAMES,
    **_OFFERS,
    **_PASSES,
    **_CHANNELS,
    **_GENERAL,
}
"""Every error that a contract of the market may answer with; a test compares them with the artifacts."""

_PHASES = ("not open", "open", "closing", "closed")


def explain(message: str) -> Explanation | None:
    """Return what a refusal means; None for what is no contract's error that we know."""
    found = _RAISED.search(message)
    if found is None or found.group(1) not in SENTENCES:
        return None
    name, values = found.group(1), _shown(dict(_VALUE.findall(found.group(2))))
    if "pause" in values.get("reason", "").lower():  # as tokens said it before custom errors
        name = "EnforcedPause"
    sentence, hint = SENTENCES[name]
    try:
        return Explanation(sentence.format_map(values), hint.format_map(values))
    except KeyError:
        return None


def _shown(values: dict[str, str]) -> dict[str, str]:
    """Return the values with the ways to show those that are numbers."""
    shown = dict(values)
    numbers = {name: int(text) for name, text in values.items() if text.isdecimal()}
    for name, number in numbers.items():
        shown[f"{name}_time"] = moment_text(number)
        shown[f"{name}_percent"] = f"{number / 100:g}" if number < UNITS_MAX else str(number)
        shown[f"{name}_tokens"] = (
            str(TokenAmount(number)) if number <= UNITS_MAX else "more than there can be"
        )
    if {"closesAt", "timestamp"} <= numbers.keys():
        shown["wait"] = span_text(numbers["closesAt"] - numbers["timestamp"])
    if numbers.get("phase", len(_PHASES)) < len(_PHASES):
        shown["phase_name"] = _PHASES[numbers["phase"]]
    return shown
