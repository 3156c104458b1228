"""The command's entry point; answers `--version` before anything slow is imported."""

import os
import sys


def main() -> None:
    """Run the command of this process and exit."""
    if sys.argv[1:] in (["--version"], ["version"]):
        from importlib.metadata import version  # noqa: PLC0415 (only here)

        sys.stdout.write(f"mesg {version('mesg')}\n")
        return
    from mesg.node.cli.run import run  # noqa: PLC0415 (half a second of imports)

    sys.exit(
        run(
            sys.argv[1:],
            environ=os.environ,
            stdin=sys.stdin,
            stdout=sys.stdout,
            stderr=sys.stderr,
        )
    )
