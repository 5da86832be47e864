"""The sabotage of the link: the county's own samples go out over the node's own sender and come in over its receiver.

Whatever is done to the line, each record arrives exactly once, and with a revoked certificate nothing is sent and the
reason is said.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select

from adapters.authority.authorising import Authoriser
from adapters.boxes.outbox import Draft, Outbox
from adapters.case import casebook
from adapters.countyit.conformance import linkworld
from adapters.countyit.conformance.inprocess import Broker, InProcessLink, Trouble
from adapters.countyit.conformance.judging import CRASHED, LINK, LOST, MAPPED, REFUSED, Judged
from adapters.countyit.conformance.linkworld import LinkWorld
from adapters.link.messages import CERTIFICATE_REFUSED
from adapters.link.traffic import Receiver, Sender
from adapters.local.mapping import CountyMapping, Translation
from adapters.local.mapping.canonical import ORDERED
from adapters.local.reading import LocalReader
from adapters.local.sources import Batch, LocalRecord
from adapters.settings import AuthoritySettings, CountySettings
from adapters.store import Store, tables
from schemas.envelope import new_id
from schemas.errors import YunhuobanError

OPENING: Final = "application.submitted"
_PARTNERS: Final = ("140881", "130928")
_ITEM: Final = "11140881MB0000000U4000131127004"
_TURNS: Final = 6
_RESEND_SECONDS: Final = 3600.0


def _now() -> datetime:
    return datetime.now(UTC)


def tried(mapping: CountyMapping, found: Sequence[Translation], scratch: Path) -> Iterator[Judged]:
    """Every trouble, with one message each; nothing when no sample of the county becomes a message of its own.

    An application takes the whole way, from the reader on; a county that only decides puts its word into the outbox.
    """
    sendable = [each for each in found if each.message_type not in ORDERED]
    said = next((each for each in sendable if each.message_type == OPENING), next(iter(sendable), None))
    if said is None:
        return
    if said.message_type != OPENING:
        partner = next(code for code in _PARTNERS if code != mapping.county)
        said = replace(said, destination=partner, service_item=_ITEM)
    try:
        world = linkworld.build(scratch, mapping.county, [(said.destination or "", said.service_item or "")], _now())
    except YunhuobanError as error:
        yield Judged(kind="link", part=LINK, place=error.place, passed=False, outcome=REFUSED, found=error.code.code)
        return
    try:
        yield from _all(_Road(world, said, scratch))
    finally:
        world.close()


def _all(road: "_Road") -> Iterator[Judged]:
    for at, trouble in enumerate(Trouble):
        try:
            yield road.through(trouble, at)
        except Exception as error:  # noqa: BLE001 -- that anything else comes out is what is looked for
            found = error.code.code if isinstance(error, YunhuobanError) else type(error).__name__
            yield Judged(kind=trouble.value, part=LINK, place="", passed=False, outcome=CRASHED, found=found)


@dataclass(slots=True)
class _Records:
    """The local system: one application for each trouble, told every time it is asked."""

    name: str
    record: LocalRecord | None = None

    def poll(self, cursor: str | None, _limit: int) -> Batch:
        """The record once more: who reads it twice must not send it twice."""
        return Batch([self.record] if self.record else [], cursor or "")


@dataclass(frozen=True, slots=True)
class _Told:
    """What the county's mapping made of its sample, under a case number of its own for each trouble."""

    said: Translation

    def read(self, record: LocalRecord) -> Translation:
        """The same application as another case."""
        return replace(self.said, local_case=record.key)


class _Road:
    """Reader, outbox, sender, broker, receiver, inbox."""

    def __init__(self, world: LinkWorld, said: Translation, scratch: Path) -> None:
        self._world = world
        self._said = said
        self._broker = Broker()
        self._source = _Records("samples")
        county = world.identity.division_code
        self._box = Outbox(world.identity)
        self._reader = LocalReader(
            store=world.own, identity=world.identity, mapping=_Told(said), source=self._source,  # type: ignore[arg-type]  # reads, which is all the reader asks of a mapping
            outbox=self._box, authoriser=Authoriser(_settings(scratch, county), self._box),
        )  # fmt: skip
        self._out = InProcessLink(self._broker, county)
        partner = said.destination or ""
        self._sender = Sender(
            store=world.own, link=self._out, clock=_now, resend_seconds=_RESEND_SECONDS, express=False,  # type: ignore[arg-type]  # the same class but for its wire
        )  # fmt: skip
        self._receiver = Receiver(
            store=world.partner, link=InProcessLink(self._broker, partner), county=partner, clock=_now,  # type: ignore[arg-type]  # the same
            arrived=lambda: None,
        )  # fmt: skip

    def through(self, trouble: Trouble, at: int) -> Judged:
        """One record, read twice, sent while this goes wrong, until it has arrived."""
        draft = self._draft(at)
        for _ in range(2):
            if draft is None:
                self._reader.run_once(self._world.directory, _now())
            else:
                with self._world.own.write() as tx:
                    self._box.put(tx, draft, self._world.directory, _now())
        message_ids = self._outbox("waiting")
        if len(message_ids) != 1:
            return _judged(trouble, f"发件箱 {len(message_ids)} 条", "发件箱正好 1 条", passed=False)
        self._broker.trouble = trouble
        if trouble is Trouble.REVOKED and (wrong := self._while_revoked()):
            return wrong
        self._until(lambda: not self._outbox("waiting"), self._sender.run_once)
        self._until(lambda: not self._broker.held, self._receiver.run_once)
        arrived = [each for each in _ids(self._world.partner, "inbox") if each in message_ids]
        struck = self._broker.trouble is None
        passed = len(arrived) == 1 and struck and not self._outbox("waiting")
        return _judged(trouble, f"收到 {len(arrived)} 次", "收到正好 1 次", passed=passed)

    def _draft(self, at: int) -> Draft | None:
        """What is put into the outbox; None when the reader does it, from the record that it finds now."""
        self._source.record = LocalRecord(kind="samples", key=f"样例-{at}", row={}, place="样例")
        if self._said.message_type == OPENING:
            return None
        with self._world.own.write() as tx:
            case_no = casebook.mint(tx, self._world.identity.division_code, _now())
        return Draft(
            type=self._said.message_type,
            case_no=case_no,
            destination=self._said.destination or "",
            service_item=self._said.service_item or "",
            trial=True,
            record=self._said.canonical,
            message_id=new_id(),
        )

    def _while_revoked(self) -> Judged | None:
        """Nothing is sent and the reason is said; then the certificate is renewed."""
        self._out.close()
        before = self._broker.taken
        for _ in range(2):
            self._sender.run_once()
        said = self._out.last_problem
        still = self._broker.taken == before and bool(self._outbox("waiting"))
        self._broker.trouble = None
        self._out = self._fresh()
        if still and said is not None and said.code == CERTIFICATE_REFUSED:
            return None
        found = said.code.code if said else "没有说明"
        return _judged(Trouble.REVOKED, found, f"停止发送并报 {CERTIFICATE_REFUSED.code}", passed=False)

    def _fresh(self) -> InProcessLink:
        """As after the new certificate and a start: no pause is left over."""
        link = InProcessLink(self._broker, self._world.identity.division_code)
        self._sender = Sender(
            store=self._world.own, link=link, clock=_now, resend_seconds=_RESEND_SECONDS, express=False,  # type: ignore[arg-type]  # the same class but for its wire
        )  # fmt: skip
        return link

    def _outbox(self, state: str) -> list[str]:
        return _ids(self._world.own, "outbox", state)

    def _until(self, done: Callable[[], bool], turn: Callable[[], int]) -> None:
        for _ in range(_TURNS):
            if done():
                return
            turn()


def _ids(store: Store, name: str, state: str = "") -> list[str]:
    table = getattr(tables, name)
    wanted = select(table.c.message_id)
    with store.read() as tx:
        return list(tx.execute(wanted.where(table.c.state == state) if state else wanted).scalars())


def _settings(scratch: Path, county: str) -> CountySettings:
    return CountySettings(
        folder=scratch, division_code=county, name=county, mapping=scratch, local_read="", local_write="",
        authority=AuthoritySettings(name=county, code="11140881MB0000000U"),
    )  # fmt: skip


def _judged(trouble: Trouble, found: str, expected: str, *, passed: bool) -> Judged:
    return Judged(
        kind=trouble.value, part=LINK, place="", passed=passed, outcome=MAPPED if passed else LOST,
        expected="" if passed else expected, found="" if passed else found,
    )  # fmt: skip
