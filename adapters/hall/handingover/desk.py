"""What is handed over, to whom and how; one transaction with the message that says so.

While one sheet of the case is not accounted for, nothing of it is handed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select

from adapters.boxes import outbox
from adapters.case import casebook, results
from adapters.case.casebook import Case
from adapters.case.workplace import Workplace
from adapters.hall.handwriting import book as handwriting
from adapters.hall.handwriting import pad
from adapters.local import localwrites
from adapters.printing import ledger
from adapters.printing.ledger import Entry
from adapters.printing.states import HELD, PrintState
from adapters.printing.tables import PRINTS
from pages.frame import NOT_THERE
from pages.people.person import Person
from schemas import codec
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError, declare
from schemas.lifecycle import MOVES

_log = structlog.get_logger(__name__)
_TYPE: Final = "case.handed_over"
NOTHING_PRINTED: Final = declare(
    "E-HAND-002", "这个办件没有可以交付的证照。", "请先打印并确认合格；已经交付过的，不必再交付。"
)
SHEET_OPEN: Final = declare(
    "E-HAND-003", "这个办件还有一张证照没有确认合格或作废。", "请先到打印台说清那一张，再交付。"
)
NOT_FILLED: Final = declare("E-HAND-004", "交付登记没有填完整：{place}。", "请按“应为”一栏填写后再提交。")
SAID_ELSEWHERE: Final = declare(
    "E-HAND-005", "本县在自己的系统里登记送达，这里只看不办。", "请在本县的系统里登记；登记后这里会显示。"
)
_LONGEST: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One case with what was printed of it."""

    case_no: str
    service_item: str
    state: str
    trial: bool
    sheets: Sequence[Entry]
    """Printed and confirmed."""
    may_hand_over: bool
    result_awaited: bool
    """Whether its result is still on its way by parcel: nothing is handed over before."""
    elsewhere: bool
    """Whether the county's own system says it."""
    handed_over: "HandedOver | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """How it was handed over; the recipient is personal and stays out of lists."""

    message_id: str
    at: datetime
    method: str
    recipient: str
    waybill: str
    clerk: str
    signed: bool


class HandOverDesk:
    """The hand-overs of one county; thread-safe, because everything it changes is a transaction of its own."""

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def open(self, case_no: str) -> Delivery:
        """One case. Raises E-PAGE-005 when this county is not its window."""
        with self._place.store.read() as tx:
            case = self._case(tx, case_no)
            sheets = _printed(tx, case_no)
            result = results.standing(tx, case, self._place.directory(tx), self._place.clock())
            said = outbox.newest_good(tx, case_no, _TYPE)
            return Delivery(
                case_no=case_no,
                service_item=case.service_item,
                state=case.state.value,
                trial=case.trial,
                sheets=[each for each in sheets if each.state is PrintState.PRINTED],
                may_hand_over=(case.state, _TYPE) in MOVES and not any(each.state in HELD for each in sheets),
                result_awaited=result.awaited,
                elsewhere=_TYPE in self._place.elsewhere,
                handed_over=self._said(tx, said.message_id) if said is not None else None,
            )

    def signature(self, case_no: str) -> bytes:
        """The signature drawn at the hand-over. Raises E-PAGE-005."""
        with self._place.store.read() as tx:
            self._case(tx, case_no)
            said = outbox.newest_good(tx, case_no, _TYPE)
            picture = handwriting.of_message(tx, self._place.identity, said.message_id) if said is not None else None
        if picture is None:
            raise YunhuobanError(NOT_THERE, place="signature")
        return picture

    def hand_over(
        self,
        case_no: str,
        *,
        method: str,
        recipient: str,
        waybill: str,
        signature: str,
        signed_on_paper: bool,
        person: Person,
        action_id: str,
    ) -> None:
        """Do it; the same press again does nothing. Raises E-HAND-001 to -005, E-POWER-010, what the outbox raises."""
        now, message_id = self._place.clock(), derived_id(action_id, _TYPE)
        with self._place.store.write() as tx:
            if outbox.find(tx, message_id) is not None:
                return
            case = self._case(tx, case_no)
            sheet = self._demand(tx, case)
            parcel = method == "parcel"
            _demand_filled("recipient", recipient, _LONGEST)
            if parcel:
                _demand_filled("waybill", waybill, _LONGEST)
            picture = None if parcel or signed_on_paper else pad.picture(signature)
            record: dict[str, Any] = {
                "license_identifier": sheet.authorisation.license_identifier,
                "handed_over_at": now,
                "method": "parcel" if parcel else "in_person",
                "recipient": recipient.strip(),
                "waybill": waybill.strip() if parcel else "",
                "clerk": person.account,
            }
            self._place.say(tx, case, _TYPE, record, message_id=message_id, person=person, signature=picture, now=now)
            localwrites.plan(
                tx,
                self._place.identity,
                message_id=message_id,
                message_type=_TYPE,
                case_no=case_no,
                source=self._place.county,
                payload=codec.encode("HandOver", record),
                now=now,
            )
        _log.info("case.step", case_no=case_no, type=_TYPE)
        self._place.sent()

    def _demand(self, tx: Connection, case: Case) -> Entry:
        """The newest good sheet of the case. Raises E-HAND-002, -003 or -005."""
        if _TYPE in self._place.elsewhere:
            raise YunhuobanError(SAID_ELSEWHERE, place=case.case_no)
        sheets = _printed(tx, case.case_no)
        if any(each.state in HELD for each in sheets):
            raise YunhuobanError(SHEET_OPEN, place=case.case_no)
        good = [each for each in sheets if each.state is PrintState.PRINTED]
        if not good or (case.state, _TYPE) not in MOVES:
            raise YunhuobanError(NOTHING_PRINTED, place=case.case_no, found=case.state)
        return good[-1]

    def _case(self, tx: Connection, case_no: str) -> Case:
        case = casebook.find(tx, case_no)
        if case is None or case.parties.window != self._place.county:
            raise YunhuobanError(NOT_THERE, place="case_no")
        return case

    def _said(self, tx: Connection, message_id: str) -> HandedOver:
        record = self._place.box.record(tx, message_id)
        return HandedOver(
            message_id=message_id,
            at=record["handed_over_at"],
            method=record["method"],
            recipient=record["recipient"],
            waybill=record["waybill"],
            clerk=record["clerk"],
            signed=handwriting.of_message(tx, self._place.identity, message_id) is not None,
        )


def _printed(tx: Connection, case_no: str) -> list[Entry]:
    """The case's authorisations, those that have ended in the order of their end."""
    numbers = tx.execute(
        select(PRINTS.c.authorisation_no).where(PRINTS.c.case_no == case_no).order_by(PRINTS.c.outcome_at)
    ).scalars()
    return [ledger.entry(tx, number) for number in numbers.all()]


def _demand_filled(name: str, said: str, longest: int) -> None:
    if not said.strip() or len(said) > longest:
        raise YunhuobanError(NOT_FILLED, place=name, expected=f"1–{longest}")
