"""What people say of a card: once each, by the right ones, without a person in it; and what the counts make of it."""

import hashlib
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from hub.cli import app
from hub.record import listing as record
from hub.supervision import bulletin, counting, listing, ruling
from hub.supervision.period import BAD_PERIOD, Period
from schemas.errors import YunhuobanError
from schemas.workdays.calendars import Calendar
from tests.hub_world import ISSUING, WINDOW, Case, World
from tests.supervision_world import Watched, accepted, at


def late(world: World) -> Watched:
    """A hub with one case whose promise has passed: blue, yellow and red."""
    hub, case = Watched(world), Case(world)
    hub.send(at("11-23", 9), case.application(), accepted(case, date(2026, 11, 25)))
    hub.look(at("11-25", 18))
    return hub


def red(hub: Watched) -> str:
    """The number of its red card."""
    return next(row.card_no for row in hub.cards() if row.level == "red")


def explain(hub: Watched, card_no: str, *, ground: str = "network", text: str = "光缆挖断", by: str = "li.ops") -> None:
    """Enter what a county says."""
    hub.world.store.redo(lambda tx: ruling.explain(tx, card_no, ground=ground, text=text, by=by, now=at("11-26", 10)))


def rule(hub: Watched, card_no: str, word: str = "withdrawn", *, by: str = "zhao.aud", on_trial: bool = False) -> None:
    """Rule on it."""
    hub.world.store.redo(
        lambda tx: ruling.rule(tx, card_no, ruling=word, text="属实", by=by, now=at("11-26", 11), on_trial=on_trial)
    )


def refused(act: Callable[[], object]) -> str:
    """The code with which something is refused."""
    with pytest.raises(YunhuobanError) as told:
        act()
    return told.value.code.code


def test_a_card_is_explained_and_ruled_on_once_and_not_by_the_same_person(world: World) -> None:
    """No withdrawal without an explanation, no ruling by who entered it, nothing said twice, nothing unknown."""
    hub = late(world)
    card = red(hub)
    assert refused(lambda: rule(hub, card)) == ruling.NOT_EXPLAINED.code
    assert refused(lambda: explain(hub, "0" * 16)) == ruling.UNKNOWN_CARD.code
    explain(hub, card)
    assert refused(lambda: explain(hub, card)) == ruling.EXPLAINED.code
    assert refused(lambda: rule(hub, card, by="li.ops")) == ruling.SAME_PERSON.code
    assert refused(lambda: rule(hub, card, "perhaps")) == ruling.UNKNOWN_WORD.code
    rule(hub, card)
    assert refused(lambda: rule(hub, card, "valid")) == ruling.RULED.code
    row = next(row for row in hub.cards() if row.card_no == card)
    assert row.explanation is not None
    assert row.ruling is not None
    assert (row.standing, row.counts, row.explanation.by, row.ruling.by) == ("withdrawn", False, "li.ops", "zhao.aud")
    with world.store.read() as tx:
        told = [(each.what, each.who, each.about, each.reason) for each in record.lines(tx)]
    assert told == [("裁定监察牌", "zhao.aud", card, "withdrawn"), ("记下县的说明", "li.ops", card, "network")]
    upheld = next(row.card_no for row in hub.cards() if row.level == "yellow")
    rule(hub, upheld, "valid")
    assert refused(lambda: explain(hub, upheld)) == ruling.EXPLAINED.code


def test_no_text_holds_the_number_of_a_person(world: World) -> None:
    """Documents and mobile telephones, also spaced or in full width, nor a name; a letter's or a case's number may."""
    hub = late(world)
    card = red(hub)
    for text in ("请打 138 0000 0000", "证件 11010519491231002X", "１３８００００００００", "", "字" * 301):
        code = ruling.HOLDS_NUMBER if 0 < len(text) <= 300 else ruling.UNKNOWN_WORD
        assert refused(lambda text=text: explain(hub, card, text=text)) == code.code
    assert refused(lambda: explain(hub, card, by="李某")) == ruling.UNKNOWN_WORD.code
    explain(hub, card, text="吴行审函〔2026〕12号，见办件 130928-20261122-000017-C")


@pytest.mark.long
def test_who_holds_the_machine_stands_for_all_on_trial_only(world: World) -> None:
    """One person can try the whole way on a hub on trial, and nowhere else."""
    hub = late(world)
    card = red(hub)
    explain(hub, card, by="desk")
    assert refused(lambda: rule(hub, card, by="desk")) == ruling.SAME_PERSON.code
    rule(hub, card, by="desk", on_trial=True)


@pytest.mark.parametrize("text", ["2026-W54", "2026-13", "2026-11-01", "W48", "0000-01", "９"])
def test_a_period_that_is_none_is_refused(text: str) -> None:
    """Weeks by ISO 8601 and months; nothing is guessed."""
    assert refused(lambda: Period.read(text)) == BAD_PERIOD.code


def test_weeks_and_months_begin_and_end_at_midnight_in_beijing() -> None:
    """And each knows the one before it, over the end of a year."""
    week, month = Period.read("2026-W01"), Period.read("2026-01")
    assert (week.first, week.last, week.before.name) == (date(2025, 12, 29), date(2026, 1, 4), "2025-W52")
    assert (month.first, month.last, month.before.name) == (date(2026, 1, 1), date(2026, 1, 31), "2025-12")
    assert Period.read("2026-11").begins_at == at("11-01", 0)
    assert Period.read("2026-11").ends_at == at("12-01", 0)
    assert Period.week_of(at("11-23", 0)).name == "2026-W48"
    assert Period.month_of(at("11-30", 23.9)).name == "2026-11"


def test_the_count_and_its_workbook(world: World) -> None:
    """Per county and colour, withdrawn apart; the half-day goal per pair in working time; text stays text."""
    hub, quick = late(world), Case(world)
    world.now = at("11-23", 16.5)
    quick.up_to("print.settled")  # every step within the same moment: printed at once
    explain(hub, red(hub))
    rule(hub, red(hub))
    with world.store.read() as tx:
        told = counting.bulletin(tx, Period.read("2026-W48"), Calendar().of, at("11-26", 12))
    counts = {each.county: each for each in told.counties}
    assert dict(counts[ISSUING].levels) == {"blue": 1, "yellow": 1, "red": 0, "red_plus": 0}
    assert (counts[ISSUING].withdrawn, counts[ISSUING].to_decide, counts[WINDOW].opened) == (1, 2, 2)
    (pair,) = told.pairs
    assert (pair.window, pair.issuing, pair.cases, pair.within, pair.share) == (WINDOW, ISSUING, 1, 1, 1.0)
    book = openpyxl.load_workbook(BytesIO(bulletin.workbook_of(told, "zh")))
    assert book.sheetnames == ["各县", "半日办结", "监察牌", "中枢停机"]
    assert book["各县"]["A2"].value == ISSUING
    assert {row[8].value for row in book["监察牌"].iter_rows(min_row=2)} == {"未办结", "申诉撤销"}
    assert openpyxl.load_workbook(BytesIO(bulletin.workbook_of(told, "en")))["Counties"]["E1"].value == "Blue: reminder"


@pytest.mark.long
def test_the_commands_count_list_and_enter_a_letter(world: World, tmp_path: Path) -> None:
    """`hub supervision week|month|cards|explain`: of a letter only its digest stays; no file is written over."""
    hub = late(world)
    card = red(hub)
    (tmp_path / "hub.toml").write_text(f'store_url = "{world.url}"\n', encoding="utf-8")
    letter, out = tmp_path / "letter.pdf", tmp_path / "november.xlsx"
    letter.write_bytes(b"%PDF of a county")

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["supervision", *words, "-d", str(tmp_path)], env={"COLUMNS": "200"})
        return done.exception.code.code if isinstance(done.exception, YunhuobanError) else done.output

    assert ISSUING in run("week", "2026-W48")
    assert "november.xlsx" in run("month", "2026-11", "-o", str(out)).replace("\n", "")
    assert openpyxl.load_workbook(out)["监察牌"].max_row == 4
    assert run("month", "2026-11", "-o", str(out)) == "E-CAT-035"
    assert card in run("cards")
    said = ("--ground", "network", "--text", "见来文", "--by", "li.ops", "--letter", str(letter))
    assert "已登记。" in run("explain", card, *said)
    assert run("explain", card, *said) == ruling.EXPLAINED.code
    with world.store.read() as tx:
        found = listing.card(tx, card)
    assert found is not None
    assert found[0].explanation is not None
    assert found[0].explanation.file_sha256 == hashlib.sha256(b"%PDF of a county").hexdigest()
