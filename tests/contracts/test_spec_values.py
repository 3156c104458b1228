"""What the specification tells of values and types is what the sources and the artifacts have."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mesg.marketplace.chain.artifact import artifact
from mesg.marketplace.chain.contracts import PAY

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "contracts"
SPEC = (CONTRACTS / "SPEC.md").read_text()


def members(function: str) -> list[str]:
    """Return the names of the members of the one structure that a function of MesgPay takes."""
    entry: Any = next(entry for entry in artifact(PAY).abi if entry.get("name") == function)
    return [str(member["name"]) for member in entry["inputs"][0]["components"]]


def constants() -> Iterable[tuple[str, int]]:
    """Return the limits that the sources name, in the units they are written in."""
    pattern = re.compile(r"constant (?:override )?(\w+_(?:MAX|MIN)) = ([\d_]+)")
    for file in sorted((CONTRACTS / "src").rglob("*.sol")):
        for name, value in pattern.findall(file.read_text()):
            yield name, int(value)


def test_limits_are_those_of_the_code() -> None:
    limits = SPEC[SPEC.index("## 16.") : SPEC.index("## 17.")]
    found = dict(constants())

    assert set(found) >= {"BYTES_MAX", "URI_BYTES_MAX", "PAGE_MAX", "COMMITMENT_BLOCKS_MAX"}
    assert set(found) >= {"DURATION_MAX", "SEATS_MAX", "CLOSE_DELAY_MIN", "CLOSE_DELAY_MAX"}
    for name, value in found.items():
        written = f"{value:,}".replace(",", " ")
        assert re.search(rf"(?<!\d)(?<!\d ){written}(?! ?\d)", limits), (name, written)


def test_all_that_a_buyer_of_a_pass_agrees_to_is_specified() -> None:
    passes = " ".join(SPEC[SPEC.index("## 9.") : SPEC.index("## 10.")].split())
    order = re.search(r"A purchase is one `PassOrder`: (.*?)\. ", passes)

    assert order is not None
    for function in ("buyPass", "buyPassFromVault"):
        assert re.findall(r"`(\w+)`", order[1]) == members(function)


def test_what_is_set_at_deployment_is_told_as_immutable() -> None:
    state = " ".join(SPEC[SPEC.index("## 3.") : SPEC.index("## 4.")].split())
    told_so = re.search(r"((?:`\w+`(?:, | and ))*`\w+`) are immutable in the code", state)
    sources = "".join(file.read_text() for file in (CONTRACTS / "src").rglob("*.sol"))

    assert told_so is not None
    immutables = re.findall(r"\bimmutable (?:override )?(\w+);", sources)
    assert set(re.findall(r"`(\w+)`", told_so[1])) == set(immutables)


def test_signed_types_are_those_of_the_sources() -> None:
    source = (CONTRACTS / "src/libraries/ChannelHash.sol").read_text()
    types = dict(re.findall(r'keccak256\(\s*"((\w+)\([^"]+\))"\s*\)', source))
    session = (ROOT / "docs/protocol/session.md").read_text()

    assert set(types.values()) == {"Config", "Voucher", "Close", "Reserve"}
    for written, name in types.items():
        assert f"`{written}`" in SPEC, name
        assert f"`{written}`" in session or name == "Reserve", name


def test_the_wait_for_a_name_is_what_is_deployed_unless_told_otherwise() -> None:
    command = (ROOT / "scripts/deploying/__main__.py").read_text()
    default = re.search(r'"--commitment-blocks",\s*type=int,\s*default=(\d+),', command)

    assert default is not None
    assert f"{default[1]} blocks unless `scripts/deploy` is told otherwise" in " ".join(
        SPEC.split()
    )
    page = (ROOT / "docs/concepts/money.md").read_text()
    assert f"({default[1]} blocks, unless" in " ".join(page.split())
