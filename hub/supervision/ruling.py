"""What people say of a card: the county's explanation, and the ruling on it. Each is said once and stays.

A county has no account at the hub. Its word comes by telephone or letter to the hub's operator, who enters it; of a
letter the hub keeps the SHA-256 digest and nothing else, for it may name people. Security or the auditor rules, never
whoever entered the explanation: operator and the other two are separate people (三员). A card can be withdrawn only
after an explanation, and a card that is withdrawn counts nowhere any more. On a hub on trial whoever holds the machine
stands for all three.
"""

import re
import unicodedata
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from hub.instants import to_millis
from hub.record.acts import Act
from hub.record.noting import Actor, note
from hub.store import insert_new
from hub.supervision import tables
from hub.supervision.levels import GROUNDS, RULINGS
from schemas.errors import Code, YunhuobanError, declare

UNKNOWN_CARD: Final = declare("E-SUP-001", "没有这张监察牌。", "请核对牌号；在监察页面上找到它。")
EXPLAINED: Final = declare("E-SUP-002", "这张牌已经说明或裁定过，不能再说明。", "请看这张牌上已有的记录。")
RULED: Final = declare("E-SUP-003", "这张牌已经裁定过，裁定不能更改。", "请看这张牌上已有的裁定。")
NOT_EXPLAINED: Final = declare(
    "E-SUP-004", "这张牌还没有县里的说明，不能撤销。", "请先由系统管理员登记县里的说明，再裁定。"
)
HOLDS_NUMBER: Final = declare(
    "E-SUP-005", "文字里有像证件号码或手机号码的数字。", "请删去它：说明与裁定里不写任何人的姓名、证件号码和电话。"
)
SAME_PERSON: Final = declare("E-SUP-006", "登记说明的人不能裁定同一张牌。", "请由另一个人裁定。")
UNKNOWN_WORD: Final = declare(
    "E-SUP-007",
    "没有这种理由或裁定，文字是空的或太长，或者账号写得不对。",
    "请用页面或命令说明所列的代码，用 300 字以内写明情况，写登记人的账号。",
)

MOST_CHARACTERS: Final = 300
CLEARED, EXPLANATION, RULING = "cleared", "explained", "ruled"
_NUMBER: Final = re.compile(r"[0-9]{11}")
_ACCOUNT: Final = re.compile(r"[a-z][a-z0-9.-]{1,31}")
_MACHINE: Final = "desk"
"""The account of whoever opened the pages at this machine (`pages.people.person.of_machine`)."""


def explain(
    tx: Connection, card_no: str, *, ground: str, text: str, by: str, now: datetime, letter_sha256: bytes | None = None
) -> None:
    """Enter what the county says. Raises E-SUP-001, -002, -005, -007."""
    _demand_card(tx, card_no)
    said = _text(text)
    if not _ACCOUNT.fullmatch(by):
        raise YunhuobanError(UNKNOWN_WORD, place="by", found=f"{len(by)}", expected="[a-z][a-z0-9.-]{1,31}")
    if ground not in GROUNDS:
        raise YunhuobanError(UNKNOWN_WORD, place="ground", found=ground[:20], expected=", ".join(GROUNDS))
    if _act(tx, card_no, RULING) is not None:
        raise YunhuobanError(EXPLAINED, place=card_no)
    _enter(tx, EXPLAINED, card_no, EXPLANATION, ground=ground, text=said, by=by, now=now, file_sha256=letter_sha256)


def rule(tx: Connection, card_no: str, *, ruling: str, text: str, by: str, now: datetime, on_trial: bool) -> None:
    """Decide whether the card stands. Raises E-SUP-001, -003, -004, -005, -006, -007."""
    _demand_card(tx, card_no)
    said = _text(text)
    if ruling not in RULINGS:
        raise YunhuobanError(UNKNOWN_WORD, place="ruling", found=ruling[:20], expected=", ".join(RULINGS))
    explained_by = _act(tx, card_no, EXPLANATION)
    if ruling == "withdrawn" and explained_by is None:
        raise YunhuobanError(NOT_EXPLAINED, place=card_no)
    if explained_by == by and not (on_trial and by == _MACHINE):
        raise YunhuobanError(SAME_PERSON, place=card_no)
    _enter(tx, RULED, card_no, RULING, ground=ruling, text=said, by=by, now=now, file_sha256=None)


def _demand_card(tx: Connection, card_no: str) -> None:
    known = select(tables.cards.c.card_no).where(tables.cards.c.card_no == card_no).with_for_update()
    if tx.execute(known).first() is None:
        raise YunhuobanError(UNKNOWN_CARD, place="card", found=card_no[:20])


def _act(tx: Connection, card_no: str, act: str) -> str | None:
    columns = tables.acts.c
    return tx.execute(select(columns.by).where(columns.card_no == card_no, columns.act == act)).scalar()


def _enter(
    tx: Connection,
    twice: Code,
    card_no: str,
    act: str,
    *,
    ground: str,
    text: str,
    by: str,
    now: datetime,
    file_sha256: bytes | None,
) -> None:
    new = insert_new(
        tx,
        tables.acts,
        card_no=card_no,
        act=act,
        at=to_millis(now),
        by=by,
        ground=ground,
        text=text,
        file_sha256=file_sha256,
    )
    if not new:
        raise YunhuobanError(twice, place=card_no)
    what = Act.CARD_EXPLAINED if act == EXPLANATION else Act.CARD_RULED
    note(tx, Actor(account=by), what, at=now, about=card_no, reason=ground)


def _text(text: str) -> str:
    """What was typed, without its margins. What looks like a person's number is not kept."""
    said = " ".join(unicodedata.normalize("NFKC", text).split())
    if not 0 < len(said) <= MOST_CHARACTERS:
        raise YunhuobanError(UNKNOWN_WORD, place="text", found=f"{len(said)}", expected=f"1…{MOST_CHARACTERS}")
    if _NUMBER.search(said.replace(" ", "")):
        raise YunhuobanError(HOLDS_NUMBER, place="text")
    return said
