"""The book of exports: what was asked for and why, who decided, what left, by its digest.

A request is decided by somebody with the other of the two roles, so that county IT and audit watch each other
(GB/T 35273-2020 7.1: approval of bulk operations, separate roles; domain.md §8.2, P12). What it is about is sealed and
gone with the file; the line stays.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from adapters.hall.privacy.tables import exports
from adapters.instants import from_millis, to_millis
from certs.atrest import AtRest
from pages.people.person import Person, Role, of_machine
from schemas.errors import YunhuobanError, declare

OWN_ACCOUNT: Final = declare(
    "E-EXPORT-001", "导出要用自己的账号办，本机的一次性地址不行。", "请用自己的账号登录，再申请、批准或领取。"
)
OTHER_PERSON: Final = declare(
    "E-EXPORT-002",
    "批准或退回导出的，须是另一个人，并有另一种角色。",
    "县信息中心申请的，请审计员决定；审计员申请的，请县信息中心决定。",
)
NOT_SO: Final = declare(
    "E-EXPORT-003", "这份导出现在不能这样办：没有这一份、已经决定、已经取走或已经过期。", "请刷新页面，看它现在的状态。"
)
NOT_YOURS: Final = declare("E-EXPORT-004", "导出的文件只能由申请的人领取。", "请由申请人登录后领取。")
NOT_ASKED: Final = declare("E-EXPORT-005", "导出申请没有填完整。", "请选择内容、文件形式和目的后再申请。")
MOST_SHOWN: Final = 200


class State(StrEnum):
    """Of an export."""

    ASKED = "asked"
    MADE = "made"
    TAKEN = "taken"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One line."""

    export_no: int
    kind: str
    form: str
    purpose: str
    state: State
    asked_by: str
    asked_as: Role
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    expires_at: datetime
    rows: int
    size_bytes: int
    sha256: str
    taken_at: datetime | None

    @property
    def number(self) -> str:
        """As it stands on every page of the file."""
        return f"EX-{self.export_no:06}"


def role_of(person: Person) -> Role:
    """Auditor or county IT; nobody is both. Raises E-EXPORT-001 for whoever has not signed in."""
    if person.account == of_machine(frozenset()).account:
        raise YunhuobanError(OWN_ACCOUNT, place="account")
    return Role.AUDITOR if Role.AUDITOR in person.roles else Role.COUNTY_IT


def ask(
    tx: Connection,
    sealing: AtRest,
    *,
    kind: str,
    form: str,
    purpose: str,
    about: str,
    person: Person,
    now: datetime,
    kept: timedelta,
) -> int:
    """Write down a request; returns its number. Raises E-EXPORT-001."""
    values = {
        "kind": kind,
        "form": form,
        "purpose": purpose,
        "state": State.ASKED.value,
        "asked_by": person.account,
        "asked_as": role_of(person).value,
        "asked_at": to_millis(now),
        "expires_at": to_millis(now + kept),
    }
    number = int(tx.execute(insert(exports).values(**values).returning(exports.c.export_no)).scalar_one())
    if about:
        sealed = sealing.seal(about.encode(), place=_about(number))
        tx.execute(update(exports).where(exports.c.export_no == number).values(about_sealed=sealed))
    return number


def to_decide(tx: Connection, export_no: int, *, person: Person, now: datetime) -> Export:
    """A request that this person may decide now. Raises E-EXPORT-001, -002 or -003."""
    found, role = one(tx, export_no), role_of(person)
    if found.state is not State.ASKED or found.expires_at <= now:
        raise YunhuobanError(NOT_SO, place=found.number, found=found.state, expected=State.ASKED)
    if found.asked_by == person.account or found.asked_as is role:
        raise YunhuobanError(OTHER_PERSON, place=found.number, found=role)
    return found


def about(tx: Connection, sealing: AtRest, export_no: int) -> str:
    """Of whom it is; empty for a whole list."""
    sealed = tx.execute(select(exports.c.about_sealed).where(exports.c.export_no == export_no)).scalar_one()
    return "" if sealed is None else sealing.open(sealed, place=_about(export_no)).decode()


def decline(tx: Connection, found: Export, *, by: str, now: datetime) -> None:
    """The other person says no. Raises E-EXPORT-003 when somebody was faster."""
    _settle(tx, found, state=State.DECLINED.value, decided_by=by, decided_at=to_millis(now), about_sealed=None)


def made(
    tx: Connection, sealing: AtRest, found: Export, *, file: bytes, rows: int, by: str, now: datetime, kept: timedelta
) -> None:
    """The other person said yes and the file was made. Raises E-EXPORT-003 when somebody was faster."""
    _settle(
        tx,
        found,
        state=State.MADE.value,
        decided_by=by,
        decided_at=to_millis(now),
        expires_at=to_millis(now + kept),
        rows=rows,
        size_bytes=len(file),
        sha256=hashlib.sha256(file).digest(),
        about_sealed=None,
        file_sealed=sealing.seal(file, place=_file(found.export_no)),
    )


def take(tx: Connection, sealing: AtRest, export_no: int, *, person: Person, now: datetime) -> tuple[Export, bytes]:
    """The file, for whoever asked, once: it is gone from the store with that. Raises E-EXPORT-001, -003 or -004."""
    role_of(person)
    found = one(tx, export_no)
    if found.asked_by != person.account:
        raise YunhuobanError(NOT_YOURS, place=found.number)
    here = (exports.c.export_no == export_no) & (exports.c.state == State.MADE.value)
    sealed = tx.execute(select(exports.c.file_sealed).where(here)).scalar()
    gone = {"state": State.TAKEN.value, "taken_at": to_millis(now), "file_sealed": None}
    if sealed is None or found.expires_at <= now or not tx.execute(update(exports).where(here).values(**gone)).rowcount:
        raise YunhuobanError(NOT_SO, place=found.number, found=found.state, expected=State.MADE)
    return found, sealing.open(sealed, place=_file(export_no))


def one(tx: Connection, export_no: int) -> Export:
    """One line. Raises E-EXPORT-003."""
    row = tx.execute(select(*_shown()).where(exports.c.export_no == export_no)).one_or_none()
    if row is None:
        raise YunhuobanError(NOT_SO, place=f"EX-{export_no:06}")
    return _export(row)


def newest(tx: Connection) -> Sequence[Export]:
    """The newest lines."""
    return [
        _export(row) for row in tx.execute(select(*_shown()).order_by(exports.c.export_no.desc()).limit(MOST_SHOWN))
    ]


def taken_by(tx: Connection, account: str, since: datetime, until: datetime) -> Sequence[Export]:
    """What one account took out in a time, oldest first."""
    when = exports.c.taken_at.between(to_millis(since), to_millis(until))
    wanted = select(*_shown()).where(exports.c.asked_by == account, when).order_by(exports.c.export_no)
    return [_export(row) for row in tx.execute(wanted)]


def _settle(tx: Connection, found: Export, **values: Any) -> None:
    here = (exports.c.export_no == found.export_no) & (exports.c.state == State.ASKED.value)
    if tx.execute(update(exports).where(here).values(**values)).rowcount != 1:
        raise YunhuobanError(NOT_SO, place=found.number, expected=State.ASKED)


def _shown() -> list[Any]:
    return [each for each in exports.c if not each.name.endswith("_sealed")]


def _export(row: Any) -> Export:
    return Export(
        export_no=row.export_no,
        kind=row.kind,
        form=row.form,
        purpose=row.purpose,
        state=State(row.state),
        asked_by=row.asked_by,
        asked_as=Role(row.asked_as),
        asked_at=from_millis(row.asked_at),
        decided_by=row.decided_by,
        decided_at=from_millis(row.decided_at) if row.decided_at is not None else None,
        expires_at=from_millis(row.expires_at),
        rows=row.rows,
        size_bytes=row.size_bytes,
        sha256=row.sha256.hex() if row.sha256 is not None else "",
        taken_at=from_millis(row.taken_at) if row.taken_at is not None else None,
    )


def _about(export_no: int) -> str:
    return f"privacy_exports.about/{export_no}"


def _file(export_no: int) -> str:
    return f"privacy_exports.file/{export_no}"
