"""The tree of commands; each module is imported only when one of its commands is used."""

import importlib
from collections.abc import Mapping
from typing import Any

from cyclopts import App, Group, Parameter

from mesg.node.errors import EXIT_MEANINGS

_EPILOGUE = "Exit codes: " + ", ".join(
    f"{code} {meaning.partition(':')[0]}" for code, meaning in EXIT_MEANINGS.items()
)
_HERE = "mesg.node.cli"
_Verbs = Mapping[str, str]
"""A verb, and where its command is: `module:function`."""

_DAILY: _Verbs = {
    "init": "setup:init",
    "start": "start:start",
    "status": "node:status",
    "stop": "node:stop",
    "call": "calling:call",
    "listen": "listening:listen",
    "host": "service:host",
}
_SERVICE: _Verbs = {
    "validate": "validating:validate",
    "deploy": "service:deploy",
    "start": "service:start",
    "stop": "service:stop",
    "list": "service:list_services",
    "detail": "service:detail",
    "logs": "service:logs",
    "delete": "service:delete",
}
_EXECUTION: _Verbs = {"list": "executions:list_executions", "show": "executions:show"}
_MARKET: _Verbs = {
    "search": "market:search",
    "show": "market:show",
    "publish": "selling:publish",
    "transfer": "selling:transfer",
    "buy": "buying:buy",
    "cancel": "buying:cancel",
    "earnings": "earning:earnings",
}
_OFFER: _Verbs = {"create": "offers:create", "disable": "offers:disable"}
_SEAT: _Verbs = {
    "give": "seats:give",
    "empty": "seats:empty",
    "take": "seats:take",
    "leave": "seats:leave",
}
_CHANNEL: _Verbs = {
    "open": "channel:open_channel",
    "topup": "channel:top_up",
    "list": "channel:list_channels",
    "claim": "channel:claim",
    "close": "channel:close",
    "withdraw": "channel:withdraw",
}
_WALLET: _Verbs = {
    "create": "wallet:create",
    "import": "wallet:import_wallet",
    "list": "wallet:list_wallets",
    "balance": "wallet:balance",
    "unlock": "wallet:unlock",
    "approve": "vault:approve",
    "deposit": "vault:deposit",
    "withdraw": "vault:withdraw",
    "collect": "vault:collect",
}
_NODE: _Verbs = {
    "id": "node:identity",
    "peers": "node:peers",
}
_CONFIG: _Verbs = {
    "show": "settings:show",
    "path": "settings:path",
    "example": "settings:example",
}


BRANCHES = frozenset(
    (
        "service",
        "exec",
        "market",
        "marketplace",
        "offer",
        "seat",
        "channel",
        "wallet",
        "node",
        "config",
    )
)
"""Words that show help when nothing follows them."""


def command_tree(*, for_help: bool = False) -> App:
    """Return a new tree; its `meta` app is for the global flags.

    For help every module is imported, else only that of the command that is used.
    """
    daily, market, node = (
        Group(title, sort_key=number)
        for number, title in enumerate(("Every day", "Market and money", "Node"))
    )
    app = App(
        name="mesg",
        help="Run, sell, buy and call services in a peer-to-peer market.",
        help_epilogue=_EPILOGUE,
        default_parameter=Parameter(negative=()),
        version_flags=[],
    )
    tree = _Tree(for_help)
    tree.add(app, _DAILY, daily)
    service = tree.branch(app, "service", "Services on this node.", _SERVICE, daily)
    tree.branch(app, "exec", "Executions of this node.", _EXECUTION, daily)
    listings = tree.branch(app, ("market", "marketplace"), "What is for sale.", _MARKET, market)
    tree.branch(listings, "offer", "Your offers.", _OFFER)
    tree.branch(listings, "seat", "Who else may use your pass.", _SEAT)
    tree.branch(
        app, "channel", "Tokens reserved for nodes, and what you are owed.", _CHANNEL, market
    )
    tree.branch(app, "wallet", "The account that pays and is paid.", _WALLET, market)
    tree.branch(app, "node", "The node itself.", _NODE, node)
    tree.branch(app, "config", "The configuration.", _CONFIG, node)
    service.command(tree.target("calling:call"), name="execute", show=False)
    return app


class _Tree:
    """Hangs verbs on apps: as names to be imported when used, or for help as they are."""

    def __init__(self, for_help: bool) -> None:
        self._for_help = for_help

    def target(self, name: str) -> Any:  # noqa: ANN401 (a name or a function, as cyclopts takes it)
        module, _, function = name.partition(":")
        if not self._for_help:
            return f"{_HERE}.{name}"
        return getattr(importlib.import_module(f"{_HERE}.{module}"), function)

    def add(self, app: App, verbs: _Verbs, group: Group | None) -> None:
        for verb, name in verbs.items():
            app.command(self.target(name), name=verb, group=group, help_epilogue="")

    def branch(
        self,
        app: App,
        name: str | tuple[str, ...],
        about: str,
        verbs: _Verbs,
        group: Group | None = None,
    ) -> App:
        branch = App(name=name, help=about, group=group, help_epilogue="")
        self.add(branch, verbs, None)
        app.command(branch)
        return branch
