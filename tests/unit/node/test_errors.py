"""Every code has an exit code, and is told the same way everywhere."""

import re
from pathlib import Path

from mesg.marketplace.domain.errors import NotFound, TransactionReverted
from mesg.node.api.http.problems import STATUSES
from mesg.node.errors import EXIT_CODES, EXIT_MEANINGS, Problem, problem_of

SOURCES = Path(__file__).parents[3]


def codes_in_the_source() -> set[str]:
    rooms = [*SOURCES.glob("node/mesg/node/**/*.py"), *SOURCES.glob("marketplace/mesg/**/*.py")]
    pattern = re.compile(r'^    code(?:: ClassVar\[str\])? = "(\w+)"', re.MULTILINE)
    return {code for path in rooms for code in pattern.findall(path.read_text())}


def test_every_error_of_the_source_has_an_exit_code() -> None:
    assert codes_in_the_source() <= set(EXIT_CODES)
    assert set(EXIT_CODES.values()) <= set(EXIT_MEANINGS)


def test_an_error_is_told_with_where_and_hint() -> None:
    problem = problem_of(NotFound("no service x", where="/service", hint="mesg service list"))

    assert problem == Problem("not_found", "no service x", "/service", "mesg service list")
    assert problem.exit_code == 3
    assert problem.as_lines() == (
        "error[not_found]: no service x",
        "where: /service",
        "hint: mesg service list",
    )


def test_a_contracts_refusal_is_told_in_a_sentence_and_its_own_words_are_kept() -> None:
    problem = problem_of(TransactionReverted("collect: NothingEarned()"))

    assert problem.as_json()["error"] == {
        "code": "transaction_reverted",
        "message": "there is nothing to collect",
        "where": "",
        "hint": "see what is coming: mesg market earnings",
        "retryable": False,
        "cause": "collect: NothingEarned()",
    }
    assert "cause: collect: NothingEarned()" not in problem.as_lines()
    assert problem.as_lines(debug=True)[-1] == "cause: collect: NothingEarned()"


def test_a_refusal_in_unknown_words_is_told_as_it_came() -> None:
    problem = problem_of(TransactionReverted("open: 0x12345678"))

    assert (problem.message, problem.cause) == ("open: 0x12345678", "")


def test_an_unknown_code_of_a_newer_node_is_a_general_error() -> None:
    assert Problem("from_the_future", "x").exit_code == 1


def test_every_code_a_node_answers_has_an_http_status() -> None:
    only_the_command_says = {"error", "usage", "invalid_config", "node_not_running", "interrupted"}

    assert set(EXIT_CODES) - set(STATUSES) == only_the_command_says
