"""The end of a review: recordings registered by their digests, the report assembled on the spot, and its archive.

A recording never comes here: its file is hashed in the browser. The report stays in this store, sealed; the message
carries its digest alone.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, insert, select

from adapters.boxes import outbox
from adapters.case.workplace import Workplace
from adapters.hall.approving import grounds
from adapters.hall.revealing import book
from adapters.hall.revealing.book import What
from adapters.hall.reviewing import progress, reportfile, typed
from adapters.hall.reviewing.desk import NOT_NOW
from adapters.hall.reviewing.progress import Review
from adapters.hall.reviewing.tables import review_recordings, review_reports
from adapters.instants import to_millis
from pages.frame import NOT_THERE
from pages.people.person import Person
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError
from schemas.workdays.hours import beijing_day

_CONCLUDED: Final = "review.concluded"
_MOST_RECORDINGS: Final = 40
_NAMES: Final = ("name", "sha256", "size_bytes", "duration_seconds", "kept_at", "kept_until")
_log = structlog.get_logger(__name__)


class Conclusions:
    """Threads may share it."""

    def __init__(self, place: Workplace, *, county: str, kept: timedelta) -> None:
        """`county` is its name on the report; recordings are kept for so long from the day they are registered."""
        self._place = place
        self._county = county
        self._kept = kept

    def register(self, case_no: str, number: int, said: Mapping[str, str], *, person: Person, action_id: str) -> None:
        """Put a recording on the list of the archive. Raises E-AROUND-030, -031, E-PAGE-005."""
        now = self._place.clock()
        with self._place.store.write() as tx:
            _case, review = progress.one(tx, self._place, case_no, number)
            before = recordings(tx, case_no, number)
            if review.concluded is not None or len(before) >= _MOST_RECORDINGS:
                raise YunhuobanError(NOT_NOW, place="review", found=str(number))
            found = typed.recording(said)
            known = select(review_recordings.c.recording_id).where(review_recordings.c.recording_id == action_id)
            if tx.execute(known).first() is None:
                tx.execute(
                    insert(review_recordings).values(
                        recording_id=action_id,
                        case_no=case_no,
                        review=number,
                        **found,
                        kept_until=beijing_day(now) + self._kept,
                        registered_by=person.account,
                        registered_at=to_millis(now),
                    )
                )

    def conclude(self, case_no: str, number: int, said: Mapping[str, str], *, person: Person, action_id: str) -> None:
        """Assemble the report, keep it, say its digest. Raises E-AROUND-030, -031, -017, E-PAGE-005, -140 to -142."""
        now, message_id = self._place.clock(), derived_id(action_id, _CONCLUDED)
        with self._place.store.read() as tx:
            _case, review = progress.one(tx, self._place, case_no, number)
            listed = recordings(tx, case_no, number)
        result, text = typed.conclusion(said, list(reportfile.RESULTS))
        if review.concluded is None and not review.complete:
            raise YunhuobanError(NOT_NOW, place="review", found=str(number))
        told: dict[str, Any] = {"result": result, "text": text, "recordings": listed, "clerk": person.name, "now": now}
        pdf = reportfile.file_of(review, case_no=case_no, county=self._county, **told)
        digest = hashlib.sha256(pdf).digest()
        with self._place.store.write() as tx:  # what changed since the report was drawn is found by the history
            if outbox.find(tx, message_id) is not None:
                return
            case, again = progress.one(tx, self._place, case_no, number)
            if not again.complete or again != review:
                raise YunhuobanError(NOT_NOW, place="review", found=str(number))
            record = reportfile.record_of(again, sha256=digest, **told)
            self._place.say(tx, case, _CONCLUDED, record, message_id=message_id, person=person, signature=None, now=now)
            sealed = self._place.identity.storage.seal(pdf, place=_where(case_no, number))
            tx.execute(
                insert(review_reports).values(
                    case_no=case_no, review=number, sha256=digest, pdf_sealed=sealed, made_at=to_millis(now)
                )
            )
        _log.info("review.concluded", case_no=case_no)
        self._place.sent()

    def report(self, case_no: str, number: int, *, person: Person, purpose: str) -> bytes:
        """The report as it was kept, after the look is written down. Raises E-LOOK-001, E-PAGE-005."""
        reports, now = review_reports.c, self._place.clock()
        with self._place.store.write() as tx:
            grounds.case_of(tx, self._place, case_no)
            wanted = select(reports.pdf_sealed).where(reports.case_no == case_no, reports.review == number)
            sealed = tx.execute(wanted).scalar()
            if not sealed:
                raise YunhuobanError(NOT_THERE, place="review")
            book.note(tx, account=person.account, case_no=case_no, what=What.AROUND, purpose=purpose, now=now)
        return self._place.identity.storage.open(sealed, place=_where(case_no, number))

    def archive(self, case_no: str, number: int) -> bytes:
        """The manifest of the archive: what belongs to the review, each by its digest or message id. E-PAGE-005."""
        with self._place.store.read() as tx:
            _case, review = progress.one(tx, self._place, case_no, number)
            listed = recordings(tx, case_no, number)
        return json.dumps(_manifest(case_no, review, listed), ensure_ascii=False, indent=1).encode() + b"\n"

    def listed(self, case_no: str) -> Mapping[int, Sequence[Mapping[str, Any]]]:
        """The recordings of each review of a case."""
        with self._place.store.read() as tx:
            wanted = select(review_recordings.c.review).where(review_recordings.c.case_no == case_no).distinct()
            return {number: recordings(tx, case_no, number) for number in tx.execute(wanted).scalars().all()}


def recordings(tx: Connection, case_no: str, number: int) -> list[Mapping[str, Any]]:
    """What lies in the archive for a review, as the report says it."""
    rows = review_recordings.c
    wanted = select(*(rows[name] for name in _NAMES)).where(rows.case_no == case_no, rows.review == number)
    return [dict(row) for row in tx.execute(wanted.order_by(rows.registered_at, rows.recording_id)).mappings()]


def _manifest(case_no: str, review: Review, listed: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    drawn, concluded = review.drawn, review.concluded
    return {
        "case_no": case_no,
        "review": review.number,
        "convening_id": review.convening_id,
        "seed_size": drawn["seed_size"] if drawn is not None else None,
        "seed_root": drawn["seed_root"].hex() if drawn is not None else None,
        "drawn": list(drawn["drawn"]) if drawn is not None else [],
        "asked": [
            {
                "expert": each.expert,
                "matter_no": each.matter_no,
                "answer": each.answer.value,
                "message_id": each.message_id or None,
            }
            for each in review.asked
        ],
        "report_sha256": concluded["report_sha256"].hex() if concluded is not None else None,
        "recordings": [
            {**each, "sha256": each["sha256"].hex(), "kept_until": each["kept_until"].isoformat()} for each in listed
        ],
    }


def _where(case_no: str, number: int) -> str:
    return f"review_reports/{case_no}/{number}"
