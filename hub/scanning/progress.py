"""How far a case is, for whoever holds the link on its receipt: steps and days, what is due, whose turn it is.

A link counts when

1. it is a compact JWS of our one form, its payload too;
2. it has begun, has not expired, and was not made for longer than a year;
3. a county of the hub's register signed it with a message-signing certificate;
4. that certificate was good when the link was made, and was never revoked; that it has ended since does not matter;
5. the hub knows the case, and that county is its window county.

Whatever fails, the answer is one refusal. It shows no number of a person, no message, no printer and no outcome.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from certs import keys, signing
from certs.chain import TrustStore
from certs.keys import Certificate
from certs.profiles import Role
from hub.around import hearing, saying
from hub.registry.calendars import CurrentCalendar
from hub.store import tables
from hub.views import trace
from pages.labels import RUNGS
from pages.wording import mark as _
from schemas.clockface import ClockFace
from schemas.errors import YunhuobanError, declare
from schemas.lifecycle import ENDED, MATTERS, CaseState
from schemas.progressclaim import ProgressClaim
from schemas.workdays.hours import beijing_day

REFUSED: Final = declare(
    "E-VIEW-003",
    "查不到进度：链接不完整、不是窗口发出的，或者已经过期。",
    "请重新扫描回执上的二维码；仍查不到的，请带回执到收件窗口询问。",
)
MOST_CHARACTERS: Final = 1200
_COMPACT: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
STEPS: Final = {
    "application.submitted": _("窗口收件，申请已送达"),
    "supplement.requested": RUNGS["supplement.requested"],
    "supplement.provided": RUNGS["supplement.provided"],
    "application.not_accepted": RUNGS["application.not_accepted"],
    "application.accepted": RUNGS["application.accepted"],
    "review.advanced": RUNGS["review.advanced"],
    "procedure.opened": RUNGS["procedure.opened"],
    "procedure.closed": RUNGS["procedure.closed"],
    "deadline.extended": RUNGS["deadline.extended"],
    "decision.made": RUNGS["decision.made"],
    "case.withdrawn": RUNGS["case.withdrawn"],
    "case.terminated": RUNGS["case.terminated"],
    "license.issued": _("证照已制成，送回收件地"),
    "case.handed_over": RUNGS["case.handed_over"],
    "case.closed": RUNGS["case.closed"],
    "question.asked": _("窗口已登记，问题已转给对方县"),
    "question.continued": RUNGS["question.continued"],
    "question.answered": RUNGS["question.answered"],
    "question.closed": RUNGS["question.closed"],
    "appeal.raised": _("窗口已登记，反映的问题已转给对方县"),
    "appeal.escalated": _("逾期或没有解决，已升级"),
    "appeal.answered": RUNGS["appeal.answered"],
    "appeal.returned": _("没有解决，已退回重办"),
    "appeal.closed": RUNGS["appeal.closed"],
}
"""What concerns the applicant, in his words; sheets, claims and receipts between offices do not."""
_S: Final = CaseState
TURNS: Final = {
    **dict.fromkeys((_S.SUBMITTED, _S.SUPPLEMENTED), _("属地机关正在看申请，决定是否受理。")),
    _S.SUPPLEMENT_REQUESTED: _("轮到申请人：请按补正告知补交材料，交到收件窗口。"),
    **dict.fromkeys((_S.ACCEPTED, _S.SPECIAL), _("属地机关正在审查。")),
    _S.GRANTED: _("属地机关正在制证。"),
    _S.LICENSED: _("收件窗口正在打印证照。"),
    _S.PRINTED: _("轮到申请人：证照已打印，请到收件窗口领取。"),
    **dict.fromkeys((_S.HANDED_OVER, _S.CLOSED, *(MATTERS & ENDED)), _("已经办完。")),
    **dict.fromkeys((_S.ASKED, _S.APPEALED, _S.CHECKING, _S.LISTED, _S.REVIEWING), _("对方县正在办理。")),
    **dict.fromkeys((_S.ANSWERED, _S.APPEAL_ANSWERED), _("对方县已经答复，请向窗口询问。")),
    **dict.fromkeys(
        (_S.NOT_ACCEPTED, _S.DENIED, _S.WITHDRAWN, _S.TERMINATED, _S.UNDONE),
        _("已经结束；书面告知由收件窗口送达，有疑问请向窗口询问。"),
    ),
}
"""Whose turn it is in each state, for the applicant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the page shows of one case."""

    case_no: str
    state: str
    turn: str
    """Marked."""
    window: str
    issuing: str
    """Names of the two counties."""
    trial: bool
    steps: Sequence[tuple[str, date]]
    """Marked words with their days in Beijing, in the order of admission."""
    clock: ClockFace
    matter: bool
    """A question or an appeal with a number of its own, and no case."""
    owed_by: date | None
    """Of a matter: the day until which an answer is asked for; None: no answer is owed, or it is a case."""


def progress(
    tx: Connection, link: str, *, chains: Callable[[], TrustStore], calendar: CurrentCalendar, now: datetime
) -> Progress:
    """Check the link and read its case. Raises E-VIEW-003 whatever is wrong with it.

    `chains` is asked only when the signature is right: strangers shall not have lists read by typing.
    """
    try:
        claim, county, certificate = _claimed(tx, link, now)
    except YunhuobanError as error:
        raise YunhuobanError(REFUSED) from error
    facts = chains().facts([certificate], at=claim.issued_at)  # 4
    if facts.chain_problems or facts.role is not Role.COUNTY_SIGNING or facts.revoked_at is not None:
        raise YunhuobanError(REFUSED)
    case_no, table = claim.case_no, tables.cases.c
    case = tx.execute(select(tables.cases).where(table.case_no == case_no, table.window_county == county))
    if case.first() is None:  # 5
        raise YunhuobanError(REFUSED)
    found = trace.trace(tx, case_no, calendar=calendar(tx), now=now)
    gone, matter = _taken_back(tx, case_no), found.state in MATTERS
    return Progress(
        case_no=case_no,
        state=found.state,
        turn=TURNS[CaseState(found.state)],
        window=found.names.get(found.window_county, found.window_county),
        issuing=found.names.get(found.issuing_county, found.issuing_county),
        trial=found.trial,
        steps=[
            (STEPS[each.type], beijing_day(each.at))
            for each in found.rungs
            if each.good and each.type in STEPS and (each.source, each.message_id) not in gone
        ],
        clock=found.clock,
        matter=matter,
        owed_by=saying.owed_by(hearing.said(tx, case_no)) if matter else None,
    )


def _claimed(tx: Connection, link: str, now: datetime) -> tuple[ProgressClaim, str, Certificate]:
    """What a link says, the county that signed it, and with which certificate. Raises what becomes one refusal."""
    parts = _COMPACT.fullmatch(link) if len(link) <= MOST_CHARACTERS else None
    if parts is None:  # 1
        raise YunhuobanError(REFUSED)
    body = _decoded(parts[2])
    claim = ProgressClaim.read(body)  # 1
    if not claim.counts(now):  # 2
        raise YunhuobanError(REFUSED)
    token = f"{parts[1]}..{parts[3]}"
    county, der = _signer(tx, signing.read_header(token).thumbprint)  # 3
    certificate = keys.certificate_from_der(der)
    signing.verify(token, body, certificate=certificate, typ=signing.Typ.PROGRESS)
    return claim, county, certificate


def _signer(tx: Connection, thumbprint: bytes) -> tuple[str, bytes]:
    table = tables.county_certificates.c
    found = select(table.division_code, table.der).where(table.thumbprint == thumbprint)
    row: Any = tx.execute(found.where(table.role == Role.COUNTY_SIGNING.value)).one_or_none()
    if row is None:
        raise YunhuobanError(REFUSED)
    return str(row.division_code), bytes(row.der)


def _taken_back(tx: Connection, case_no: str) -> set[tuple[str, str]]:
    """The steps that their destination refused: as if they had never been sent."""
    table = tables.messages.c
    words = select(table.destination, table.in_reply_to).where(
        table.case_no == case_no, table.type == "message.refused", table.state == "admitted"
    )
    return {(row.destination, row.in_reply_to or "") for row in tx.execute(words)}


def _decoded(text: str) -> bytes:
    """Base64url without padding in its only spelling. Raises E-VIEW-003."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise YunhuobanError(REFUSED) from error
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii") != text:
        raise YunhuobanError(REFUSED)
    return data
