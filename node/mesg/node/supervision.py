"""The only room that may catch everything: keeps one part's bug from taking the rest down, loudly."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import structlog
import trio

from mesg.marketplace.domain.errors import MesgError

log = structlog.get_logger("mesg.supervision")

BACKOFF_S_FIRST = 0.5
BACKOFF_S_MAX = 30.0


@contextmanager
def contained(what: str) -> Iterator[None]:
    """Log whatever a block raises, with a traceback if it is a bug, and go on behind the block."""
    try:
        yield
    except* MesgError as group:
        for error in _leaves(group):
            log.info("refused", what=what, code=getattr(error, "code", ""), error=str(error))
    except* Exception:
        log.exception("bug", what=what)


@contextmanager
def ungrouped() -> Iterator[None]:
    """Let the one error of a nursery out as itself, for callers who should not know of the nursery."""
    try:
        yield
    except BaseExceptionGroup as group:
        leaves = list(_leaves(group))
        failed = [leaf for leaf in leaves if not isinstance(leaf, trio.Cancelled)]
        if len(failed) == 1:
            raise failed[0] from failed[0].__cause__
        raise


async def keep_running(what: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` for ever: again with growing pauses after it fails, at once after it returns."""
    pause_s = BACKOFF_S_FIRST
    while True:
        started = trio.current_time()
        with contained(what):
            await work()
        if trio.current_time() - started > BACKOFF_S_MAX:
            pause_s = BACKOFF_S_FIRST
        await trio.sleep(pause_s)
        pause_s = min(pause_s * 2, BACKOFF_S_MAX)


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
