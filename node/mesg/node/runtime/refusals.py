"""What no runtime of this node can run yet, refused before anything is started."""

import re

from mesg.marketplace.domain.errors import InvalidManifest, NotFound
from mesg.node.domain.manifest import Manifest

_INSTANCE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")


def check_manifest(manifest: Manifest) -> None:
    """Raise InvalidManifest for sidecars and volumes, rather than run a Service without them."""
    if manifest.dependencies:
        names = ", ".join(dependency.key for dependency in manifest.dependencies)
        raise InvalidManifest(
            f"{manifest.service} needs other containers beside its own: {names}",
            where="dependencies",
            hint="this version of the node runs Services of one container only",
        )
    configuration = manifest.configuration
    if configuration.volumes or configuration.volumes_from:
        raise InvalidManifest(
            f"{manifest.service} needs volumes: {', '.join(configuration.volumes)}",
            where="configuration.volumes",
            hint="this version of the node keeps no volumes; /tmp is there while it runs",
        )


def check_instance_name(instance: str) -> str:
    """Return a name that is fit for a folder and a container; raise NotFound for any other."""
    if _INSTANCE.fullmatch(instance) is None:
        raise NotFound(f"no instance goes by the name {instance[:80]!r}")
    return instance
