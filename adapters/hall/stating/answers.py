"""云咨询: an answer that helps others goes into the guide, in a version without personal data, and out of it again.

It has the number of its question, so that the same question makes one entry however often it is edited. What was asked
and answered is masked until somebody says what for; then the look is written down, as everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.case.workplace import Workplace
from adapters.hall.around import matter
from adapters.hall.around.desk import AroundDesk, Opened
from adapters.hall.around.kinds import Kind
from adapters.hall.stating.desk import Standing, Stated, StatingDesk
from pages.frame import NOT_THERE
from pages.labels import Label
from pages.people.person import Person
from pages.wording import mark as _
from schemas import directory
from schemas.errors import YunhuobanError
from schemas.identifiers.item import IMPLEMENTATION_LENGTH

STATED: Final = "answer.stated"
_ANSWERED: Final = "question.answered"
IN_GUIDE: Final = Label(_("在办事指南里"), "good", "✓")
COMING: Final = Label(_("已提交，等待目录更新"), "wait", "→")
GOING: Final = Label(_("已撤下，等待目录更新"), "wait", "→")
REFUSED: Final = Label(_("中枢没有接受"), "bad", "✕")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One answer of this county as it stands, or as it was last said."""

    record: Mapping[str, Any]
    item_name: str
    standing: Label

    @property
    def number(self) -> str:
        """Of its question."""
        return str(self.record["answer_no"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the form holds before anybody typed."""

    number: str
    item_name: str
    question: str = field(repr=False)
    answer: str = field(repr=False)
    published: bool
    original: bool
    """Whether the question is here, to be looked at."""


class AnswersDesk:
    """The desk of one county; thread-safe, because everything it changes is a transaction of its own."""

    def __init__(self, place: Workplace, around: AroundDesk) -> None:
        """`around` shows the questions."""
        self._place = place
        self._desk = StatingDesk(place)
        self._around = around

    def listed(self) -> Sequence[Published]:
        """What the guide holds of this county, and what is on its way, the newest first. Raises E-LINK-101."""
        with self._place.store.read() as tx:
            view = self._place.directory.demand(tx)
        found = [
            Published(
                record=each.record,
                item_name=matter.item_name(view, self._place.county, each.record["service_item"]),
                standing=_standing(each),
            )
            for each in self._desk.stated(STATED, directory.GUIDE_ANSWER).values()
        ]
        return sorted(found, key=lambda each: (each.record["published_at"], each.number), reverse=True)

    def draft(self, number: str) -> Draft:
        """The form of one answer: as it stands in the guide, or empty. Raises E-PAGE-005 for no answered question."""
        known = self._find(number)
        opened = self._question(number)
        if known is None and opened is None:
            raise YunhuobanError(NOT_THERE, place="answer_no")
        return Draft(
            number=number,
            item_name=known.item_name if known is not None else opened.line.item_name if opened is not None else "",
            question=known.record["question"] if known is not None else "",
            answer=known.record["answer"] if known is not None else "",
            published=known is not None,
            original=opened is not None,
        )

    def original(self, number: str, *, person: Person, purpose: str) -> Draft:
        """The same with what was asked and answered, after the look is written down. Raises E-LOOK-001, E-PAGE-005."""
        before = self.draft(number)
        if not before.original:
            raise YunhuobanError(NOT_THERE, place="answer_no")
        found = self._around.reveal(number, person=person, purpose=purpose)
        asked = _texts(found, "question.asked", "question.continued")
        return Draft(
            number=number,
            item_name=before.item_name,
            question=asked,
            answer=_texts(found, _ANSWERED),
            published=before.published,
            original=True,
        )

    def state(self, number: str, question: str, answer: str, *, action_id: str) -> None:
        """Say it; the newest counts. Raises E-STATE-003 or -006, E-PAGE-005, and what `Outbox.put` raises."""
        known, opened = self._find(number), self._question(number)
        if known is not None:
            item = known.record["service_item"]
        elif opened is not None:
            item = opened.line.service_item[:IMPLEMENTATION_LENGTH]
        else:
            raise YunhuobanError(NOT_THERE, place="answer_no")
        self._put(number, item, question, answer, withdrawn=False, action_id=action_id)

    def withdraw(self, number: str, *, action_id: str) -> None:
        """Take it down. Raises E-PAGE-005 for what is not there, and what `Outbox.put` raises."""
        known = self._find(number)
        if known is None:
            raise YunhuobanError(NOT_THERE, place="answer_no")
        said = known.record
        self._put(number, said["service_item"], said["question"], said["answer"], withdrawn=True, action_id=action_id)

    def _put(self, number: str, item: str, question: str, answer: str, *, withdrawn: bool, action_id: str) -> None:
        record = {
            "county": self._place.county,
            "answer_no": number,
            "service_item": item,
            "question": question.strip(),
            "answer": answer.strip(),
            "published_at": self._place.clock(),
            "withdrawn": withdrawn,
        }
        self._desk.say(STATED, record, action_id=action_id)

    def _find(self, number: str) -> Published | None:
        return next((each for each in self.listed() if each.number == number), None)

    def _question(self, number: str) -> Opened | None:
        """An answered question to this county; None for anything else."""
        try:
            found = self._around.open(number)
        except YunhuobanError as error:
            if error.code is not NOT_THERE:
                raise
            return None
        answered = any(each.type == _ANSWERED and each.ours and each.counts for each in found.entries)
        return found if found.line.kind is Kind.QUESTION and answered else None


def _standing(said: Stated) -> Label:
    if said.standing is Standing.ON_ITS_WAY:
        return GOING if said.record["withdrawn"] else COMING
    return IN_GUIDE if said.standing is Standing.PUBLISHED else REFUSED


def _texts(found: Opened, *types: str) -> str:
    return "\n".join(
        field.value for each in found.entries if each.type in types for field in each.fields if field.path == "text"
    )
