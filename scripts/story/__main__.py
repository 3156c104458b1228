"""Runs the story: `scripts/demo [--keep] [--json FILE] [--transfers N]`."""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import trio

from mesg.marketplace.domain.errors import MesgError
from story.nodes import StepFailed
from story.plot import tell
from story.report import Report

CACHE = Path(__file__).parent.parent.parent / "contracts"
EXIT_FAILED = 1
EXIT_INTERRUPTED = 130


def main() -> int:
    """Tell the story; return 0 if all of it happened, and leave nothing running."""
    options = _options()
    report = Report()
    folder = Path(tempfile.mkdtemp(prefix="mesg-"))
    try:
        trio.run(tell, report, folder, CACHE, options.transfers, options.keep)
    except BaseException as error:  # noqa: BLE001 - the edge: every end is told in one sentence
        return _failed(report, error, folder)
    finally:
        if options.json:
            _write(report, options.json)
    shutil.rmtree(folder, ignore_errors=True)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave it running until Ctrl-C")
    parser.add_argument("--json", type=Path, help="write what happened to this file")
    parser.add_argument("--transfers", type=int, default=5, help="how many transfers to make")
    return parser.parse_args()


def _failed(report: Report, error: BaseException, folder: Path) -> int:
    leaves = list(_leaves(error))
    if any(isinstance(leaf, KeyboardInterrupt) for leaf in leaves):
        sys.stderr.write("\ninterrupted; everything was stopped\n")
        shutil.rmtree(folder, ignore_errors=True)
        return EXIT_INTERRUPTED
    report.keep("failed", {"step": report.step, "errors": [str(leaf) for leaf in leaves]})
    for leaf in leaves:
        known = isinstance(leaf, StepFailed | MesgError | AssertionError)
        said = str(leaf) if known else f"{type(leaf).__name__}: {leaf}"
        sys.stderr.write(f"\nfailed in «{report.step}»: {said}\n")
    sys.stderr.write(f"the nodes' homes and logs are in {folder}\n")
    return EXIT_FAILED


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    elif not isinstance(error, trio.Cancelled):
        yield error


def _write(report: Report, path: Path) -> None:
    path.write_text(
        json.dumps(report.facts | {"transactions": report.transactions}, indent=2) + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
