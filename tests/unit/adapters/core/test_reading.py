"""The local system: read once, in one transaction with the outbox; what is wrong blocks nothing else."""

from typing import Any

import pytest
from sqlalchemy import select

from adapters.directory.choosing import NOT_OFFERED
from adapters.local.reading import ALREADY_OPEN, NO_CASE
from adapters.store import tables
from schemas.errors import YunhuobanError
from tests.county_begun import begin_at
from tests.county_doubles import UNMAPPABLE, PowerCut
from tests.county_records import acceptance, application, decision, hand_over, refusal
from tests.county_world import FOREIGN, ISSUING, OWN_ITEM, World


def troubles(world: World, county: str = "window") -> list[tuple[Any, ...]]:
    """Code, place, found and expected of what people were told."""
    columns = tables.troubles.c
    rows = getattr(world, county).rows(select(columns.code, columns.place, columns.found, columns.expected))
    return [tuple(row) for row in rows]


def sent(world: World, county: str = "window") -> list[str]:
    """Types in the outbox, in order, notices left out."""
    rows = getattr(world, county).rows(select(tables.outbox.c.type).where(tables.outbox.c.chained))
    return [kind for (kind,) in rows]


def test_cursor_and_outbox_move_together(world: World) -> None:
    """A power cut before the commit leaves both; after it both have moved, and nothing is read twice."""
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.store.commits, world.window.store.fail_before = 0, 1
    with pytest.raises(PowerCut):
        world.window.read()
    assert (sent(world), world.window.rows(select(tables.source_cursors))) == ([], [])
    world.window.store.fail_before = 0
    world.window.store.commits, world.window.store.fail_after = 0, 1
    with pytest.raises(PowerCut):
        world.window.read()
    world.window.store.fail_after = 0
    world.window.start()
    assert world.window.read() == 0
    assert sent(world) == ["application.submitted"]


def test_a_bad_record_names_its_place_and_blocks_nothing(world: World) -> None:
    """Row, column, what was found and expected are kept; its neighbours go on; corrected it is read and cleared."""
    world.window.source.add("application.submitted", "WQ1", None)
    world.window.source.add("application.submitted", "WQ2", application())
    world.window.source.failures = [YunhuobanError(UNMAPPABLE, place="文件 a.csv 第 3 行")]
    assert world.window.read() == 1
    assert troubles(world) == [
        (UNMAPPABLE.code, "文件 a.csv 第 3 行", "", ""),
        (UNMAPPABLE.code, "表 t 行 1 列 证件号码", "x", "18"),
    ]
    world.window.source.add("application.submitted", "WQ1", application())
    assert world.window.read() == 1
    assert [code for code, place, *_ in troubles(world) if "行 1" in place] == []


def test_a_record_still_wrong_is_told_as_it_is_now(world: World) -> None:
    """Trouble of an earlier reading does not stay beside what is wrong now."""
    world.window.source.add("application.submitted", "WQ1", application(), destination="")
    world.window.read()
    assert [code for code, *_ in troubles(world)] == ["E-SRC-101"]
    world.window.source.add("application.submitted", "WQ1", None)
    world.window.read()
    assert [code for code, *_ in troubles(world)] == [UNMAPPABLE.code]


def test_the_same_record_again_is_one_message(world: World) -> None:
    """However often its source shows it, also twice in one batch."""
    for _ in range(3):
        world.window.source.add("application.submitted", "WQ1", application())
        world.window.source.add("application.submitted", "WQ1", application())
        world.window.read()
    assert sent(world) == ["application.submitted"]
    assert troubles(world) == []


def test_a_second_application_for_the_same_local_case_is_not_sent(world: World) -> None:
    """Another row with the same number of the local system is told to a person."""
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.source.add("application.submitted", "WQ1", application(), key="another row")
    world.window.read()
    assert sent(world) == ["application.submitted"]
    assert [code for code, *_ in troubles(world)] == [ALREADY_OPEN.code]


def test_a_refused_record_is_sent_anew_when_it_says_something_else(world: World) -> None:
    """The same record unchanged is not; corrected it goes out under a new id that names the old one."""
    from adapters.boxes import outbox, refused
    from schemas.envelope import Envelope

    county = world.window
    county.source.add("application.submitted", "WQ1", application())
    county.read()
    (row,) = county.due()
    with county.store.write() as tx:
        refused.end(
            tx, outbox.find(tx, row.message_id), refusal(row.message_id), receipt=b"", box=county.box,
            identity=county.identity, directory=county.directory(tx), now=world.now,
        )  # fmt: skip
    county.source.add("application.submitted", "WQ1", application())
    assert county.read() == 0
    county.source.add("application.submitted", "WQ1", application(clerk="改正者"))
    assert county.read() == 1
    (anew,) = county.due()
    assert Envelope.parse(anew.body).supersedes == row.message_id
    world.settle()
    assert world.issuing.rows(select(tables.cases.c.state)) == [("submitted",)]


def test_a_refused_application_is_sent_anew_when_only_its_trial_mark_was_corrected(world: World) -> None:
    """The mark stands in the envelope, not in the record: it is said anew all the same, and it is the new case's."""
    county = world.window
    county.source.add("application.submitted", "WQ1", application())
    county.read()
    (row,) = county.due()
    county.seen.add(row.message_id)
    county.arrive_receipt(world.hub.receipt(
        row.body, row.signature, at=world.now, message_id=row.message_id, refusal=refusal(row.message_id)
    ))  # fmt: skip
    county.handle()
    county.source.add("application.submitted", "WQ1", application(), trial=True)
    world.settle()
    assert world.issuing.rows(select(tables.cases.c.state, tables.cases.c.trial)) == [("submitted", True)]


def test_an_application_that_waits_keeps_its_trial_mark(world: World) -> None:
    """Its destination offers the item only with the next directory."""
    world.window.arrive_directory(*world.hub.directory(now=world.now, offers=[]))
    world.window.handle()
    world.window.source.add("application.submitted", "WQ1", application(), trial=True)
    assert world.window.read() == 0
    world.window.arrive_directory(*world.hub.directory(now=world.now))
    world.settle()
    assert world.issuing.rows(select(tables.cases.c.state, tables.cases.c.trial)) == [("submitted", True)]


def test_after_a_refused_acceptance_a_corrected_one_is_in_turn(world: World) -> None:
    """A refused message counts no more in its case: state and chain go on from what stands."""
    begin_at(world, "application.submitted")
    world.issuing.source.add("application.accepted", world.case_no(), acceptance())
    world.issuing.read()
    (row,) = [each for each in world.issuing.due() if each.type == "application.accepted"]
    said = refusal(row.message_id, field="facts")
    world.issuing.arrive_receipt(
        world.hub.receipt(row.body, row.signature, at=world.now, message_id=row.message_id, refusal=said)
    )
    world.issuing.handle()
    assert world.issuing.rows(select(tables.cases.c.state)) == [("submitted",)]
    world.issuing.source.add("application.accepted", world.case_no(), acceptance(clerk="改正者"))
    world.settle()
    assert world.window.rows(select(tables.cases.c.state)) == [("accepted",)]


def test_records_of_one_batch_are_taken_in_the_order_of_the_process(world: World) -> None:
    """A decision that stands before its acceptance in the table goes out after it."""
    case_no = begin_at(world, "application.submitted")
    world.issuing.source.add("decision.made", case_no, decision())
    world.issuing.source.add("application.accepted", case_no, acceptance())
    assert world.issuing.read() == 2
    assert sent(world, "issuing") == ["application.accepted", "decision.made"]


def test_a_record_out_of_turn_waits_and_goes_on_by_itself(world: World) -> None:
    """The decision whose acceptance could not be mapped is told, kept at rest, and sent right after the acceptance."""
    case_no = begin_at(world, "application.submitted")
    world.issuing.source.add("application.accepted", case_no, None)
    world.issuing.source.add("decision.made", case_no, decision())
    assert world.issuing.read() == 0
    assert [code for code, *_ in troubles(world, "issuing")] == [UNMAPPABLE.code, "E-ADM-102"]
    world.issuing.source.add("application.accepted", case_no, acceptance())
    assert world.issuing.read() == 2
    assert sent(world, "issuing") == ["application.accepted", "decision.made"]
    assert troubles(world, "issuing") == []


def test_one_county_without_a_key_does_not_block_the_others(world: World) -> None:
    """What goes to a suspended county waits; what goes elsewhere is sent; afterwards nothing is left."""
    counties = [
        world.hub.county(code, now=world.now, **({"state": "suspended"} if code == FOREIGN else {}))
        for code in world.counties
    ]
    world.window.arrive_directory(*world.hub.directory(now=world.now, counties=counties))
    world.window.handle()
    world.window.source.add("application.submitted", "WQ1", application(), destination=FOREIGN)
    world.window.source.add("application.submitted", "WQ2", application())
    assert world.window.read() == 1
    assert [code for code, *_ in troubles(world)] == ["E-LINK-103"]
    world.window.arrive_directory(*world.hub.directory(now=world.now))
    world.window.handle()
    assert world.window.read() == 1
    assert troubles(world) == []


def test_a_foreign_record_is_told(world: World) -> None:
    """A status of no case of ours, an item that nobody offers, a hand-over before the paper."""
    world.window.source.add("case.handed_over", "nothing", hand_over())
    world.window.source.add("application.submitted", "WQ1", application(), destination=ISSUING, item=OWN_ITEM)
    world.window.read()
    assert sorted(code for code, *_ in troubles(world)) == sorted([NO_CASE.code, NOT_OFFERED.code])


def test_a_source_out_of_reach_is_told_and_forgiven(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the local system is away the county's people know; what waits goes on; afterwards the note is gone."""
    down = YunhuobanError(UNMAPPABLE, place="db")

    def fails(*_: Any) -> None:
        raise down

    with monkeypatch.context() as patched:
        patched.setattr(world.window.source, "poll", fails)
        assert world.window.read() == 0
        assert [code for code, *_ in troubles(world)] == [UNMAPPABLE.code]
    world.window.source.add("application.submitted", "WQ1", application())
    assert world.window.read() == 1
    assert troubles(world) == []


@pytest.mark.parametrize(
    ("error", "code"),
    [(YunhuobanError(UNMAPPABLE, place="db"), UNMAPPABLE.code), (ZeroDivisionError(), "E-SRC-105")],
)
def test_a_failed_local_write_is_retried_and_blocks_only_its_case(world: World, error: Exception, code: str) -> None:
    """The writes of one case keep their order and wait with growing pauses; other cases are written."""
    world.issuing.sink.fails = lambda writes: error if "000001" in writes[0].key else None
    for name in ("WQ1", "WQ2"):
        world.window.source.add("application.submitted", name, application())
    world.settle()
    assert len(world.issuing.sink.rows) == 1
    assert [told for told, *_ in troubles(world, "issuing")] == [code]
    world.issuing.sink.fails = lambda _: None
    assert world.issuing.write() == 0
    world.later(minutes=10)
    assert world.issuing.write() == 1
    assert world.issuing.rows(select(tables.troubles.c.id)) == []


def test_a_crash_after_a_local_write_repeats_it_harmlessly(world: World) -> None:
    """Committed as a plan first, written second, marked third: the sink sees it twice and keeps it once."""
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.read()
    world.carry(world.window)
    world.issuing.handle()
    world.issuing.store.commits, world.issuing.store.fail_before = 0, 1
    with pytest.raises(PowerCut):
        world.issuing.write()
    world.issuing.store.fail_before = 0
    world.issuing.start()
    assert world.issuing.write() == 1
    assert len(world.issuing.sink.rows) == 1
