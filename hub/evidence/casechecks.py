"""What must be so between the messages of one proof, once each of them is proven by itself. Pure.

The numbers are those of the list in `hub.evidence.verify`.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from hub.intake.superseding import SAME, written_in
from schemas import codec
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError, declare
from schemas.leaf import ADMITTED
from schemas.messages import HUB, Parties, party_problem
from schemas.standing import Standing, refused_for_good

OTHER_CASE: Final = declare("E-VERIFY-020", "文件中的报文不都属于同一办件。", "请向出具方重新索取存证文件。")
NO_OPENING: Final = declare("E-VERIFY-021", "没有且仅有一份申请在最前。", "请向出具方重新索取存证文件。")
GAP: Final = declare("E-VERIFY-022", "报文所接或所答复的报文不在文件中。", "请向出具方重新索取完整的存证文件。")
OTHER_ANSWER: Final = declare("E-VERIFY-023", "签收的不是它所答复的报文。", "请保留此文件并联系联盟运维。")
GRANTS_WRONG: Final = declare("E-VERIFY-024", "放行与打印申领、授权或打印结果不相符。", "请保留此文件并联系联盟运维。")

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """One message whose leaf is in the journal, in the journal's order."""

    envelope: Envelope
    sha256: bytes
    admitted_at: datetime
    verdict: str

    @property
    def key(self) -> Key:
        """Source and id."""
        return self.envelope.source, self.envelope.id


def admitted(messages: Sequence[Proven]) -> list[Proven]:
    """Those that count."""
    return [each for each in messages if each.verdict == ADMITTED]


def steps(messages: Sequence[Proven]) -> list[Proven]:
    """The admitted messages that moved the case: all but second forms, which say once more what could not be read.

    Raises E-VERIFY-020 for one that says something else, or that nothing called for (`hub.intake.superseding`).
    """
    taken = admitted(messages)
    by_key = {each.key: each.envelope for each in taken}
    words = [each.envelope for each in taken if each.envelope.type == "message.refused"]
    gone = {(word.source, word.in_reply_to) for word in words if refused_for_good(word)}
    asked_for = {(word.source, word.in_reply_to) for word in words} - gone
    found = []
    for each in taken:
        again = each.envelope
        first = by_key.get((again.source, again.supersedes)) if again.supersedes else None
        if first is None or (again.destination, first.id) in gone:
            found.append(each)
            continue
        called_for = (again.destination, first.id) in asked_for or written_in(first) != written_in(again)
        if not called_for or any(getattr(first, name) != getattr(again, name) for name in SAME):
            raise YunhuobanError(OTHER_CASE, place="supersedes", found=again.id)
    return found


def one_case(messages: Sequence[Proven], case_no: str, counties: Mapping[str, str]) -> str:  # 8
    """Every message is of this case; admitted ones come from a party that may send them. Returns the parties."""
    named = {code for each in messages for code in (each.envelope.source, each.envelope.destination)} - {HUB}
    if any(each.envelope.case_no != case_no for each in messages) or set(counties) != named:
        raise YunhuobanError(OTHER_CASE, place="case_no", expected=case_no[:40])
    if len({each.key for each in messages}) != len(messages):
        raise YunhuobanError(OTHER_CASE, place="id")
    taken = admitted(messages)
    if not taken:
        return ""
    opening = taken[0].envelope
    if not opening.kind.opens or sum(each.envelope.kind.opens for each in steps(messages)) != 1:
        raise YunhuobanError(NO_OPENING, place="messages")
    parties = Parties(window=opening.source, issuing=opening.destination)
    if not case_no.startswith(f"{parties.window}-"):
        raise YunhuobanError(OTHER_CASE, place="source", found=parties.window, expected=case_no[:40])
    for each in (one.envelope for one in taken):
        problem = party_problem(each.kind, each.source, each.destination, parties)
        if problem is not None:
            raise YunhuobanError(problem, place=each.id, found=each.type)
        if (each.service_item, each.trial) != (opening.service_item, opening.trial):
            raise YunhuobanError(OTHER_CASE, place="service_item", found=each.id)
    return f"{parties.window} → {parties.issuing}"


def complete(messages: Sequence[Proven]) -> str:  # 9
    """Whatever an admitted message follows or answers was admitted before it, on the same way. Returns how many."""
    before: dict[Key, Envelope] = {}
    taken = admitted(messages)
    for each in (one.envelope for one in taken):
        follows = before.get((each.source, each.prev)) if each.prev else None
        if each.prev and (follows is None or follows.destination != each.destination):
            raise YunhuobanError(GAP, place="prev", found=each.id)
        answers = before.get((each.destination, each.in_reply_to)) if each.in_reply_to else None
        if each.in_reply_to and (answers is None or answers.destination != each.source):
            raise YunhuobanError(GAP, place="in_reply_to", found=each.id)
        before[each.source, each.id] = each
    return f"{len(taken)} / {len(messages)}"


def lawful(messages: Sequence[Proven]) -> str:  # 10
    """The admitted messages, one after the other, are legal moves. Returns where the case stands."""
    standing = Standing()
    for each in admitted(messages):
        standing.take(each.envelope)
    return standing.state.value if standing.state else ""


def receipts(messages: Sequence[Proven]) -> str:  # 11
    """Every *received* names the digest of the message it answers. Returns how many there are."""
    by_key = {each.key: each for each in messages}
    signed = [each.envelope for each in admitted(messages) if each.envelope.type == "message.received"]
    for each in signed:
        answered = by_key.get((each.destination, each.in_reply_to or ""))
        claimed = each.facts["envelope_sha256"] if each.facts else b""
        if answered is None or answered.sha256 != claimed:
            raise YunhuobanError(OTHER_ANSWER, place=each.id)
    return str(len(signed))


def grants(messages: Sequence[Proven], answers: Sequence[Mapping[str, Any]]) -> str:  # 13
    """Each claim has its one answer, each authorisation one grant at most, each outcome a grant. Returns how many."""
    taken = admitted(messages)
    claims = Counter(
        (each.envelope.source, each.envelope.facts["authorisation_no"], each.envelope.facts["claim_id"],
         each.envelope.facts["station"], each.admitted_at)
        for each in taken if each.envelope.type == "print.claimed" and each.envelope.facts
    )  # fmt: skip
    given = Counter(
        (each["county"], each["authorisation_no"], each["claim_id"], each["station"], each["granted_at"])
        for each in answers
    )
    authorised = {_facts(each)["authorisation_no"] for each in taken if each.envelope.type == "print.authorised"}
    granted = {(each["authorisation_no"], each["claim_id"]) for each in answers if each["granted"]}
    settled = [
        (_facts(each)["authorisation_no"], _facts(each)["claim_id"])
        for each in steps(messages)
        if each.envelope.type == "print.settled"
    ]
    one_each = len({number for number, _ in granted}) == len(granted)
    if claims != given or not one_each or not {number for number, _ in granted} <= authorised:
        raise YunhuobanError(GRANTS_WRONG, place="grants", found=str(given.total()), expected=str(claims.total()))
    if not set(settled) <= granted or len(set(settled)) != len(settled):
        raise YunhuobanError(GRANTS_WRONG, place="print.settled")
    return str(len(granted))


def _facts(each: Proven) -> Mapping[str, Any]:
    return each.envelope.facts or {}


def open_grant(record: bytes) -> Mapping[str, Any]:
    """Decode one of the hub's answers. Raises E-CODEC-…."""
    return codec.decode(record, "Grant")


def proven(envelope_bytes: bytes, admitted_at: datetime, verdict: str) -> Proven:
    """Read one message. Raises E-CODEC-…, E-ENV-… or E-ID-…."""
    return Proven(
        envelope=Envelope.parse(envelope_bytes),
        sha256=hashlib.sha256(envelope_bytes).digest(),
        admitted_at=admitted_at,
        verdict=verdict,
    )
