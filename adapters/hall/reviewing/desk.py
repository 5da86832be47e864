"""What an approver of the issuing county does about a review: convene, ask whoever is drawn, watch, give up waiting.

Drawing is not among it: that is the program's (`drawer`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
from sqlalchemy import Connection, insert, update

from adapters.boxes import outbox
from adapters.case.casebook import Case
from adapters.case.workplace import Workplace
from adapters.directory.directoryview import DirectoryView
from adapters.hall.approving import grounds
from adapters.hall.desk.view import CaseLine
from adapters.hall.reviewing import checking, pool, progress, typed
from adapters.hall.reviewing.conflicts import SEPARATOR
from adapters.hall.reviewing.pool import Pool, Wish
from adapters.hall.reviewing.progress import Answer, Review
from adapters.hall.reviewing.tables import review_asks
from adapters.instants import to_millis
from pages.drawtext import Account
from pages.frame import NOT_THERE
from pages.people.person import Person
from schemas import drawing
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.citizen import CitizenNumber
from schemas.lifecycle import CaseState
from schemas.workdays.hours import beijing_day

NOT_NOW: Final = declare(
    "E-AROUND-031",
    "现在不能办云评审的这一步。",
    "请回到云评审页，看现在可以办的步骤；没有受理或已经决定的办件不能评审。",
)
NOT_DUE: Final = declare(
    "E-AROUND-032", "这位专家的答复期限还没有过。", "请等到期限之后；专家已经答复不能评审的，不必等。"
)
CONVENED: Final = "review.convened"
_ASKED: Final = "opinion.asked"
_EXAMINED: Final = (CaseState.ACCEPTED, CaseState.SPECIAL)
_CREDIT_CHARACTERS: Final = 18
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A case with its reviews."""

    line: CaseLine
    reviews: Sequence[Review]
    accounts: Mapping[int, Account]
    """The draw of each review, done again."""
    may_convene: bool
    special: bool
    """Whether the clock stands still."""
    professions: Sequence[str]
    categories: Sequence[str]
    excluded: Sequence[str]
    """Employers that must stay away, as far as the program knows them: the applicant's."""


class ReviewDesk:
    """Threads may share it."""

    def __init__(self, place: Workplace) -> None:
        """Over the county's store and box."""
        self._place = place

    def open(self, case_no: str) -> Opened:
        """One case. Raises E-PAGE-005 when others decide it."""
        with self._place.store.read() as tx:
            case, line = grounds.case_of(tx, self._place, case_no)
            found = progress.reviews(tx, self._place.identity, case)
            accounts = {each.review: each for each in checking.accounts(tx, case_no)}
            directory = self._place.directory(tx)
            stated, on = directory.stated if directory is not None else None, beijing_day(self._place.clock())
            return Opened(
                line=line,
                reviews=found,
                accounts=accounts,
                may_convene=case.state in _EXAMINED and all(each.over for each in found),
                special=case.state is CaseState.SPECIAL,
                professions=list(pool.words(stated, "professions", on)) if stated is not None else [],
                categories=list(pool.words(stated, "categories", on)) if stated is not None else [],
                excluded=self._applicants(tx, case_no),
            )

    def pool(self, case_no: str, said: Mapping[str, str]) -> Pool:
        """Who could be drawn. Raises E-AROUND-030, E-LINK-101, E-PAGE-005."""
        with self._place.store.read() as tx:
            grounds.case_of(tx, self._place, case_no)
            return self._pool(self._place.directory.demand(tx), typed.wish(said))

    def convene(self, case_no: str, said: Mapping[str, str], *, person: Person, action_id: str) -> None:
        """Sign the pool; the draw follows by itself. Raises E-AROUND-030, -031, E-DOC-025, E-PAGE-005."""
        now, message_id = self._place.clock(), derived_id(action_id, CONVENED)
        with self._place.store.write() as tx:
            if outbox.find(tx, message_id) is not None:
                return
            case, _line = grounds.case_of(tx, self._place, case_no)
            before = progress.reviews(tx, self._place.identity, case)
            if case.state not in _EXAMINED or not all(each.over for each in before):
                raise YunhuobanError(NOT_NOW, place="state", found=case.state.value)
            asked = typed.convening(said)
            wish = replace(asked.wish, excluded=[*{*asked.wish.excluded, *self._applicants(tx, case_no)}])
            able = self._pool(self._place.directory.demand(tx), wish).able
            if len(able) > pool.MOST:
                raise YunhuobanError(typed.ODD, place="regions", found=str(len(able)), expected=f"<= {pool.MOST}")
            record = {
                "review": 1 + len(before),
                "profession": wish.profession,
                "category": wish.category,
                "regions": list(wish.regions),
                "excluded": sorted(wish.excluded),
                "pool": list(able),
                "wanted": asked.wanted,
                "subject": asked.subject,
                "convened_at": now,
                "clerk": person.name,
            }
            self._place.say(tx, case, CONVENED, record, message_id=message_id, person=person, signature=None, now=now)
        _log.info("review.convened", case_no=case_no)
        self._place.sent()

    def ask(self, case_no: str, number: int, said: Mapping[str, str], *, person: Person, action_id: str) -> int:
        """Ask everybody for whom a place is free, in order; returns how many. Raises E-AROUND-030, -031, E-PAGE-005."""
        with self._place.store.write() as tx:
            case, review = progress.one(tx, self._place, case_no, number)
            if outbox.find(tx, derived_id(action_id, f"{_ASKED} 0")) is not None:
                return 0
            if not review.to_ask or case.state not in _EXAMINED:
                raise YunhuobanError(NOT_NOW, place="review", found=str(number))
            asked = typed.question(said)
            for place, expert in enumerate(review.to_ask):
                self._ask(
                    tx, case, review, asked, expert, message_id=derived_id(action_id, f"{_ASKED} {place}"), by=person
                )
            count = len(review.to_ask)
        _log.info("review.asked", case_no=case_no, count=count)
        self._place.sent()
        return count

    def give_up(self, case_no: str, number: int, expert: str, *, person: Person) -> None:
        """Wait no longer for one whose day is over: the next in reserve takes the place. Raises E-AROUND-031, -032."""
        now = self._place.clock()
        with self._place.store.write() as tx:
            _case, review = progress.one(tx, self._place, case_no, number)
            found = next((each for each in review.asked if each.expert == expert), None)
            if found is None or found.answer is not Answer.ASKED or review.concluded is not None:
                raise YunhuobanError(NOT_NOW, place="expert", found=expert)
            if beijing_day(now) <= found.opine_until:
                raise YunhuobanError(NOT_DUE, place="opine_until", expected=f"> {found.opine_until}")
            tx.execute(
                update(review_asks)
                .where(review_asks.c.case_no == case_no, review_asks.c.review == number)
                .where(review_asks.c.expert == expert)
                .values(given_up_by=person.account, given_up_at=to_millis(now))
            )
        _log.info("review.given_up", case_no=case_no)

    def _ask(
        self,
        tx: Connection,
        case: Case,
        review: Review,
        asked: typed.Question,
        expert: str,
        *,
        message_id: str,
        by: Person,
    ) -> None:
        found, now = drawing.parts(expert), self._place.clock()
        if found is None:
            raise YunhuobanError(NOT_THERE, place="expert")
        county, expert_no = found
        record = {
            "expert_no": expert_no,
            "convening_id": review.convening_id,
            "subject": review.convened["subject"],
            "text": asked.text,
            "questions": [{"point": point, "text": text} for point, text in enumerate(asked.points, 1)],
            "employers": SEPARATOR.join(review.convened["excluded"]),
            "meets_at": asked.meets_at,
            "meeting": asked.meeting,
            "opine_until": asked.opine_until,
            "asked_at": now,
            "clerk": by.name,
        }
        matter_no = self._place.begin(
            tx, _ASKED, record, county=county, service_item=case.service_item, message_id=message_id, now=now
        )
        tx.execute(
            insert(review_asks).values(
                message_id=message_id,
                case_no=case.case_no,
                review=review.number,
                expert=expert,
                matter_no=matter_no,
                opine_until=asked.opine_until,
            )
        )

    def _pool(self, directory: DirectoryView, wish: Wish) -> Pool:
        return pool.of(directory.stated, wish, beijing_day(self._place.clock()))

    def _applicants(self, tx: Connection, case_no: str) -> Sequence[str]:
        """The applicant's own code when that is a company: its people do not review it."""
        application: Mapping[str, Any] | None = grounds.application(tx, self._place, case_no)
        code = application["applicant"]["document_no"].strip().upper() if application is not None else ""
        try:
            CitizenNumber.parse(code)
        except YunhuobanError:
            return [code] if len(code) == _CREDIT_CHARACTERS else []
        return []
