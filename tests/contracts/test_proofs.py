"""The lists of what is proven name what is there, and the mutation test finds the places that it should."""

import re
from collections import Counter
from pathlib import Path

from proofs.mutants import all_mutants, equivalents, name_of
from proofs.mutations import mutants_of
from proofs.sources import CONTRACTS, deployed_with

INVARIANTS = CONTRACTS / "test/invariant"
SYMBOLIC = CONTRACTS / "test/symbolic"

SAMPLE = """
contract Purse {
    uint256 public constant MOST = 100; // if (true) revert(); is no code here
    mapping(address => uint256) public held;

    function put(uint256 amount) external nonReentrant {
        if (amount == 0 || amount > MOST) revert Wrong("a == b");
        held[msg.sender] += amount;
        emit Put(amount);
    }

    function half(uint256 amount) external pure returns (uint256) {
        return amount / 2;
    }
}
"""


def numbered(directory: Path, pattern: str) -> list[str]:
    """Return the functions of the Solidity sources below a directory, by their numbers."""
    sources = (path.read_text() for path in sorted(directory.rglob("*.sol")))
    found = re.findall(rf"function ({pattern})\(", "".join(sources))
    return sorted(found, key=lambda name: int(re.findall(r"\d+", name)[0]))


def listed(directory: Path) -> list[tuple[str, str]]:
    """Return number and function of every row of a directory's table."""
    rows = re.findall(
        r"^\| ([IS]\d+) \|.*?`(\w+)` \|", (directory / "README.md").read_text(), re.MULTILINE
    )
    return [(number, function) for number, function in rows]


def test_every_invariant_is_listed_and_tried() -> None:
    functions = numbered(INVARIANTS / "rules", r"I\d+_\w+")

    tried = re.findall(
        r"this\.(I\d+_\w+)\.selector", (INVARIANTS / "Invariants.t.sol").read_text()
    )

    assert [f"I{number}" for number in range(1, len(functions) + 1)] == [
        name.split("_")[0] for name in functions
    ]
    assert len(functions) >= 16
    assert tried == functions
    assert listed(INVARIANTS) == [(name.split("_")[0], name) for name in functions]


def test_rules_that_act_do_so_in_a_copy_of_the_world() -> None:
    sources = "".join(path.read_text() for path in sorted((INVARIANTS / "rules").glob("*.sol")))
    acting = {int(number) for number in re.findall(r"function I(\d+)_\w+\(\) public \{", sources)}
    body = (
        (INVARIANTS / "Invariants.t.sol")
        .read_text()
        .split("function tries(")[1]
        .split("function ")[0]
    )

    assert {int(number) for number in re.findall(r"number == (\d+)", body)} == acting


def test_every_symbolic_property_is_listed() -> None:
    functions = numbered(SYMBOLIC, r"check_S\d+_\w+")

    assert [f"S{number}" for number in range(1, len(functions) + 1)] == [
        name.split("_")[1] for name in functions
    ]
    assert len(functions) >= 8
    assert listed(SYMBOLIC) == [(name.split("_")[1], name) for name in functions]


def test_a_small_contract_has_the_mutants_that_a_hand_would_write() -> None:
    found = mutants_of("Purse.sol", SAMPLE)

    assert Counter(mutant.operator for mutant in found) == {
        "arithmetic": 1,
        "comparison": 2,
        "compound": 1,
        "condition-false": 1,
        "condition-negated": 1,
        "constant-less": 1,
        "constant-more": 1,
        "effect-dropped": 1,
        "event-dropped": 1,
        "logic": 1,
        "modifier-dropped": 1,
        "one-less": 2,
        "one-more": 2,
        "operand-dropped": 2,
    }
    assert all(mutant.apply(SAMPLE) != SAMPLE for mutant in found)
    assert "Purse.sol:8  effect-dropped  held[msg.sender] += amount; → {}" in map(str, found)


def test_every_source_with_code_is_mutated_and_compiled_somewhere() -> None:
    mutated = {mutant.file for mutant in all_mutants("")}

    assert len(all_mutants("")) >= 800
    assert {"src/pay/Claims.sol", "src/libraries/Shares.sol", "src/registry/Names.sol"} <= mutated
    assert all(deployed_with(file) for file in mutated)
    assert deployed_with("src/libraries/Offers.sol") == ("ServiceRegistry", "MesgPay")


def test_every_equivalent_mutant_exists_and_has_a_reason() -> None:
    names = {name_of(mutant) for mutant in all_mutants("")}

    assert set(equivalents()) <= names
    assert all(len(reason.split()) > 3 for reason in equivalents().values())
