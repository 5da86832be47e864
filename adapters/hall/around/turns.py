"""The steps that this county may take now: by the state, the party table, and what was said before. Pure."""

from collections.abc import Collection, Sequence
from typing import Final

from adapters.case.casebook import Case
from adapters.hall.around.kinds import WHOSE
from schemas.aroundhistory import BAD_STARS, Said, inspector
from schemas.errors import declare
from schemas.lifecycle import MOVES
from schemas.messages import TYPES, Parties, Party, party_problem

NOT_NOW: Final = declare("E-AROUND-020", "现在没有轮到本县办这一步。", "请回到往来页，看现在可以办的步骤。")
MOST_LEVELS: Final = 5


def offered(case: Case, county: str, said: Sequence[Said], elsewhere: Collection[str]) -> list[str]:
    """The message types that may be said next, in the order of the buttons."""
    return [
        kind
        for kind in WHOSE
        if (case.state, kind) in MOVES
        and kind not in elsewhere
        and party_problem(TYPES[kind], county, case.other(county), case.parties) is None
        and _fits(kind, county, case.parties, said)
    ]


def unopened(said: Sequence[Said], county: str, parties: Parties) -> list[Said]:
    """Parcels that were sent to this county and not received yet."""
    alone = parties.window == parties.issuing
    opened = {each.record["parcel"] for each in said if each.type == "parcel.received" and each.source == county}
    sent = [each for each in said if each.type == "parcel.sent" and (alone or each.source != county)]
    return [each for each in sent if each.record["parcel"] not in opened]


def bookable(said: Sequence[Said]) -> list[Said]:
    """Offers of inspections that are not done."""
    done = {each.record["visit"] for each in said if each.type == "visit.done"}
    return [each for each in said if each.type == "visit.offered" and each.record["visit"] not in done]


def booked(said: Sequence[Said]) -> list[Said]:
    """Of those the ones for which an hour is booked."""
    numbers = {each.record["visit"] for each in said if each.type == "visit.booked"}
    return [each for each in bookable(said) if each.record["visit"] in numbers]


def unrated(said: Sequence[Said]) -> list[str]:
    """Whom the applicant has not rated yet."""
    rated = {each.record["target"] for each in said if each.type == "rating.given"}
    return [each for each in (Party.ISSUING, Party.WINDOW) if each not in rated]


def to_follow_up(said: Sequence[Said], county: str, parties: Parties) -> list[str]:
    """Bad ratings of this county that nobody has called back about."""
    followed = {each.record["target"] for each in said if each.type == "rating.followed_up"}
    mine = {Party.WINDOW: parties.window, Party.ISSUING: parties.issuing}
    bad = [each.record["target"] for each in said if each.type == "rating.given" and each.record["stars"] <= BAD_STARS]
    return [each for each in bad if each not in followed and mine[Party(each)] == county]


def _fits(kind: str, county: str, parties: Parties, said: Sequence[Said]) -> bool:
    if kind == "parcel.received":
        return bool(unopened(said, county, parties))
    if kind == "visit.booked":
        return bool(bookable(said))
    if kind == "visit.done":
        return any(inspector(each, parties) == county for each in booked(said))
    if kind == "rating.given":
        return bool(unrated(said))
    if kind == "rating.followed_up":
        return bool(to_follow_up(said, county, parties))
    if kind == "group.joined":
        return not any(each.type == kind for each in said)
    if kind == "case.undo_requested":
        whole = any(each.type == "group.joined" and each.record["all_or_none"] for each in said)
        return whole and not any(each.type == kind for each in said)
    if kind == "case.undone":
        return any(each.type == "case.undo_requested" for each in said) and not any(each.type == kind for each in said)
    if kind == "appeal.escalated":
        return sum(each.type == kind for each in said) < MOST_LEVELS
    return True
