"""Whether what is said around or beside a case fits what was said there before.

Asked by whoever says it, and again by whoever hears it.

Each party keeps its own order and the hub's order may put the other's messages between; what is asked here is only what
must have been said before in any such order. Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from schemas import reviewhistory
from schemas.errors import Code, YunhuobanError, declare
from schemas.messages import Parties, Party

NOT_THE_NEXT: Final = declare(
    "E-AROUND-001", "件次或级次不是下一个。", "请按“应为”一栏填写；同一件不要寄两次、同一级不要升两次。"
)
NO_SUCH_PARCEL: Final = declare(
    "E-AROUND-002", "对方没有寄出这一件。", "请核对件次；到的是别的纸件时，请先与对方联系。"
)
PARCEL_OPENED: Final = declare("E-AROUND-003", "这一件已经签收过。", "一件只签收一次；后来发现的不符，请与对方联系。")
NO_SUCH_SLOT: Final = declare("E-AROUND-004", "这次踏勘没有这个时段。", "请在对方给出的时段里选。")
NOT_BOOKED: Final = declare(
    "E-AROUND-005",
    "这次踏勘还没有约定，或者已经做完，或者核查的要点不是约定的要点。",
    "请先约定时段；请逐项答复全部要点。",
)
RATED_ALREADY: Final = declare("E-AROUND-006", "对这个县的评价已经作过。", "一次办理对一个县只评价一次。")
NOTHING_TO_FOLLOW: Final = declare(
    "E-AROUND-007", "没有需要本县回访的差评。", "只有被评为一星或二星的一方需要回访，一次评价回访一次。"
)
LIST_DIFFERS: Final = declare(
    "E-AROUND-008", "核对结果与清单对不上：有的行没有结果，或者清单里没有这一行。", "请逐行填写结果，不多也不少。"
)
SLOT_TAKEN: Final = declare("E-AROUND-009", "这个时段已经被别的办件约走。", "请改约另一个时段。")
NOT_THE_INSPECTOR: Final = declare(
    "E-AROUND-019",
    "这次踏勘不由本县登记结果。",
    "由异地县到场的，收件地登记；现场和视频踏勘，属地登记。",
)
JOINED_ALREADY: Final = declare("E-AROUND-010", "这一办件已经编入一个组合。", "一个办件只编入一个组合，编入一次。")
NOT_TO_UNDO: Final = declare(
    "E-AROUND-011",
    "这一办件没有约定“要么全部办成要么全部不办”，或者已经请求过撤销。",
    "申请人事先没有这样选择的，各部分互不影响；请求撤销一次即可。",
)
NOT_ASKED_TO_UNDO: Final = declare("E-AROUND-012", "收件地没有请求撤销，或者已经答复过。", "请先核对往来，再答复。")

BAD_STARS: Final = 2
"""不满意 and 非常不满意: a 差评, which is called back."""

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """One message around or beside a case."""

    source: str
    type: str
    record: Record
    message_id: str = ""
    """Of what was said before; a draw is bound to it."""


def demand_fit(before: Sequence[Said], now: Said, parties: Parties) -> None:
    """Raise E-AROUND-001 to -008, -010 to -014, -016 or -017 when this does not fit what was said before."""
    check = _CHECKS.get(now.type)
    if check is not None:
        check(before, now, parties)


def standing_slot(before: Sequence[Said]) -> str | None:
    """The slot that stands booked and is not used yet: the newest one, since booking again moves it."""
    booked = [each.record for each in before if each.type == "visit.booked"]
    done = {each.record["visit"] for each in before if each.type == "visit.done"}
    return next((str(each["slot_no"]) for each in reversed(booked) if each["visit"] not in done), None)


def convening(before: Sequence[Said], review: int) -> Said | None:
    """The message that convened this review."""
    return next(iter(_of(before, "review.convened", review=review)), None)


def _of(before: Sequence[Said], kind: str, **fields: Any) -> list[Said]:
    return [
        each
        for each in before
        if each.type == kind and all(each.record[name] == value for name, value in fields.items())
    ]


def _refuse(code: Code, place: str, found: object, expected: object = "") -> YunhuobanError:
    return YunhuobanError(code, place=place, found=str(found), expected=str(expected))


def _next(name: str) -> Callable[[Sequence[Said], Said, Parties], None]:
    def check(before: Sequence[Said], now: Said, _: Parties) -> None:
        expected = 1 + sum(each.source == now.source for each in _of(before, now.type))
        if now.record[name] != expected:
            raise _refuse(NOT_THE_NEXT, name, now.record[name], expected)

    return check


def _parcel_received(before: Sequence[Said], now: Said, parties: Parties) -> None:
    number = now.record["parcel"]
    alone = parties.window == parties.issuing
    sent = [each for each in _of(before, "parcel.sent", parcel=number) if alone or each.source != now.source]
    if not sent:
        raise _refuse(NO_SUCH_PARCEL, "parcel", number)
    if any(each.source == now.source for each in _of(before, "parcel.received", parcel=number)):
        raise _refuse(PARCEL_OPENED, "parcel", number)


def _visit_booked(before: Sequence[Said], now: Said, _: Parties) -> None:
    offers = _of(before, "visit.offered", visit=now.record["visit"])
    slots = [each["slot_no"] for offer in offers for each in offer.record["slots"]]
    if now.record["slot_no"] not in slots:
        raise _refuse(NO_SUCH_SLOT, "slot_no", now.record["slot_no"], " ".join(slots))
    if _of(before, "visit.done", visit=now.record["visit"]):
        raise _refuse(NOT_BOOKED, "visit", now.record["visit"])


def inspector(offer: Said, parties: Parties) -> str:
    """The county whose people look: the visiting one, which is the window's, or the one that decides."""
    return parties.window if offer.record["means"] == "visiting_county" else parties.issuing


def _visit_done(before: Sequence[Said], now: Said, parties: Parties) -> None:
    number = now.record["visit"]
    offers, booked = _of(before, "visit.offered", visit=number), _of(before, "visit.booked", visit=number)
    if not offers or not booked or _of(before, "visit.done", visit=number):
        raise _refuse(NOT_BOOKED, "visit", number)
    if now.source != inspector(offers[-1], parties):
        raise _refuse(NOT_THE_INSPECTOR, "means", offers[-1].record["means"])
    points = {each["point"] for each in offers[-1].record["checklist"]}
    answered = {each["point"] for each in now.record["results"]}
    if points != answered:
        raise _refuse(NOT_BOOKED, "results", sorted(answered), sorted(points))


def _rated(before: Sequence[Said], now: Said, _: Parties) -> None:
    if _of(before, "rating.given", target=now.record["target"]):
        raise _refuse(RATED_ALREADY, "target", now.record["target"])


def _followed_up(before: Sequence[Said], now: Said, parties: Parties) -> None:
    target = now.record["target"]
    owner = parties.window if Party(target) is Party.WINDOW else parties.issuing
    bad = [each for each in _of(before, "rating.given", target=target) if each.record["stars"] <= BAD_STARS]
    if owner != now.source or not bad or _of(before, "rating.followed_up", target=target):
        raise _refuse(NOTHING_TO_FOLLOW, "target", target)


def _reconciled(before: Sequence[Said], now: Said, _: Parties) -> None:
    lines = {each["line"] for said in _of(before, "list.published") for each in said.record["lines"]}
    outcomes = {each["line"] for each in now.record["outcomes"]}
    if lines != outcomes:
        missing, strange = sorted(lines - outcomes), sorted(outcomes - lines)
        raise _refuse(LIST_DIFFERS, "outcomes", f"+{strange[:10]}", f"{missing[:10]}")


def _joined(before: Sequence[Said], now: Said, _: Parties) -> None:
    if _of(before, "group.joined"):
        raise _refuse(JOINED_ALREADY, "group_no", now.record["group_no"])


def _undo_requested(before: Sequence[Said], now: Said, _: Parties) -> None:
    if not _of(before, "group.joined", all_or_none=True) or _of(before, now.type):
        raise _refuse(NOT_TO_UNDO, "failed_case", now.record["failed_case"])


def _undone(before: Sequence[Said], now: Said, _: Parties) -> None:
    if not _of(before, "case.undo_requested") or _of(before, now.type):
        raise _refuse(NOT_ASKED_TO_UNDO, "undo_outcome", now.record["undo_outcome"])


def _drawn(before: Sequence[Said], now: Said, _: Parties) -> None:
    convened = convening(before, now.record["review"])
    if _of(before, now.type, review=now.record["review"]):
        convened = None
    reviewhistory.demand_draw(
        convened.record if convened else None, convened.message_id if convened else "", now.record
    )


def _concluded(before: Sequence[Said], now: Said, _: Parties) -> None:
    number = now.record["review"]
    convened, drawn = convening(before, number), _of(before, "review.drawn", review=number)
    due = bool(drawn) and not _of(before, now.type, review=number)
    reviewhistory.demand_report(
        convened.record if convened and due else None, drawn[-1].record if due else None, now.record
    )


_CHECKS: Final[Mapping[str, Callable[[Sequence[Said], Said, Parties], None]]] = {
    "parcel.sent": _next("parcel"),
    "parcel.received": _parcel_received,
    "visit.offered": _next("visit"),
    "visit.booked": _visit_booked,
    "visit.done": _visit_done,
    "rating.given": _rated,
    "rating.followed_up": _followed_up,
    "appeal.escalated": _next("level"),
    "list.reconciled": _reconciled,
    "group.joined": _joined,
    "case.undo_requested": _undo_requested,
    "case.undone": _undone,
    "review.convened": _next("review"),
    "review.drawn": _drawn,
    "review.concluded": _concluded,
}
AROUND: Final = frozenset(
    {
        "parcel.sent", "parcel.received", "visit.offered", "visit.booked", "visit.done", "rating.given",
        "rating.followed_up", "license.expiring", "group.joined", "case.undo_requested", "case.undone",
        "review.convened", "review.drawn", "review.concluded",
    }
)  # fmt: skip
"""What is said around a case: but for the undoing of one it leaves the case where it stands."""
