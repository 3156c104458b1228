import re
from pathlib import Path

from mesg.marketplace.domain import errors
from mesg.node.api.grpc.methods import original_files
from mesg.node.api.grpc.status import status_of

TEXT = (Path(__file__).parents[5] / "docs" / "reference" / "grpc.md").read_text()


def test_every_method_is_documented() -> None:
    methods = {
        f"{file.package}.{service.name}/{method.name}"
        for file in original_files()
        for service in file.service
        for method in service.method
    }

    assert set(re.findall(r"^\| `(api\.\w+/\w+)` \|", TEXT, re.MULTILINE)) == methods


def test_every_error_is_documented_under_its_status() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*) \|$", TEXT, re.MULTILINE)
    documented = {code: status for status, codes in rows for code in re.findall(r"`(\w+)`", codes)}

    assert documented == {
        kind.code: status_of(kind("x")).name
        for kind in kinds
        if issubclass(kind, errors.MesgError)
    }
