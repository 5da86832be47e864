"""Brings the directory to the counties: what is new into every inbox, and to whoever asks what it lacks.

Every active county's inbox is given each new serial as the same stored bytes; `directory_told` says how far each one
is, so that nothing is kept per county but a number. A county that holds an older one than a record leads from, or has
none yet, says which serial it holds (queue `directory.requests`; the broker vouches for the name) and gets the rest in
parts. However often a county asks, it costs the hub no more than a bounded rate, and nobody else anything: one answer
to a county at a time, none while it is held, and its own inbox is what its answers fill.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import Connection, delete, insert, select

from hub.broker import Delivery as Incoming
from hub.outflow import routing
from hub.outflow.delivery import Delivery, held_counties
from hub.outflow.routing import Parcel
from hub.registry import directory
from hub.registry.directory import KIND, DirectoryIssuer
from hub.store import Store, tables
from schemas import codec, topology
from schemas.errors import YunhuobanError
from schemas.messages import DIRECTORY_REQUESTED

_log = structlog.get_logger(__name__)
_INBOXES_AT_ONCE: Final = 250
_ROUND_BYTES: Final = 4 * 1024 * 1024
_REQUESTS_AT_ONCE: Final = 200
_PUSHED_SERIALS: Final = 20
"""A county that is further behind gets only the newest, and asks."""
ANSWER_BYTES_PER_SECOND: Final = 64 * 1024
_SHORTEST_PAUSE_SECONDS: Final = 2.0
_ANSWERS_KEPT: Final = 4

Signed = tuple[bytes, str]


class Requests(Protocol):
    """The part of the broker link by which requests come."""

    def take(self, limit: int, wait_seconds: float, /) -> list[Incoming]:
        """Hand over what is there."""
        ...

    def ack(self, deliveries: Sequence[Incoming]) -> None:
        """Take it off the queue."""
        ...


class DirectoryPost:
    """Pushes and answers; driven by the keeper, used by one thread."""

    def __init__(
        self,
        *,
        store: Store,
        delivery: Delivery,
        requests: Requests,
        issuer: DirectoryIssuer,
        monotonic: Callable[[], float],
    ) -> None:
        """`requests` must be subscribed to `directory.requests` and nothing else."""
        self._store = store
        self._delivery = delivery
        self._requests = requests
        self._issuer = issuer
        self._monotonic = monotonic
        self._cursor = ""
        """The county that was told last in this round over all who are behind."""
        self._all_told = 0
        """The serial that every active county was told of; who joins or comes back makes a new one."""
        self._asked: dict[str, int] = {}
        """The serial that each county which waits for an answer says it holds."""
        self._next_answer: dict[str, float] = {}
        self._answers: dict[int, list[Signed]] = {}
        self._answers_serial = 0

    def run_once(self, now: datetime) -> bool:
        """Publish if there is something new, and one round of pushes and of answers; whether there is more to do."""
        with self._store.read() as tx:
            due = directory.is_due(tx, now)
        if due:
            with self._store.write() as tx:
                directory.publish_if_due(tx, self._issuer, now)
        self._listen()
        return self._push() | self._answer()

    def _push(self) -> bool:
        with self._store.read() as tx:
            newest = directory.newest(tx)
            if newest is None or newest.serial == self._all_told:
                return False
            behind = _behind(tx, newest.serial, self._cursor)
            if not behind:
                self._all_told = 0 if self._cursor else newest.serial
                round_over, self._cursor = not self._cursor, ""
                return not round_over
            bodies = _bodies(tx, newest.serial, min((told for _, told in behind if told), default=newest.serial - 1))
            held = held_counties(tx)
        parcels: list[Parcel] = []
        tried: list[str] = []
        size = 0
        for county, told in behind:
            rows = _missing(bodies, told)
            size += sum(len(row.body) for row in rows)
            if tried and size > _ROUND_BYTES:
                break
            tried.append(county)
            parcels += [_parcel(county, row.body, row.signature, f"{row.serial}") for row in rows]
        settled = self._delivery.publish(parcels, held)
        failed = {parcel.county for parcel, good in zip(parcels, settled, strict=True) if not good}
        done = [county for county in tried if county not in failed]
        if done:
            with self._store.write() as tx:
                _mark_told(tx, done, newest.serial)
        # On from here, so that those who could not be told do not keep the others waiting.
        self._cursor = tried[-1]
        return bool(done)

    def _listen(self) -> None:
        """Note who asks; a county that asks again before it was answered changes only what it asks for."""
        deliveries = self._requests.take(_REQUESTS_AT_ONCE, 0.0)
        if not deliveries:
            return
        with self._store.read() as tx:
            names = {each.user_id for each in deliveries if each.user_id}
            counties = tables.counties.c
            there = select(counties.division_code).where(counties.division_code.in_(names), counties.state == "active")
            active = set(tx.execute(there).scalars())
        for each in deliveries:
            serial = _stated(each)
            if serial is None or each.user_id not in active:
                _log.warning("directory.request_unfit", source=each.user_id or "")
            elif each.user_id is not None:
                self._asked[each.user_id] = serial
        self._requests.ack(deliveries)

    def _answer(self) -> bool:
        """Answer the county whose turn it is; one that is not open yet keeps its place."""
        moment = self._monotonic()
        with self._store.read() as tx:
            held = held_counties(tx)
            due = (each for each in self._asked if each not in held and self._next_answer.get(each, 0.0) <= moment)
            county = next(due, None)
            if county is None:
                return False
            parts = self._parts(tx, self._asked.pop(county))
        if parts:
            name = uuid.uuid4().hex  # an answer that is asked for again must not be taken for the one before
            parcels = [_parcel(county, body, signature, f"{name}:{at}") for at, (body, signature) in enumerate(parts)]
            self._delivery.publish(parcels, frozenset())  # what is lost of it is asked for again
            _log.info("directory.answered", county=county, count=len(parts))
        size = sum(len(body) for body, _ in parts)
        self._next_answer[county] = moment + max(_SHORTEST_PAUSE_SECONDS, size / ANSWER_BYTES_PER_SECOND)
        return bool(self._asked)

    def _parts(self, tx: Connection, since: int) -> list[Signed]:
        """The answer to one who holds this serial; signed once for all who do."""
        newest = directory.newest(tx)
        if newest is None:
            return []
        if since > newest.serial:
            _log.error("directory.county_ahead")  # this hub was set back: no county will believe it
        if newest.serial != self._answers_serial:
            self._answers, self._answers_serial = {}, newest.serial
        if since not in self._answers:
            while len(self._answers) >= _ANSWERS_KEPT:
                del self._answers[next(iter(self._answers))]
            self._answers[since] = directory.answer(tx, self._issuer, since)
        return self._answers[since]


def _behind(tx: Connection, serial: int, after: str) -> list[tuple[str, int]]:
    """Some active counties that were not told of this serial, with the one they were told of (0: of none).

    In the order of their codes, from the one behind `after` on.
    """
    counties, told = tables.counties, tables.directory_told
    joined = counties.outerjoin(told, counties.c.division_code == told.c.division_code)
    late = told.c.serial.is_(None) | (told.c.serial < serial)
    rows = tx.execute(
        select(counties.c.division_code, told.c.serial)
        .select_from(joined)
        .where(counties.c.state == "active", late, counties.c.division_code > after)
        .order_by(counties.c.division_code)
        .limit(_INBOXES_AT_ONCE)
    )
    return [(code, at or 0) for code, at in rows]


def _bodies(tx: Connection, serial: int, after: int) -> Sequence[Any]:
    table = tables.directories
    after = max(after, 0)
    newer = select(table).where(table.c.serial > after, table.c.serial <= serial)
    found = tx.execute(newer.order_by(table.c.serial.desc()).limit(_PUSHED_SERIALS + 1)).all()
    return found[::-1]


def _missing(bodies: Sequence[Any], told: int) -> Sequence[Any]:
    """What a county was not given yet, in order; only the newest when that is too much."""
    missing = [row for row in bodies if row.serial > told]
    return missing if told and len(missing) <= _PUSHED_SERIALS else missing[-1:]


def _mark_told(tx: Connection, counties: Sequence[str], serial: int) -> None:
    table = tables.directory_told
    tx.execute(delete(table).where(table.c.division_code.in_(counties)))
    tx.execute(insert(table), [{"division_code": county, "serial": serial} for county in counties])


def _parcel(county: str, body: bytes, signature: str, name: str) -> Parcel:
    return routing.spoken(
        county=county,
        queue=topology.county_inbox(county),
        body=body,
        signature=signature,
        message_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"directory:{county}:{name}")),
        message_type=KIND,
    )


def _stated(request: Incoming) -> int | None:
    """The serial that a request states; None when it is no request of the county that the broker names."""
    try:
        record = codec.decode(request.body, "DirectoryRequest")
    except YunhuobanError:
        return None
    fits = request.type == DIRECTORY_REQUESTED and record["division_code"] == request.user_id
    return int(record["serial"]) if fits and record["serial"] >= 0 else None
