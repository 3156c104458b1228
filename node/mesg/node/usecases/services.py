"""The Services on this node: deployed, started, watched, stopped; an instance is one that runs."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import base58
import structlog
import trio

from mesg.marketplace.domain.errors import (
    DeadlineExceeded,
    MesgError,
    NotFound,
    ServiceStopped,
)
from mesg.marketplace.domain.identity import Digest, ServiceId
from mesg.node.domain.environment import environment_for
from mesg.node.domain.instance import Deployment, InstanceSpec, InstanceStatus, Origin
from mesg.node.domain.manifest import Manifest
from mesg.node.ports import DeploymentForgotten, ServiceEndpoint
from mesg.node.supervision import contained
from mesg.node.usecases.access import Access
from mesg.node.usecases.desk import ServiceDesk
from mesg.node.usecases.parts import Parts

log = structlog.get_logger("mesg.services")

START_S_MAX = 120.0
"""Building an image takes most of it."""
WATCH_S = 1.0
LOG_LINES_IN_ERROR = 5


class ServiceBook:
    """Every Service that is here, by sid."""

    def __init__(self, parts: Parts, desk: ServiceDesk, access: Access) -> None:
        self._parts = parts
        self._desk = desk
        self._access = access
        self._deployments = {one.service: one for one in parts.journal.deployments()}
        self._running: set[ServiceId] = set()
        self._failed: set[ServiceId] = set()
        self._busy: dict[ServiceId, trio.Lock] = {}
        self.endpoint: ServiceEndpoint | None = None
        self.changed = trio.Event()
        """Set, and replaced, whenever a Service comes, goes, starts or stops."""

    def all(self) -> list[Deployment]:
        """Return the deployments."""
        return list(self._deployments.values())

    def find(self, reference: str) -> Deployment:
        """Return a deployment by sid, or by six or more digits of its version; raise NotFound."""
        for deployment in self._deployments.values():
            named = deployment.service.sid == reference
            by_hash = len(reference) >= 6 and deployment.version.hex().startswith(
                reference.removeprefix("0x").lower()
            )
            if named or by_hash:
                return deployment
        raise NotFound(
            f"service {reference[:80]!r} is not on this node",
            hint="deploy it with: mesg service deploy, or list with: mesg service list",
        )

    def get(self, service: ServiceId) -> Deployment | None:
        """Return a deployment, or None."""
        return self._deployments.get(service)

    def is_running(self, service: ServiceId) -> bool:
        """Tell whether an instance runs."""
        return service in self._running

    def failed(self) -> list[ServiceId]:
        """Return the Services that should run but ended, or did not start."""
        return sorted(self._failed & set(self._deployments), key=str)

    def instance_id(self, service: ServiceId) -> str:
        """Return the name that runtimes know an instance by; no two nodes share one."""
        seed = f"{self._parts.network.peer}/{service}".encode()
        return f"mesg-{hashlib.sha256(seed).hexdigest()[:12]}"

    def status(self, service: ServiceId) -> InstanceStatus:
        """Return what is known of a Service's instance."""
        if service in self._running:
            return InstanceStatus.RUNNING
        if service in self._busy and self._busy[service].locked():
            return InstanceStatus.STARTING
        return InstanceStatus.FAILED if service in self._failed else InstanceStatus.STOPPED

    async def deploy(
        self, manifest: Manifest, package: Digest, environment: Mapping[str, str], origin: Origin
    ) -> Deployment:
        """Keep a Service; a newer deployment of the same sid replaces a stopped older one."""
        environment_for(manifest, environment)
        if self.is_running(manifest.service):
            await self.stop(manifest.service)
        now = self._parts.clock.now_unix_ns()
        deployment = Deployment(manifest, package, dict(environment), now, origin)
        await self._keep(deployment)
        return deployment

    async def start(self, service: ServiceId) -> None:
        """Start it and wait until it listens; a running one is left alone.

        Raise NotEntitled without a pass for a bought Service, and what the runtime raises.
        """
        async with self._busy.setdefault(service, trio.Lock()):
            if service in self._running:
                return
            deployment = self._deployments[service]
            await self._check_licence(deployment)
            self._failed.discard(service)
            try:
                await self._start(deployment)
            except BaseException:
                await self._clean_up(service, "failed to start")  # noqa: ASYNC102 - shielded there
                self._failed.add(service)
                raise
            self._running.add(service)
            await self._keep(replace(deployment, is_wanted=True))
            log.info("service_started", service=str(service))

    async def stop(self, service: ServiceId, *, forget_wish: bool = True) -> None:
        """Stop it; a stopped one is left alone."""
        async with self._busy.setdefault(service, trio.Lock()):
            await self._clean_up(service, "was stopped")
            self._failed.discard(service)
            if forget_wish:
                await self._keep(replace(self._deployments[service], is_wanted=False))

    async def delete(self, service: ServiceId, *, delete_data: bool) -> None:
        """Stop and forget it."""
        await self.stop(service)
        if delete_data:
            await self._parts.runtime.remove(self.instance_id(service))
        await self._parts.journal.save(DeploymentForgotten(service))
        del self._deployments[service]
        self.tell_changed()

    async def start_wanted(self) -> None:
        """Start what ran when the node was last stopped."""
        for deployment in self.all():
            if deployment.is_wanted:
                with contained(f"starting {deployment.service}"):
                    await self.start(deployment.service)

    async def stop_all(self) -> None:
        """Stop every instance, remembering which ran."""
        for service in list(self._running):
            with contained(f"stopping {service}"):
                await self.stop(service, forget_wish=False)

    async def watch(self) -> None:
        """Notice, for ever, instances that ended by themselves."""
        while True:
            await trio.sleep(WATCH_S)
            for service in list(self._running):
                with contained(f"watching {service}"):
                    await self._watch_one(service)

    async def _watch_one(self, service: ServiceId) -> None:
        status = await self._parts.runtime.status(self.instance_id(service))
        if status in (InstanceStatus.RUNNING, InstanceStatus.STARTING):
            return
        async with self._busy[service]:
            if service in self._running:
                log.warning("service_ended", service=str(service), status=status)
                await self._clean_up(service, "ended by itself")
                self._failed.add(service)

    async def _check_licence(self, deployment: Deployment) -> None:
        if deployment.origin is Origin.BOUGHT:
            held = await self._access.pass_of(deployment.service, self._parts.signer.address)
            held.check(now_unix_s=self._parts.clock.now_unix_s())

    async def _start(self, deployment: Deployment) -> None:
        manifest, service = deployment.manifest, deployment.service
        assert self.endpoint is not None  # noqa: S101 - the doors open before anything starts
        token = base58.b58encode(self._parts.entropy(32)).decode()
        spec = InstanceSpec(
            id=self.instance_id(service),
            manifest=manifest,
            folder=await self._parts.shelf.unpack(deployment.package),
            environment=environment_for(manifest, deployment.environment),
            token=token,
        )
        self._desk.enrol(manifest, token)
        with trio.move_on_after(START_S_MAX) as deadline:
            await self._parts.runtime.start(spec, endpoint=self.endpoint)
            await self._wait_ready(deployment)
        if deadline.cancelled_caught:
            raise DeadlineExceeded(f"{service} did not listen within {START_S_MAX:.0f} s")

    async def _wait_ready(self, deployment: Deployment) -> None:
        instance = self.instance_id(deployment.service)
        while True:
            with trio.move_on_after(0.2):
                await self._desk.wait_listening(deployment.service)
                return
            status = await self._parts.runtime.status(instance)
            if status in (InstanceStatus.FAILED, InstanceStatus.STOPPED):
                raise ServiceStopped(
                    f"{deployment.service} ended before it listened: {await self._last_words(instance)}",
                    hint=f"see: mesg service logs {deployment.service}",
                )
            if status is InstanceStatus.RUNNING and not deployment.manifest.tasks:
                return

    async def _last_words(self, instance: str) -> str:
        lines: list[str] = []
        with trio.move_on_after(1):
            async with self._parts.runtime.logs(
                instance, follow=False, tail=LOG_LINES_IN_ERROR
            ) as channel:
                lines.extend([line.text.strip() async for line in channel])
        return " | ".join(lines)[-500:] or "it wrote nothing"

    async def _clean_up(self, service: ServiceId, why: str) -> None:
        with trio.CancelScope(shield=True):
            self._running.discard(service)
            self._desk.dismiss(service, why)
            try:
                await self._parts.runtime.stop(self.instance_id(service))
            except MesgError as error:
                log.warning("stop_failed", service=str(service), why=error.message)
            self.tell_changed()

    async def _keep(self, deployment: Deployment) -> None:
        await self._parts.journal.save(deployment)
        self._deployments[deployment.service] = deployment
        self.tell_changed()

    def tell_changed(self) -> None:
        """Wake whoever follows `changed`."""
        changed, self.changed = self.changed, trio.Event()
        changed.set()
