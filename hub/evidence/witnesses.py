"""Who else vouches for the journal: countersignatures by counties that the trust file names.

A county signs a checkpoint only after a proof that it continues the one the county held before. Its signature under one
that already holds all messages of the case, with a proof from there to the proof's checkpoint, says that the hub showed
the county the same journal. Countersignatures by others than the trust file's witnesses prove nothing and are not
counted; one that a witness has not made makes the proof worthless, because somebody put it there.
"""

from typing import Final

from certs import keys, signing
from certs.keys import Certificate
from certs.profiles import Role
from certs.signing import Typ
from hub.evidence.prooffile import Countersignature, ProofFile
from hub.evidence.prooftrust import Signers
from hub.evidence.trustfile import TrustFile
from hub.evidence.verification import Lines, UndecidedError
from pages.wording import mark as _
from schemas import codec
from schemas.errors import YunhuobanError, declare
from schemas.tree import verify_consistency

OTHER_HISTORY: Final = declare(
    "E-VERIFY-040", "会签县见到的账本与检查点不是同一个。", "请保留此文件，并向会签县核对：账本可能已经分叉。"
)
NOT_THE_COUNTY: Final = declare("E-VERIFY-041", "会签不是所称的县作出的。", "请保留此文件，并向所称的会签县核对。")
TWICE: Final = declare("E-VERIFY-042", "同一个县会签了两次。", "请向出具方重新索取存证文件。")


def check(lines: Lines, proof: ProofFile, trust: TrustFile, signers: Signers, *, size: int, root: bytes) -> int:
    """Check the countersignatures and return how many witnesses vouch for all that the proof shows."""
    named = {keys.thumbprint(each): each for each in trust.witnesses}
    covered = max((each.leaf_index for each in proof.messages), default=0)
    vouching: set[str] = set()

    def each_holds() -> str:
        if len({each.county for each in proof.countersignatures}) != len(proof.countersignatures):
            raise YunhuobanError(TWICE, place="countersignatures")
        others = 0
        for each in proof.countersignatures:
            certificate = named.get(signing.read_header(each.signature).thumbprint)
            if certificate is None:
                others += 1
            elif _holds(each, certificate, proof, trust, signers, size=size, root=root) > covered:
                vouching.add(each.county)
        return f"{len(vouching)} / {len(proof.countersignatures)}" + (f" · ? {others}" if others else "")

    lines.check("countersignatures", _("见证人的会签有效，所签账本延续为此检查点"), each_holds)
    return len(vouching)


def _holds(
    each: Countersignature,
    certificate: Certificate,
    proof: ProofFile,
    trust: TrustFile,
    signers: Signers,
    *,
    size: int,
    root: bytes,
) -> int:
    """The size that a witness has signed; 0 when nobody can say whether its certificate was good at that time."""
    record = codec.decode(each.record, "Checkpoint")
    signing.verify(each.signature, each.record, certificate=certificate, typ=Typ.CHECKPOINT)
    if keys.subject(certificate) != each.county:
        raise YunhuobanError(NOT_THE_COUNTY, place="countersignatures", found=each.county[:6])
    same = (record["origin"], record["epoch"]) == (trust.origin, proof.epoch)
    if not same or not verify_consistency(record["size"], record["root"], size, root, each.consistency):
        raise YunhuobanError(OTHER_HISTORY, place="countersignatures", found=each.county[:6])
    try:
        signers.standing(certificate, role=Role.COUNTY_SIGNING, at=record["made_at"])
    except UndecidedError:
        return 0
    return int(record["size"])
