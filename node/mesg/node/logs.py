"""One structured log for the node and the libraries it uses; secrets never reach it."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_SECRET = re.compile(
    r"pass(word|phrase)|secret|token|mnemonic|private|authorization|cookie", re.IGNORECASE
)
_NOT_SECRET = ("token_address", "tokens")
_NOISY = ("libp2p", "multiaddr", "hypercorn", "httpx2", "httpcore2", "web3", "urllib3", "docker")
_DEPTH_MAX = 6
_REDACTED = "[redacted]"


def set_up_logs(*, level: str, format_: str, stream: TextIO | None = None) -> None:
    """Send the node's lines, and warnings of libraries, to `stream` (standard error by default)."""
    output = stream if stream is not None else sys.stderr
    is_console = format_ == "console" or (format_ == "auto" and output.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=output.isatty())
        if is_console
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(output),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    for old in tuple(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(LEVELS[level])
    quiet = logging.DEBUG if level == "debug" else logging.ERROR
    for name in _NOISY:
        logging.getLogger(name).setLevel(quiet)


def redact(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace the values of keys that name secrets, at any depth, and passwords inside URLs."""
    return {key: _redacted(key, value, 0) for key, value in event.items()}


def _redacted(key: str, value: object, depth: int) -> object:
    if _SECRET.search(key) and key not in _NOT_SECRET:
        return _REDACTED
    if depth >= _DEPTH_MAX:
        return "[deep]"
    if isinstance(value, dict):
        return {name: _redacted(str(name), inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(key, inner, depth + 1) for inner in value]
    if isinstance(value, str):
        return re.sub(r"(://)[^/\s@]+@", rf"\1{_REDACTED}@", value)
    return value
