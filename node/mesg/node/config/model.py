"""The keys of config.toml: their types, defaults, limits and meaning; the documentation is made from them."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator

from mesg.marketplace.domain.errors import MesgError
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.node.config.home import Home

_Parsed = TypeVar("_Parsed")
_LOOPBACK = ("127.0.0.1", "[::1]", "localhost")


def _reading(parse: Callable[[str], _Parsed]) -> Callable[[object], _Parsed]:
    """Turn a domain parser into a validator: its refusal becomes one of the mistakes."""

    def read(value: object) -> _Parsed:
        if not isinstance(value, str):
            raise ValueError("must be text in quotes")  # noqa: TRY004 (pydantic collects these)
        try:
            return parse(value)
        except MesgError as error:
            raise ValueError(error.message) from error

    return read


def _parse_contract(text: str) -> AccountAddress | None:
    return AccountAddress.parse(text) if text else None


def _multiaddr(text: str) -> str:
    if not text.startswith("/") or len(text.split("/")) < 5:
        raise ValueError(f"{text[:80]!r} is not a multiaddr such as /ip4/127.0.0.1/tcp/4001")
    return text


def _host_and_port(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65_535:
        raise ValueError(f"{text[:80]!r} is not HOST:PORT")
    return text


def _loopback_or_empty(text: str) -> str:
    if text and _host_and_port(text).rpartition(":")[0] not in _LOOPBACK:
        raise ValueError(f"must listen on this machine only ({', '.join(_LOOPBACK)})")
    return text


def _rpc_url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError(f"{text[:80]!r} is not an http(s) URL")
    return text


Amount = Annotated[
    TokenAmount, PlainValidator(_reading(TokenAmount.parse)), PlainSerializer(str, str)
]
Contract = Annotated[
    AccountAddress | None,
    PlainValidator(_reading(_parse_contract)),
    PlainSerializer(lambda address: str(address or ""), str),
]
Multiaddr = Annotated[str, AfterValidator(_multiaddr)]


def _power_of_two(value: int) -> int:
    if value & (value - 1):
        raise ValueError("must be a power of 2")
    return value


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class NetworkConfig(_Section):
    """The peer-to-peer network."""

    name: str = Field(default="mesg-dev", pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    """Which network to join; nodes of different names do not see each other."""
    listen: tuple[Multiaddr, ...] = ("/ip4/127.0.0.1/tcp/4001",)
    """Multiaddrs to listen on; use /ip4/0.0.0.0/tcp/4001 to be reachable from other machines."""
    announce: tuple[Multiaddr, ...] = ()
    """Multiaddrs to tell others instead of those listened on, for nodes behind a forwarded port."""
    bootstrap: tuple[Multiaddr, ...] = ()
    """Nodes to join through, as multiaddrs that end with /p2p/PEER; empty starts a new network."""


class ChainConfig(_Section):
    """The Ethereum chain where the market's contracts live."""

    rpc_urls: tuple[Annotated[str, AfterValidator(_rpc_url)], ...] = Field(
        default=("http://127.0.0.1:8545",), min_length=1, max_length=8
    )
    """RPC endpoints, the preferred one first; the next one is used while one fails."""
    chain_id: int = Field(default=31337, ge=1, lt=2**53)
    """The chain's id; an endpoint of another chain is refused."""
    token: Contract = None
    """The MESG token's address; empty for the known deployment of that chain."""
    registry: Contract = None
    """The ServiceRegistry contract's address; empty for the known deployment of that chain."""
    pay: Contract = None
    """The MesgPay contract's address; empty for the known deployment of that chain."""
    poll_s: float = Field(default=2.0, ge=0.05, le=600)
    """Seconds between two looks at the chain."""
    confirmations: int = Field(default=1, ge=0, le=256)
    """How many blocks must follow before a change on chain is believed."""


class ApiConfig(_Section):
    """What programs on this machine may reach. The unix socket HOME/run/node.sock is always served."""

    grpc: Annotated[str, AfterValidator(_host_and_port)] = "127.0.0.1:50052"
    """HOST:PORT of the gRPC Core and Service APIs, as in MESG Core 0.9."""
    http: Annotated[str, AfterValidator(_loopback_or_empty)] = ""
    """HOST:PORT to serve the HTTP API on TCP too, with the application token; empty for not at all."""


class RuntimeConfig(_Section):
    """How Services are run."""

    kind: Literal["auto", "process", "docker"] = "auto"
    """docker, process (no sandbox: only for Services you trust), or auto: docker if it answers."""
    allow_network: bool = False
    """Whether Services that ask for it in their manifest may reach the network (docker)."""
    docker_socket: str = "/var/run/docker.sock"
    """The Docker engine's unix socket."""


class WalletConfig(_Section):
    """The account that pays and is paid."""

    name: str = Field(default="main", pattern=r"^[a-zA-Z0-9_-]{1,64}$")
    """Which wallet of HOME/keystore to use."""
    scrypt_n: Annotated[int, AfterValidator(_power_of_two)] = Field(
        default=2**18, ge=2**12, le=2**20
    )
    """How hard a new wallet's password is to guess (a power of 2); also how long unlocking takes."""
    password_file: str = ""
    """A file (mode 0600) with the wallet's password, read at start; empty to be asked or to unlock later."""


class MarketConfig(_Section):
    """What the node may do with money by itself."""

    channel_amount: Amount = TokenAmount.parse("10 MESG")
    """How much to reserve when a call needs a new channel."""
    channel_budget: Amount = ZERO
    """The most that may be reserved in channels opened by the node itself; 0 MESG: it never opens one."""
    claim_after: Amount = TokenAmount.parse("10 MESG")
    """Claim vouchers once this much is owed to us; 0 MESG: only when told to (mesg channel claim)."""


class LogConfig(_Section):
    """What the node says about itself."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important lines to keep."""
    format: Literal["auto", "console", "json"] = "auto"
    """console for people, json for machines, auto: console on a terminal."""


class Config(_Section):
    """Everything an operator may set, and the home it was set in."""

    home: Home = Field(default=Home(Path()), exclude=True)
    """Where the node keeps everything; set by --home or MESG_HOME, never by the file."""
    network: NetworkConfig = NetworkConfig()
    chain: ChainConfig = ChainConfig()
    api: ApiConfig = ApiConfig()
    runtime: RuntimeConfig = RuntimeConfig()
    wallet: WalletConfig = WalletConfig()
    market: MarketConfig = MarketConfig()
    log: LogConfig = LogConfig()
