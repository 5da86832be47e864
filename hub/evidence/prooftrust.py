"""Who signed what in a proof: certificates out of the file, chains only to the roots of the trust file."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from certs import keys, signing
from certs.chain import ChainFacts, TrustStore
from certs.keys import Certificate
from certs.profiles import Role
from certs.signing import Typ
from hub.evidence.prooffile import Signed
from hub.evidence.trustfile import TrustFile
from hub.evidence.verification import UndecidedError
from schemas.errors import YunhuobanError, declare

NO_CERTIFICATE: Final = declare("E-VERIFY-010", "存证文件里没有签名所用的证书。", "请向出具方重新索取存证文件。")


class Bundle(Protocol):
    """What comes with a file that is to be verified."""

    @property
    def certificates(self) -> Sequence[bytes]:
        """Whoever signed something."""

    @property
    def issuing_certificates(self) -> Sequence[bytes]:
        """Between those and the root."""

    @property
    def revocation_lists(self) -> Sequence[bytes]:
        """CRLs."""


class Signers:
    """The certificates of one file, judged by the lists in it under the roots of the trust file."""

    def __init__(self, proof: Bundle, trust: TrustFile) -> None:
        """Raises E-CERT-… for what is no certificate or no list of a known authority."""
        found = [keys.certificate_from_der(der) for der in proof.certificates]
        self._certificates = {keys.thumbprint(each): each for each in found}
        self._store = TrustStore(
            trust.roots,
            [keys.certificate_from_der(der) for der in proof.issuing_certificates],
            [keys.crl_from_der(der) for der in proof.revocation_lists],
            trial=trust.trial,
        )

    def named_by(self, signature: str) -> Certificate:
        """The certificate that a signature names. Raises E-VERIFY-010 or E-CERT-070."""
        certificate = self._certificates.get(signing.read_header(signature).thumbprint)
        if certificate is None:
            raise YunhuobanError(NO_CERTIFICATE, place="certificates")
        return certificate

    def check(self, signature: str, body: bytes, *, typ: Typ, role: Role, at: datetime) -> ChainFacts:
        """That a certificate good in this role at this time signed these exact bytes. Raises as `standing` does."""
        certificate = self.named_by(signature)
        facts = self.standing(certificate, role=role, at=at)
        signing.verify(signature, body, certificate=certificate, typ=typ)
        return facts

    def standing(self, certificate: Certificate, *, role: Role, at: datetime) -> ChainFacts:
        """That a certificate was good in this role at this time. Raises E-CERT-…, or UndecidedError."""
        facts = self._store.facts([certificate], at=at)
        try:
            facts.demand(role)
        except YunhuobanError as error:
            if facts.standing(role) == "unknown":
                raise UndecidedError(error) from error
            raise
        return facts

    def check_hub(self, signed: Signed, *, typ: Typ, role: Role, at: datetime) -> ChainFacts:
        """The same for something that the hub said."""
        return self.check(signed.signature, signed.record, typ=typ, role=role, at=at)
