"""云踏勘 and the clock: where the item says that an inspection pauses the limit, the special procedure goes around it.

It is opened by the node when the booking has taken effect, from when on the hour is the applicant's choice, or after
the procedure that is open then. It is closed with the result. Asked after every step that could matter, and what was
done is found by its message id, so that a booking that is moved or comes twice opens it once. A county whose own
system says procedures keeps to that system. Source: 行政许可法 art. 45.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from adapters.boxes import outbox
from adapters.boxes.outbox import Outbox
from adapters.case import around, casebook, steps
from adapters.case.casebook import Case
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from schemas import itemdetail
from schemas.aroundhistory import Said
from schemas.envelope import derived_id
from schemas.lifecycle import CaseState
from schemas.workdays.hours import BEIJING, beijing_day

_log = structlog.get_logger(__name__)
_OPENED, _CLOSED = itemdetail.OPENED, "procedure.closed"
HEARD: Final = frozenset({"visit.booked", "visit.done"})
"""What the other county says and it is asked after: the visiting county books, and says the result where it looked."""
AFTER: Final = HEARD | {_CLOSED}
"""The steps after which it is asked."""


def settle(
    tx: Connection,
    box: Outbox,
    identity: Identity,
    case: Case,
    directory: DirectoryView | None,
    now: datetime,
    *,
    elsewhere: Collection[str],
    hearing: Said | None = None,
) -> None:
    """Open or close the procedure if it is time; `hearing` is what takes effect just now and is not kept as such yet.

    Raises what `steps.take` and `Outbox.put` raise.
    """
    here = identity.division_code
    case = casebook.find(tx, case.case_no) or case  # as the step has left it
    if case.parties.issuing != here or directory is None or {_OPENED, _CLOSED} & set(elsewhere):
        return
    said = [*around.said(tx, identity, case), *([hearing] if hearing is not None else [])]
    offers = {each.record["visit"]: each.record for each in said if each.type == "visit.offered"}
    booked = {each.record["visit"]: each.record for each in said if each.type == "visit.booked"}
    done = {each.record["visit"]: each.record for each in said if each.type == "visit.done"}
    for visit, offer in offers.items():
        if not offer["pauses"] or visit not in booked:
            continue
        opened_id = _id(case, visit, _OPENED)
        before = outbox.find(tx, opened_id)
        record: dict[str, Any] | None = None
        if visit in done:
            newest = outbox.newest_good(tx, case.case_no, _OPENED)
            if case.state is CaseState.SPECIAL and newest is not None and newest.message_id == opened_id:
                kind, record = _CLOSED, _result(visit, done[visit], now)
        elif before is None and case.state is CaseState.ACCEPTED and _pauses(case, directory):
            kind, record = _OPENED, _procedure(case, offer, booked[visit], now)
        if record is not None:
            steps.take(tx, case, kind, record, directory, now)
            message_id = _id(case, visit, kind)
            steps.put(tx, box, case, kind, record, directory, now, county=here, message_id=message_id)
            _log.info("visit.procedure", case_no=case.case_no, type=kind)


def _pauses(case: Case, directory: DirectoryView) -> bool:
    return itemdetail.pauses(directory.stated.detail(case.parties.issuing, case.service_item))


def _procedure(case: Case, offer: Mapping[str, Any], booking: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    slot = next(each for each in offer["slots"] if each["slot_no"] == booking["slot_no"])
    begins, ends = slot["begins_at"].astimezone(BEIJING), slot["ends_at"]
    return {
        "procedure": itemdetail.VISIT,
        "notice_no": f"TK-{case.case_no}-{offer['visit']}",
        "opened_at": now,
        "expected_until": max(beijing_day(now), beijing_day(ends)),
        "reasons": f"第{offer['visit']}次踏勘已约在{begins:%Y-%m-%d %H:%M}，踏勘所需时间依法不计入期限。",
        "clerk": offer["clerk"],
    }


def _result(visit: int, result: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    passed = "全部符合" if result["passed"] else "有不符合的要点"
    return {
        "procedure": itemdetail.VISIT,
        "closed_at": now,
        "result": f"第{visit}次踏勘已完成：{passed}。",
        "clerk": result["inspector"],
    }


def _id(case: Case, visit: int, message_type: str) -> str:
    return derived_id(str(uuid.uuid5(uuid.NAMESPACE_URL, f"{case.case_no}/visit/{visit}")), message_type)
