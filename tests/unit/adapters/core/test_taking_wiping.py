"""Text and scans of applications end after the county's terms: the bytes are gone, and a record says so."""

import hashlib
import os
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.attachments.tables import parts
from adapters.hall.taking.tables import scans, takings, wipes
from adapters.settings import TakingSettings
from adapters.store import tables
from pages.people.person import Role
from tests.county_records import ITEM, NAME, refusal, supplement_request
from tests.county_stores import stored
from tests.county_world import ISSUING, World
from tests.databases import Databases
from tests.taking_world import CLERK, PDF, WHOLE, Counter, publish, taker_of, wiper_of

LARGE = PDF + b"%" + os.urandom(60_000).hex().encode()
"""A scan of many database pages."""


@pytest.fixture
def counter(world: World) -> Counter:
    """A window whose node has the catalogue."""
    publish(world)
    return Counter(world=world)


def scanned(counter: Counter) -> tuple[str, str]:
    """An application that was taken with a large scan; its draft and its number."""
    draft = counter.begin()
    answer = counter.browser.post(f"/take/drafts/{draft}/scans/SQB", files={"file": ("x.pdf", LARGE)})
    assert "2" in answer.text
    counter.type(draft, WHOLE)
    counter.press(draft)
    return draft, counter.taker.standing(draft)[0].case_no


def end(world: World, case_no: str) -> None:
    """The issuing county ends the case."""
    world.settle()
    columns = tables.cases.c
    with world.window.store.write() as tx:
        tx.execute(tables.cases.update().where(columns.case_no == case_no).values(state="closed"))


def files(world: World) -> bytes:
    """Everything that the store has on the disk."""
    found = sorted(Path(world.window.folder).glob("*.sqlite*"))
    assert len(found) > 1, "the store and its log"
    return b"".join(each.read_bytes() for each in found)


def sealed(world: World) -> list[bytes]:
    """What lies sealed of all applications and scans, cut into pieces that fit a page of the database."""
    rows = world.window.rows(select(takings.c.typed_sealed)) + world.window.rows(select(parts.c.ciphertext))
    return [row[0][at : at + 64] for row in rows for at in range(0, len(row[0]) - 64, 3000)]


def test_the_bytes_are_gone_from_the_store_and_the_record_says_so(counter, world):
    """Case at an end, a month later: not one piece is in the database or its log; counts and digest are on the page."""
    draft, case_no = scanned(counter)
    end(world, case_no)
    there, pieces = files(world), sealed(world)
    assert len(pieces) > 20
    assert all(piece in there for piece in pieces)
    texts = world.window.rows(select(takings.c.draft_id, takings.c.typed_sealed))
    scan = world.window.rows(select(parts.c.file_id, parts.c.ciphertext))
    lines = [f"{each}:{hashlib.sha256(body).hexdigest()}\n" for each, body in (*texts, *scan)]
    world.later(days=29)
    assert wiper_of(world).run_once() == 0
    world.later(days=2)
    assert wiper_of(world).run_once() == 1
    after = files(world)
    assert [piece for piece in pieces if piece in after] == []
    assert world.window.rows(select(scans.c.scan_id)) == []
    ((why, applications, count, size, digest, cleared_at),) = world.window.rows(
        select(wipes.c.why, wipes.c.applications, wipes.c.scans, wipes.c.size_bytes, wipes.c.sha256, wipes.c.cleared_at)
    )
    assert (why, applications, count) == ("ended", 1, 1)
    assert size == sum(len(body) for _id, body in (*texts, *scan))
    assert digest == hashlib.sha256("".join(lines).encode()).digest()
    assert cleared_at is not None
    page = counter.get("/take/wiped")
    assert digest.hex()[:16] in page
    assert "已清除" in page
    assert "按保存期限擦除" in counter.get(f"/take/cases/{draft}")
    assert case_no in counter.get(f"/take/cases/{draft}/receipt")
    assert wiper_of(world).run_once() == 0


@pytest.mark.long
def test_while_a_case_goes_on_nothing_of_it_is_wiped(counter, world):
    """However old it is; and a case at its end to which something came lately has its term from then."""
    _draft, case_no = scanned(counter)
    world.settle()
    world.later(days=3)
    world.issuing.source.add("supplement.requested", case_no, supplement_request())
    world.settle()
    world.later(days=400)
    assert wiper_of(world).run_once() == 0
    world.later(days=-372)
    end(world, case_no)
    assert wiper_of(world).run_once() == 0, "thirty-one days after it was taken, twenty-eight after the last message"
    world.later(days=3)
    assert wiper_of(world).run_once() == 1


@pytest.mark.long
def test_a_refused_application_ends_too_and_cannot_be_corrected_then(counter, world):
    """Nobody corrected it within the term: text and scans go, the press says that they are gone."""
    draft, _case = scanned(counter)
    row = max(world.window.due(), key=lambda each: each.seq)
    record = refusal(row.message_id, code="E-CAT-107", field="mode")
    world.window.arrive_receipt(
        world.hub.receipt(row.body, row.signature, at=world.now, message_id=row.message_id, refusal=record)
    )
    while world.window.handle():
        pass
    world.later(days=31)
    assert wiper_of(world).run_once() == 1
    assert "E-TAKE-025" in counter.browser.post(f"/take/cases/{draft}/correct").text
    assert f"/take/cases/{draft}/correct" not in counter.get(f"/take/cases/{draft}")


@pytest.mark.long
def test_a_supplement_goes_with_its_application(counter, world):
    """One that was sent is emptied, with its scans, one that was only begun goes as a whole."""
    draft, case_no = scanned(counter)
    world.settle()
    world.issuing.source.add("supplement.requested", case_no, supplement_request())
    world.settle()
    begun = counter.browser.post(f"/take/cases/{draft}/supplement").headers["HX-Redirect"].rpartition("/")[2]
    counter.browser.post(f"/take/drafts/{begun}/scans/d1", files={"file": ("x.pdf", PDF)})
    counter.type(begun, {"m.d1.taken_as": "electronic", "m.d1.trust": "C", "note": NAME})
    assert counter.browser.post(f"/take/drafts/{begun}/supply", data={"attempt": "1"}).headers["HX-Redirect"]
    end(world, case_no)
    world.later(days=31)
    assert wiper_of(world).run_once() == 1
    assert world.window.rows(select(takings.c.typed_sealed)) == [(b"",), (b"",)]
    assert world.window.rows(select(wipes.c.applications, wipes.c.scans)) == [(1, 2)]
    assert "补正告知" in counter.get(f"/take/cases/{draft}")


@pytest.mark.long
def test_while_somebody_reads_the_log_stays_and_is_cleared_the_next_time(counter, world):
    """The record says that the bytes are still in the files, and the next turn of the loop takes them out."""
    _draft, case_no = scanned(counter)
    end(world, case_no)
    pieces = sealed(world)
    world.later(days=31)
    wiper, real = wiper_of(world), world.window.store.clear_deleted
    world.window.store.clear_deleted = lambda _tables: False
    assert wiper.run_once() == 1
    assert "等待清除" in counter.get("/take/wiped")
    assert any(piece in files(world) for piece in pieces)
    world.window.store.clear_deleted = real
    assert wiper.run_once() == 0
    assert [piece for piece in pieces if piece in files(world)] == []
    assert "等待清除" not in counter.get("/take/wiped")


@pytest.mark.long
def test_on_either_store(world: World, databases: Databases, tmp_path: Path):
    """A draft that nobody touched is gone, with its record, on SQLite and on PostgreSQL."""
    with stored(world, world.window, databases, tmp_path):
        publish(world)
        taker_of(world).start(ISSUING, ITEM, person=CLERK, window_no="07", trial=False)
        world.later(days=31)
        assert wiper_of(world).run_once() == 1
        assert world.window.rows(select(takings.c.draft_id)) == []
        ((why, cleared_at),) = world.window.rows(select(wipes.c.why, wipes.c.cleared_at))
        assert (why, cleared_at is not None) == ("draft", True)


@pytest.mark.long
def test_the_record_is_for_those_who_took_look_after_and_audit(counter):
    """Nobody else; and the county sets both terms."""
    for role in (Role.COUNTY_IT, Role.AUDITOR):
        reader = counter.sat_down(type(CLERK)(account="it", name="信息中心", roles=frozenset({role})))
        assert "还没有擦除过" in reader.get("/take/wiped").text
    approver = counter.sat_down(type(CLERK)(account="zhang", name="张", roles=frozenset({Role.APPROVER})))
    assert "E-PAGE-060" in approver.get("/take/wiped").text
    assert (TakingSettings().draft_days, TakingSettings().ended_days) == (30, 30)
