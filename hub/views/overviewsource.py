"""The overview page's rows, from the hub's store and the broker's management API.

Each call reads anew, in a transaction of its own; what the management API says is kept for a second, because every
open page asks for it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from hub import instants
from hub.alerting import plan
from hub.history import epochs, restoration
from hub.instants import from_millis, to_millis
from hub.joining import listing
from hub.observing import presence, redelivering
from hub.observing.presence import Presence
from hub.outflow.pausing import paused
from hub.pace import stopping
from hub.registry import county
from hub.registry.calendars import CurrentCalendar
from hub.renewing.counties import listing as renewals
from hub.replaying import choosing
from hub.replaying.choosing import Letter
from hub.settings import HubSettings
from hub.store import Store, tables
from hub.supervision import listing as cards
from hub.supervision.levels import Level
from hub.views import casesearch, ladder, ledgerview, standing, trace
from hub.views.certificatelife import ending
from hub.views.groundsource import GroundFinder
from hub.views.kept import Kept
from hub.views.ladder import GRANTED
from hub.views.standing import BrokerView
from hub.views.trafficsource import ROWS, StoreTraffic, waiting_row
from hub.web.groundview import Ground
from hub.web.joiningview import JoiningRow
from hub.web.renewalview import RenewalRow
from hub.web.searchview import Found, Sought
from hub.web.traffic import WaitingRow
from hub.web.view import (
    BrokerAlarm,
    CaseLadder,
    CaseRow,
    CertificateRow,
    CountyRow,
    Death,
    ListRow,
    PrintAttempt,
    PrintCounts,
    PrintRow,
    QueueRow,
    RefusalRow,
    RestoreRow,
    Rung,
)
from pages import wording
from schemas import codec
from schemas.errors import YunhuobanError, declared
from schemas.leaf import ADMITTED
from schemas.lifecycle import UNDER_WAY

Answer = TypeVar("Answer")


class StoreOverview(StoreTraffic):
    """`hub.web.view.OverviewSource` over the real hub. Safe to use from several threads."""

    def __init__(self, store: Store, management: BrokerView, settings: HubSettings) -> None:
        """Asks nothing yet."""
        super().__init__(store)
        self._certificates, self._folder = settings.certificates, settings.folder
        vhost = settings.broker.vhost
        self._broker = Kept(management.overview)
        # A broker that hangs is waited for once, and not again for each of its answers.
        self._queues = Kept(lambda: self._once_it_answers(lambda: management.queues(vhost)))
        self._connections = Kept(lambda: self._once_it_answers(management.connections))
        self._ground = Kept(GroundFinder(store, settings.folder))
        self._calendar = CurrentCalendar()

    def _once_it_answers(self, ask: Callable[[], Answer]) -> Answer:
        self._broker.get()
        return ask()

    def queues(self) -> Sequence[QueueRow]:
        """Every queue; a county's waiting time is that of the oldest message it has not signed for."""
        states, oldest = self._queues.get(), self.oldest_waiting()
        with self._store.read() as tx:
            held, again = frozenset(ledgerview.held(tx)), redelivering.known(tx)
        moment = instants.now()
        return [
            QueueRow(
                name=each.name,
                county=_county_of(each.name),
                ready=each.ready,
                unacknowledged=each.unacknowledged,
                consumers=each.consumers,
                oldest_age_seconds=_age(each.name, oldest, held, moment),
                dead_lettering=each.dead_lettering,
                redelivered=each.redelivered,
                redelivered_at=again[each.name].rose_at if each.name in again else None,
            )
            for each in states
        ]

    def waiting(self, queue: str) -> Sequence[WaitingRow]:
        """The messages that a county has not signed for; of other queues the store knows nothing."""
        code = _county_of(queue)
        if code is None or queue.endswith((".express", ".slow")):
            return []
        with self._store.read() as tx:
            rows = ledgerview.waiting_for(tx, code, ROWS)
        return [waiting_row(row) for row in rows]

    def cases(self) -> Sequence[CaseRow]:
        """Cases under way."""
        cases = tables.cases
        under_way = select(cases).where(cases.c.state.in_(sorted(UNDER_WAY)))
        with self._store.read() as tx:
            rows = tx.execute(under_way.order_by(cases.c.changed_at, cases.c.case_no).limit(ROWS)).all()
        return [
            CaseRow(
                case_no=row.case_no,
                window_county=row.window_county,
                issuing_county=row.issuing_county,
                service_item=row.service_item,
                state=row.state,
                since_at=from_millis(row.changed_at),
                trial=row.trial,
            )
            for row in rows
        ]

    def search(self, sought: Sought, after: str) -> Found:
        """Cases that fit, also closed ones."""
        with self._store.read() as tx:
            return casesearch.search(tx, sought, after)

    def case_counts(self) -> Mapping[str, int]:
        """How many cases are under way in each state."""
        with self._store.read() as tx:
            counts = ledgerview.case_counts(tx)
        return {state: count for state, count in counts.items() if state in UNDER_WAY}

    def case(self, case_no: str) -> CaseLadder | None:
        """One case with its rungs."""
        with self._store.read() as tx:
            refused = tx.execute(
                select(tables.messages).where(
                    tables.messages.c.case_no == case_no, tables.messages.c.state == "refused"
                )
            ).all()
            deaths = choosing.of_case(tx, case_no)
            try:
                found = trace.trace(tx, case_no, calendar=self._calendar(tx), now=instants.now())
            except YunhuobanError as error:
                if error.code is ladder.UNKNOWN_CASE:
                    return None
                raise
        if found.changed_at is None:  # only refused messages bear this number
            return None
        row = CaseRow(
            case_no=found.case_no,
            window_county=found.window_county,
            issuing_county=found.issuing_county,
            service_item=found.service_item,
            state=found.state,
            since_at=found.changed_at,
            trial=found.trial,
        )
        return CaseLadder(
            case=row,
            rungs=[_rung(each) for each in found.rungs],
            clock=found.clock,
            refusals=[_refusal(each) for each in refused],
            prints=[_attempt(each) for each in found.prints],
            deaths=[_death(each) for each in deaths],
        )

    def refusals(self) -> Sequence[RefusalRow]:
        """Refusals as they were sent, newest first; the journal knows also those that no message row keeps."""
        with self._store.read() as tx:
            return [_refusal(row) for row in ledgerview.refusals(tx, ROWS)]

    def print_counts(self) -> PrintCounts:
        """The print ledger; a grant without an outcome for too long counts as unknown."""
        with self._store.read() as tx:
            counts = ledgerview.print_counts(tx)
            unknown = ledgerview.overdue_outcomes(tx, self._overdue_before())
        return PrintCounts(
            authorised=counts.get("authorised", 0),
            claimed=counts.get("claimed", 0) - unknown,
            printed=counts.get("printed", 0),
            spoiled=counts.get("spoiled", 0),
            unknown=unknown,
        )

    def prints(self, state: str) -> Sequence[PrintRow]:
        """The authorisations in one state, the oldest first."""
        ledger, grants = tables.print_authorisations, tables.grants
        joined = ledger.outerjoin(grants, ledger.c.authorisation_no == grants.c.authorisation_no)
        chosen = select(ledger, grants.c.granted_at).select_from(joined)
        match state:
            case "unknown":
                chosen = chosen.where(ledger.c.state == "claimed", grants.c.granted_at < self._overdue_before())
            case "claimed":
                chosen = chosen.where(ledger.c.state == "claimed", grants.c.granted_at >= self._overdue_before())
            case _:
                chosen = chosen.where(ledger.c.state == state)
        with self._store.read() as tx:
            rows = tx.execute(chosen.order_by(ledger.c.authorised_at, ledger.c.authorisation_no).limit(ROWS)).all()
        return [
            PrintRow(
                authorisation_no=row.authorisation_no,
                case_no=row.case_no,
                county=row.target_county,
                stock_kind=row.stock_kind,
                state=state,
                since_at=from_millis(row.settled_at or row.granted_at or row.authorised_at),
                trial=row.trial,
            )
            for row in rows
        ]

    def _overdue_before(self) -> int:
        """Until when a grant must have been given to have no outcome for too long, by the limits of the alerts."""
        return to_millis(instants.now() - timedelta(minutes=plan.limits(self._folder).outcome_minutes))

    def red_cards(self) -> int:
        """Of both kinds of red."""
        with self._store.read() as tx:
            counts = cards.unsettled(tx).levels
        return counts[Level.RED] + counts[Level.RED_PLUS]

    def restore(self) -> RestoreRow | None:
        """While a county's report is awaited."""
        with self._store.read() as tx:
            waiting = restoration.awaited(tx)
            statement = epochs.newest(tx) if waiting else None
        return RestoreRow(opened_at=statement.record["opened_at"], awaited=waiting) if statement else None

    def revocation_lists(self) -> Sequence[ListRow]:
        """The current lists."""
        moment = instants.now()
        with self._store.read() as tx:
            found = standing.lists(tx, moment)
        return [
            ListRow(age_days=each.age_days, ends_at=each.ends_at, ended=each.ends_at <= moment, late=each.late)
            for each in found
        ]

    def certificates(self) -> Sequence[CertificateRow]:
        """The certificates that end soon."""
        with self._store.read() as tx:
            found = ending(tx, self._certificates, instants.now())
        return [CertificateRow(holder=each.holder, name=each.name, days_left=each.days_left) for each in found]

    def renewals(self) -> Sequence[RenewalRow]:
        """Those that came over the joining page."""
        with self._store.read() as tx:
            return renewals.under_way(tx)

    def joinings(self) -> Sequence[JoiningRow]:
        """Every invitation that counts."""
        with self._store.read() as tx:
            return listing.joinings(tx, instants.now())

    def joinings_under_way(self) -> Sequence[JoiningRow]:
        """Those that are not at an end."""
        with self._store.read() as tx:
            return listing.under_way(tx, instants.now())

    def joining(self, county: str) -> JoiningRow | None:
        """One of them."""
        with self._store.read() as tx:
            return listing.joining(tx, county, instants.now())

    def alarms(self) -> Sequence[BrokerAlarm]:
        """Alarms of the broker."""
        broker = self._broker.get()
        stands = (("memory", broker.memory_alarm), ("disk", broker.disk_alarm))
        return [BrokerAlarm(node=broker.node, resource=resource) for resource, alarm in stands if alarm]

    def ground(self) -> Ground:
        """The store, the disk, clocks, the backup, and whether somebody looks."""
        return self._ground.get()

    def counties(self) -> Sequence[CountyRow]:
        """Every county with its oldest open connection."""
        since = presence.connected(self._connections.get())
        with self._store.read() as tx:
            held, slowed, rows = ledgerview.held(tx), ledgerview.slowed(tx), county.listed(tx)
            noted, shut, stopped = presence.known(tx), paused(tx), stopping.stopped(tx)
        return [
            CountyRow(
                code=row.division_code,
                name=row.name,
                online=row.division_code in since,
                since_at=_since(row.division_code, since, noted),
                held=row.division_code in held,
                paused=row.division_code in shut,
                slowed=row.division_code in slowed,
                stopped=row.division_code in stopped,
                state=row.state,
            )
            for row in rows
        ]


def _since(code: str, since: Mapping[str, datetime | None], noted: Mapping[str, Presence]) -> datetime | None:
    """Online by the broker's word, offline by the observer's; who has just gone, since now."""
    if code in since:
        return since[code]
    seen = noted.get(code)
    return instants.now() if seen is not None and seen.online else seen.since_at if seen is not None else None


def _county_of(queue: str) -> str | None:
    parts = queue.split(".")
    return parts[1] if parts[0] == "county" and len(parts) == 3 else None


def _age(queue: str, oldest: Mapping[str, datetime], held: frozenset[str], now: datetime) -> float | None:
    """The waiting time stands at the inbox, or at the hold queue while the county is held."""
    code = _county_of(queue)
    if code is None or code not in oldest or not queue.endswith(".hold" if code in held else ".inbox"):
        return None
    return (now - oldest[code]).total_seconds()


def _rung(each: ladder.Rung) -> Rung:
    code = "" if each.verdict in (ADMITTED, GRANTED, ladder.PARKED) else each.verdict
    return Rung(
        name=each.type,
        by=each.source,
        at=each.at,
        message_id=each.message_id,
        refused_code=code,
        outcome=each.outcome,
        to=each.destination,
        leaf_index=each.leaf_index,
        received_at=each.received_at,
        received_id=each.received_id or "",
    )


def _attempt(each: ladder.PrintLine) -> PrintAttempt:
    return PrintAttempt(
        authorisation_no=each.authorisation_no,
        copy_kind=each.copy_kind,
        copy_no=each.copy_no,
        hall=each.target_hall,
        state=each.state,
        station=each.station or "",
        granted_at=each.granted_at,
        settled_at=each.settled_at,
        stock_serial=each.stock_serial or "",
        replaces=each.replaces or "",
    )


def _death(each: Letter) -> Death:
    return Death(
        number=each.number,
        message_id=each.message_id,
        type=each.type,
        queue=each.queue,
        reason=each.reason,
        died_at=each.died_at,
        state=each.state,
        batch=each.batch,
    )


def _refusal(row: Any) -> RefusalRow:
    entry = codec.decode(row.evidence, "AdmissionReceipt")["entries"][0] if row.evidence else None
    said = codec.decode(entry["refusal"], "Refusal") if entry else {}
    code = declared().get(row.verdict)
    sentence, remedy = (code.sentence, code.remedy) if code else ("", "")
    return RefusalRow(
        message_id=row.message_id,
        code=row.verdict,
        source=row.source,
        admitted_at=from_millis(row.admitted_at),
        sentence=said.get("sentence_zh", sentence),
        sentence_en=said.get("sentence_en", wording.say(sentence, "en")),
        case_no=row.case_no or "",
        place=said.get("field", ""),
        remedy=said.get("remedy_zh", remedy),
        remedy_en=said.get("remedy_en", wording.say(remedy, "en")),
    )
