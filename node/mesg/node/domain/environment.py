"""The variables an instance is given: the manifest's defaults, overridden by its owner; none invented."""

from collections.abc import Mapping

from mesg.marketplace.domain.errors import InvalidInput
from mesg.node.domain.manifest import Manifest


def environment_for(manifest: Manifest, given: Mapping[str, str]) -> dict[str, str]:
    """Return every declared variable's value; raise InvalidInput for unknown or missing ones."""
    defaults: dict[str, str | None] = {}
    for entry in manifest.configuration.env:
        name, has_default, value = entry.partition("=")
        defaults[name] = value if has_default else None
    unknown = sorted(set(given) - set(defaults))
    if unknown:
        declared = ", ".join(sorted(defaults)) or "none"
        raise InvalidInput(
            f"{manifest.service} declares no variable {unknown[0]}",
            where=f"env.{unknown[0]}",
            hint=f"declared are: {declared}",
        )
    values = {**defaults, **given}
    missing = sorted(name for name, value in values.items() if value is None)
    if missing:
        raise InvalidInput(
            f"{manifest.service} needs the variable {missing[0]}",
            where=f"env.{missing[0]}",
            hint=f"give it with: --env {missing[0]}=VALUE",
        )
    return {name: value for name, value in values.items() if value is not None}
