"""What the program knows of a message before anybody types: times, who acts, which number comes next, what is proposed.

Pure; the desk gathers it (`desk`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from adapters.hall.around import turns
from adapters.local.mapping import canonical
from schemas.aroundhistory import Said
from schemas.messages import Parties
from schemas.workdays.calendars import CountyCalendar
from schemas.workdays.hours import beijing_day
from schemas.workdays.limits import nth_working_day

_ACTORS: Final = frozenset({"asked_by", "answered_by", "clerk", "opened_by", "checked_by"})
_PROPOSED_ACTORS: Final = frozenset({"owner", "verifier", "inspector"})
"""Usually whoever sits there, at times a colleague who was outside."""
_WITHIN: Final[Mapping[tuple[str, str], int]] = {
    ("question.asked", "answer_until"): 1,
    ("question.continued", "further_until"): 1,
    ("appeal.raised", "answer_until"): 5,
    ("appeal.escalated", "answer_until"): 2,
    ("appeal.returned", "redo_until"): 2,
    ("alive.requested", "verify_until"): 15,
    ("list.published", "answer_until"): 10,
}
"""Working days that are proposed for an answer."""
EXPIRING_TEXT: Final = "证照即将到期，请转告持证人在到期前申请延续；不再经营的，请办理注销。"
"""What is proposed to be passed on to a holder: Chinese, as the notices of a hall are."""
COUNTED: Final[Mapping[str, frozenset[str]]] = {
    "parcel.received": frozenset({"matches"}),
    "visit.booked": frozenset({"visit"}),
    "visit.done": frozenset({"passed"}),
    "list.published": frozenset({"count"}),
    "list.reconciled": frozenset({"count", "differing"}),
    "license.expiring": frozenset({"valid_until"}),
    "opinion.given": frozenset({"signature_image"}),
}
"""What follows from what was typed (`reading`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLicense:
    """A license of the case that is valid, and until when."""

    identifier: str
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The same for every message of one case or matter at one moment."""

    now: datetime
    county: str
    name: str
    """Whoever acts."""
    parties: Parties
    calendar: CountyCalendar
    """Of the county that answers."""
    said: Sequence[Said] = field(default=(), repr=False)
    telephone: str = ""
    """This county's."""
    about: str = ""
    """The case that a matter begins from."""
    licenses: Sequence[OwnLicense] = ()
    visit_pauses: bool = False
    """Whether the issuing county has stated that an inspection of the item pauses the limit."""


def settled(kind: str, known: Known) -> dict[str, Any]:
    """The values that nobody is asked for."""
    leaves = canonical.shape(kind).leaves
    found: dict[str, Any] = {path: known.now for path, leaf in leaves.items() if leaf.form == "timestamp-millis"}
    found |= {path: known.name for path in leaves if path in _ACTORS}
    if kind == "visit.offered":
        found["pauses"] = known.visit_pauses
    if kind in ("parcel.sent", "visit.offered", "appeal.escalated"):
        number = {"parcel.sent": "parcel", "visit.offered": "visit", "appeal.escalated": "level"}[kind]
        found[number] = 1 + sum(each.type == kind and each.source == known.county for each in known.said)
    elif kind == "parcel.received":
        parcels = turns.unopened(known.said, known.county, known.parties)
        if len(parcels) == 1:
            found["parcel"] = parcels[0].record["parcel"]
    elif kind == "visit.done":
        found["visit"] = turns.booked(known.said)[0].record["visit"]
    elif kind == "rating.followed_up":
        found["target"] = turns.to_follow_up(known.said, known.county, known.parties)[0]
    return found


def first(kind: str, path: str, known: Known) -> str:
    """What stands in a field before anybody typed."""
    within = _WITHIN.get((kind, path))
    if within is not None:
        return nth_working_day(known.calendar, beijing_day(known.now), within).day.isoformat()
    if path in _PROPOSED_ACTORS:
        return known.name
    if (kind, path) == ("license.expiring", "text"):
        return EXPIRING_TEXT
    today = beijing_day(known.now)
    return {
        "telephone": known.telephone,
        "about_case": known.about,
        "year": str(today.year),
        "month": str(today.month),
        "for_guide": "no",
    }.get(path, "")
