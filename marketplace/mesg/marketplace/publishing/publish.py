"""Publishing a Service: its sid if it is new, then the version; an unchanged version costs nothing."""

from collections.abc import Sequence

from mesg.marketplace.domain.identity import Digest, ServiceId
from mesg.marketplace.domain.money import TokenAmount
from mesg.marketplace.ports import Ledger, PublishedVersion, TransactionReceipt

URI_OF_THE_NETWORK = "mesg:"
"""The manifest and the package are asked of the network by their hashes."""


async def publish(
    service: ServiceId,
    *,
    manifest: Digest,
    package: Digest,
    ledger: Ledger,
    max_fee: TokenAmount | None = None,
) -> tuple[PublishedVersion, Sequence[TransactionReceipt]]:
    """Register the sid unless it is ours, and add the version unless it is there already.

    Raise Refused if the sid belongs to somebody else, PriceAboveMax if it costs more than agreed.
    """
    receipts = list(await ledger.register(service, max_fee=max_fee))
    for version in await ledger.versions(service):
        if (version.manifest, version.package) == (manifest, package):
            return version, receipts
    version, receipt = await ledger.publish_version(
        service, manifest=manifest, package=package, uri=URI_OF_THE_NETWORK
    )
    return version, [*receipts, receipt]
