"""The page that explains money, and what is decided about names: their figures are what the code computes."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from mesg.marketplace.domain.identity import AccountAddress, ServiceId
from mesg.marketplace.domain.money import ZERO, TokenAmount
from mesg.marketplace.domain.offer import OfferKind, OfferTerms
from mesg.marketplace.domain.shares import Shares, split
from mesg.marketplace.testing.memory_registry import MemoryRegistry

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/concepts/money.md").read_text()
PICTURE = ROOT / "docs/concepts/money.svg"
DECISION = (ROOT / "docs/adr/0006-names-cost-a-fee.md").read_text()
SPEC = (ROOT / "contracts/SPEC.md").read_text()
COMMANDS = (ROOT / "docs/reference/cli.md").read_text()
PICTURE_BYTES_MAX = 12_000
AUTHOR = AccountAddress(b"\x0a" * 20)
NAMES_AT_ONCE = (1, 10, 100, 1_000, 5_000)


def table(text: str, *headings: str) -> list[list[str]]:
    """Return the rows of the table with these headings."""
    _, _, body = text.partition(f"| {' | '.join(headings)} |\n")
    assert body, f"no table {headings}"
    lines = body.splitlines()[1:]
    ends = next((n for n, line in enumerate(lines) if not line.startswith("|")), len(lines))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[:ends]]


def shown(amount: TokenAmount) -> str:
    return str(amount) if amount else "nothing"


def divided(total: TokenAmount, terms: OfferTerms, *, referred: bool = True) -> Shares:
    return split(
        ZERO,
        total,
        author_bps=terms.author_bps,
        treasury_bps=terms.treasury_bps,
        referrer_bps=terms.referrer_bps if referred else 0,
    )


def test_calls_are_divided_as_the_page_says() -> None:
    terms = OfferTerms(
        OfferKind.METERED,
        TokenAmount.parse("0.01"),
        close_delay_s=86_400,
        author_bps=2_000,
        treasury_bps=300,
        referrer_bps=200,
    )
    total, reserve = terms.price.times(1_000), TokenAmount.parse("25")
    with_referrer, without = divided(total, terms), divided(total, terms, referred=False)

    assert "reserves 25 MESG" in PAGE
    assert "1 000 calls at 0.01 MESG" in PAGE
    assert table(PAGE, "who", "gets", "without anybody who brought you") == [
        ["author (20 %)", shown(with_referrer.author), shown(without.author)],
        ["treasury (3 %)", shown(with_referrer.treasury), shown(without.treasury)],
        ["who brought you (2 %)", shown(with_referrer.referrer), shown(without.referrer)],
        ["operator (the rest)", shown(with_referrer.operator), shown(without.operator)],
        ["together", shown(total), shown(total)],
        ["back to your vault", shown(reserve - total), shown(reserve - total)],
    ]


def test_a_pass_is_earned_as_the_page_says() -> None:
    days = 30
    terms = OfferTerms(
        OfferKind.PASS,
        TokenAmount.parse("30"),
        duration_s=days * 86_400,
        treasury_bps=300,
        referrer_bps=500,
        seats=1,
    )
    whole = divided(terms.price, terms)
    author, treasury = whole.operator, whole.treasury  # nobody operates a pass: that part is his
    earned = [TokenAmount(part.units * 10 // days) for part in (author, treasury)]
    back = terms.price - whole.referrer - earned[0] - earned[1]

    assert "a pass costs 30 MESG for 30 days" in PAGE
    assert table(PAGE, "who", "for the whole time", "if you cancel after 10 days") == [
        ["who brought you (5 %, at once)", shown(whole.referrer), shown(whole.referrer)],
        ["treasury (3 %)", shown(treasury), shown(earned[1])],
        ["author (the rest)", shown(author), shown(earned[0])],
        ["you, back", "nothing", shown(back)],
        ["together", shown(terms.price), shown(terms.price)],
    ]


def fees(registry: MemoryRegistry, names: int, *, now_unix_s: int = 0) -> int:
    """Take that many names at once; return what they cost together."""
    first = len(registry.owners)
    return sum(
        registry.register(
            AUTHOR, ServiceId(f"name{first + n}"), max_fee=2**200, now_unix_s=now_unix_s
        )
        for n in range(names)
    )


def rounded(units: int) -> str:
    """Write units as MESG with two digits, but a whole number without."""
    cents = (units + 5 * 10**15) // 10**16
    written = f"{cents // 100:,}".replace(",", " ")
    return f"{written}.{cents % 100:02} MESG" if cents % 100 else f"{written} MESG"


def test_names_cost_what_page_and_decision_say() -> None:
    expected = []
    for names in NAMES_AT_ONCE:
        registry = MemoryRegistry()
        together = fees(registry, names)
        after = registry.fee(now_unix_s=0)
        expected.append([f"{names:,}".replace(",", " "), rounded(together), rounded(after)])

    assert table(DECISION, "names at once", "cost together", "the next one costs") == expected
    for names in (2, 3):
        assert expected[names][1] in " ".join(PAGE.split())
    assert f"1 000 names at once cost {expected[3][1].partition('.')[0]} MESG" in SPEC


def grown(names: int, *, pace_s: int) -> float:
    """How the fee changes in ten hours in which that many names are taken every `pace_s` seconds."""
    registry = MemoryRegistry(last_fee_units=10**30)
    for now_unix_s in range(pace_s, 36_001, pace_s):
        fees(registry, names, now_unix_s=now_unix_s)
    return registry.last_fee_units / 10**30


def test_the_fee_stays_at_the_paces_that_are_told() -> None:
    assert "139 names are taken at once in each hour, or 100 spread evenly" in " ".join(
        DECISION.split()
    )
    assert 0.99 < grown(139, pace_s=3_600) < 1.01
    assert grown(138, pace_s=3_600) < 0.96
    assert grown(1, pace_s=30) > 2
    assert 0.97 < grown(1, pace_s=36) < 1.03


def test_the_picture_is_light_and_readable_in_the_dark() -> None:
    text = PICTURE.read_text()
    words = " ".join(ET.fromstring(text).itertext())  # noqa: S314 (a file of ours)

    assert len(text.encode()) < PICTURE_BYTES_MAX
    assert "prefers-color-scheme: dark" in text
    assert "](money.svg)" in PAGE
    for word in ("Wallet", "Vault", "Channel", "Pass", "Earnings", "collect"):
        assert word in words


def test_the_commands_exist() -> None:
    named = set(re.findall(r"`(mesg [a-z]+ [a-z]+)", " ".join(PAGE.split())))

    assert len(named) >= 5
    for command in named:
        assert f"## {command}\n" in COMMANDS, command
