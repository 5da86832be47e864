"""What is due is made unreadable and a chain says so: the clock is moved, the loop runs, the raw files are searched."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Connection, func, insert, select, update

from adapters.attachments import sealing
from adapters.attachments.tables import received
from adapters.boxes import inbox
from adapters.case import caseclock
from adapters.hall.handwriting import book as handwriting
from adapters.hall.handwriting.tables import handwriting as pictures
from adapters.hall.people.tables import TABLES
from adapters.hall.privacy.exporting.book import NOT_SO
from adapters.hall.privacy.retaining import chain
from adapters.hall.privacy.retaining.bodies import LICENSE, Bodies, Signatures, personal
from adapters.hall.privacy.retaining.keeper import Keeper
from adapters.hall.privacy.retaining.rules import WORDS, rules_of
from adapters.hall.privacy.subject.found import Kind
from adapters.hall.privacy.subject.searching import search
from adapters.hall.privacy.tables import erasures, exports
from adapters.hall.revealing.tables import reveals
from adapters.hall.reviewing.tables import review_reports
from adapters.hall.stating.experttables import experts
from adapters.hall.stock.tables import KINDS, RECEIPTS
from adapters.instants import to_millis
from adapters.journal import epochs
from adapters.printing.tables import PRINTS
from adapters.settings import RetentionSettings
from adapters.store import Store, open_store, tables
from adapters.store.metadata import METADATA
from pages.people import events
from pages.people.events import What
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from tests.county_records import IDENTITY_NO, application
from tests.county_world import World
from tests.privacy_world import AUDITOR, IT, account, begin, exports_of

PERIODS = RetentionSettings()
YEARS = timedelta(days=PERIODS.licenses_days + 1)
SEALED = {
    "messages": (tables.outbox.c.record_sealed, tables.inbox.c.record_sealed, tables.local_writes.c.record_sealed),
    "attachments": (received.c.about_sealed,),
    "signatures": (pictures.c.picture_sealed,),
    "names": (TABLES.accounts.c.name_sealed,),
    "suppliers": (RECEIPTS.c.supplier_sealed,),
    "experts": (experts.c.name_sealed, experts.c.telephone_sealed),
    "review_reports": (review_reports.c.pdf_sealed,),
    "exports": (exports.c.file_sealed, exports.c.about_sealed),
}


@dataclass(kw_only=True)
class Kept:
    """A county's store with the ended case, its keeper and a clock that the test moves."""

    world: World
    store: Store
    now: datetime
    files: Sequence[Path] = ()

    def keep(self, **after: float) -> int:
        """Move the clock and run the loop until nothing is due."""
        self.now += timedelta(**after)
        keeper = Keeper(self.store, rules_of(PERIODS), lambda: self.now)
        total = 0
        while done := keeper.run_once():
            total += done
        return total

    def raw(self) -> bytes:
        """Every byte of the store: its files, or what a server gives out of every row."""
        if self.files:
            return b"".join(each.read_bytes() for each in self.files if each.exists())
        with self.store.read() as tx:
            rows = [row for table in METADATA.sorted_tables for row in tx.execute(select(table)).all()]
        return b"\0".join(each for row in rows for each in row if isinstance(each, bytes))

    def left(self, secrets: Sequence[bytes]) -> int:
        """How many of these stand in the store still, at least in part: a long value lies on several pages."""
        raw = self.raw()
        return sum(any(each[at : at + 40] in raw for at in range(0, len(each) - 39, 300)) for each in secrets)


def fill(world: World) -> None:
    """What the case has not: a supplier, a person who left, a waiting export, events; and the made export's file."""
    case_no = begin(world)
    with world.window.store.write() as tx:
        about = world.window.identity.storage.seal("公司章程-1.pdf 与密钥".encode(), place="attachments_received/f")
        tx.execute(
            insert(received).values(
                file_id="f", case_no=case_no, source="140881", message_id="m", attachment=0, material=0,
                about_sealed=about, size_bytes=1, ciphertext_bytes=17, here_bytes=17, state="whole",
                announced_at=to_millis(world.now), changed_at=to_millis(world.now),
            )
        )  # fmt: skip
        sealing.keep_part(tx, "f", 0, b"one part of a file that came")
        tx.execute(insert(KINDS).values(kind="k", opened_at=0))
        sealed = world.window.identity.storage.seal("张三送来".encode(), place="stock_receipts/1")
        tx.execute(
            insert(RECEIPTS).values(
                receipt_no=1, kind="k", delivery_note="1", supplier_sealed=sealed, counted=1, counted_by="k01",
                received_at=to_millis(world.now),
            )
        )  # fmt: skip
        seal = world.window.identity.storage.seal
        tx.execute(
            insert(experts).values(
                expert_no="E001", name_sealed=seal("钱教授".encode(), place="e"), stated_sealed=b"",
                telephone_sealed=seal(b"13800000000", place="e"), withdrawn=True, stated_by="a",
                stated_at=to_millis(world.now),
            )
        )  # fmt: skip
        report = seal(b"%PDF with an opinion and its drawn signature", place="r")
        tx.execute(
            insert(review_reports).values(
                case_no=case_no, review=1, sha256=bytes(32), pdf_sealed=report, made_at=to_millis(world.now)
            )
        )
        account(tx, world, "gone", "李离岗", state="left")
        moment = to_millis(world.now)
        for what in (What.LEFT, What.SIGNED_IN):
            events.record(tx, TABLES, what, at=moment, account="gone", by="it01", address="192.0.2.7", detail="")
    desk = exports_of(world)
    desk.ask(kind="subject", form="xlsx", purpose="subject", about=IDENTITY_NO, person=IT)
    desk.approve(desk.ask(kind="looks", form="xlsx", purpose="audit", about="", person=IT), person=AUDITOR)


def secrets(tx: Connection, *names: str, licenses: bool | None = None) -> list[bytes]:
    """What lies sealed by these rules, and the encrypted part of the envelopes; of licenses, or of the rest."""
    kinds = {LICENSE} if licenses else personal() - {LICENSE}
    found = []
    for column in (each for name in names for each in SEALED[name]):
        wanted = select(column).where(func.length(column) > 0)
        if licenses is not None and "type" in column.table.c:
            wanted = wanted.where(column.table.c.type.in_(kinds), column.table.c.case_no != "")
        found += list(tx.execute(wanted).scalars())
    if "messages" in names:
        for table in (tables.outbox, tables.inbox):
            bodies = select(table.c.body).where(table.c.type.in_(kinds), table.c.case_no != "")
            found += [Envelope.parse(each).data for each in tx.execute(bodies).scalars()]
    return [bytes(each) for each in found if each]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def kept(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Iterator[Kept]:
    """The window's store, filled: as its own files, or as rows of a PostgreSQL."""
    fill(world)
    node: Any = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    file, name = tmp_path / "kept.sqlite", node.create() if node is not None else ""
    store = open_store(node.url(name) if node is not None else f"sqlite:///{file}")
    with world.window.store.read() as old, store.write() as new:  # written here, so that a log holds it, too
        for table in METADATA.sorted_tables:
            if rows := [dict(row._mapping) for row in old.execute(select(table))]:
                new.execute(insert(table), rows)
    yield Kept(world=world, store=store, now=world.now, files=[] if node else [file, Path(f"{file}-wal")])
    store.close()
    if node is not None:
        node.drop(name)


def test_what_is_due_is_gone_from_the_bytes_of_the_store(kept: Kept) -> None:
    """Each kind after its own period and not a day before, from database and log; what accounts for something stays."""
    with kept.store.read() as tx:
        messages = secrets(tx, "messages", licenses=False)
        licenses = secrets(tx, "messages", licenses=True)
        gone = select(TABLES.accounts.c.name_sealed).where(TABLES.accounts.c.account == "gone")
        others = [
            *secrets(tx, "signatures", "suppliers", "experts", "review_reports"),
            bytes(tx.execute(gone).scalar_one()),
        ]
        waiting = secrets(tx, "exports")
        prints = tx.execute(select(PRINTS)).all()
    every = [messages, licenses, others, waiting]
    assert all(every)
    assert [kept.left(each) for each in every] == [len(each) for each in every]
    kept.keep(days=PERIODS.exports_days)
    assert [kept.left(each) for each in every] == [len(messages), len(licenses), len(others), 0]
    kept.keep(days=PERIODS.messages_days - PERIODS.exports_days - 1)
    assert kept.left(messages) == len(messages)
    assert kept.keep(days=2) > 0
    assert [kept.left(each) for each in every] == [0, len(licenses), len(others), 0]
    kept.keep(days=YEARS.days)
    assert [kept.left(each) for each in every] == [0, 0, 0, 0]
    with kept.store.read() as tx:
        assert tx.execute(select(PRINTS)).all() == prints
        assert tx.execute(select(RECEIPTS.c.counted, RECEIPTS.c.counted_by)).one() == (1, "k01")
        named = TABLES.accounts.c.name_sealed != b""
        assert set(tx.execute(select(TABLES.accounts.c.account).where(named)).scalars()) == {"namesake"}
        assert tx.execute(select(func.count()).select_from(reveals)).scalar() == 0
        assert tx.execute(select(TABLES.events.c.what)).scalars().all() == [What.LEFT.value]
        assert {each.rule for each in chain.prove(tx)} == set(WORDS)
    assert kept.keep(hours=2) == 0


def test_after_it_the_case_is_still_known_and_says_what_is_missing(kept: Kept) -> None:
    """Clock, digests and receipts stand; whoever asks for the content hears E-KEEP-001; a search finds no content."""
    kept.keep(days=YEARS.days)
    identity = kept.world.window.identity
    with kept.store.read() as tx:
        (case_no,) = tx.execute(select(tables.cases.c.case_no)).scalars()
        assert len(caseclock.events(tx, [case_no])[case_no]) >= 3
        for seq in inbox.newest_applied(tx, case_no, "license.issued"):
            with pytest.raises(YunhuobanError, match="E-KEEP-001"):
                inbox.record_of(tx, identity, seq)
        assert handwriting.of_message(tx, identity, "m" * 36) is None
        receipts, again = epochs._beyond(tx, {"restored_checkpoint": b""})  # a hub that was restored has forgotten all
        kept_still = select(tables.outbox.c.seq).where(func.length(tables.outbox.c.record_sealed) > 0)
        assert len(receipts) > len(again) > 0
        assert set(again) <= set(tx.execute(kept_still).scalars())
        found = search(tx, identity, IDENTITY_NO, revealed=False)
        assert {each.kind for each in found.found} <= {Kind.TAKING, Kind.SCAN, Kind.ACCOUNT}


OPEN = {
    "not ended": update(tables.cases).values(state="accepted"),
    "not signed for": update(tables.outbox).where(tables.outbox.c.type == "case.handed_over").values(state="sent"),
    "offered again": update(tables.outbox).where(tables.outbox.c.type == "case.handed_over").values(offer_epoch=2),
    "not applied": update(tables.inbox).where(tables.inbox.c.type == "license.issued").values(state="opened"),
    "not written": update(tables.local_writes).values(done=False),
    "a sheet not accounted for": update(PRINTS).values(state="unknown"),
}


class _Undone(Exception):  # noqa: N818 -- ends a transaction
    """Nothing of it stays."""


def test_a_case_that_is_open_keeps_everything(kept: Kept) -> None:
    """However old: while it is open, a message is not settled, or a sheet not accounted for, nothing of it is due."""
    later, of_cases = kept.now + YEARS, [each for each in rules_of(PERIODS) if isinstance(each, Bodies | Signatures)]
    assert len(of_cases) == 3
    for why, change in OPEN.items():
        with suppress(_Undone), kept.store.write() as tx:
            assert all(each.due(tx, later, 1) for each in of_cases)
            assert tx.execute(change).rowcount
            assert [each.name for each in of_cases if each.due(tx, later, 1)] == [], why
            raise _Undone
    with kept.store.write() as tx:
        tx.execute(OPEN["not ended"])
        held = [*secrets(tx, "messages", licenses=False), *secrets(tx, "messages", licenses=True)]
        held += secrets(tx, "signatures")
    kept.keep(days=YEARS.days)
    assert kept.left(held) == len(held)


def test_what_was_erased_is_not_read_again_as_new(world: World) -> None:
    """A source that shows an old record again, whose message had been refused, makes neither message nor trouble."""
    begin(world)
    county = world.window
    first = tables.outbox.c.type == "application.submitted"
    with county.store.write() as tx:
        tx.execute(update(tables.outbox).where(first).values(state="refused", refusal_code="E-ADM-001"))
    keeper = Keeper(county.store, rules_of(PERIODS), lambda: world.now + timedelta(days=PERIODS.messages_days + 1))
    while keeper.run_once():
        pass
    with county.store.read() as tx:
        assert tx.execute(select(tables.outbox.c.record_sealed).where(first)).scalars().all() == [b""]
    county.source.add("application.submitted", "WQ1", application(project_name="另一个名称"))
    county.read()
    with county.store.read() as tx:
        assert tx.execute(select(tables.troubles.c.code)).scalars().all() == []
        assert len(tx.execute(select(tables.outbox.c.seq).where(first)).all()) == 1


def test_the_chain_is_found_broken(kept: Kept) -> None:
    """A changed count, a line taken out, a cut end against a noted hash: each is told; the noted hash stands else."""
    kept.keep(days=PERIODS.messages_days + 1)
    kept.keep(days=YEARS.days)
    with kept.store.write() as tx:
        lines = chain.prove(tx)
        assert len(lines) > 4
        assert sum(each.count for each in lines) > 10
        noted = lines[-1].hash
        assert chain.prove(tx, holds=noted.upper()) == lines
        tx.execute(erasures.delete().where(erasures.c.line == len(lines)))
        assert len(chain.prove(tx)) == len(lines) - 1
        with pytest.raises(YunhuobanError, match="E-KEEP-003"):
            chain.prove(tx, holds=noted)
    for broken in (
        update(erasures).where(erasures.c.line == 2).values(count=0),
        erasures.delete().where(erasures.c.line == 3),
    ):
        with suppress(_Undone), kept.store.write() as tx:
            tx.execute(broken)
            with pytest.raises(YunhuobanError, match="E-KEEP-002"):
                chain.prove(tx)
            raise _Undone


def test_the_audit_is_kept_for_half_a_year_at_least() -> None:
    """The law's least for logs; a county that sets less is told where."""
    assert RetentionSettings(audit_days=183).audit_days == 183
    with pytest.raises(ValidationError, match="audit_days"):
        RetentionSettings(audit_days=182)


def test_an_export_that_expired_is_no_more(kept: Kept) -> None:
    """Neither decided nor taken in time: its line says so, and nobody gets a file."""
    kept.keep(days=PERIODS.exports_days)
    with kept.store.read() as tx:
        assert tx.execute(select(exports.c.state)).scalars().all() == ["expired", "expired"]
    desk = exports_of(kept.world)
    object.__setattr__(desk, "store", kept.store)
    with pytest.raises(YunhuobanError, match=NOT_SO.code):
        desk.take(2, person=IT)


def test_woken_often_it_looks_once_an_hour(kept: Kept) -> None:
    """Every message wakes every loop; this one asks the store nothing then."""
    keeper = Keeper(kept.store, rules_of(PERIODS), lambda: kept.now)
    assert keeper.run_once() == 0
    kept.now += timedelta(days=YEARS.days)
    assert keeper.run_once() > 0
    while keeper.run_once():
        pass
    kept.store.close()
    keeper._store = None  # type: ignore[assignment]
    kept.now += timedelta(minutes=59)
    assert keeper.run_once() == 0
