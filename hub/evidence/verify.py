"""Checks a proof offline: a numbered list, each check one line of the answer, nothing believed before it is checked.

 1  the file has the one form of a proof                                             (hub.evidence.prooffile)
 2  its certificates and revocation lists are what they say                          (hub.evidence.prooftrust)
 3  the checkpoint: signed by a pinned checkpoint certificate under the root of the trust file, of this journal
 4  the whole file: signed by the hub; these are all messages of the case up to the checkpoint
 5  each message: the leaf made from its bytes, signature, time and verdict is in the journal at its place
 6  each admitted message: signed over its exact bytes by its sender, whose certificate was good at admission time
 7  each refused message: the refusal that its sender was given is the journalled one
 8  the messages are of one case, each from the party that may send it                (hub.evidence.casechecks)
 9  whatever a message follows or answers was admitted before it
10  the steps follow the lawful order
11  every signed *received* names the digest of the message it answers
12  the hub's grants are signed by its signing certificate
13  they answer the claims, one grant for each authorisation
14  countersignatures of witnesses whom the trust file names hold, and lead to the checkpoint (hub.evidence.witnesses)

Root, journal name, checkpoint certificates and witnesses come from the trust file alone. Input may be hostile: what
comes out is a failed line, never anything else than `YunhuobanError`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from certs import files, keys, signing
from certs.keys import Certificate
from certs.profiles import Role
from certs.signing import Typ
from hub.bootstrap import Keys
from hub.evidence import casechecks, witnesses
from hub.evidence.casechecks import Proven
from hub.evidence.prooffile import ProofFile, ProofMessage
from hub.evidence.prooftrust import Signers
from hub.evidence.trustfile import TrustFile
from hub.evidence.verification import Lines, Verification
from hub.views.bilingual import both, heading, moment
from pages import labels
from pages.wording import mark as _
from schemas import codec
from schemas.envelope import MAX_CLOCK_AHEAD
from schemas.errors import YunhuobanError, declare
from schemas.leaf import ADMITTED, NOTHING, Leaf
from schemas.tree import verify_inclusion

OTHER_JOURNAL: Final = declare("E-VERIFY-030", "检查点不是信任文件所指的存证账本的。", "请核对信任文件的来源。")
NOT_IN_JOURNAL: Final = declare(
    "E-VERIFY-031", "报文不在存证账本的这个位置。", "请向出具方重新索取；若仍不符，请怀疑文件被改动。"
)
OTHER_SIGNER: Final = declare(
    "E-VERIFY-032", "签名证书不是发送县的，或与账本所记不同。", "请保留此文件并联系联盟运维。"
)
OTHER_REFUSAL: Final = declare("E-VERIFY-033", "拒收记录与账本所记不同。", "请保留此文件并联系联盟运维。")
OUT_OF_TIME: Final = declare("E-VERIFY-034", "报文在准入时已过期，或签发时间超前。", "请保留此文件并联系联盟运维。")

_TITLE_GOOD: Final = _("核验通过：以上各项都成立。")
_TITLE_BAD: Final = _("核验不通过：不能据以证明，请看不通过或无法判断的各行。")
_FORK: Final = _("证据成立：中枢签署了互相矛盾的内容，存证账本已分叉。")
_NO_FORK: Final = _("证据不足以认定分叉，请看不通过或无法判断的各行。")
_WITNESSES: Final = _("会签见证 {count} 份。没有见证时，账本是否只有一个版本，只有中枢自己作证。")


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    size: int
    root: bytes
    made_at: Any


def write_trust(path: Path, *, keys: Keys, trial: bool, witnesses: Sequence[Certificate] = ()) -> None:
    """Write the trust file. Raises FILE_UNWRITABLE."""
    files.write_atomically(path, trust_of(keys, trial=trial, witnesses=witnesses).to_bytes())


def trust_of(hub: Keys, *, trial: bool, witnesses: Sequence[Certificate] = ()) -> TrustFile:
    """The trust file of this hub; witnesses count only when they did not come from the hub."""
    return TrustFile(
        origin=hub.checkpoint.origin,
        trial=trial,
        roots=list(hub.anchors),
        checkpoint_certificates=frozenset({keys.thumbprint(hub.checkpoint.certificate)}),
        witnesses=witnesses,
    )


def parse_trust(data: bytes) -> TrustFile:
    """Read a trust file. Raises E-VERIFY-001 or E-CERT-003."""
    return TrustFile.parse(data)


def verify_proof(data: bytes, trust: TrustFile) -> Verification:
    """Check a proof against a trust file, without a network. Never raises for what is in the file."""
    lines = Lines()
    parsed: list[ProofFile] = []
    if not lines.check("form", _("文件的形式完好"), lambda: _form(data, parsed)):  # 1
        return lines.result()
    proof = parsed[0]
    made: list[Signers] = []
    said = _("文件中的证书与吊销列表出自本网络的发证机构")
    if not lines.check("certificates", said, lambda: made.append(Signers(proof, trust))):  # 2
        return lines.result()
    signers = made[0]
    found: list[_Checkpoint] = []
    said = _("检查点由信任文件所指的证书签名")
    if not lines.check("checkpoint", said, lambda: _checkpoint(proof, trust, signers, found)):  # 3
        return lines.result()
    checkpoint = found[0]
    lines.check("statement", _("中枢签名声明文件完整"), lambda: _statement(proof, signers, checkpoint))  # 4
    messages: list[Proven] = []
    for number, message in enumerate(proof.messages, 1):
        _check_message(lines, number, message, checkpoint, signers, messages)
    if len(messages) == len(proof.messages):
        _check_case(lines, proof, signers, messages)
    vouching = witnesses.check(lines, proof, trust, signers, size=checkpoint.size, root=checkpoint.root)  # 14
    return lines.result(vouching)


def _form(data: bytes, parsed: list[ProofFile]) -> str:
    parsed.append(ProofFile.parse(data))
    return f"{len(data)} B"


def _checkpoint(proof: ProofFile, trust: TrustFile, signers: Signers, found: list[_Checkpoint]) -> str:
    signed = proof.checkpoint
    record = codec.decode(signed.record, "Checkpoint")
    if signing.read_header(signed.signature).thumbprint not in trust.checkpoint_certificates:
        raise YunhuobanError(OTHER_JOURNAL, place="checkpoint_certificates")
    if (record["origin"], record["epoch"]) != (trust.origin, proof.epoch):
        raise YunhuobanError(OTHER_JOURNAL, place="origin", expected=trust.origin)
    signers.check_hub(signed, typ=Typ.CHECKPOINT, role=Role.HUB_CHECKPOINT, at=record["made_at"])
    found.append(_Checkpoint(record["size"], record["root"], record["made_at"]))
    return f"{record['origin']} · {record['size']} · {moment(record['made_at'])}"


def _statement(proof: ProofFile, signers: Signers, checkpoint: _Checkpoint) -> str:
    # The hub may have renewed its certificate since its last checkpoint; it signed with it after that at the earliest.
    certificate = signers.named_by(proof.signature)
    at = max(checkpoint.made_at, certificate.not_valid_before_utc)
    signers.check(proof.signature, proof.statement(), typ=Typ.RECEIPT, role=Role.HUB_SIGNING, at=at)
    return f"{proof.case_no[:40]} · {len(proof.messages)}"


def _check_message(
    lines: Lines, number: int, message: ProofMessage, checkpoint: _Checkpoint, signers: Signers, messages: list[Proven]
) -> None:
    def leaf() -> str:  # 5
        read = casechecks.proven(message.envelope, message.admitted_at, message.verdict)
        detail = hashlib.sha256(message.refusal).digest() if message.verdict != ADMITTED else NOTHING
        made = Leaf(
            envelope_sha256=read.sha256,
            signature=message.signature.encode(),
            signer_thumbprint=message.signer,
            admitted_at=message.admitted_at,
            verdict=message.verdict,
            detail_sha256=detail,
        )
        place = message.leaf_index, checkpoint.size
        if not verify_inclusion(made.hash(), *place, message.inclusion, checkpoint.root):
            raise YunhuobanError(NOT_IN_JOURNAL, place="inclusion", found=f"{place[0]} / {place[1]}")
        messages.append(read)
        said = f"{read.envelope.type} {read.envelope.source} → {read.envelope.destination} · {moment(read.admitted_at)}"
        return f"{place[0]} · {said} · {message.verdict}"

    def signer() -> str:  # 6
        envelope = messages[-1].envelope
        at = message.admitted_at
        facts = signers.check(message.signature, message.envelope, typ=Typ.ENVELOPE, role=Role.COUNTY_SIGNING, at=at)
        if facts.subject != envelope.source or facts.thumbprint != message.signer:
            raise YunhuobanError(OTHER_SIGNER, place="signer", found=facts.subject, expected=envelope.source)
        if envelope.expires <= at or envelope.time - at > MAX_CLOCK_AHEAD:
            raise YunhuobanError(OUT_OF_TIME, place="time", found=envelope.id)
        return f"{facts.subject} · {facts.thumbprint.hex()[:16]}"

    def refusal() -> str:  # 7
        record = codec.decode(message.refusal, "Refusal")
        if (record["code"], record["message_id"]) != (message.verdict, messages[-1].envelope.id):
            raise YunhuobanError(OTHER_REFUSAL, place="refusal", found=record["code"], expected=message.verdict)
        return f"{record['code']} {record['sentence_zh']}"

    if not lines.check(f"message.{number}", _("报文及结论记在账本的这个位置"), leaf):
        return
    if message.verdict == ADMITTED:
        lines.check(f"signer.{number}", _("由发送县签名，证书在准入时有效"), signer)
    else:
        lines.check(f"refusal.{number}", _("拒收记录与账本相符"), refusal)


def _check_case(lines: Lines, proof: ProofFile, signers: Signers, messages: list[Proven]) -> None:
    answers: list[Any] = []

    def signed() -> str:  # 12
        for each in proof.grants:
            grant = casechecks.open_grant(each.record)
            signers.check_hub(each, typ=Typ.GRANT, role=Role.HUB_SIGNING, at=grant["granted_at"])
            answers.append(grant)
        return str(len(answers))

    case_no, counties = proof.case_no, proof.counties
    said = _("各报文属于这一办件，由有权的一方发出")
    lines.check("case", said, lambda: casechecks.one_case(messages, case_no, counties))  # 8
    lines.check("order", _("前后报文齐全"), lambda: casechecks.complete(messages))  # 9
    lines.check("lifecycle", _("各步骤符合法定顺序"), lambda: casechecks.lawful(messages))  # 10
    lines.check("receipts", _("每份签收都对应所收报文的字节"), lambda: casechecks.receipts(messages))  # 11
    lines.check("grants", _("放行由中枢签名"), signed)  # 12
    lines.check("claims", _("放行与申领、授权、打印结果一一相符"), lambda: casechecks.grants(messages, answers))  # 13


def render(found: Verification, language: str = "zh", *, fork: bool = False) -> RenderableType:
    """The verification for the terminal, in the reader's language with the other one beside it."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in (_("结果"), _("核验项"), _("依据")):
        table.add_column(heading(name, language), overflow="fold")
    for line in found.lines:
        shown = labels.label(labels.CHECK_STATES, line.state)
        style = {"ok": "green", "failed": "red", "unknown": "yellow"}[line.state]
        table.add_row(
            Text(f"{shown.icon} {both(shown.text, language)}", style=style),
            Text(both(line.sentence, language)),
            Text(line.detail, style="" if line.state == "ok" else style),
        )
    if fork:
        title = _FORK if found.good else _NO_FORK
        return Group(table, Text(both(title, language), style="bold red" if found.good else "bold yellow"))
    title = _TITLE_GOOD if found.good else _TITLE_BAD
    return Group(
        table,
        Text(both(title, language), style="bold green" if found.good else "bold red"),
        Text(both(_WITNESSES, language, count=found.witnesses), style="dim"),
    )
