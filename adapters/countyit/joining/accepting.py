"""Reading the answer in. What is checked in this order, and nothing is believed before its turn.

1. the file is of its one form; 2. its root is the one whose fingerprint came with the invitation; 3. its signer is the
hub's signing certificate under that root, not revoked; 4. the signature is over these bytes; 5. it answers this very
request; 6. it approves; 7. the certificates are for our keys, in their roles, under that root; 8. the challenge opens.
Only then is anything written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from adapters.countyit.joining import asking
from adapters.countyit.joining.memory import Joining
from adapters.settings import CountySettings
from certs import encryption, keys, signing
from certs.chain import TrustStore
from certs.keys import Certificate, PrivateKey
from certs.profiles import Role
from schemas.errors import YunhuobanError, declare
from schemas.joining import codes
from schemas.joining.files import REFUSED, ROLES, Answer, Sealed

ROOT_OTHER: Final = declare(
    "E-JOIN-052", "答复里的根证书不是邀请中写明的那个中枢的。", "不要使用这份答复；请打电话向中枢核对指纹。"
)
SIGNER_OTHER: Final = declare("E-JOIN-053", "答复不是中枢签的。", "不要使用这份答复；请向中枢重新索取。")
OTHER_REQUEST: Final = declare(
    "E-JOIN-054", "答复不是给本机最近一份申请的。", "请向中枢索取对这份申请的答复；旧申请的答复不能再用。"
)
CERTIFICATES_OTHER: Final = declare(
    "E-JOIN-055", "答复里的证书不是发给本机这三把密钥的。", "请把这一情况告诉中枢，由其重新答复。"
)
HUB_REFUSED: Final = declare(
    "E-JOIN-056", "中枢退回了加入申请。", "理由用 adapter join 查看；改正后请中枢重新邀请，并把 certs 文件夹移到别处。"
)
_SIGNERS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An answer that was checked, and what it holds for us."""

    answer: Answer
    chains: Mapping[str, Sequence[Certificate]]
    root: Certificate
    seal_anchors: Sequence[Certificate]
    challenge: bytes


def accept(settings: CountySettings, data: bytes, *, now: datetime) -> Accepted:
    """Check an answer and install what it brings. Raises E-JOIN-003, E-JOIN-050, E-JOIN-052 to -056, or E-CERT-…."""
    folder = settings.certificates
    known = Joining.load(folder)
    sealed = Sealed.read(data, "signature")  # 1
    answer = Answer.read(sealed.body)
    root, trust = _signed(sealed, answer, known, trial=settings.trial, now=now)  # 2 to 4
    if (answer.request_id, answer.request_sha256.hex(), answer.division_code) != (
        known.request_id,
        known.request_sha256,
        settings.division_code,
    ):
        raise YunhuobanError(OTHER_REQUEST, found=answer.request_id[:8], expected=known.request_id[:8])  # 5
    if answer.outcome == REFUSED:
        asking.refused(folder, known, answer.reason)
        raise YunhuobanError(HUB_REFUSED)  # 6
    own = {role: keys.load_private_key(folder / f"{role}.key") for role in ROLES}
    chains = {role: _ours(role, answer.chains[role], own[role], settings, trust, now) for role in ROLES}  # 7
    challenge = encryption.decrypt(  # 8
        answer.challenge, key=own["encryption"], bound=answer.request_sha256, commitment=answer.commitment
    )
    accepted = Accepted(
        answer=answer,
        chains=chains,
        root=root,
        seal_anchors=[keys.certificate_from_der(der) for der in answer.seal_anchors],
        challenge=challenge,
    )
    _install(settings, accepted)
    replace(known, state="approved").save(folder)
    return accepted


def _signed(
    sealed: Sealed, answer: Answer, known: Joining, *, trial: bool, now: datetime
) -> tuple[Certificate, TrustStore]:
    """That the hub of the invitation signed these bytes. Raises E-JOIN-052, E-JOIN-053 or E-CERT-…."""
    if len(answer.signer) != _SIGNERS:
        raise YunhuobanError(SIGNER_OTHER, found=str(len(answer.signer)), expected=str(_SIGNERS))
    if not codes.same(codes.write_root(answer.signer[-1]), known.hub_fingerprint):
        raise YunhuobanError(ROOT_OTHER, expected=known.hub_fingerprint)
    leaf, issuing, root = [keys.certificate_from_der(der) for der in answer.signer]
    trust = TrustStore([root], [issuing], [keys.crl_from_der(der) for der in answer.crls], trial=trial)
    trust.facts([leaf, issuing], at=now).demand(Role.HUB_SIGNING)
    signing.verify(sealed.proof, sealed.body, certificate=leaf, typ=signing.Typ.JOIN)
    return root, trust


def _ours(
    role: str, chain: Sequence[bytes], key: PrivateKey, settings: CountySettings, trust: TrustStore, now: datetime
) -> list[Certificate]:
    """One of our certificates with its issuing certificate. Raises E-JOIN-055 or E-CERT-…."""
    read = [keys.certificate_from_der(der) for der in chain]
    if not read or keys.public_key(read[0]) != key.public_key() or keys.subject(read[0]) != settings.division_code:
        raise YunhuobanError(CERTIFICATES_OTHER, place=role)
    trust.facts(read, at=now).demand(Role(f"county_{role}"))
    return read


def _install(settings: CountySettings, accepted: Accepted) -> None:
    folder = settings.certificates
    for role, chain in accepted.chains.items():
        keys.save_certificates(chain, folder / f"{role}.pem")
    keys.save_certificates([accepted.root], folder / "anchors.pem")
    keys.save_certificates(accepted.seal_anchors, folder / "seal-anchors.pem")
