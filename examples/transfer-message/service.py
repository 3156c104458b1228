"""Says in one sentence who sent how much to whom; knows no network and rounds nothing."""

from typing import Any

from mesg.sdk import Service

DECIMALS_DEFAULT = 18
DECIMALS_MAX = 77
DIGITS_MAX = 78
"""2^256 has 78 digits."""
WORD_LENGTH_MAX = 100

service = Service()


@service.task("compose")
def compose(inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Answer with the sentence, or say what is wrong with the inputs."""
    try:
        return "success", {"message": sentence(inputs)}
    except ValueError as error:
        return "error", {"message": str(error)}


def sentence(inputs: dict[str, Any]) -> str:
    """Return the sentence; raise ValueError if a value makes no sense."""
    decimals = inputs.get("decimals")
    amount = exact(inputs["value"], DECIMALS_DEFAULT if decimals is None else decimals)
    symbol = word(inputs.get("symbol") or "tokens", "symbol")
    told = f"{word(inputs['from'], 'from')} sent {amount} {symbol} to {word(inputs['to'], 'to')}"
    if inputs.get("block") is not None:
        told += f" in block {whole(inputs['block'], 'block')}"
    if inputs.get("transactionHash"):
        told += f" (transaction {word(inputs['transactionHash'], 'transactionHash')})"
    return told + "."


def exact(value: str, decimals: float) -> str:
    """Return atomic units as a decimal number, every digit kept: 1,234.5."""
    places = whole(decimals, "decimals")
    if places > DECIMALS_MAX:
        raise ValueError(f"decimals must be at most {DECIMALS_MAX}, not {places}")
    if not (value.isascii() and value.isdigit()) or len(value) > DIGITS_MAX:
        raise ValueError(f"value must be 1 to {DIGITS_MAX} decimal digits, not {value[:100]!r}")
    units, fraction = divmod(int(value), 10**places)
    digits = f"{fraction:0{places}}".rstrip("0") if places else ""
    return f"{units:,}.{digits}" if digits else f"{units:,}"


def whole(number: float, what: str) -> int:
    """Return a JSON number that is a whole one, not negative."""
    if isinstance(number, bool) or number != int(number) or number < 0:
        raise ValueError(f"{what} must be a whole number, not {number}")
    return int(number)


def word(text: str, what: str) -> str:
    """Return a text that fits into a sentence."""
    if not text.isprintable() or not 1 <= len(text) <= WORD_LENGTH_MAX:
        raise ValueError(f"{what} must be 1 to {WORD_LENGTH_MAX} printable characters")
    return text


if __name__ == "__main__":
    service.run()
