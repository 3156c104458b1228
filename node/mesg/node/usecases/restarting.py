"""Starting again what its owner wants to run and what ended by itself, with growing pauses.

FAILED --pause--> starting --listens--> RUNNING (after a long while the pauses begin anew)
"""

import structlog
import trio

from mesg.marketplace.domain.identity import ServiceId
from mesg.node.supervision import contained
from mesg.node.usecases.services import ServiceBook

log = structlog.get_logger("mesg.restarting")

LOOK_S = 1.0
PAUSE_S_FIRST = 2.0
PAUSE_S_MAX = 120.0
FORGIVEN_S = 600.0
"""A Service that ran that long has earned a quick restart again."""


class Restarter:
    """Looks at the failed Services now and then."""

    def __init__(self, services: ServiceBook) -> None:
        self._services = services
        self._due: dict[ServiceId, float] = {}
        self._pauses: dict[ServiceId, tuple[float, float]] = {}
        """The last pause of each Service, and when it was over."""

    async def run(self) -> None:
        """Restart, for ever, what should run and does not."""
        async with trio.open_nursery() as nursery:
            while True:
                await trio.sleep(LOOK_S)
                wanted = [one for one in self._services.failed() if self._is_wanted(one)]
                for service in wanted:
                    if service not in self._due:
                        self._due[service] = trio.current_time() + self._next_pause_s(service)
                        nursery.start_soon(self._restart, service)

    async def _restart(self, service: ServiceId) -> None:
        await trio.sleep_until(self._due[service])
        try:
            with contained(f"restarting {service}"):
                if service in self._services.failed() and self._is_wanted(service):
                    await self._services.start(service)
                    log.info("service_restarted", service=str(service))
        finally:
            del self._due[service]

    def _next_pause_s(self, service: ServiceId) -> float:
        now = trio.current_time()
        last, over_at = self._pauses.get(service, (0.0, 0.0))
        is_new = last == 0.0 or now - over_at > FORGIVEN_S
        pause_s = PAUSE_S_FIRST if is_new else min(last * 2, PAUSE_S_MAX)
        self._pauses[service] = (pause_s, now + pause_s)
        return pause_s

    def _is_wanted(self, service: ServiceId) -> bool:
        deployment = self._services.get(service)
        return deployment is not None and deployment.is_wanted
