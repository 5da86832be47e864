"""What a window county may do in the issuing county's place: the four powers, judged alike at both ends.

收件受理权 accept, 一次性告知权 inform, 原件核验权 verify and 结果送达权 deliver are granted per window county and item
(`powers.stated`, after the agreements between counties under 国办发〔2020〕35号). While the issuing county has said
nothing of a window, comparing originals and printing go on as they always did; to accept and to inform in its place
takes its word. Within one county there is nobody to ask.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any, Final

from adapters.case import caseclock
from adapters.directory.directoryview import NO_DIRECTORY, DirectoryView
from schemas import timelimits
from schemas.errors import Code, YunhuobanError, declare
from schemas.messages import Parties
from schemas.workdays.hours import beijing_day
from schemas.workdays.limits import MOST, Limit, last_day

NOT_ACCEPTING: Final = declare(
    "E-POWER-001",
    "属地没有把这个事项的收件受理权授予收件地，不能由窗口受理。",
    "请改为只收件，由属地决定是否受理；要由窗口受理的，请属地先在“窗口授权”页授予。",
)
NOT_INFORMING: Final = declare(
    "E-POWER-002",
    "属地没有把这个事项的一次性告知权授予收件地，不能由窗口出具一次性告知书。",
    "请口头说明还缺什么，或者收件后由属地告知；要由窗口告知的，请属地先在“窗口授权”页授予。",
)
NOT_COMPARING: Final = declare(
    "E-POWER-003",
    "属地没有把这个事项的原件核验权授予收件地，材料不能标为“窗口已与原件核对”。",
    "请改选“原件待核”，由属地核对原件；要由窗口核对的，请属地先在“窗口授权”页授予。",
)
NOT_DELIVERING: Final = declare(
    "E-POWER-004",
    "属地没有把这个事项的结果送达权授予收件地，不能授权它远程打印。",
    "请把结果邮寄给收件地，并在“县际往来”登记寄出；要由窗口打印的，请先在“窗口授权”页授予。",
)
NO_PROMISE: Final = declare(
    "E-POWER-005",
    "目录里没有属地这个事项的承诺时限，窗口不能受理：承诺办结日无从计算。",
    "请联盟运维把属地这个事项的承诺时限导入目录。",
)

ACCEPT, INFORM, VERIFY, DELIVER = "accept", "inform", "verify", "deliver"
COMPARED: Final = "B"
"""可信等级 of a material that a window compared with the original."""
_SAID_AT: Final = {"application.submitted": "received_at", "supplement.provided": "supplied_at"}

Held = AbstractSet[str] | None
"""None when the issuing county has said nothing, or is the window's own."""


def held(directory: DirectoryView, parties: Parties, service_item: str, on: date) -> Held:
    """The powers of the window county for an item on a day."""
    if parties.window == parties.issuing:
        return None
    return directory.stated.powers(issuing=parties.issuing, window=parties.window, service_item=service_item, on=on)


def may(powers: Held, power: str) -> bool:
    """Whether it may: what was always done needs no word as long as none was said."""
    return power in (VERIFY, DELIVER) if powers is None else power in powers


def demand_said(
    directory: DirectoryView | None,
    parties: Parties,
    service_item: str,
    message_type: str,
    record: Mapping[str, Any],
) -> None:
    """See that an application or a supplement says nothing that the window has no power for.

    Each thing is judged by the day on which it was done at the window, however late the message comes. Raises
    E-POWER-001 to -003 or -005; E-LINK-101 when there is something to judge and no directory.
    """
    done = _done(message_type, record)
    if not done:
        return
    if directory is None:
        raise YunhuobanError(NO_DIRECTORY)
    for power, code, place, at in done:
        if not may(held(directory, parties, service_item, beijing_day(at)), power):
            raise YunhuobanError(code, place=place, found=parties.window, expected=parties.issuing)
        if power == ACCEPT:
            promised_on(directory, parties.issuing, service_item, at)


def delivers(directory: DirectoryView | None, parties: Parties, service_item: str, now: datetime) -> bool:
    """Whether the window may print the result and hand it over. Without a directory nothing is known against it."""
    return directory is None or may(held(directory, parties, service_item, beijing_day(now)), DELIVER)


def demand_delivery(directory: DirectoryView | None, parties: Parties, service_item: str, now: datetime) -> None:
    """See that the window may print the result. Raises E-POWER-004."""
    if not delivers(directory, parties, service_item, now):
        raise YunhuobanError(NOT_DELIVERING, place="target_county", found=parties.window, expected=service_item)


def promised_on(directory: DirectoryView, issuing: str, service_item: str, accepted_at: datetime) -> date:
    """The day that the issuing county's own item promises for what is accepted then. Raises E-POWER-005."""
    item = caseclock.implementation(directory, issuing, service_item)
    unit = timelimits.UNITS[item.promise_type] if item is not None else None
    if item is None or unit is None or item.promise_day > MOST[unit]:
        raise YunhuobanError(NO_PROMISE, place="service_item", found=service_item, expected=issuing)
    return last_day(directory.calendar.of(issuing), beijing_day(accepted_at), Limit(item.promise_day, unit)).day


def _done(message_type: str, record: Mapping[str, Any]) -> list[tuple[str, Code, str, datetime]]:
    """What was done in the issuing county's place: the power that it takes, its code, where it is said, and when."""
    if message_type not in _SAID_AT:
        return []
    found: list[tuple[str, Code, str, datetime]] = []
    if (acceptance := record.get("window_acceptance")) is not None:
        found.append((ACCEPT, NOT_ACCEPTING, "window_acceptance", acceptance["accepted_at"]))
    if (notice := record.get("once_notice")) is not None:
        found.append((INFORM, NOT_INFORMING, "once_notice", notice["notified_at"]))
    said_at = record[_SAID_AT[message_type]]
    for number, each in enumerate(record["materials"], 1):
        if each.get("trust") == COMPARED:
            at = each.get("compared_at") or said_at
            found.append((VERIFY, NOT_COMPARING, f"materials[{number}].trust", at))
    return found
