"""Taking a county's request in. What is checked, in this order, before the invitation is used up.

1. the file is of its one form; 2. the county has an invitation that waits for a request; 3. its time is not up;
4. the HMAC is right, or it costs an attempt, and the fifth burns the invitation; 5. the machine checks find nothing,
or their findings are kept, and the county corrects and hands in again under the same code.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from certs import invitation, keys
from hub.instants import to_millis
from hub.joining import checks
from hub.joining.invitations import MOST_ATTEMPTS, State, change, demand, newest
from hub.store import Store
from schemas.errors import YunhuobanError, declare, declared
from schemas.identifiers.division import DivisionCode
from schemas.joining import codes
from schemas.joining.fields import RequestUnfit
from schemas.joining.files import ROLES, Request, Sealed

NO_INVITATION: Final = declare(
    "E-JOIN-012", "这个县没有等待申请的邀请。", "请用 hub county requests 查看；需要时用 hub county invite 重新邀请。"
)
OVER: Final = declare("E-JOIN-013", "邀请已经过期。", "请用 hub county invite 重新邀请。")
MAC_WRONG: Final = declare(
    "E-JOIN-014", "加入申请不是凭这份邀请的邀请码做的，已记一次。", "请县里核对邀请码后重新生成申请。"
)
BURNT: Final = declare(
    "E-JOIN-015", "五次都不是凭邀请码做的，邀请已作废。", "请查明来源，再用 hub county invite 重新邀请。"
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that waits for approval."""

    request: Request
    fingerprint: str
    """Over its three keys, to be compared by telephone."""


def take(store: Store, data: bytes, *, now: datetime) -> Taken:
    """Take a request file in. Raises E-JOIN-003, E-ID-00…, E-JOIN-012 to -015, or E-JOIN-016 with all findings."""
    sealed = Sealed.read(data, "mac")
    request = Request.read(sealed.body)
    DivisionCode.parse(request.division_code)  # before any database is asked for it
    with store.write() as tx:  # what goes wrong is written down too, hence it is raised afterwards
        wrong = _take(tx, sealed, request, now)
    if wrong is not None:
        raise wrong
    return Taken(request, fingerprint(request))


def fingerprint(request: Request) -> str:
    """Over the three keys of a request that was checked."""
    found = checks.public_keys(request)
    return codes.write_keys(*[keys.public_bytes(found[role]) for role in ROLES])


def accepted(tx: Connection, county: str, *states: State) -> tuple[Any, Request]:
    """The newest invitation, standing at one of these, and the request that came. Raises E-JOIN-011."""
    row = demand(tx, county, *states)
    return row, Request.read(row.request)


def read_findings(text: str) -> list[YunhuobanError]:
    """The findings that were kept."""
    known = declared()
    return [
        YunhuobanError(known[code], place=place, found=found, expected=expected)
        for code, place, found, expected in json.loads(text)
    ]


def _take(tx: Connection, sealed: Sealed, request: Request, now: datetime) -> YunhuobanError | None:
    row = newest(tx, request.division_code)
    if row is None or row.state != State.INVITED:
        return YunhuobanError(NO_INVITATION, found=row.state if row else "-", expected=State.INVITED)
    if to_millis(now) >= row.expires_at:
        change(tx, row, now=now, act="expired", state=State.EXPIRED)
        return YunhuobanError(OVER)
    if not invitation.is_mac(row.verifier, sealed.body, sealed.proof):
        attempts = row.attempts + 1
        burnt = attempts >= MOST_ATTEMPTS
        state = State.BURNT if burnt else State.INVITED
        change(tx, row, now=now, act="wrong code", attempts=attempts, state=state)
        return YunhuobanError(BURNT if burnt else MAC_WRONG, found=f"{attempts}", expected=f"< {MOST_ATTEMPTS}")
    found = checks.findings(tx, request, row, now)
    kept = json.dumps([[e.code.code, e.place, e.found, e.expected] for e in found], ensure_ascii=True)
    came: dict[str, Any] = {"request": sealed.body, "request_sha256": sealed.sha256, "findings": kept}
    if found:
        change(tx, row, now=now, act="checks failed", **came)
        return RequestUnfit(found)
    digests = " ".join(checks.digest(key) for key in checks.public_keys(request).values())
    change(tx, row, now=now, act="requested", state=State.REQUESTED, key_digests=digests, **came)
    return None
