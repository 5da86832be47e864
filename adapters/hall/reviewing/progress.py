"""How far each review of a case has come: convened, drawn, who was asked and what each said, concluded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.boxes import outbox
from adapters.boxes.kept import is_kept
from adapters.case import around
from adapters.case.casebook import Case
from adapters.case.workplace import Workplace
from adapters.hall.approving import grounds
from adapters.hall.reviewing.drawer import DRAWN
from adapters.hall.reviewing.tables import review_asks
from adapters.identity import Identity
from adapters.store import tables
from pages.frame import NOT_THERE
from pages.wording import mark as _
from schemas import codec
from schemas.aroundhistory import Said
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError
from schemas.messages import TYPES
from schemas.reviewhistory import Record


class Answer(StrEnum):
    """What became of the question to one expert."""

    ASKED = "asked"
    GIVEN = "given"
    DECLINED = "declined"
    GIVEN_UP = "given_up"


WORDS: Final[Mapping[Answer, str]] = {
    Answer.ASKED: _("等待意见"),
    Answer.GIVEN: _("已出具意见"),
    Answer.DECLINED: _("不能评审"),
    Answer.GIVEN_UP: _("到期没有答复"),
}


ANSWERS: Final = {"opinion.given": Answer.GIVEN, "opinion.declined": Answer.DECLINED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One expert who was asked."""

    expert: str
    matter_no: str
    opine_until: date
    answer: Answer
    record: Record | None = field(default=None, repr=False)
    """Of the opinion, or of why there is none; None without, and when its term is over."""
    message_id: str = ""
    """Of that answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One review of a case."""

    number: int
    convening_id: str
    convened: Record = field(repr=False)
    drawn: Record | None
    concluded: Record | None = field(repr=False)
    asked: Sequence[Asked]
    draw_refused: bool
    """Whether the window county did not take the draw in: this review goes no further."""

    @property
    def given(self) -> Sequence[Asked]:
        """The opinions, in the order of the draw."""
        return [each for each in self.asked if each.answer is Answer.GIVEN]

    @property
    def without(self) -> Sequence[Asked]:
        """Whoever was asked and gives none."""
        return [each for each in self.asked if each.answer in (Answer.DECLINED, Answer.GIVEN_UP)]

    @property
    def to_ask(self) -> Sequence[str]:
        """Who is to be asked next: as many as there are free places, in the order of the draw."""
        if self.drawn is None or self.concluded is not None:
            return ()
        free = self.convened["wanted"] - len(self.asked) + len(self.without)
        return list(self.drawn["drawn"][len(self.asked) :][: max(0, free)])

    @property
    def waited(self) -> bool:
        """Whether an answer is outstanding."""
        return any(each.answer is Answer.ASKED for each in self.asked)

    @property
    def over(self) -> bool:
        """Whether another review may begin: this one is concluded, or can never be."""
        used_up = self.drawn is not None and not self.given and not self.waited and not self.to_ask
        return self.concluded is not None or self.draw_refused or used_up

    @property
    def complete(self) -> bool:
        """Whether it can be concluded: nobody is waited for, no place can be filled, and somebody has an opinion."""
        heard = bool(self.given) and all(each.record is not None for each in self.given)  # kept, until the term is over
        return self.concluded is None and heard and not self.waited and not self.to_ask


def reviews(tx: Connection, identity: Identity, case: Case) -> list[Review]:
    """Every review of a case that this county decides, the newest first."""
    said = around.said(tx, identity, case)
    found = [_review(tx, identity, case, each, said) for each in said if each.type == "review.convened"]
    return sorted(found, key=lambda each: each.number, reverse=True)


def one(tx: Connection, place: Workplace, case_no: str, number: int) -> tuple[Case, Review]:
    """A case that this county decides and one of its reviews. Raises E-PAGE-005."""
    case, _line = grounds.case_of(tx, place, case_no)
    for each in reviews(tx, place.identity, case):
        if each.number == number:
            return case, each
    raise YunhuobanError(NOT_THERE, place="review")


def _review(tx: Connection, identity: Identity, case: Case, convened: Said, said: Sequence[Said]) -> Review:
    number = convened.record["review"]
    asks = review_asks.c
    rows = tx.execute(select(review_asks).where(asks.case_no == case.case_no, asks.review == number)).all()
    drawn = _of(said, DRAWN, number)
    order = list(drawn["drawn"]) if drawn is not None else []
    # A draw that was refused after somebody was asked has no order any more; this review goes no further.
    in_order = sorted(rows, key=lambda row: order.index(row.expert) if order else 0)
    return Review(
        number=number,
        convening_id=convened.message_id,
        convened=convened.record,
        drawn=drawn,
        concluded=_of(said, "review.concluded", number),
        draw_refused=drawn is None and outbox.find(tx, derived_id(convened.message_id, DRAWN)) is not None,
        asked=[_asked(tx, identity, row) for row in in_order],
    )


def _of(said: Sequence[Said], kind: str, number: int) -> Record | None:
    return next((each.record for each in said if each.type == kind and each.record["review"] == number), None)


def _asked(tx: Connection, identity: Identity, row: Any) -> Asked:
    answer, message_id, record = Answer.ASKED, "", None
    if row.given_up_at is not None:
        answer = Answer.GIVEN_UP
    elif (told := _told(tx, row.matter_no)) is not None:
        place, found = told
        answer, message_id = ANSWERS[found.type], found.message_id
        if is_kept(found):
            payload = identity.storage.open(found.record_sealed, place=f"{place}/{message_id}")
            record = codec.decode(payload, TYPES[found.type].record)
    return Asked(
        expert=row.expert,
        matter_no=row.matter_no,
        opine_until=row.opine_until,
        answer=answer,
        record=record,
        message_id=message_id,
    )


def _told(tx: Connection, matter_no: str) -> tuple[str, Any] | None:
    """The answer's row and the box that it lies in; a county may have asked itself."""
    for place, box in (("inbox", tables.inbox), ("outbox", tables.outbox)):
        counts = box.c.state == "applied" if place == "inbox" else box.c.state != "refused"
        wanted = select(box).where(box.c.case_no == matter_no, box.c.type.in_(ANSWERS), counts)
        found = tx.execute(wanted.order_by(box.c.seq).limit(1)).one_or_none()
        if found is not None:
            return place, found
    return None
