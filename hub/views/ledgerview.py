"""What the hub's own store says of work in hand: who has not signed for what, what is undone, what is parked. Reading.

A message waits from its admission until the hub admits its destination's signed `message.received`; notices
(`message.received`, `message.refused`) are not receipted and never wait.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, select

from hub.instants import from_millis
from hub.pace.tables import stopped_senders
from hub.store import tables
from schemas.leaf import ADMITTED
from schemas.messages import HUB, TYPES

_messages = tables.messages.c
RECEIPTED: Final = tuple(each.name for each in TYPES.values() if each.chained and each.receiver != HUB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """A number of things, and since when the oldest of them lies there."""

    count: int
    oldest_at: datetime | None


def unsigned() -> ColumnElement[bool]:
    """The condition for messages that were admitted and that their destination has not yet signed as received."""
    return (_messages.state == "admitted") & _messages.received_at.is_(None) & _messages.type.in_(RECEIPTED)


def waiting(tx: Connection) -> Mapping[str, Pile]:
    """What waits for each destination's signature, by division code."""
    rows = tx.execute(
        select(_messages.destination, func.count(), func.min(_messages.admitted_at))
        .where(unsigned())
        .group_by(_messages.destination)
    )
    return {code: _pile(count, oldest) for code, count, oldest in rows}


def waiting_for(tx: Connection, county: str, limit: int) -> Sequence[Any]:
    """The messages that wait for one county's signature, oldest first."""
    return tx.execute(
        select(
            _messages.message_id,
            _messages.type,
            _messages.case_no,
            _messages.source,
            _messages.destination,
            _messages.admitted_at,
        )
        .where(unsigned(), _messages.destination == county)
        .order_by(_messages.admitted_at, _messages.message_id)
        .limit(limit)
    ).all()


def undone(tx: Connection) -> Pile:
    """Messages whose effects are not known to be done; more than a moment's worth means that the broker refuses."""
    checkpoints, unsettled = tables.checkpoints.c, tables.unsettled.c
    batches = select(checkpoints.size).where(checkpoints.effects_done.is_(False))
    in_batches = select(func.count(), func.min(_messages.admitted_at)).where(_messages.batch.in_(batches))
    count, oldest = tx.execute(in_batches).one()
    single, since = tx.execute(select(func.count(), func.min(unsettled.since_at))).one()
    return _pile(count + single, min((at for at in (oldest, since) if at is not None), default=None))


def unsaid(tx: Connection) -> Pile:
    """What the hub itself has to say and that is not confirmed yet: grants, and the directory to each county."""
    spoken, directories = tables.outgoing.c, tables.directories.c
    said = _pile(*tx.execute(select(func.count(), func.min(spoken.made_at)).where(spoken.done.is_(False))).one())
    newest = select(directories.serial, directories.issued_at).order_by(directories.serial.desc()).limit(1)
    published = tx.execute(newest).one_or_none()
    if published is None:
        return said
    counties, told = tables.counties, tables.directory_told
    behind = counties.outerjoin(told, counties.c.division_code == told.c.division_code)
    late = told.c.serial.is_(None) | (told.c.serial < published.serial)
    count = select(func.count()).select_from(behind).where(counties.c.state == "active", late)
    untold = tx.execute(count).scalar_one()
    oldest = [said.oldest_at] if said.oldest_at else []
    oldest += [from_millis(published.issued_at)] if untold else []
    return Pile(count=said.count + untold, oldest_at=min(oldest, default=None))


def parked(tx: Connection) -> Pile:
    """Messages that wait for a predecessor."""
    waits = select(func.count(), func.min(_messages.admitted_at)).where(_messages.state == "parked")
    return _pile(*tx.execute(waits).one())


def dead(tx: Connection) -> Pile:
    """Dead letters that nobody has dealt with."""
    letters = tables.dead_letters.c
    return _pile(*tx.execute(select(func.count(), func.min(letters.died_at)).where(letters.state == "waiting")).one())


def dead_by_source(tx: Connection) -> Mapping[str, Pile]:
    """The same by the county that sent them; what bears no county's name is the hub's own trouble."""
    letters = tables.dead_letters.c
    rows = select(letters.source, func.count(), func.min(letters.died_at)).where(letters.state == "waiting")
    known = set(tx.execute(select(tables.counties.c.division_code)).scalars())
    found: dict[str, tuple[int, int]] = {}
    for said, count, at in tx.execute(rows.group_by(letters.source)):
        source = said if said in known else HUB
        before, oldest = found.get(source, (0, at))
        found[source] = before + count, min(oldest, at)
    return {source: _pile(count, at) for source, (count, at) in found.items()}


def held(tx: Connection) -> Mapping[str, datetime | None]:
    """Since when each held destination is held, by division code."""
    rows = tx.execute(select(tables.destinations).where(tables.destinations.c.held))
    return {row.division_code: _at(row.held_since) for row in rows}


def slowed(tx: Connection) -> Mapping[str, datetime | None]:
    """Since when each county that sends too fast is slowed, by division code; whom an operator stopped is none."""
    columns = tables.slowed_counties.c
    too_fast = columns.division_code.not_in(select(stopped_senders.c.division_code))
    asked = select(columns.division_code, func.min(columns.since_at)).where(too_fast)
    rows = tx.execute(asked.group_by(columns.division_code))
    return {code: _at(since) for code, since in rows}


def refusals(tx: Connection, limit: int) -> Sequence[Any]:
    """Refusals, newest first: rows of the journal, with case and evidence where the message has a row of its own."""
    journal, messages = tables.journal.c, tables.messages.c
    same = (messages.source == journal.source) & (messages.message_id == journal.message_id)
    same &= messages.verdict == journal.verdict
    newest = (
        select(tables.journal, messages.case_no, messages.evidence)
        .select_from(tables.journal.outerjoin(tables.messages, same))
        .where(journal.verdict != ADMITTED)
        .order_by(journal.leaf_index.desc())
        .limit(limit)
    )
    return tx.execute(newest).all()


def case_counts(tx: Connection) -> Mapping[str, int]:
    """How many cases there are in each state."""
    states = tables.cases.c.state
    return dict(tx.execute(select(states, func.count()).group_by(states)).all())


def print_counts(tx: Connection) -> Mapping[str, int]:
    """How many print authorisations there are in each state."""
    states = tables.print_authorisations.c.state
    return dict(tx.execute(select(states, func.count()).group_by(states)).all())


def overdue_outcomes(tx: Connection, before_millis: int) -> int:
    """How many authorisations were granted before that time and have no outcome yet."""
    ledger, grants = tables.print_authorisations, tables.grants
    joined = ledger.join(grants, ledger.c.authorisation_no == grants.c.authorisation_no)
    late = select(func.count()).select_from(joined)
    return tx.execute(late.where(ledger.c.state == "claimed", grants.c.granted_at < before_millis)).scalar_one()


def overdue_by_county(tx: Connection, before_millis: int) -> Mapping[str, Pile]:
    """The same by the county that prints; without trials."""
    ledger, grants = tables.print_authorisations, tables.grants
    joined = ledger.join(grants, ledger.c.authorisation_no == grants.c.authorisation_no)
    rows = (
        select(ledger.c.target_county, func.count(), func.min(grants.c.granted_at))
        .select_from(joined)
        .where(ledger.c.state == "claimed", grants.c.granted_at < before_millis, ledger.c.trial.is_(False))
        .group_by(ledger.c.target_county)
    )
    return {county: _pile(count, at) for county, count, at in tx.execute(rows)}


def _pile(count: int, oldest: int | None) -> Pile:
    return Pile(count=count, oldest_at=_at(oldest))


def _at(millis: int | None) -> datetime | None:
    return from_millis(millis) if millis is not None else None
