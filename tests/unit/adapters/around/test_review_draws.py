"""A draw is commanded by the first checkpoint over its convening message, at both counties and under any delivery."""

import shutil
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from adapters.case import around, casebook, seeding, steps
from adapters.cli import app
from adapters.store import tables
from schemas import drawing
from schemas.errors import YunhuobanError
from tests import review_records as of
from tests.county_begun import begin_at
from tests.county_world import ISSUING, WINDOW, World
from tests.unit.adapters.around.saying import say


def convened(world: World, case_no: str) -> str:
    """The id of the message that convened the review, as the issuing county has it."""
    wanted = select(tables.outbox.c.message_id).where(
        tables.outbox.c.case_no == case_no, tables.outbox.c.type == "review.convened"
    )
    (row,) = world.issuing.rows(wanted)
    return str(row.message_id)


def right_draw(world: World, case_no: str, **changes: Any) -> dict[str, Any]:
    """The only draw that fits."""
    message_id = convened(world, case_no)
    with world.issuing.store.read() as tx:
        found = seeding.of_message(tx, message_id)
    assert found is not None
    _leaf, seed = found
    drawn = drawing.order(seed.root, message_id, of.convening()["pool"])
    return of.draw(seed_size=seed.size, seed_root=seed.root, drawn=drawn) | changes


def forced(world: World, case_no: str, record: Mapping[str, Any]) -> None:
    """A county whose program does not look says it all the same."""
    county = world.issuing
    with county.store.write() as tx:
        case, directory = casebook.find(tx, case_no), county.directory(tx)
        assert case is not None
        assert directory is not None
        steps.take(tx, case, "review.drawn", record, directory, world.now)
        steps.put(
            tx, county.box, case, "review.drawn", record, directory, world.now, county=ISSUING,
            message_id=str(uuid.uuid4()),
        )  # fmt: skip


def test_a_draw_waits_for_its_checkpoint_and_both_counties_find_the_same(world: World) -> None:
    """Before the receipt nothing can be drawn; later, bigger checkpoints change nothing."""
    case_no = begin_at(world, "application.accepted")
    say(world, ISSUING, case_no, "review.convened", of.convening())
    message_id = convened(world, case_no)
    with world.issuing.store.read() as tx:
        assert seeding.of_message(tx, message_id) is None
    early = of.draw(drawn=drawing.order(bytes(range(32)), message_id, of.convening()["pool"]))
    with pytest.raises(YunhuobanError, match="E-AROUND-015"):
        say(world, ISSUING, case_no, "review.drawn", early)
    world.settle()
    say(world, ISSUING, case_no, "parcel.sent")
    world.settle()
    found = []
    for county in (world.issuing, world.window):
        with county.store.read() as tx:
            found.append(seeding.of_message(tx, message_id))
    assert found[0] == found[1]
    say(world, ISSUING, case_no, "review.drawn", right_draw(world, case_no))
    world.settle()
    with world.window.store.read() as tx:
        case = casebook.find(tx, case_no)
        assert case is not None
        told = [each.type for each in around.said(tx, world.window.identity, case)]
    assert told == ["review.convened", "parcel.sent", "review.drawn"]


@pytest.mark.long
def test_the_other_county_refuses_a_seed_that_was_chosen(world: World) -> None:
    """A later checkpoint gives another order that is right in itself: it is refused with the code of the seed."""
    case_no = begin_at(world, "application.accepted")
    say(world, ISSUING, case_no, "review.convened", of.convening())
    world.settle()
    say(world, ISSUING, case_no, "parcel.sent")
    world.settle()
    with world.issuing.store.read() as tx:
        seen = tables.checkpoints.c
        later = tx.execute(select(seen.size, seen.root).order_by(seen.size.desc()).limit(1)).one()
    drawn = drawing.order(later.root, convened(world, case_no), of.convening()["pool"])
    forced(world, case_no, right_draw(world, case_no, seed_size=later.size, seed_root=later.root, drawn=drawn))
    world.settle()
    refused = select(tables.outbox.c.refusal_code).where(tables.outbox.c.type == "review.drawn")
    assert [row.refusal_code for row in world.issuing.rows(refused)] == ["E-AROUND-015"]


def test_whoever_has_the_journal_repeats_a_draw_step_by_step(world: World) -> None:
    """`adapter review check`: seed, ranks, standing and verdict, in both languages; 1 when there is nothing right."""
    case_no = begin_at(world, "application.accepted")
    say(world, ISSUING, case_no, "review.convened", of.convening())
    world.settle()
    record = right_draw(world, case_no)
    say(world, ISSUING, case_no, "review.drawn", record)
    world.settle()
    folder = world.folder / "command"
    folder.mkdir()
    (folder / "county.toml").write_text(
        f'division_code = "{WINDOW}"\nname = "吴桥县"\nlocal_read = ""\nlocal_write = ""\n'
        '[authority]\nname = "局"\ncode = "11130928MB00000005"\n',
        encoding="utf-8",
    )
    world.window.store.clear_deleted()
    shutil.copy(world.folder / f"{WINDOW}.sqlite", folder / "county.sqlite")
    done = CliRunner().invoke(app, ["review", "check", case_no, "-d", str(folder)])
    assert done.exit_code == 0, done.output
    assert f"种子应为：{record['seed_size']} {record['seed_root'].hex()}" in done.output
    for each in record["drawn"]:
        rank = drawing.rank(record["seed_root"], convened(world, case_no), each).hex()
        assert f"{rank}  {each}" in done.output
    assert "the only one possible" in done.output
    assert CliRunner().invoke(app, ["review", "check", "130928-20261122-000001-0", "-d", str(folder)]).exit_code == 1
