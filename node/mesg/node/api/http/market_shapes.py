"""How the market looks in JSON, version 1: offers, listings, channels, balances, transactions."""

from mesg.marketplace.domain.offer import Offer
from mesg.marketplace.ports import Balances, PlannedTransaction
from mesg.node.api.http.values import Shape, amount, ether, hash_text, time_s
from mesg.node.doors import (
    ChannelView,
    DoneView,
    EarningsView,
    ListingView,
    PassView,
    ProviderView,
)


def offer(value: Offer) -> Shape:
    """Return an offer on chain."""
    terms = value.terms
    return {
        "index": value.index,
        "hash": hash_text(value.digest),
        "kind": terms.kind.name.lower(),
        "price": amount(terms.price),
        "pricePerEvent": amount(terms.price_per_event),
        "durationSeconds": terms.duration_s,
        "closeDelaySeconds": terms.close_delay_s,
        "validUntil": time_s(terms.valid_until_unix_s),
        "authorBps": terms.author_bps,
        "treasuryBps": terms.treasury_bps,
        "referrerBps": terms.referrer_bps,
        "hostedOnly": terms.hosted_only,
        "seats": terms.seats,
        "disabled": value.disabled,
    }


def _provider(view: ProviderView) -> Shape:
    return {
        "peer": view.peer,
        "account": view.account,
        "pricePerCall": amount(view.price_per_call),
        "addresses": list(view.addresses),
        "runs": view.runs,
        "expiresAt": time_s(view.expires_at_unix_s),
    }


def listing(view: ListingView) -> Shape:
    """Return a Service on the market."""
    return {
        "service": view.sid,
        "owner": view.owner,
        "name": view.name,
        "description": view.description,
        "versions": view.versions,
        "version": hash_text(view.version),
        "package": hash_text(view.package),
        "tasks": list(view.tasks),
        "events": list(view.events),
        "offers": [offer(one) for one in view.offers],
        "providers": [_provider(one) for one in view.providers],
        "passExpiresAt": time_s(view.pass_expires_at_unix_s),
    }


def channel(view: ChannelView) -> Shape:
    """Return a channel, given or taken."""
    return {
        "channel": hash_text(view.channel),
        "role": view.role,
        "service": view.sid,
        "counterparty": view.counterparty,
        "phase": view.phase,
        "reserved": amount(view.reserved),
        "promised": amount(view.promised),
        "charged": amount(view.charged),
        "claimed": amount(view.claimed),
        "closesAt": time_s(view.closes_at_unix_s),
    }


def held_pass(view: PassView) -> Shape:
    """Return an account's own pass and what it holds."""
    return {
        "service": view.sid,
        "account": view.account,
        "offer": view.offer_index,
        "expiresAt": time_s(view.expires_at_unix_s),
        "running": view.is_running,
        "earned": amount(view.earned),
        "refundable": amount(view.refundable),
    }


def earnings(view: EarningsView) -> Shape:
    """Return what we earned, wherever it lies."""
    return {
        "account": amount(view.account),
        "unclaimed": amount(view.unclaimed),
        "items": [
            {
                "service": one.sid,
                "collectable": amount(one.collectable),
                "vested": amount(one.vested),
                "held": amount(one.held),
                "passes": one.passes,
            }
            for one in view.services
        ],
    }


def done(view: DoneView) -> Shape:
    """Return what a market command changed, or of a dry run what it would send."""
    facts = dict(_fact(key, text) for key, text in view.facts.items())
    if view.planned is not None:
        return {"planned": [_planned(one) for one in view.planned], "facts": facts}
    return {
        "transactions": [
            {
                "transaction": hash_text(one.transaction),
                "block": one.block,
                "gasUsed": one.gas_used,
                "action": one.action,
            }
            for one in view.transactions
        ],
        "facts": facts,
    }


def _planned(one: PlannedTransaction) -> Shape:
    return {
        "action": one.action,
        "contract": one.contract,
        "to": str(one.to),
        "function": one.function,
        "arguments": dict(one.arguments),
        "gas": one.gas,
        "fee": ether(one.fee_wei),
    }


def _fact(key: str, text: str) -> tuple[str, str | None]:
    """Return a fact as everything in JSON: a time is RFC 3339."""
    name = {"expires_at": "expiresAt", "closes_at": "closesAt", "next_at": "nextAt"}.get(key)
    return (name, time_s(int(text))) if name else (key, text)


def balances(value: Balances) -> Shape:
    """Return what an account holds."""
    return {
        "account": str(value.account),
        "ether": ether(value.ether_wei),
        "tokens": amount(value.tokens),
        "vault": amount(value.vault),
        "earned": amount(value.earned),
    }
