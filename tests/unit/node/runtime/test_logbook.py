"""Lines and log books: bounded in memory and on disk, every line seen once."""

from pathlib import Path

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from mesg.node.domain.instance import LogLine
from mesg.node.runtime.lines import LINE_BYTES_MAX, LineCutter
from mesg.node.runtime.logbook import FOLLOWER_LINES_MAX, LOG_BYTES_MAX, LogBook


def out(*texts: str) -> list[LogLine]:
    return [LogLine("stdout", text) for text in texts]


@given(
    texts=st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"))),
    cuts=st.lists(st.integers(1, 40)),
)
def test_lines_do_not_depend_on_how_the_bytes_come(texts: list[str], cuts: list[int]) -> None:
    data = "".join(f"{text}\n" for text in texts).encode()
    cutter = LineCutter("stdout")
    lines: list[LogLine] = []

    for size in cuts:
        lines += cutter.feed(data[:size])
        data = data[size:]
    lines += cutter.feed(data)

    assert lines == out(*texts)
    assert cutter.finish() == []


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_the_last_line_counts_even_without_an_end(end: bytes) -> None:
    cutter = LineCutter("stdout")

    assert cutter.feed(b"last" + end) + cutter.finish() == out("last")


@pytest.mark.parametrize("pieces", [1, 7])
def test_a_line_without_an_end_is_cut(pieces: int) -> None:
    cutter = LineCutter("stdout")
    data = b"x" * (3 * LINE_BYTES_MAX + 1)
    step = -(-len(data) // pieces)

    lines = [
        line for at in range(0, len(data), step) for line in cutter.feed(data[at : at + step])
    ]

    assert [len(line.text) for line in lines + cutter.finish()] == [*[LINE_BYTES_MAX] * 3, 1]


async def test_the_tail_is_the_end_of_what_was_written(tmp_path: Path) -> None:
    book = LogBook(tmp_path / "book")
    await book.write([*out("one", "", "  three "), LogLine("stderr", "é")])

    async with book.read(follow=False, tail=3) as lines:
        assert [line async for line in lines] == [*out("", "  three "), LogLine("stderr", "é")]
    async with book.read(follow=False, tail=0) as lines:
        assert [line async for line in lines] == []


async def test_two_files_of_bounded_size_are_kept(tmp_path: Path) -> None:
    book = LogBook(tmp_path)
    for number in range(300):
        await book.write(out(f"{number:03} " + "x" * 8_000))

    sizes = [(tmp_path / name).stat().st_size for name in ("log", "log.1")]
    async with book.read(follow=False, tail=150) as lines:
        texts = [line.text[:3] async for line in lines]

    assert max(sizes) <= LOG_BYTES_MAX
    assert texts == [f"{number:03}" for number in range(150, 300)]


async def test_a_follower_gets_history_then_new_lines_each_once(tmp_path: Path) -> None:
    book = LogBook(tmp_path)
    await book.write(out("0", "1"))

    async with book.read(follow=True, tail=10) as lines:
        await book.write(out("2"))
        await book.write(out("3"))
        book.end_following()

        assert [line async for line in lines] == out("0", "1", "2", "3")


async def test_a_slow_follower_is_told_what_it_missed(tmp_path: Path) -> None:
    book = LogBook(tmp_path)
    async with book.read(follow=True, tail=0) as lines:
        await book.write(out(*map(str, range(FOLLOWER_LINES_MAX + 5))))
        got = [await lines.receive() for _ in range(2)]
        await book.write(out("last"))
        book.end_following()
        got += [line async for line in lines]

    assert got[:-2] == out(*map(str, range(FOLLOWER_LINES_MAX)))
    assert got[-2:] == [LogLine("stderr", "(5 lines were missed)"), *out("last")]


async def test_a_follower_that_left_costs_nothing(tmp_path: Path) -> None:
    book = LogBook(tmp_path)
    async with trio.open_nursery() as nursery, book.read(follow=True, tail=0) as lines:
        await lines.aclose()
        nursery.start_soon(book.write, out("after"))

    await book.delete()
    assert not await trio.Path(tmp_path).exists()


async def test_a_disk_that_takes_nothing_does_not_stop_the_followers(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    book = LogBook(tmp_path / "file" / "book")

    async with book.read(follow=True, tail=0) as lines:
        await book.write(out("told"))

        assert await lines.receive() == LogLine("stdout", "told")
