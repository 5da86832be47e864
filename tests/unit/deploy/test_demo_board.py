"""The rows of the demonstration's screen: what each waits for, how it ends, and that one that fails stops no other."""

import io

import httpx
import pytest
from rich.console import Console

from deploy.demo.beside import played
from deploy.demo.board import Board, Mark, Row, Steps, Wait, table
from deploy.demo.stage import NotReadyError


def screen(board: Board) -> str:
    """What a person reads."""
    console = Console(file=io.StringIO(), width=120)
    console.print(table(board.rows))
    return console.file.getvalue()  # type: ignore[attr-defined]


def asking(came: list[str], got: list[str]) -> Steps:
    """A part that waits twice."""
    got.append((yield Wait(words="等答复 / the answer", look=lambda: came and came.pop())))
    yield Wait(words="等了结 / its end", look=lambda: came)


def refused() -> Steps:
    """A part whose second press a page refuses."""
    yield Wait(words="一会儿 / a while", look=lambda: True)
    request = httpx.Request("POST", "http://county/around/1/parcel.sent")
    raise httpx.HTTPStatusError("", request=request, response=httpx.Response(422, text="… E-DOC-011 … E-DOC-011"))


def row(steps: Steps) -> Row:
    """One with a name."""
    return Row(chinese="云咨询", english="a question", steps=steps)


def test_a_row_shows_what_it_waits_for_and_when_it_was_done() -> None:
    """… before it begins, → with what it waits for, ✓ with its seconds; what came goes back to the part."""
    came: list[str] = []
    got: list[str] = []
    board = Board([row(asking(came, got))], patience_seconds=30)
    assert Mark.COMING in screen(board)
    board.turn(0.0)
    assert "→  云咨询 a question  等答复 / the answer" in screen(board)
    board.turn(1.0)
    assert got == []
    came.append("130928-1")
    board.turn(2.0)
    assert got == ["130928-1"]
    assert "等了结 / its end" in screen(board)
    assert not board.over
    came.append("over")
    board.turn(3.5)
    assert (board.over, board.whole) == (True, True)
    assert "✓" in screen(board)
    assert "3.5" in screen(board)
    assert "等了结" not in screen(board)
    assert board.rows[0].line == "  ✓   3.5 s  云咨询 / a question"


def test_a_part_that_fails_says_so_and_the_others_go_on() -> None:
    """By the code of the page that refused it, or by what did not come; the whole is then not done."""
    came: list[str] = []
    board = Board([row(refused()), row(asking([], [])), row(asking(came, []))], patience_seconds=10)
    board.turn(0.0)
    came += ["over", "130928-1"]
    for seconds in (1.0, 2.0, 11.0):
        board.turn(seconds)
    assert [each.mark for each in board.rows] == [Mark.FAILED, Mark.FAILED, Mark.DONE]
    assert (board.over, board.whole) == (True, False)
    shown = screen(board)
    assert "/around/1/parcel.sent 422 E-DOC-011" in shown
    assert shown.count("E-DOC-011") == 1
    assert "没有等到 / did not come: 等答复 / the answer" in shown


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "scrolled"])
def test_all_rows_are_played_beside_the_cases(*, terminal: bool) -> None:
    """To their end after the cases', on a terminal and without one; and not at all further when the cases stop."""
    console = Console(file=io.StringIO(), width=120, force_terminal=terminal)
    board = Board([row(asking(["over", "130928-1"], []))], patience_seconds=10)
    with played(board, console):
        console.print("· 联办")
    assert board.whole
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert "· 联办" in said
    assert "✓" in said
    board = Board([row(asking([], []))], patience_seconds=600)
    with pytest.raises(NotReadyError), played(board, console):
        raise NotReadyError("groups")
    assert not board.over
