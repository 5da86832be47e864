"""Checks a fork's evidence offline: whether it convicts the hub of having kept two journals.

Every signature is the hub's or a county's own, so that whoever hands the file over can have made up none of it. What
convicts: two signed roots for one epoch and size; a signed publication whose proof does not lead from a signed
checkpoint; a signed checkpoint that the hub refused as not its own. A county's statement stands for the checkpoint that
it states, because the hub admitted it and admits only those that it issued. "unproven" convicts nobody by itself.
"""

import hashlib
from typing import Any, Final

from certs import signing
from certs.profiles import Role
from certs.signing import Typ
from hub.evidence.prooffile import Signed
from hub.evidence.prooftrust import Signers
from hub.evidence.trustfile import TrustFile
from hub.evidence.verification import Lines, Verification
from pages.wording import mark as _
from schemas import codec
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError, declare
from schemas.forkfile import ForkFile, SignedRecord, Statement
from schemas.leaf import ADMITTED, NOTHING, Leaf
from schemas.tree import verify_consistency, verify_inclusion

NO_CONTRADICTION: Final = declare(
    "E-VERIFY-043", "文件中的各项并不互相矛盾，不能据以认定分叉。", "请向告警的县核对；必要时向中枢索取一致性证明。"
)
NOT_PINNED: Final = declare("E-VERIFY-044", "检查点不是信任文件所指的证书签名的。", "请核对信任文件的来源。")
EVIDENCE_WRONG: Final = declare("E-VERIFY-045", "中枢对县报文的凭证不成立。", "请向告警的县重新索取证据文件。")
_DISOWNED: Final = "E-JRNL-031"

_Claim = tuple[int, int, bytes]
"""Epoch, size and root."""


def verify_fork(data: bytes, trust: TrustFile) -> Verification:
    """Check the evidence against a trust file. Good means: the hub contradicted itself. Never raises for the file."""
    lines = Lines()
    parsed: list[ForkFile] = []

    def form() -> str:
        parsed.append(ForkFile.parse(data))
        return f"{parsed[0].found.kind} · {len(data)} B"

    if not lines.check("form", _("文件的形式完好"), form):
        return lines.result()
    file, made = parsed[0], list[Signers]()
    said = _("文件中的证书与吊销列表出自本网络的发证机构")
    if not lines.check("certificates", said, lambda: made.append(Signers(file, trust))):
        return lines.result()
    judge = _Judge(file, trust, made[0])
    if lines.check("signatures", _("各检查点、公布与县报文的签名有效"), judge.signatures):
        lines.check("contradiction", _("中枢签名的内容互相矛盾：账本已分叉"), judge.contradiction)
    return lines.result()


class _Judge:
    """What one file says, once its signatures are checked."""

    def __init__(self, file: ForkFile, trust: TrustFile, signers: Signers) -> None:
        self._found = file.found
        self._trust = trust
        self._signers = signers
        self._signed: list[_Claim] = []
        self._stated: list[_Claim] = []
        self._refused: list[_Claim] = []
        self._published: list[tuple[dict[str, Any], _Claim]] = []

    def signatures(self) -> str:
        """Check every signature and remember what is claimed. Raises E-VERIFY-…, E-CERT-…, E-CODEC-…."""
        self._signed = [self._checkpoint(each) for each in self._found.checkpoints]
        for said in self._found.statements:
            claim, verdict = self._statement(said)
            (self._stated if verdict == ADMITTED else self._refused if verdict == _DISOWNED else []).append(claim)
        for each in self._found.publications:
            record = codec.decode(each.record, "CheckpointPublished")
            self._signers.check_hub(
                _signed(each), typ=Typ.PUBLICATION, role=Role.HUB_SIGNING, at=record["published_at"]
            )
            newest = SignedRecord(record["checkpoint"], record["checkpoint_signature"])
            self._published.append((record, self._checkpoint(newest)))
        return f"{len(self._signed)} + {len(self._stated) + len(self._refused)} + {len(self._published)}"

    def contradiction(self) -> str:
        """What does not go together. Raises E-VERIFY-043."""
        claims = self._signed + self._stated
        for at, one in enumerate(claims):
            for two in claims[at + 1 :]:
                if one[:2] == two[:2] and one[2] != two[2]:
                    return f"{one[0]}/{one[1]}: {one[2].hex()[:16]} ≠ {two[2].hex()[:16]}"
        for record, (epoch, size, root) in self._published:
            paths = {each["size"]: each["path"] for each in record["proofs"]}
            for one in claims:
                broken = one[0] == epoch and one[1] in paths and one[1] <= size
                if broken and not verify_consistency(one[1], one[2], size, root, paths[one[1]]):
                    return f"{one[0]}/{one[1]} ↛ {size}"
        for one in self._refused:
            if one in self._signed:
                return f"{one[0]}/{one[1]}: {_DISOWNED}"
        raise YunhuobanError(NO_CONTRADICTION, place="file", found=self._found.kind)

    def _checkpoint(self, each: SignedRecord) -> _Claim:
        record = codec.decode(each.record, "Checkpoint")
        if signing.read_header(each.signature).thumbprint not in self._trust.checkpoint_certificates:
            raise YunhuobanError(NOT_PINNED, place="checkpoint_certificates")
        if record["origin"] != self._trust.origin:
            raise YunhuobanError(NOT_PINNED, place="origin", expected=self._trust.origin)
        self._signers.check_hub(_signed(each), typ=Typ.CHECKPOINT, role=Role.HUB_CHECKPOINT, at=record["made_at"])
        return record["epoch"], record["size"], record["root"]

    def _statement(self, each: Statement) -> tuple[_Claim, str]:
        """What a county's envelope states, and the verdict that the hub's journal holds on exactly this envelope."""
        envelope = Envelope.parse(each.envelope)
        receipt = codec.decode(each.evidence, "AdmissionReceipt")
        checkpoint = SignedRecord(receipt["checkpoint"], receipt["checkpoint_signature"])
        self._checkpoint(checkpoint)
        record = codec.decode(checkpoint.record, "Checkpoint")
        if len(receipt["entries"]) != 1 or envelope.checkpoint is None:
            raise YunhuobanError(EVIDENCE_WRONG, place="evidence")
        entry = receipt["entries"][0]
        refused = entry["verdict"] != ADMITTED
        try:
            leaf = Leaf(
                envelope_sha256=hashlib.sha256(each.envelope).digest(),
                signature=each.signature.encode(),
                signer_thumbprint=entry["signer_thumbprint"],
                admitted_at=entry["admitted_at"],
                verdict=entry["verdict"],
                detail_sha256=hashlib.sha256(entry["refusal"]).digest() if refused else NOTHING,
            )
        except ValueError as error:
            raise YunhuobanError(EVIDENCE_WRONG, place="entry") from error
        if not verify_inclusion(leaf.hash(), entry["leaf_index"], record["size"], entry["proof"], record["root"]):
            raise YunhuobanError(EVIDENCE_WRONG, place="proof")
        at = entry["admitted_at"]
        facts = self._signers.check(each.signature, each.envelope, typ=Typ.ENVELOPE, role=Role.COUNTY_SIGNING, at=at)
        if facts.subject != envelope.source or facts.thumbprint != entry["signer_thumbprint"]:
            raise YunhuobanError(EVIDENCE_WRONG, place="signer")
        stated = envelope.checkpoint
        return (stated["epoch"], stated["size"], stated["root"]), entry["verdict"]


def _signed(each: SignedRecord) -> Signed:
    return Signed(record=each.record, signature=each.signature)
