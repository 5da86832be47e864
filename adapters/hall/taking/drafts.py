"""Drafts: what a clerk has typed so far, kept at every keystroke, sealed, found again after a crash.

A draft belongs to one account. Its id is made before the first keystroke and names the press that ends it; what was
pressed is a draft no more, until a refusal opens it for correction.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from adapters.hall.taking import scans
from adapters.hall.taking.tables import takings
from adapters.instants import from_millis, to_millis
from adapters.store import tables
from certs.atrest import AtRest
from schemas.errors import YunhuobanError, declare
from schemas.lifecycle import CaseState

_LISTED: Final = 100

NO_DRAFT: Final = declare(
    "E-TAKE-001", "没有这份草稿：它属于别的人员，或者已经过期删除。", "请回到收件首页，在“我的草稿”里查找。"
)
ALREADY_TAKEN: Final = declare(
    "E-TAKE-002", "这份申请已经报送，不能再改。", "请看办件页；被退回的申请可以在那里更正后重新报送。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One application as far as it has been typed."""

    draft_id: str
    account: str
    window_no: str
    issuing_county: str
    service_item: str
    trial: bool
    typed: Mapping[str, str] = field(repr=False)
    """By the path of the field, as typed."""
    stamps: Mapping[str, Mapping[str, str]] = field(repr=False)
    """By the path of what was checked: which account did it (`by`), and when (`at`, ISO 8601)."""
    taken: bool
    attempt: int
    case_no: str
    message_id: str
    supplement_of: str
    """The application that it supplements; empty for an application."""
    created_at: datetime
    changed_at: datetime
    taken_at: datetime | None
    wiped_at: datetime | None

    @property
    def pressed(self) -> bool:
        """Whether it was sent once, even if it was refused and is typed in again."""
        return bool(self.message_id)


def start(
    tx: Connection,
    sealing: AtRest,
    *,
    account: str,
    window_no: str,
    issuing_county: str,
    service_item: str,
    trial: bool,
    typed: Mapping[str, str],
    now: datetime,
    supplements: Draft | None = None,
) -> str:
    """Begin a draft, of the supplement to a taken application where one is named; returns its id."""
    draft_id = str(uuid.uuid4())
    tx.execute(
        insert(takings).values(
            draft_id=draft_id,
            account=account,
            window_no=window_no,
            issuing_county=issuing_county,
            service_item=service_item,
            trial=trial,
            typed_sealed=_sealed(sealing, draft_id, typed, {}),
            taken=False,
            attempt=1,
            case_no=supplements.case_no if supplements is not None else None,
            supplement_of=supplements.draft_id if supplements is not None else None,
            created_at=to_millis(now),
            changed_at=to_millis(now),
        )
    )
    return draft_id


def find(tx: Connection, sealing: AtRest, draft_id: str, *, for_change: bool = False) -> Draft:
    """One draft or taken application. Raises E-TAKE-001. `for_change` lets no other transaction change it meanwhile."""
    wanted = select(takings).where(takings.c.draft_id == draft_id)
    row = tx.execute(wanted.with_for_update() if for_change else wanted).one_or_none()
    if row is None:
        raise YunhuobanError(NO_DRAFT, place="draft_id")
    return _draft(sealing, row)


def exists(tx: Connection, draft_id: str) -> bool:
    """Whether it is still there."""
    return tx.execute(select(takings.c.draft_id).where(takings.c.draft_id == draft_id)).first() is not None


def mine(tx: Connection, sealing: AtRest, draft_id: str, account: str, *, for_change: bool = False) -> Draft:
    """This account's draft, still to be typed in. Raises E-TAKE-001 or -002."""
    draft = find(tx, sealing, draft_id, for_change=for_change)
    if draft.account != account:
        raise YunhuobanError(NO_DRAFT, place="draft_id")
    if draft.taken:
        raise YunhuobanError(ALREADY_TAKEN, place="draft_id", found=draft.case_no)
    return draft


def keep(
    tx: Connection,
    sealing: AtRest,
    draft: Draft,
    *,
    typed: Mapping[str, str],
    stamps: Mapping[str, Mapping[str, str] | None],
    now: datetime,
) -> Draft:
    """Keep what was typed over what was there; a stamp of None is taken away. Returns the draft as it is now."""
    whole = {**draft.typed, **typed}
    stamped = {path: dict(each) for path, each in {**draft.stamps, **stamps}.items() if each is not None}
    row = (
        update(takings)
        .where(takings.c.draft_id == draft.draft_id)
        .values(typed_sealed=_sealed(sealing, draft.draft_id, whole, stamped), changed_at=to_millis(now))
    )
    tx.execute(row)
    return find(tx, sealing, draft.draft_id)


def taken(tx: Connection, draft: Draft, *, case_no: str, message_id: str, now: datetime) -> None:
    """It was pressed and is a case now."""
    values = {"taken": True, "case_no": case_no, "message_id": message_id, "taken_at": to_millis(now)}
    tx.execute(update(takings).where(takings.c.draft_id == draft.draft_id).values(**values))


def held(tx: Connection, draft_id: str, now: datetime) -> None:
    """It is typed in no more, and sent when its turn comes (a part of a group)."""
    values = {"taken": True, "changed_at": to_millis(now)}
    tx.execute(update(takings).where(takings.c.draft_id == draft_id).values(**values))


def reopened(tx: Connection, draft: Draft, *, account: str, now: datetime) -> None:
    """It is typed in by whoever pressed last: to be corrected after a refusal, or a supplement that another began."""
    values = {"taken": False, "attempt": draft.attempt + 1, "account": account, "changed_at": to_millis(now)}
    tx.execute(update(takings).where(takings.c.draft_id == draft.draft_id).values(**values))


def of_account(tx: Connection, sealing: AtRest, account: str) -> Sequence[Draft]:
    """Somebody's drafts, what was touched last first."""
    wanted = select(takings).where(takings.c.account == account, takings.c.taken.is_(False))
    return [_draft(sealing, row) for row in tx.execute(wanted.order_by(takings.c.changed_at.desc()).limit(_LISTED))]


def lately_taken(tx: Connection, sealing: AtRest, limit: int = 20) -> Sequence[Draft]:
    """What this county's clerks have taken, newest first."""
    sent = takings.c.taken & takings.c.message_id.is_not(None)
    mine = select(takings).where(sent, takings.c.supplement_of.is_(None))
    wanted = mine.order_by(takings.c.taken_at.desc()).limit(limit)
    return [_draft(sealing, row) for row in tx.execute(wanted)]


def to_supplement(tx: Connection, sealing: AtRest) -> Sequence[Draft]:
    """Taken applications to which the other county asked for a supplement, what was taken first first."""
    cases = tables.cases
    asked = cases.c.state == CaseState.SUPPLEMENT_REQUESTED.value
    wanted = (
        select(takings)
        .join(cases, cases.c.case_no == takings.c.case_no)
        .where(takings.c.taken, takings.c.supplement_of.is_(None), asked)
        .order_by(takings.c.taken_at)
        .limit(_LISTED)
    )
    return [_draft(sealing, row) for row in tx.execute(wanted)]


def supplement_to(tx: Connection, sealing: AtRest, draft_id: str, *, for_change: bool = False) -> Draft | None:
    """The supplement to a taken application, as far as it is; one case has one, as it has one notice."""
    wanted = select(takings).where(takings.c.supplement_of == draft_id)
    row = tx.execute(wanted.with_for_update() if for_change else wanted).one_or_none()
    return _draft(sealing, row) if row is not None else None


def discard(tx: Connection, draft: Draft) -> None:
    """Forget a draft that never became a case, with its scans."""
    scans.forget(tx, [draft.draft_id])
    tx.execute(delete(takings).where(takings.c.draft_id == draft.draft_id))


def _sealed(sealing: AtRest, draft_id: str, typed: Mapping[str, str], stamps: Mapping[str, Mapping[str, str]]) -> bytes:
    said = {"typed": dict(typed), "stamps": {path: dict(each) for path, each in stamps.items()}}
    return sealing.seal(json.dumps(said, ensure_ascii=False).encode(), place=_place(draft_id))


def _draft(sealing: AtRest, row: Any) -> Draft:
    said: Any = {"typed": {}, "stamps": {}}
    if row.typed_sealed:  # nothing is left of what was wiped
        said = json.loads(sealing.open(row.typed_sealed, place=_place(row.draft_id)))
    return Draft(
        draft_id=row.draft_id,
        account=row.account,
        window_no=row.window_no,
        issuing_county=row.issuing_county,
        service_item=row.service_item,
        trial=row.trial,
        typed=said["typed"],
        stamps=said["stamps"],
        taken=row.taken,
        attempt=row.attempt,
        case_no=row.case_no or "",
        message_id=row.message_id or "",
        supplement_of=row.supplement_of or "",
        created_at=from_millis(row.created_at),
        changed_at=from_millis(row.changed_at),
        taken_at=from_millis(row.taken_at) if row.taken_at is not None else None,
        wiped_at=from_millis(row.wiped_at) if row.wiped_at is not None else None,
    )


def _place(draft_id: str) -> str:
    return f"takings/{draft_id}"
