"""Reading what others send: bodies within limits, every field typed, unknown fields refused."""

from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

from starlette.requests import Request

from mesg.marketplace.domain.errors import InvalidInput, MesgError
from mesg.marketplace.domain.identity import AccountAddress
from mesg.marketplace.domain.money import TokenAmount
from mesg.node.domain.shape import JSON_BYTES_MAX, parse_json_object

BODY_BYTES_MAX = JSON_BYTES_MAX
"""A task's inputs travel in one frame; what is bigger belongs behind a URL."""
TEXT_MAX = 4096
"""The longest identifier, path or search text."""


class Fields:
    """The members of a JSON object, each read once by name and type; `close` refuses the rest."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = dict(members)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; raise InvalidInput without one, unless there is a default."""
        value = self._members.pop(key, default)
        if not isinstance(value, str) or len(value) > TEXT_MAX:
            raise InvalidInput(
                f"{key} must be a text of at most {TEXT_MAX} characters", where=f"/{key}"
            )
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self._members.pop(key, default)
        if not isinstance(value, bool):
            raise InvalidInput(f"{key} must be true or false", where=f"/{key}")
        return value

    def number(self, key: str, default: float) -> float:
        """Return a positive finite number."""
        value = self._members.pop(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
            raise InvalidInput(f"{key} must be a positive number", where=f"/{key}")
        return float(value)

    def whole(self, key: str, default: int | None = None) -> int:
        """Return a whole number that is not negative."""
        value = self._members.pop(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
            raise InvalidInput(f"{key} must be a whole number", where=f"/{key}")
        return value

    def json_object(self, key: str) -> dict[str, Any]:
        """Return a JSON object, empty if it is missing."""
        value = self._members.pop(key, {})
        if not isinstance(value, dict):
            raise InvalidInput(f"{key} must be an object", where=f"/{key}")
        return value

    def texts(self, key: str) -> dict[str, str]:
        """Return an object of texts, empty if it is missing."""
        value = self.json_object(key)
        if not all(isinstance(member, str) for member in value.values()):
            raise InvalidInput(f"the values of {key} must be texts", where=f"/{key}")
        return value

    def text_list(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty if it is missing."""
        value = self._members.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise InvalidInput(f"{key} must be a list of texts", where=f"/{key}")
        return tuple(value)

    def amount(self, key: str, default: TokenAmount | None = None) -> TokenAmount:
        """Return an amount: `{"amount": "<units>"}` as in answers, or a text as people write it."""
        value = self._members.pop(key, None)
        if value is None and default is not None:
            return default
        try:
            if isinstance(value, dict) and isinstance(value.get("amount"), str):
                return TokenAmount.parse(f"{value['amount']} units")
            if isinstance(value, str):
                return TokenAmount.parse(value)
        except MesgError as error:
            raise InvalidInput(error.message, where=f"/{key}", hint=error.hint) from error
        raise InvalidInput(f'{key} must be an amount such as "0.5 MESG"', where=f"/{key}")

    def account(self, key: str) -> AccountAddress:
        """Return an account's address."""
        try:
            return AccountAddress.parse(self.text(key))
        except MesgError as error:
            raise InvalidInput(error.message, where=f"/{key}", hint=error.hint) from error

    def has(self, key: str) -> bool:
        """Tell whether it is there and not null."""
        if self._members.get(key, 0) is None:
            del self._members[key]
        return key in self._members

    def close(self) -> None:
        """Refuse members that nobody asked for."""
        if self._members:
            key = min(self._members)
            raise InvalidInput(f"there is no member {key[:80]!r} here", where=f"/{key[:80]}")


async def fields_of(request: Request) -> Fields:
    """Read a request's JSON object; raise InvalidInput for anything else, too much or too deep."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise InvalidInput("the body must be application/json", where="content-type")
    body = bytearray()
    async with aclosing(request.stream()) as parts:
        async for part in parts:
            body += part
            if len(body) > BODY_BYTES_MAX:
                raise InvalidInput(f"the body has more than {BODY_BYTES_MAX} bytes")
    return Fields(parse_json_object(bytes(body) or b"{}", what="the body"))
