from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Frame(_message.Message):
    __slots__ = ("hello", "call", "result", "cancel", "subscribe", "event", "credit", "refusal", "ask_adverts", "adverts", "fetch", "chunk", "ping", "pong", "goodbye", "channel", "ask_close", "close_consent", "settle", "settled")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIBE_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    ASK_ADVERTS_FIELD_NUMBER: _ClassVar[int]
    ADVERTS_FIELD_NUMBER: _ClassVar[int]
    FETCH_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    PING_FIELD_NUMBER: _ClassVar[int]
    PONG_FIELD_NUMBER: _ClassVar[int]
    GOODBYE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ASK_CLOSE_FIELD_NUMBER: _ClassVar[int]
    CLOSE_CONSENT_FIELD_NUMBER: _ClassVar[int]
    SETTLE_FIELD_NUMBER: _ClassVar[int]
    SETTLED_FIELD_NUMBER: _ClassVar[int]
    hello: Hello
    call: Call
    result: Result
    cancel: Cancel
    subscribe: Subscribe
    event: Event
    credit: Credit
    refusal: Refusal
    ask_adverts: AskAdverts
    adverts: Adverts
    fetch: Fetch
    chunk: Chunk
    ping: Ping
    pong: Pong
    goodbye: Goodbye
    channel: Channel
    ask_close: AskClose
    close_consent: CloseConsent
    settle: Settle
    settled: Settled
    def __init__(self, hello: _Optional[_Union[Hello, _Mapping]] = ..., call: _Optional[_Union[Call, _Mapping]] = ..., result: _Optional[_Union[Result, _Mapping]] = ..., cancel: _Optional[_Union[Cancel, _Mapping]] = ..., subscribe: _Optional[_Union[Subscribe, _Mapping]] = ..., event: _Optional[_Union[Event, _Mapping]] = ..., credit: _Optional[_Union[Credit, _Mapping]] = ..., refusal: _Optional[_Union[Refusal, _Mapping]] = ..., ask_adverts: _Optional[_Union[AskAdverts, _Mapping]] = ..., adverts: _Optional[_Union[Adverts, _Mapping]] = ..., fetch: _Optional[_Union[Fetch, _Mapping]] = ..., chunk: _Optional[_Union[Chunk, _Mapping]] = ..., ping: _Optional[_Union[Ping, _Mapping]] = ..., pong: _Optional[_Union[Pong, _Mapping]] = ..., goodbye: _Optional[_Union[Goodbye, _Mapping]] = ..., channel: _Optional[_Union[Channel, _Mapping]] = ..., ask_close: _Optional[_Union[AskClose, _Mapping]] = ..., close_consent: _Optional[_Union[CloseConsent, _Mapping]] = ..., settle: _Optional[_Union[Settle, _Mapping]] = ..., settled: _Optional[_Union[Settled, _Mapping]] = ...) -> None: ...

class Binding(_message.Message):
    __slots__ = ("peer_id", "account", "issued_at", "expires_at", "signature")
    PEER_ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    ISSUED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    peer_id: str
    account: bytes
    issued_at: int
    expires_at: int
    signature: bytes
    def __init__(self, peer_id: _Optional[str] = ..., account: _Optional[bytes] = ..., issued_at: _Optional[int] = ..., expires_at: _Optional[int] = ..., signature: _Optional[bytes] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("version", "network", "chain_id", "pay_contract", "binding", "agent", "calls_max")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    CHAIN_ID_FIELD_NUMBER: _ClassVar[int]
    PAY_CONTRACT_FIELD_NUMBER: _ClassVar[int]
    BINDING_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    CALLS_MAX_FIELD_NUMBER: _ClassVar[int]
    version: int
    network: str
    chain_id: int
    pay_contract: bytes
    binding: Binding
    agent: str
    calls_max: int
    def __init__(self, version: _Optional[int] = ..., network: _Optional[str] = ..., chain_id: _Optional[int] = ..., pay_contract: _Optional[bytes] = ..., binding: _Optional[_Union[Binding, _Mapping]] = ..., agent: _Optional[str] = ..., calls_max: _Optional[int] = ...) -> None: ...

class Voucher(_message.Message):
    __slots__ = ("cumulative", "signature")
    CUMULATIVE_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    cumulative: bytes
    signature: bytes
    def __init__(self, cumulative: _Optional[bytes] = ..., signature: _Optional[bytes] = ...) -> None: ...

class Payment(_message.Message):
    __slots__ = ("channel_id", "lane", "max_charge", "voucher")
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    MAX_CHARGE_FIELD_NUMBER: _ClassVar[int]
    VOUCHER_FIELD_NUMBER: _ClassVar[int]
    channel_id: bytes
    lane: int
    max_charge: bytes
    voucher: Voucher
    def __init__(self, channel_id: _Optional[bytes] = ..., lane: _Optional[int] = ..., max_charge: _Optional[bytes] = ..., voucher: _Optional[_Union[Voucher, _Mapping]] = ...) -> None: ...

class Call(_message.Message):
    __slots__ = ("request", "execution_id", "service", "version", "task", "inputs", "timeout_ms", "payment", "traceparent")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    request: int
    execution_id: bytes
    service: str
    version: bytes
    task: str
    inputs: bytes
    timeout_ms: int
    payment: Payment
    traceparent: str
    def __init__(self, request: _Optional[int] = ..., execution_id: _Optional[bytes] = ..., service: _Optional[str] = ..., version: _Optional[bytes] = ..., task: _Optional[str] = ..., inputs: _Optional[bytes] = ..., timeout_ms: _Optional[int] = ..., payment: _Optional[_Union[Payment, _Mapping]] = ..., traceparent: _Optional[str] = ...) -> None: ...

class Receipt(_message.Message):
    __slots__ = ("inputs_hash", "outputs_hash", "status", "channel_id", "lane", "charged", "cumulative", "signature")
    INPUTS_HASH_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_HASH_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    CHARGED_FIELD_NUMBER: _ClassVar[int]
    CUMULATIVE_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    inputs_hash: bytes
    outputs_hash: bytes
    status: int
    channel_id: bytes
    lane: int
    charged: bytes
    cumulative: bytes
    signature: bytes
    def __init__(self, inputs_hash: _Optional[bytes] = ..., outputs_hash: _Optional[bytes] = ..., status: _Optional[int] = ..., channel_id: _Optional[bytes] = ..., lane: _Optional[int] = ..., charged: _Optional[bytes] = ..., cumulative: _Optional[bytes] = ..., signature: _Optional[bytes] = ...) -> None: ...

class Result(_message.Message):
    __slots__ = ("request", "execution_id", "output_key", "outputs", "failure", "receipt")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_KEY_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    request: int
    execution_id: bytes
    output_key: str
    outputs: bytes
    failure: Failure
    receipt: Receipt
    def __init__(self, request: _Optional[int] = ..., execution_id: _Optional[bytes] = ..., output_key: _Optional[str] = ..., outputs: _Optional[bytes] = ..., failure: _Optional[_Union[Failure, _Mapping]] = ..., receipt: _Optional[_Union[Receipt, _Mapping]] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ("code", "message", "hint", "retryable", "where")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    RETRYABLE_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    hint: str
    retryable: bool
    where: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., hint: _Optional[str] = ..., retryable: _Optional[bool] = ..., where: _Optional[str] = ...) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("request", "failure")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    request: int
    failure: Failure
    def __init__(self, request: _Optional[int] = ..., failure: _Optional[_Union[Failure, _Mapping]] = ...) -> None: ...

class Cancel(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: int
    def __init__(self, request: _Optional[int] = ...) -> None: ...

class Subscribe(_message.Message):
    __slots__ = ("request", "service", "event", "after", "from_now", "credit")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    FROM_NOW_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    request: int
    service: str
    event: str
    after: int
    from_now: bool
    credit: int
    def __init__(self, request: _Optional[int] = ..., service: _Optional[str] = ..., event: _Optional[str] = ..., after: _Optional[int] = ..., from_now: _Optional[bool] = ..., credit: _Optional[int] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("request", "sequence", "key", "data", "emitted_at_ns", "missed")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    EMITTED_AT_NS_FIELD_NUMBER: _ClassVar[int]
    MISSED_FIELD_NUMBER: _ClassVar[int]
    request: int
    sequence: int
    key: str
    data: bytes
    emitted_at_ns: int
    missed: int
    def __init__(self, request: _Optional[int] = ..., sequence: _Optional[int] = ..., key: _Optional[str] = ..., data: _Optional[bytes] = ..., emitted_at_ns: _Optional[int] = ..., missed: _Optional[int] = ...) -> None: ...

class Credit(_message.Message):
    __slots__ = ("request", "count")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    request: int
    count: int
    def __init__(self, request: _Optional[int] = ..., count: _Optional[int] = ...) -> None: ...

class AskAdverts(_message.Message):
    __slots__ = ("request", "service")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    request: int
    service: str
    def __init__(self, request: _Optional[int] = ..., service: _Optional[str] = ...) -> None: ...

class SignedAdvert(_message.Message):
    __slots__ = ("payload", "signature")
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    payload: bytes
    signature: bytes
    def __init__(self, payload: _Optional[bytes] = ..., signature: _Optional[bytes] = ...) -> None: ...

class AdvertPayload(_message.Message):
    __slots__ = ("binding", "service", "version", "package", "sequence", "issued_at", "expires_at", "addresses", "metered", "offer_index", "price_per_call", "runs")
    BINDING_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PACKAGE_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ISSUED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    METERED_FIELD_NUMBER: _ClassVar[int]
    OFFER_INDEX_FIELD_NUMBER: _ClassVar[int]
    PRICE_PER_CALL_FIELD_NUMBER: _ClassVar[int]
    RUNS_FIELD_NUMBER: _ClassVar[int]
    binding: Binding
    service: str
    version: bytes
    package: bytes
    sequence: int
    issued_at: int
    expires_at: int
    addresses: _containers.RepeatedScalarFieldContainer[str]
    metered: bool
    offer_index: int
    price_per_call: bytes
    runs: bool
    def __init__(self, binding: _Optional[_Union[Binding, _Mapping]] = ..., service: _Optional[str] = ..., version: _Optional[bytes] = ..., package: _Optional[bytes] = ..., sequence: _Optional[int] = ..., issued_at: _Optional[int] = ..., expires_at: _Optional[int] = ..., addresses: _Optional[_Iterable[str]] = ..., metered: _Optional[bool] = ..., offer_index: _Optional[int] = ..., price_per_call: _Optional[bytes] = ..., runs: _Optional[bool] = ...) -> None: ...

class Adverts(_message.Message):
    __slots__ = ("request", "adverts")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    ADVERTS_FIELD_NUMBER: _ClassVar[int]
    request: int
    adverts: _containers.RepeatedCompositeFieldContainer[SignedAdvert]
    def __init__(self, request: _Optional[int] = ..., adverts: _Optional[_Iterable[_Union[SignedAdvert, _Mapping]]] = ...) -> None: ...

class Fetch(_message.Message):
    __slots__ = ("request", "service", "digest", "offset", "credit")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    request: int
    service: str
    digest: bytes
    offset: int
    credit: int
    def __init__(self, request: _Optional[int] = ..., service: _Optional[str] = ..., digest: _Optional[bytes] = ..., offset: _Optional[int] = ..., credit: _Optional[int] = ...) -> None: ...

class Chunk(_message.Message):
    __slots__ = ("request", "offset", "size", "data")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    request: int
    offset: int
    size: int
    data: bytes
    def __init__(self, request: _Optional[int] = ..., offset: _Optional[int] = ..., size: _Optional[int] = ..., data: _Optional[bytes] = ...) -> None: ...

class Ping(_message.Message):
    __slots__ = ("nonce",)
    NONCE_FIELD_NUMBER: _ClassVar[int]
    nonce: int
    def __init__(self, nonce: _Optional[int] = ...) -> None: ...

class Pong(_message.Message):
    __slots__ = ("nonce",)
    NONCE_FIELD_NUMBER: _ClassVar[int]
    nonce: int
    def __init__(self, nonce: _Optional[int] = ...) -> None: ...

class Goodbye(_message.Message):
    __slots__ = ("code", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class Channel(_message.Message):
    __slots__ = ("payer", "signer", "operator", "service", "offer_index", "offer_hash", "referrer", "author_bps", "treasury_bps", "referrer_bps", "close_delay_s", "salt")
    PAYER_FIELD_NUMBER: _ClassVar[int]
    SIGNER_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    OFFER_INDEX_FIELD_NUMBER: _ClassVar[int]
    OFFER_HASH_FIELD_NUMBER: _ClassVar[int]
    REFERRER_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_BPS_FIELD_NUMBER: _ClassVar[int]
    TREASURY_BPS_FIELD_NUMBER: _ClassVar[int]
    REFERRER_BPS_FIELD_NUMBER: _ClassVar[int]
    CLOSE_DELAY_S_FIELD_NUMBER: _ClassVar[int]
    SALT_FIELD_NUMBER: _ClassVar[int]
    payer: bytes
    signer: bytes
    operator: bytes
    service: str
    offer_index: int
    offer_hash: bytes
    referrer: bytes
    author_bps: int
    treasury_bps: int
    referrer_bps: int
    close_delay_s: int
    salt: bytes
    def __init__(self, payer: _Optional[bytes] = ..., signer: _Optional[bytes] = ..., operator: _Optional[bytes] = ..., service: _Optional[str] = ..., offer_index: _Optional[int] = ..., offer_hash: _Optional[bytes] = ..., referrer: _Optional[bytes] = ..., author_bps: _Optional[int] = ..., treasury_bps: _Optional[int] = ..., referrer_bps: _Optional[int] = ..., close_delay_s: _Optional[int] = ..., salt: _Optional[bytes] = ...) -> None: ...

class AskClose(_message.Message):
    __slots__ = ("request", "channel_id")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    request: int
    channel_id: bytes
    def __init__(self, request: _Optional[int] = ..., channel_id: _Optional[bytes] = ...) -> None: ...

class CloseConsent(_message.Message):
    __slots__ = ("request", "final_claimed", "signature")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    FINAL_CLAIMED_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    request: int
    final_claimed: bytes
    signature: bytes
    def __init__(self, request: _Optional[int] = ..., final_claimed: _Optional[bytes] = ..., signature: _Optional[bytes] = ...) -> None: ...

class Settle(_message.Message):
    __slots__ = ("request", "channel_id", "lane", "voucher")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_ID_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    VOUCHER_FIELD_NUMBER: _ClassVar[int]
    request: int
    channel_id: bytes
    lane: int
    voucher: Voucher
    def __init__(self, request: _Optional[int] = ..., channel_id: _Optional[bytes] = ..., lane: _Optional[int] = ..., voucher: _Optional[_Union[Voucher, _Mapping]] = ...) -> None: ...

class Settled(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: int
    def __init__(self, request: _Optional[int] = ...) -> None: ...
