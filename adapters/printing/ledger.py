"""The county's print ledger: what may happen to an authorisation, and when.

Each transition is one UPDATE whose WHERE clause holds the states that `states.TRANSITIONS` allows, inside the
caller's transaction; when no row matches, the declared error says what was found and the caller rolls back.
"""

import uuid
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from adapters.printing import stock
from adapters.printing.states import HELD, TRANSITIONS, Event, PrintState
from adapters.printing.stock import Printed, StockSheet
from adapters.printing.tables import PRINTS, CopyKind, SpoilReason
from schemas import errors
from schemas.errors import YunhuobanError

NOT_KNOWN: Final = errors.declare("E-PRINT-101", "本县没有收到这个打印授权。", "请核对授权编号，或请属地重新授权。")
CHANGED: Final = errors.declare(
    "E-PRINT-102", "同一编号的打印授权内容前后不一致，已拒绝后来的一份。", "请联系属地，用新的编号重新授权。"
)
WRONG_STATE: Final = errors.declare("E-PRINT-103", "打印授权当前的状态不允许这样做。", "请刷新页面，按当前状态办理。")
NOT_YOURS: Final = errors.declare(
    "E-PRINT-104", "这个打印授权由另一台打印站领取，或者领取编号不符。", "请到领取它的打印站办理。"
)
NOT_GRANTED: Final = errors.declare(
    "E-PRINT-105", "还没有得到中枢的放行，不能打印。", "请等待放行；中枢连不上时不能打印。"
)
COPY_TAKEN: Final = errors.declare(
    "E-PRINT-106", "这一份证照已由另一个打印授权领取或打印。", "请核对正、副本和份数；需要重打的，先处理前一个授权。"
)
TOO_LATE: Final = errors.declare("E-PRINT-107", "打印授权已过有效期。", "请属地重新授权。")
NO_SHEET_YET: Final = errors.declare(
    "E-PRINT-108",
    "打印机还没有报告纸已打印出来，现在不能确认。",
    "请等打印机打完；久等无结果的，会转为“结果不明”由人处理。",
)
REVOKED_MEANWHILE: Final = errors.declare(
    "E-PRINT-109", "打印期间属地撤销了授权，这张纸不能交付。", "请把这张纸按作废登记。"
)
TWO_PERSONS: Final = errors.declare(
    "E-PRINT-114", "登记“没有出纸”需要两个人，并且不填空白证照编号。", "请另一名工作人员一同核对后登记。"
)
REASON_WRONG: Final = errors.declare(
    "E-PRINT-115", "作废原因与办理方式不符。", "“没有出纸”只用于处理结果不明的打印；其他作废请选择原因。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """What the issuing county signed: one copy, once, here. Digests are SHA-256 in lower-case hex."""

    authorisation_no: str
    case_no: str
    issuing_county: str
    target_county: str
    hall: str
    license_identifier: str
    license_version: int
    copy_kind: CopyKind
    copy_no: int
    stock_kind: str
    template: str
    sealed_sha256: str  # the complete license, for white paper
    print_file_sha256: str  # the fill layer, for stock
    expires_at: datetime
    trial: bool
    supersedes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the ledger: the authorisation and what became of it."""

    authorisation: Authorisation
    state: PrintState
    attempt: int  # claims made; a claim the hub refused is followed by one with a new id
    claim_id: str | None
    station: str | None
    held_by: str | None  # the account that answers for it until its outcome is said
    granted_at: datetime | None
    start_by: datetime | None
    grant: bytes | None
    job_name: str | None
    job_uuid: str | None
    started_at: datetime | None
    sheet_out_at: datetime | None  # the printer said the job is completed; a person has yet to look
    revoked_at: datetime | None
    outcome_at: datetime | None
    stock_serial: str | None
    spoil_reason: SpoilReason | None
    settled_by: str | None  # clerk numbers, never names
    witness: str | None


_SIGNED: Final = tuple(field.name for field in fields(Authorisation))
_KEPT: Final = tuple(field.name for field in fields(Entry) if field.name != "authorisation")


def record(tx: Connection, authorisation: Authorisation) -> None:
    """Enter a verified authorisation. The same once more changes nothing; the same number otherwise is CHANGED."""
    known = _row(tx, authorisation.authorisation_no)
    if known is None:
        tx.execute(insert(PRINTS).values(**asdict(authorisation), state=PrintState.AUTHORISED, attempt=0))
    elif _entry(known).authorisation != authorisation:
        raise YunhuobanError(CHANGED, place=authorisation.authorisation_no)


def entry(tx: Connection, authorisation_no: str) -> Entry:
    """Return one row. Raises NOT_KNOWN."""
    row = _row(tx, authorisation_no)
    if row is None:
        raise YunhuobanError(NOT_KNOWN, place=authorisation_no)
    return _entry(row)


def entries(
    tx: Connection,
    *,
    states: Collection[PrintState],
    hall: str | None = None,
    station: str | None = None,
    since: datetime | None = None,
) -> list[Entry]:
    """Return the rows in these states, of one hall or one station if given, the soonest to expire first.

    `since` leaves out what ended before.
    """
    wanted = select(PRINTS).where(PRINTS.c.state.in_(list(states)))
    if hall is not None:
        wanted = wanted.where(PRINTS.c.hall == hall)
    if station is not None:
        wanted = wanted.where(PRINTS.c.station == station)
    if since is not None:
        wanted = wanted.where(PRINTS.c.outcome_at >= since)
    return [_entry(row) for row in tx.execute(wanted.order_by(PRINTS.c.expires_at, PRINTS.c.authorisation_no))]


def claim(tx: Connection, authorisation_no: str, *, station: str, now: datetime, by: str = "") -> str:
    """Claim for one station and return the claim id, made once and kept: asking again returns the same id.

    `by` is the account that answers for it from now on; whoever asks again does not become it.

    Raises TOO_LATE, NOT_YOURS, COPY_TAKEN or WRONG_STATE.
    """
    found = entry(tx, authorisation_no)
    if found.state is PrintState.CLAIMED and found.claim_id is not None:
        if found.station != station:
            raise YunhuobanError(NOT_YOURS, place=authorisation_no)
        return found.claim_id
    if found.state is PrintState.AUTHORISED and now >= found.authorisation.expires_at:
        raise YunhuobanError(TOO_LATE, place=authorisation_no)
    claim_id = str(uuid.uuid4())
    try:
        _move(
            tx,
            authorisation_no,
            Event.CLAIM,
            claim_id=claim_id,
            station=station,
            held_by=by,
            attempt=found.attempt + 1,
        )
    except IntegrityError as error:
        raise YunhuobanError(COPY_TAKEN, place=authorisation_no) from error
    return claim_id


def claim_refused(tx: Connection, authorisation_no: str, *, claim_id: str) -> None:
    """Note the hub's signed refusal of a claim never granted; the next claim is a new attempt with a new id."""
    _move(
        tx,
        authorisation_no,
        Event.CLAIM_REFUSED,
        PRINTS.c.claim_id == claim_id,
        PRINTS.c.granted_at.is_(None),
        refusal=NOT_YOURS,
        claim_id=None,
        station=None,
        held_by=None,
    )


def keep_grant(
    tx: Connection,
    authorisation_no: str,
    *,
    claim_id: str,
    grant: bytes,
    granted_at: datetime,
    start_limit_seconds: float,
) -> None:
    """Keep the hub's grant, its first or a fresh one under the same claim id. Raises NOT_YOURS, WRONG_STATE."""
    start_by = granted_at + timedelta(seconds=start_limit_seconds)
    _move(
        tx,
        authorisation_no,
        Event.GRANT,
        PRINTS.c.claim_id == claim_id,
        refusal=NOT_YOURS,
        grant=grant,
        granted_at=granted_at,
        start_by=start_by,
    )


def start(tx: Connection, authorisation_no: str, *, station: str, now: datetime) -> None:
    """Go from claimed to printing, before a byte is sent. Raises NOT_YOURS, NOT_GRANTED, WRONG_STATE."""
    if entry(tx, authorisation_no).station != station:
        raise YunhuobanError(NOT_YOURS, place=authorisation_no)
    _move(
        tx,
        authorisation_no,
        Event.START,
        PRINTS.c.station == station,
        PRINTS.c.granted_at.is_not(None),
        refusal=NOT_GRANTED,
        job_name=authorisation_no,
        job_uuid=None,
        started_at=now,
    )


def not_printed(tx: Connection, authorisation_no: str) -> None:
    """Go back to claimed because the printer certainly printed nothing; a revocation that came meanwhile acts now."""
    _move(tx, authorisation_no, Event.NOT_PRINTED, PRINTS.c.sheet_out_at.is_(None), job_name=None, started_at=None)
    revoked_at = entry(tx, authorisation_no).revoked_at
    if revoked_at is not None:
        _move(tx, authorisation_no, Event.REVOKE, outcome_at=revoked_at)


def saw_sheet(tx: Connection, authorisation_no: str, *, job_uuid: str, now: datetime) -> None:
    """Note that the printer calls the job completed. The row stays printing until a clerk has looked."""
    _move(tx, authorisation_no, Event.SHEET_OUT, PRINTS.c.sheet_out_at.is_(None), job_uuid=job_uuid, sheet_out_at=now)


def lose(tx: Connection, authorisation_no: str) -> None:
    """Go from printing to unknown: nobody can say from here whether a sheet came out."""
    _move(tx, authorisation_no, Event.LOSE, PRINTS.c.sheet_out_at.is_(None))


def confirm_printed(tx: Connection, authorisation_no: str, *, sheet: StockSheet | None, by: str, now: datetime) -> None:
    """The clerk holds a good sheet. Final. Raises NO_SHEET_YET, REVOKED_MEANWHILE, WRONG_STATE or a stock error."""
    _refuse_revoked(tx, authorisation_no)
    _move(
        tx,
        authorisation_no,
        Event.CONFIRM,
        PRINTS.c.sheet_out_at.is_not(None),
        refusal=NO_SHEET_YET,
        outcome_at=now,
        settled_by=by,
    )
    _use(tx, authorisation_no, sheet, PrintState.PRINTED, now)


def spoil(
    tx: Connection, authorisation_no: str, *, sheet: StockSheet | None, reason: SpoilReason, by: str, now: datetime
) -> None:
    """The clerk holds a void sheet. Final. Raises NO_SHEET_YET, REASON_WRONG, WRONG_STATE or a stock error."""
    if reason is SpoilReason.NO_SHEET:
        raise YunhuobanError(REASON_WRONG, place=authorisation_no)
    _move(
        tx,
        authorisation_no,
        Event.SPOIL,
        PRINTS.c.sheet_out_at.is_not(None),
        refusal=NO_SHEET_YET,
        outcome_at=now,
        settled_by=by,
        spoil_reason=reason,
    )
    _use(tx, authorisation_no, sheet, PrintState.SPOILED, now)


def settle_unknown(
    tx: Connection,
    authorisation_no: str,
    *,
    reason: SpoilReason | None,
    sheet: StockSheet | None,
    by: str,
    now: datetime,
    witness: str | None = None,
) -> None:
    """A person ends an unknown: printed when `reason` is None, else spoiled. Final.

    NO_SHEET (nothing came out) takes no stock number and needs a witness, another person than `by`. Raises
    TWO_PERSONS, REVOKED_MEANWHILE, WRONG_STATE or a stock error.
    """
    if reason is SpoilReason.NO_SHEET and (sheet is not None or not witness or witness == by):
        raise YunhuobanError(TWO_PERSONS, place=authorisation_no)
    if reason is None:
        _refuse_revoked(tx, authorisation_no)
    event = Event.SETTLE_PRINTED if reason is None else Event.SETTLE_SPOILED
    _move(tx, authorisation_no, event, outcome_at=now, settled_by=by, witness=witness, spoil_reason=reason)
    if reason is not SpoilReason.NO_SHEET:
        _use(tx, authorisation_no, sheet, TRANSITIONS[event][1], now)


def revoke(tx: Connection, authorisation_no: str, *, now: datetime) -> PrintState:
    """The issuing county revoked. Return the state after it: while a sheet may be out, only a mark is left.

    The mark keeps the sheet from being confirmed as printed; it has to be accounted for as spoiled. Raises
    WRONG_STATE when the authorisation has ended.
    """
    found = entry(tx, authorisation_no).state
    if found in {PrintState.PRINTING, PrintState.UNKNOWN}:
        tx.execute(update(PRINTS).where(PRINTS.c.authorisation_no == authorisation_no).values(revoked_at=now))
        return found
    _move(tx, authorisation_no, Event.REVOKE, revoked_at=now, outcome_at=now)
    return PrintState.REVOKED


def expire(tx: Connection, *, now: datetime) -> list[str]:
    """End every authorisation past its time that has no grant; return their numbers. A grant never expires."""
    due = select(PRINTS.c.authorisation_no).where(
        PRINTS.c.expires_at <= now,
        PRINTS.c.state.in_(list(TRANSITIONS[Event.EXPIRE][0])),
        PRINTS.c.granted_at.is_(None),
    )
    numbers = list(tx.execute(due.order_by(PRINTS.c.authorisation_no)).scalars())
    for authorisation_no in numbers:
        _move(tx, authorisation_no, Event.EXPIRE, outcome_at=now)
    return numbers


def hand_back(tx: Connection, authorisation_no: str, *, station: str, by: str, now: datetime) -> None:
    """The station that holds a claim gives it up unprinted. Final. Raises NOT_YOURS, WRONG_STATE."""
    _move(
        tx,
        authorisation_no,
        Event.HAND_BACK,
        PRINTS.c.station == station,
        refusal=NOT_YOURS,
        outcome_at=now,
        settled_by=by,
    )


def held(tx: Connection, account: str) -> list[Entry]:
    """What one account answers for: asked for, and its outcome not said."""
    wanted = select(PRINTS).where(PRINTS.c.held_by == account, PRINTS.c.state.in_(list(HELD)))
    return [_entry(row) for row in tx.execute(wanted.order_by(PRINTS.c.authorisation_no))]


def pass_on(tx: Connection, authorisation_no: str, *, before: str, after: str) -> None:
    """Another account answers for it; nothing else changes, at whatever point the sheet is. Raises WRONG_STATE."""
    where = (PRINTS.c.authorisation_no == authorisation_no, PRINTS.c.held_by == before, PRINTS.c.state.in_(list(HELD)))
    if tx.execute(update(PRINTS).where(*where).values(held_by=after)).rowcount != 1:
        found = entry(tx, authorisation_no).state
        raise YunhuobanError(WRONG_STATE, place=authorisation_no, found=found, expected=", ".join(sorted(HELD)))


def spoiled_before(tx: Connection, authorisation_no: str) -> int:
    """Count the spoiled authorisations this one supersedes, one after the other, for the issuing county's limit."""
    spoiled, earlier = 0, entry(tx, authorisation_no).authorisation.supersedes
    while earlier is not None:
        before = entry(tx, earlier)
        spoiled += before.state is PrintState.SPOILED
        earlier = before.authorisation.supersedes
    return spoiled


def _row(tx: Connection, authorisation_no: str) -> Row[Any] | None:
    return tx.execute(select(PRINTS).where(PRINTS.c.authorisation_no == authorisation_no)).one_or_none()


def _entry(row: Row[Any]) -> Entry:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row by column name
    authorisation = Authorisation(**{name: values[name] for name in _SIGNED})
    kept = {name: values[name] for name in _KEPT}
    return Entry(authorisation=authorisation, **kept)


def _move(
    tx: Connection,
    authorisation_no: str,
    event: Event,
    *also: ColumnElement[bool],
    refusal: errors.Code = WRONG_STATE,
    **values: object,
) -> None:
    """Make one transition where the state and `also` allow it; `refusal` is said when only `also` did not."""
    before, after = TRANSITIONS[event]
    where = (PRINTS.c.authorisation_no == authorisation_no, PRINTS.c.state.in_(list(before)), *also)
    if tx.execute(update(PRINTS).where(*where).values(state=after, **values)).rowcount == 1:
        return
    found = entry(tx, authorisation_no).state
    code = refusal if found in before else WRONG_STATE
    raise YunhuobanError(code, place=authorisation_no, found=found, expected=", ".join(sorted(before)))


def _refuse_revoked(tx: Connection, authorisation_no: str) -> None:
    if entry(tx, authorisation_no).revoked_at is not None:
        raise YunhuobanError(REVOKED_MEANWHILE, place=authorisation_no)


def _use(tx: Connection, authorisation_no: str, sheet: StockSheet | None, state: PrintState, now: datetime) -> None:
    row = entry(tx, authorisation_no)
    kind = None if row.authorisation.trial else row.authorisation.stock_kind
    word = Printed(station=row.station or "", by=row.settled_by or "", reason=row.spoil_reason or "")
    serial = stock.use(tx, authorisation_no, sheet, authorised_kind=kind, state=state, word=word, now=now)
    tx.execute(update(PRINTS).where(PRINTS.c.authorisation_no == authorisation_no).values(stock_serial=serial))
