"""The counts of a month for each pair of counties: what this county owed the other, and the other this county.

Sources: 好差评 (bad ratings are called back about within fifteen working days), 云咨询 and 办不成事 with the days that
were asked for. A thing counts in the month in which it began. Pure but for `of_month`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from adapters.case import casebook
from adapters.case.casebook import Case
from adapters.hall.around.events import Event, events
from adapters.hall.around.pending import follow_up_by
from pages.wording import mark as _
from schemas.aroundhistory import BAD_STARS
from schemas.messages import Party
from schemas.workdays.calendars import Calendar
from schemas.workdays.hours import BEIJING, beijing_day

COLUMNS: Final[Mapping[str, str]] = {
    "question_in_time": _("咨询按时答复"),
    "question_late": _("咨询超期"),
    "question_open": _("咨询未到期"),
    "appeal_answered": _("反映已答复"),
    "appeal_solved": _("其中已解决"),
    **{f"stars_{each}": _("{stars} 星") for each in range(5, 0, -1)},
    "bad_in_time": _("差评按时回访"),
    "bad_late": _("差评回访超期"),
    "bad_open": _("差评待回访"),
    "parcels": _("寄到的纸件"),
    "parcels_differing": _("其中与清单不符"),
}
"""The columns of a row in order; those of stars say how many."""
_TYPES: Final = frozenset(
    {"question.asked", "question.continued", "question.answered", "appeal.raised", "appeal.answered", "rating.given",
     "rating.followed_up", "parcel.received"}
)  # fmt: skip
_ASKS: Final = {"question.asked": "answer_until", "question.continued": "further_until"}


@dataclass(slots=True, kw_only=True)
class Row:
    """One county's side towards the other."""

    owner: str
    """Who had to answer, was rated, or sent the parcels."""
    other: str
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def solved_percent(self) -> int | None:
        """Of the complaints that were answered; None without any."""
        answered = self.counts["appeal_answered"]
        return round(100 * self.counts["appeal_solved"] / answered) if answered else None


def of_month(tx: Connection, county: str, year: int, month: int, calendar: Calendar, today: date) -> Sequence[Row]:
    """The rows of a month: first what this county owed, by partner."""
    begins = datetime(year, month, 1, tzinfo=BEIJING)
    ends = (begins + timedelta(days=32)).replace(day=1)
    rows: dict[tuple[str, str], Row] = {}
    for number, told in events(tx, county, _TYPES, since=begins).items():
        case = casebook.find(tx, number)
        if case is not None:
            counted = [each for each in told if begins <= each.at < ends]
            _count(case, told, counted, rows, calendar, today)
    return sorted(rows.values(), key=lambda row: (row.owner != county, row.owner, row.other))


def _count(
    case: Case,
    told: Sequence[Event],
    counted: Sequence[Event],
    rows: dict[tuple[str, str], Row],
    calendar: Calendar,
    today: date,
) -> None:
    window, issuing = case.parties.window, case.parties.issuing

    def add(owner: str, what: str) -> None:
        other = case.other(owner)
        rows.setdefault((owner, other), Row(owner=owner, other=other)).counts[what] += 1

    for each in counted:
        kind, facts = each.said.type, each.said.record
        if kind in _ASKS:
            answers = (later.at for later in told if later.said.type == "question.answered" and later.at >= each.at)
            add(issuing, f"question_{_standing(next(answers, None), facts[_ASKS[kind]], today)}")
        elif kind == "appeal.answered":
            add(issuing, "appeal_answered")
            if facts["appeal_result"] == "solved":
                add(issuing, "appeal_solved")
        elif kind == "rating.given":
            owner = window if Party(facts["target"]) is Party.WINDOW else issuing
            add(owner, f"stars_{facts['stars']}")
            if facts["stars"] <= BAD_STARS:
                calls = (
                    later.at
                    for later in told
                    if later.said.type == "rating.followed_up" and later.said.record["target"] == facts["target"]
                )
                add(owner, f"bad_{_standing(next(calls, None), follow_up_by(each, owner, calendar), today)}")
        elif kind == "parcel.received":
            sender = case.other(each.said.source)
            add(sender, "parcels")
            if not facts["matches"]:
                add(sender, "parcels_differing")


def _standing(answered_at: datetime | None, until: date, today: date) -> str:
    day = beijing_day(answered_at) if answered_at is not None else None
    if day is None:
        return "late" if today > until else "open"
    return "in_time" if day <= until else "late"
