"""An invitation and where it stands: `invited → requested → approved_once → approved → active`.

It ends otherwise as `refused` (with a reason), `expired` (72 hours without an acceptable request) or `burnt` (five
wrong attempts, or another invitation after it). Afterwards a county's own state counts: active, suspended, revoked.
Whatever is done stands in `history` with its time, and with a name where a person decides.
"""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Select, insert, select, update

from certs import invitation
from hub.instants import to_millis
from hub.store import tables
from schemas.divisions import register
from schemas.errors import YunhuobanError, declare
from schemas.joining import codes
from schemas.workdays.hours import beijing_day

LIFE: Final = timedelta(hours=72)
MOST_ATTEMPTS: Final = 5

UNDER_WAY: Final = declare(
    "E-JOIN-010", "这个县的加入申请正在办理，不能另发邀请。", "请先办完，或用 hub county refuse 退回，再重新邀请。"
)
NOT_IN_STATE: Final = declare(
    "E-JOIN-011", "这个县的加入申请现在不在这一步。", "请用 hub county requests 查看办到哪一步。"
)


class State(StrEnum):
    """Where an invitation stands."""

    INVITED = "invited"
    REQUESTED = "requested"
    APPROVED_ONCE = "approved_once"
    APPROVED = "approved"
    ACTIVE = "active"
    REFUSED = "refused"
    EXPIRED = "expired"
    BURNT = "burnt"


_UNDER_WAY: Final = (State.REQUESTED, State.APPROVED_ONCE, State.APPROVED)


def invite(tx: Connection, county: str, *, fingerprint: str, now: datetime, by: str = "", note: str = "") -> str:
    """A new invitation, in place of one that nobody used; returns the code, which is kept nowhere.

    Raises E-ID-001 to -005 for what is no county today, E-JOIN-010 while an accepted request waits.
    """
    register.find_county(county, beijing_day(now))
    before = newest(tx, county)
    if before is not None and before.state in _UNDER_WAY:
        raise YunhuobanError(UNDER_WAY, found=before.state)
    if before is not None and before.state == State.INVITED:
        change(tx, before, now=now, act="replaced", state=State.BURNT)
    secret = secrets.token_bytes(codes.CODE_BYTES)
    tx.execute(
        insert(tables.invitations).values(
            invitation=secrets.token_hex(16),
            county=county,
            verifier=invitation.derive(secret),
            fingerprint=fingerprint,
            # Later than the one before it, or nobody could say which of two in one millisecond counts.
            made_at=max(to_millis(now), before.made_at + 1 if before is not None else 0),
            expires_at=to_millis(now + LIFE),
            attempts=0,
            state=State.INVITED.value,
            request=b"",
            request_sha256=b"",
            key_digests="",
            findings="[]",
            history=json.dumps([_entry(now, "invited", by, note)], ensure_ascii=False),
            certificates=b"{}",
            challenge_sha256=b"",
            answer=b"",
        )
    )
    return codes.write_code(secret)


def newest(tx: Connection, county: str) -> Any:
    """The county's newest invitation, locked until the transaction ends, or None."""
    return tx.execute(_newest(county).with_for_update()).first()


def seen(tx: Connection, county: str) -> Any:
    """The same for a transaction that only reads."""
    return tx.execute(_newest(county)).first()


def _newest(county: str) -> Select[Any]:
    table = tables.invitations
    return select(table).where(table.c.county == county).order_by(table.c.made_at.desc()).limit(1)


def demand(tx: Connection, county: str, *states: State) -> Any:
    """The newest invitation, if it stands at one of these. Raises E-JOIN-011."""
    row = newest(tx, county)
    if row is None or row.state not in states:
        raise YunhuobanError(NOT_IN_STATE, found=row.state if row else "-", expected=" | ".join(states))
    return row


def change(tx: Connection, row: Any, *, now: datetime, act: str, by: str = "", note: str = "", **values: Any) -> None:
    """Change an invitation and write down what was done."""
    history = [*json.loads(row.history), _entry(now, act, by, note)]
    tx.execute(
        update(tables.invitations)
        .where(tables.invitations.c.invitation == row.invitation)
        .values(history=json.dumps(history, ensure_ascii=False), **values)
    )


def approvers(row: Any) -> list[str]:
    """Who has approved."""
    return [each["by"] for each in json.loads(row.history) if each["act"] == "approved"]


def reason(row: Any) -> str:
    """Why it was refused; empty when it was not."""
    return next((each["note"] for each in json.loads(row.history) if each["act"] == "refused"), "")


def standing(row: Any, now: datetime) -> str:
    """Its state for people: one whose time is up is expired although nobody has written so yet."""
    over = row.state == State.INVITED and to_millis(now) >= row.expires_at
    return State.EXPIRED.value if over else str(row.state)


def listed(tx: Connection) -> Sequence[Any]:
    """Each county's newest invitation with the county's own state, in the order of their codes."""
    table, counties = tables.invitations, tables.counties
    rows = tx.execute(
        select(table, counties.c.state.label("county_state"))
        .outerjoin(counties, counties.c.division_code == table.c.county)
        .order_by(table.c.county, table.c.made_at)
    )
    return list({row.county: row for row in rows}.values())


def _entry(now: datetime, act: str, by: str, note: str) -> dict[str, Any]:
    return {"at": to_millis(now), "act": act, "by": by, "note": note}
