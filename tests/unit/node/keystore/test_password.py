"""The order in which a password is looked for."""

from pathlib import Path

import pytest

from mesg.marketplace.domain.errors import InvalidInput, NotFound
from mesg.node.keystore import FoundPassword, KeystoreUnsafe, find_password


def secret_file(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


def test_each_source_yields_to_the_one_before_it(tmp_path: Path) -> None:
    flag = secret_file(tmp_path, "flag", "from-flag\n")
    secret_file(tmp_path, "mesg_keystore_password", "from-systemd")
    named = secret_file(tmp_path, "named", "from-named-file\r\n")
    environ = {
        "CREDENTIALS_DIRECTORY": str(tmp_path),
        "MESG_KEYSTORE_PASSWORD_FILE": named,
        "MESG_KEYSTORE_PASSWORD": "from-env",
    }

    def found(password_file: str = "", *, leave_out: tuple[str, ...] = ()) -> FoundPassword | None:
        rest = {key: value for key, value in environ.items() if key not in leave_out}
        return find_password(password_file=password_file, environ=rest, prompt=lambda: "typed")

    order = tuple(environ)
    assert [
        answer and answer.password
        for answer in (
            found(flag),
            found(),
            found(leave_out=order[:1]),
            found(leave_out=order[:2]),
            found(leave_out=order),
        )
    ] == ["from-flag", "from-systemd", "from-named-file", "from-env", "typed"]


def test_a_password_in_the_environment_comes_with_a_warning() -> None:
    found = find_password(password_file="", environ={"MESG_KEYSTORE_PASSWORD": "x"})

    assert found is not None
    assert "prefer --password-file" in found.warning
    assert "'x'" not in repr(found)


def test_nobody_gives_one() -> None:
    assert find_password(password_file="", environ={}) is None
    assert find_password(password_file="", environ={}, prompt=str) is None


def test_a_password_file_must_be_private_and_hold_something(tmp_path: Path) -> None:
    path = tmp_path / "pw"
    path.write_text("x")
    path.chmod(0o640)

    with pytest.raises(KeystoreUnsafe):
        find_password(password_file=str(path), environ={})
    with pytest.raises(InvalidInput, match="empty"):
        find_password(password_file=secret_file(tmp_path, "empty", "\n"), environ={})
    with pytest.raises(NotFound):
        find_password(password_file=str(tmp_path / "none"), environ={})
