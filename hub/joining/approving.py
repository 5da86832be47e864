"""Two persons decide: each calls the county, is read its key fingerprint, and says who he is; or one refuses.

The number to call is not the one in the request: whoever forged the request wrote that as well.
"""

import unicodedata
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from hub.joining import decisions
from hub.joining.invitations import State, approvers, change, demand
from hub.joining.requests import accepted, fingerprint
from hub.store import Store
from schemas.errors import YunhuobanError, declare
from schemas.joining import codes

PERSONS: Final = 2

KEYS_READ_OTHERWISE: Final = declare(
    "E-JOIN-030",
    "电话里读出的县密钥指纹与申请不符，没有批准，已记录。",
    "请向县里逐组再读一遍；仍不符就用 hub county refuse 退回，并查明申请是谁送来的。",
)
SAME_PERSON: Final = declare("E-JOIN-031", "这个人已经批准过，第二次批准须由另一人作出。", "请另一人打电话核对后批准。")
NAME_MISSING: Final = declare("E-JOIN-032", "没有写明是谁、为什么，或写得过长。", "请写明，一百字以内。")
_MOST_CHARACTERS: Final = 100


MIXED: Final = declare(
    "E-JOIN-045",
    "两份批准要用同一种办法：一份是登录的账号批准的，另一份是在命令里写的名字，分不清是不是同一个人。",
    "请另一个人用第一份批准的办法批准；办不到的，用 hub county refuse 退回后重新邀请。",
)


def approve(store: Store, county: str, *, by: str, read_aloud: str, now: datetime) -> State:
    """One person's approval by command; returns the state it leads to.

    Raises E-JOIN-002 for a mistyped fingerprint, E-JOIN-011 when nothing waits, E-JOIN-030 (which is written down),
    E-JOIN-031, E-JOIN-032, or E-JOIN-045 beside an approval by an account.
    """
    typed, name = codes.read_keys(read_aloud), said(by, "by")
    with store.write() as tx:  # a wrong fingerprint is written down too, hence it is raised afterwards
        state = approve_in(tx, county, by=name, typed=typed, now=now)
    return demand_right(state)


def approve_in(
    tx: Connection, county: str, *, by: str, typed: str, now: datetime, account: bool = False
) -> State | None:
    """The same within a transaction, by a name or an `account`; None for a wrong fingerprint, which is written down.

    Raises E-JOIN-011, E-JOIN-031 or E-JOIN-045.
    """
    row, request = accepted(tx, county, State.REQUESTED, State.APPROVED_ONCE)
    before = approvers(row)
    if not codes.same(typed, fingerprint(request)):
        change(tx, row, now=now, act="wrong fingerprint", by=by)
        return None
    if any(_alike(by, each) for each in before):
        raise YunhuobanError(SAME_PERSON, place="by")
    accounts = decisions.approvers(tx, county, since=row.made_at)
    if any((each in accounts) is not account for each in before):
        raise YunhuobanError(MIXED, place="by")
    state = State.APPROVED if len(before) + 1 >= PERSONS else State.APPROVED_ONCE
    change(tx, row, now=now, act="approved", by=by, state=state)
    return state


def demand_right(state: State | None) -> State:
    """Raise E-JOIN-030 for a fingerprint that was read otherwise."""
    if state is None:
        raise YunhuobanError(KEYS_READ_OTHERWISE, place="fingerprint")
    return state


def refuse(tx: Connection, county: str, *, by: str, reason: str, now: datetime) -> None:
    """Refuse an accepted request, also an approved one that was not activated. Raises E-JOIN-011 or E-JOIN-032."""
    row = demand(tx, county, State.REQUESTED, State.APPROVED_ONCE, State.APPROVED)
    change(tx, row, now=now, act="refused", by=said(by, "by"), note=said(reason, "reason"), state=State.REFUSED)


def said(text: str, place: str) -> str:
    """A name or a reason as it is kept. Raises E-JOIN-032."""
    kept = " ".join(unicodedata.normalize("NFKC", text).split())
    if not 1 <= len(kept) <= _MOST_CHARACTERS or not kept.isprintable():
        raise YunhuobanError(NAME_MISSING, place=place, found=f"{len(kept)}", expected=f"1 … {_MOST_CHARACTERS}")
    return kept


def _alike(one: str, other: str) -> bool:
    """Whether two names are one person's, however the blanks in them were typed."""
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()
