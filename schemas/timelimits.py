"""What comes too late by the calendar: judged by the sender's own adapter before it signs, and by the hub again. Pure.

A limit that rests on a day whose calendar is not published refuses nothing.
"""

from datetime import date, datetime
from typing import Final

from schemas.catalogue.model import Implementation, LimitUnit
from schemas.clock import SUPPLEMENT_WITHIN
from schemas.errors import YunhuobanError, declare
from schemas.workdays.calendars import CountyCalendar
from schemas.workdays.hours import beijing_day
from schemas.workdays.limits import MOST, Limit, Unit, deadline, last_day

SUPPLEMENT_LATE: Final = declare(
    "E-ADM-106",
    "补正告知晚于收到申请后五个工作日，申请自收到之日起即视为受理。",
    "请直接受理或作出决定；需要申请人补充的，请另行联系。",
)
PROMISE_LATE: Final = declare(
    "E-ADM-108", "承诺办结日晚于该事项的法定时限。", "请核对目录中该事项的法定时限，承诺不得晚于法定时限。"
)
UNITS: Final = {
    LimitUnit.WORKING_DAY: Unit.WORKING_DAY,
    LimitUnit.DAY: Unit.NATURAL_DAY,
    LimitUnit.MONTH: Unit.MONTH,
    LimitUnit.YEAR: Unit.YEAR,
}


def statutory(item: Implementation) -> Limit | None:
    """The 法定时限 of an item; None for more than ten years, which is not counted."""
    unit = UNITS[item.anticipate_type]
    return Limit(item.anticipate_day, unit) if item.anticipate_day <= MOST[unit] else None


def check_supplement(calendar: CountyCalendar, received_at: datetime, now: datetime) -> None:
    """Raises E-ADM-106 for a notice of what is missing that is later than the law allows (行政许可法 art. 32)."""
    due = deadline(calendar, received_at, SUPPLEMENT_WITHIN)
    if now > due.at and not due.provisional:
        raise YunhuobanError(SUPPLEMENT_LATE, place="type", found=now.isoformat(), expected=f"<= {due.at.isoformat()}")


def check_promise(calendar: CountyCalendar, item: Implementation, promised_on: date, now: datetime) -> None:
    """Raises E-ADM-108 for an acceptance that promises a day after the statutory limit, counted from now."""
    limit = statutory(item)
    if limit is None:
        return
    last = last_day(calendar, beijing_day(now), limit)
    if promised_on > last.day and not last.provisional:
        raise YunhuobanError(PROMISE_LATE, place="facts.promised_on", found=str(promised_on), expected=f"<= {last.day}")
