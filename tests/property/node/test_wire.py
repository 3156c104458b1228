"""Messages from anybody become right values or a refusal, never anything else; ours survive the way there and back."""

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vectors import make

from mesg.marketplace.domain.binding import Binding
from mesg.marketplace.domain.channel import ChannelConfig
from mesg.marketplace.domain.errors import InvalidInput, Refused
from mesg.marketplace.domain.identity import AccountAddress, Digest, ServiceId
from mesg.marketplace.domain.money import UNITS_MAX, TokenAmount
from mesg.marketplace.domain.receipt import Receipt, ReceiptStatus
from mesg.marketplace.domain.voucher import Voucher
from mesg.node.domain.advert import Advert, signed
from mesg.node.domain.event import ServiceEvent
from mesg.node.domain.execution import Failure
from mesg.node.protocol import session_pb2 as pb
from mesg.node.protocol import wire

DIGEST = Digest(b"\1" * 32)
M = TypeVar("M", bound=Message)

READERS: list[tuple[type[Message], Callable[[Any], object]]] = [
    (pb.Binding, wire.binding_in),
    (pb.Channel, wire.config_in),
    (pb.Payment, wire.voucher_in),
    (pb.Receipt, lambda m: wire.receipt_in(m, execution=DIGEST, version=DIGEST)),
    (pb.Failure, wire.failure_in),
    (pb.SignedAdvert, wire.advert_in),
    (pb.Event, lambda m: wire.event_in(m, service=make.SERVICE, peer=make.PEER)),
]

lengths_that_matter = st.sampled_from([0, 1, 16, 17, 19, 20, 21, 31, 32, 33, 64])
raw = st.one_of(
    st.binary(max_size=80),
    lengths_that_matter.map(lambda size: b"\xff" * size),
    st.just(b'{"a": 1}'),
)
texts = st.one_of(
    st.text(max_size=40),
    st.just(make.PEER),
    st.just("weather.acme"),
    st.just("12D3KooW" + "1" * 44),
)


def messages(kind: type[M]) -> st.SearchStrategy[M]:
    """Any message of that kind: each field absent or anything that fits its type."""
    fields = {field.name: st.none() | _values(field) for field in kind.DESCRIPTOR.fields}
    return st.fixed_dictionaries(fields).map(
        lambda values: kind(**{key: value for key, value in values.items() if value is not None})
    )


def _values(field: Any) -> st.SearchStrategy[Any]:
    if field.message_type is not None:
        one: st.SearchStrategy[Any] = messages(GetMessageClass(field.message_type))
    else:
        one = {
            FieldDescriptor.CPPTYPE_STRING: raw if field.type == field.TYPE_BYTES else texts,
            FieldDescriptor.CPPTYPE_UINT32: st.integers(0, 3) | st.integers(0, 2**32 - 1),
            FieldDescriptor.CPPTYPE_UINT64: st.integers(0, 2**64 - 1),
            FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
        }[field.cpp_type]
    return st.lists(one, max_size=20) if field.is_repeated else one


@pytest.mark.parametrize(
    ("kind", "read"), READERS, ids=lambda value: getattr(value, "__name__", "")
)
@given(data=st.data())
@settings(max_examples=150)
def test_any_message_is_read_or_refused(
    kind: type[Message], read: Callable[[Any], object], data: st.DataObject
) -> None:
    message = data.draw(messages(kind))

    try:
        read(message)
    except Refused as error:
        assert error.message


@pytest.mark.parametrize(
    ("kind", "read"), READERS, ids=lambda value: getattr(value, "__name__", "")
)
@given(noise=st.binary(max_size=300))
@settings(max_examples=60)
def test_any_bytes_are_read_or_refused(
    kind: type[Message], read: Callable[[Any], object], noise: bytes
) -> None:
    try:
        message = kind.FromString(noise)
    except DecodeError:
        return

    try:
        read(message)
    except Refused as error:
        assert error.message


@given(payload=messages(pb.AdvertPayload), signature=raw)
def test_any_advert_is_read_or_refused(payload: pb.AdvertPayload, signature: bytes) -> None:
    message = pb.SignedAdvert(payload=payload.SerializeToString(), signature=signature)

    try:
        wire.advert_in(message)
    except Refused as error:
        assert error.message


digests = st.binary(min_size=32, max_size=32).map(Digest)
accounts = st.binary(min_size=20, max_size=20).map(AccountAddress)
amounts = st.integers(0, UNITS_MAX).map(TokenAmount)
signatures = st.binary(max_size=64)
uint32 = st.integers(0, 2**32 - 1)
uint64 = st.integers(0, 2**64 - 1)
bps = st.integers(0, 10_000)
services = st.from_regex(r"[a-z0-9_-]{1,20}(\.[a-z0-9_-]{1,20})?", fullmatch=True).map(ServiceId)
bindings = st.builds(Binding, st.just(make.PEER), accounts, uint64, uint64, signatures)
json_objects = st.dictionaries(
    st.text(max_size=5),
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
)
configs = st.builds(
    ChannelConfig,
    payer=accounts,
    signer=accounts,
    operator=accounts,
    service=services,
    offer_index=uint32,
    offer_digest=digests,
    author_bps=bps,
    treasury_bps=bps,
    referrer_bps=bps,
    close_delay_s=st.integers(0, 2**40 - 1),
    salt=digests,
    referrer=accounts,
)


@given(bindings)
def test_a_binding_survives(binding: Binding) -> None:
    assert wire.binding_in(wire.binding_out(binding)) == binding


@given(configs)
def test_a_channels_terms_survive(config: ChannelConfig) -> None:
    assert wire.config_in(wire.config_out(config)) == config


@given(st.builds(Voucher, digests, uint32, amounts, signatures))
def test_a_voucher_survives(voucher: Voucher) -> None:
    payment = pb.Payment(
        channel_id=voucher.channel, lane=voucher.lane, voucher=wire.voucher_out(voucher)
    )

    assert wire.voucher_in(payment) == voucher


@given(
    st.builds(
        Receipt,
        digests,
        digests,
        digests,
        digests,
        st.sampled_from(ReceiptStatus),
        digests,
        uint32,
        amounts,
        amounts,
        signatures,
    )
)
def test_a_receipt_survives(receipt: Receipt) -> None:
    message = wire.receipt_out(receipt)

    read = wire.receipt_in(message, execution=receipt.execution, version=receipt.version)

    assert read == receipt


@given(
    st.builds(
        Failure,
        st.from_regex("[a-z_]{1,64}", fullmatch=True),
        st.text(max_size=300),
        st.text(max_size=300),
        st.booleans(),
    )
)
def test_a_failure_survives(failure: Failure) -> None:
    assert wire.failure_in(wire.failure_out(failure)) == failure


def test_the_texts_of_a_failure_are_cut_on_both_sides() -> None:
    endless = Failure("refused", "m" * 5_000, "h" * 5_000)

    out = wire.failure_out(endless)
    read = wire.failure_in(pb.Failure(code="c" * 500, message="m" * 5_000, hint="h" * 5_000))

    assert (len(out.message), len(out.hint)) == (2_000, 2_000)
    assert (len(read.code), len(read.message), len(read.hint)) == (64, 2_000, 2_000)


@given(
    st.builds(
        Advert,
        bindings,
        services,
        digests,
        digests,
        uint64,
        uint64,
        uint64,
        st.lists(st.text(max_size=40), max_size=16).map(tuple),
        st.none() | uint32,
        amounts,
        st.booleans(),
    )
)
def test_an_advert_survives(advert: Advert) -> None:
    whole = signed(advert, payload=wire.advert_payload(advert), signature=b"s" * 64)

    assert wire.advert_in(wire.advert_out(whole)) == whole


@given(
    st.builds(
        ServiceEvent,
        st.just(make.SERVICE),
        st.text(max_size=256),
        json_objects,
        uint64,
        uint64,
        st.just(make.PEER),
    )
)
def test_an_event_survives(event: ServiceEvent) -> None:
    message = wire.event_out(event, request=1, missed=2)

    assert wire.event_in(message, service=make.SERVICE, peer=make.PEER) == event


@pytest.mark.parametrize(
    ("name", "value"),
    [("author_bps", 10_001), ("close_delay_s", 2**40), ("salt", b""), ("payer", b"\1" * 21)],
)
def test_terms_that_no_contract_could_hold_are_refused(name: str, value: object) -> None:
    message = wire.config_out(make.config())
    setattr(message, name, value)

    with pytest.raises(InvalidInput):
        wire.config_in(message)
