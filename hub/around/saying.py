"""What the messages of one case or matter come to: its rows, made from clear facts in the order of the journal. Pure.

A day that is named ends with its midnight in Beijing, as on the counties' pages. A bad rating is followed up within
fifteen working days of the county that was rated (国务院 好差评).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from hub.instants import to_millis
from schemas.aroundhistory import BAD_STARS
from schemas.messages import Party
from schemas.workdays.calendars import Calendar
from schemas.workdays.hours import beijing_day, instant
from schemas.workdays.limits import nth_working_day

FOLLOW_UP_DAYS: Final = 15
OPENS: Final[Mapping[str, str]] = {
    "question.asked": "question",
    "appeal.raised": "appeal",
    "alive.requested": "alive",
    "list.published": "list",
    "opinion.asked": "opinion",
}
"""The kind of matter that each begins."""
ASKS: Final[Mapping[str, str]] = {
    "question.asked": "answer_until",
    "question.continued": "further_until",
    "appeal.raised": "answer_until",
    "appeal.escalated": "answer_until",
    "appeal.returned": "redo_until",
    "alive.requested": "verify_until",
    "list.published": "answer_until",
    "opinion.asked": "opine_until",
}
"""The fact that says by which day an answer is asked for."""
ANSWERS: Final = frozenset(
    {"question.answered", "appeal.answered", "alive.answered", "list.reconciled", "opinion.given", "opinion.declined"}
)
_CLOSES: Final = frozenset({"question.closed", "appeal.closed"})
_DONE: Final = ("case.handed_over", "case.closed")
_FACTS: Final = frozenset(
    {*ASKS, "appeal.answered", "group.joined", "case.undone", "decision.made", "rating.given", "rating.followed_up"}
)
"""Whose facts are needed; no other envelope is opened."""
TOLD: Final = frozenset(
    {*ASKS, *ANSWERS, *_CLOSES, *_DONE, "group.joined", "case.undo_requested", "case.undone", "rating.given",
     "rating.followed_up"}
)  # fmt: skip
"""After which the rows of a case are made anew."""
WANTED: Final = TOLD | _FACTS | {"supplement.requested", "message.refused"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One admitted message that its destination did not refuse."""

    type: str
    source: str
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Of one case: values by table, without its number."""

    matter: Mapping[str, Any] | None = None
    part: Mapping[str, Any] | None = None
    ratings: Sequence[Mapping[str, Any]] = ()
    ending: Mapping[str, Any] | None = None


def needs_facts(message_type: str) -> bool:
    """Whether the envelope has to be opened."""
    return message_type in _FACTS


def rows(case: Any, said: Sequence[Said], calendar: Calendar) -> Rows:
    """Everything there is to keep of a row of `cases`."""
    parties = {"window_county": case.window_county, "issuing_county": case.issuing_county, "trial": case.trial}
    if said and said[0].type in OPENS:
        return Rows(matter={**parties, **_matter(said)})
    return Rows(
        part=_part(case, said),
        ratings=[_rating(case, each, said, calendar) for each in said if each.type == "rating.given"],
        ending=_ending(parties, said),
    )


def end_of(day: date) -> int:
    """The midnight with which a day ends in Beijing."""
    return to_millis(instant(day + timedelta(days=1), 0))


def owed_by(said: Sequence[Said]) -> date | None:
    """The last day on which an answer is in time; None: none is owed (any more)."""
    day: date | None = None
    for each in said:
        if each.type in ASKS:
            day = each.facts[ASKS[each.type]]
        elif each.type in ANSWERS or each.type in _CLOSES:
            day = None
    return day


def _matter(said: Sequence[Said]) -> Mapping[str, Any]:
    first, owed = said[0], owed_by(said)
    answered: int | None = None
    result, level = "", 0
    for each in said[1:]:
        if each.type in ASKS:
            result, level = "", each.facts.get("level", level)
        elif each.type in ANSWERS:
            result, answered = each.facts.get("appeal_result", ""), answered or to_millis(each.at)
    return {
        "kind": OPENS[first.type],
        "opened_at": to_millis(first.at),
        "limit_at": end_of(first.facts[ASKS[first.type]]),
        "due_at": end_of(owed) if owed is not None else None,
        "level": level,
        "appeal_kind": first.facts.get("kind", ""),
        "channel": first.facts.get("channel", ""),
        "about_case": first.facts.get("about_case") or "",
        "answered_at": answered,
        "result": result,
    }


def _part(case: Any, said: Sequence[Said]) -> Mapping[str, Any] | None:
    joined = next((each for each in said if each.type == "group.joined"), None)
    if joined is None:
        return None
    undone = next((each.facts["undo_outcome"] for each in said if each.type == "case.undone"), "")
    return {
        "window_county": case.window_county,
        "group_no": joined.facts["group_no"],
        "group_kind": joined.facts["group_kind"],
        "part": joined.facts["part"],
        "count": joined.facts["parts"],
        "all_or_none": joined.facts["all_or_none"],
        "joined_at": to_millis(joined.at),
        "undo_requested": any(each.type == "case.undo_requested" for each in said),
        "undo_outcome": undone,
        "denied": any(each.type == "decision.made" and each.facts["outcome"] == "denied" for each in said),
    }


def _rating(case: Any, given: Said, said: Sequence[Said], calendar: Calendar) -> Mapping[str, Any]:
    target, stars = given.facts["target"], given.facts["stars"]
    county, other = case.window_county, case.issuing_county
    if Party(target) is Party.ISSUING:
        county, other = other, county
    followed = next(
        (each for each in said if each.type == "rating.followed_up" and each.facts["target"] == target), None
    )
    last = nth_working_day(calendar.of(county), beijing_day(given.at), FOLLOW_UP_DAYS)
    bad = stars <= BAD_STARS
    return {
        "target": target,
        "county": county,
        "other": other,
        "trial": case.trial,
        "stars": stars,
        "given_at": to_millis(given.at),
        "limit_at": end_of(last.day) if bad and not last.provisional else None,
        "owed": bad and followed is None,
        "followed_at": to_millis(followed.at) if followed is not None else None,
        "result": followed.facts["result"] if followed is not None else "",
    }


def _ending(parties: Mapping[str, Any], said: Sequence[Said]) -> Mapping[str, Any] | None:
    done = next((each for each in said if each.type in _DONE), None)
    if done is None:
        return None
    return {
        **parties,
        "done_at": to_millis(done.at),
        "supplemented": any(each.type == "supplement.requested" for each in said),
    }
