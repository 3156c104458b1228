"""The specification names everything the contracts have, and nothing they have not."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.contracts.forge import prepare

from mesg.marketplace.chain.artifact import artifact
from mesg.marketplace.chain.contracts import PAY, REGISTRY, TOKEN

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "contracts"
SPEC = (CONTRACTS / "SPEC.md").read_text()
OURS = (TOKEN, REGISTRY, PAY)

ERC20 = {
    *("name", "symbol", "decimals", "totalSupply", "balanceOf", "allowance"),
    *("approve", "transfer", "transferFrom"),
}
ERC2612 = {"DOMAIN_SEPARATOR", "nonces", "permit"}
ERC5267 = {"eip712Domain"}
ERC721 = {
    *("name", "symbol", "tokenURI", "supportsInterface", "balanceOf", "ownerOf"),
    *("approve", "getApproved", "isApprovedForAll", "setApprovalForAll"),
    *("transferFrom", "safeTransferFrom"),
}
INHERITED_FUNCTIONS = {TOKEN: ERC20 | ERC2612 | ERC5267, REGISTRY: ERC721, PAY: ERC5267}
INHERITED_EVENTS = {"Approval", "ApprovalForAll", "EIP712DomainChanged"}
INHERITED_ERRORS = re.compile(
    r"(ERC20|ERC721|ERC2612|ECDSA)[A-Z]\w+|InvalidAccountNonce|InvalidShortString|StringTooLong"
)


def names_in_abi(contract: str, kind: str) -> set[str]:
    return {str(entry["name"]) for entry in artifact(contract).abi if entry["type"] == kind}


def rows(heading: str, text: str = SPEC) -> list[tuple[str, str, str]]:
    """Return the three-column rows of a section: names, contracts, meaning."""
    found = re.search(rf"^## \d+\. {heading}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, f"no section {heading}"
    return re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", found[1], re.MULTILINE)


def told(heading: str) -> dict[str, set[str]]:
    """Return, contract by contract, the names that a section's table tells."""
    return {
        contract: {name for name, places, _ in rows(heading) if f"`{contract}`" in places}
        for contract in OURS
    }


def numbered(text: str) -> list[tuple[str, str]]:
    """Return the rows of a table of invariants: number and sentence."""
    return re.findall(r"^\| (I\d+) \| ([^|]+?) \|", text, re.MULTILINE)


def test_every_function_is_specified() -> None:
    for contract in OURS:
        of_abi = names_in_abi(contract, "function")
        assert of_abi >= INHERITED_FUNCTIONS[contract]
        assert told("Functions")[contract] == of_abi - INHERITED_FUNCTIONS[contract]


def test_every_event_is_specified() -> None:
    for contract in OURS:
        assert told("Events")[contract] == names_in_abi(contract, "event") - INHERITED_EVENTS


def test_every_error_is_specified() -> None:
    for contract in OURS:
        of_abi = names_in_abi(contract, "error")
        inherited = {name for name in of_abi if INHERITED_ERRORS.fullmatch(name)}
        assert told("Errors")[contract] == of_abi - inherited


def test_every_refusal_stands_where_it_happens() -> None:
    tables = SPEC[: SPEC.index("## 12.")]
    for name, _, _ in rows("Errors"):
        assert f"`{name}" in tables, name


def test_every_state_is_rebuilt_from_named_events() -> None:
    index = SPEC[SPEC.index("How an indexer rebuilds") : SPEC.index("## 19.")]
    not_needed = {"ClaimSkipped"}
    for name, _, _ in rows("Events"):
        assert (f"`{name}" in index) is (name not in not_needed), name


def test_invariants_are_those_that_are_tried() -> None:
    sources = sorted((CONTRACTS / "test/invariant/rules").glob("*.sol"))
    tried = re.findall(r"function I(\d+)_", "".join(file.read_text() for file in sources))

    assert [number for number, _ in numbered(SPEC)] == [
        f"I{number}" for number in sorted(map(int, tried))
    ]


def test_invariants_are_told_in_the_same_words() -> None:
    described = (CONTRACTS / "test/invariant/README.md").read_text()

    assert numbered(SPEC) == numbered(described)


def test_sections_are_numbered_and_referred_to() -> None:
    sections = [int(number) for number in re.findall(r"^## (\d+)\. ", SPEC, re.MULTILINE)]

    assert sections == list(range(1, len(sections) + 1))
    assert {int(number) for number in re.findall(r"[Ss]ection (\d+)", SPEC)} <= set(sections)


def test_the_readme_names_files_that_exist() -> None:
    text = (CONTRACTS / "README.md").read_text()
    named = set(re.findall(r"(?<![\w/.])(?:tests?|src|scripts|docs|deployments)/[\w/.-]*\w", text))

    assert len(named) > 15
    for name in named:
        places = [*ROOT.glob(f"{name}*"), *CONTRACTS.glob(f"{name}*")]
        assert places, name


@pytest.mark.chain
def test_every_function_and_event_has_a_notice() -> None:
    prepare()
    node = shutil.which("node")
    assert node is not None, "node is needed to read the NatSpec"
    script = Path(__file__).parent / "userdoc.js"
    done = subprocess.run([node, str(script), *OURS], capture_output=True, text=True, check=True)

    for contract, notices in json.loads(done.stdout).items():
        for kind, plural, inherited in (
            ("function", "methods", INHERITED_FUNCTIONS[contract]),
            ("event", "events", INHERITED_EVENTS | {"Transfer"}),
        ):
            has = {
                signature.partition("(")[0]
                for signature, words in notices.get(plural, {}).items()
                if words["notice"]
            }
            assert has >= names_in_abi(contract, kind) - inherited, (contract, kind)
