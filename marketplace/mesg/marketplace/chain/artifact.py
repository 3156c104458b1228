"""The compiled contracts that ship with the package, as `scripts/build-contracts` wrote them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

Abi = Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Artifact:
    """One contract: its interface, the code that creates it, and the code that then runs."""

    name: str
    abi: Abi
    creation_code: bytes
    runtime_code: bytes
    immutables: tuple[tuple[int, int], ...]
    """Where the constructor writes into the runtime code: (start, length)."""

    def masked(self, code: bytes) -> bytes:
        """Return code with the constructor's values blanked, so that it compares to `runtime_code`."""
        blank = bytearray(code)
        for start, length in self.immutables:
            blank[start : start + length] = bytes(len(blank[start : start + length]))
        return bytes(blank)


@cache
def artifact(name: str) -> Artifact:
    """Return the artifact of a contract of ours, such as `MesgPay`."""
    raw = json.loads((files(__package__) / "artifacts" / f"{name}.json").read_text("ascii"))
    return Artifact(
        name=raw["contractName"],
        abi=raw["abi"],
        creation_code=bytes.fromhex(raw["bytecode"][2:]),
        runtime_code=bytes.fromhex(raw["deployedBytecode"][2:]),
        immutables=tuple(
            (place["start"], place["length"]) for place in raw["immutableReferences"]
        ),
    )
