"""Where the contracts are, which of them a source is part of, and copies of them to work in."""

import re
import shutil
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "contracts"
FORGE = CONTRACTS / "node_modules/@foundry-rs/forge-linux-amd64/bin/forge"
DEPLOYED = ("MesgToken", "ServiceRegistry", "MesgPay")
_IMPORT = re.compile(r'from "(\.[^"]+)"')


@cache
def parts_of(contract: str) -> frozenset[Path]:
    """Return every own source that a deployed contract is made of."""
    found: set[Path] = set()
    todo = [CONTRACTS / f"src/{contract}.sol"]
    while todo:
        source = todo.pop().resolve()
        if source in found:
            continue
        found.add(source)
        imported = _IMPORT.findall(source.read_text(encoding="utf-8"))
        todo += [source.parent / name for name in imported]
    return frozenset(found)


def deployed_with(file: str) -> tuple[str, ...]:
    """Return the contracts whose code changes with a source."""
    return tuple(name for name in DEPLOYED if (CONTRACTS / file).resolve() in parts_of(name))


def copy_contracts(place: Path, tests: tuple[str, ...], *settings: str) -> Path:
    """Copy sources, the named parts of test/ and the settings, with more lines in the default profile."""
    copied = place / "contracts"
    shutil.copytree(CONTRACTS / "src", copied / "src")
    (copied / "test").mkdir()
    for name in tests:
        source = CONTRACTS / "test" / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, copied / "test" / name)
    if (CONTRACTS / "out").exists():
        shutil.copytree(CONTRACTS / "out", copied / "out")
    for name in ("solc-js.cjs", "slither.config.json"):
        shutil.copy(CONTRACTS / name, copied)
    (copied / "node_modules").symlink_to(CONTRACTS / "node_modules")
    shutil.copytree(ROOT / "tests/vectors", place / "tests/vectors")
    text = (CONTRACTS / "foundry.toml").read_text(encoding="utf-8")
    lines = "\n".join(("[profile.default]", *settings))
    text = text.replace("[profile.default]", lines, 1) + "\n[lint]\nlint_on_build = false\n"
    (copied / "foundry.toml").write_text(text, encoding="utf-8")
    return copied
