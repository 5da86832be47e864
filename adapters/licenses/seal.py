"""The door to pyHanko for sealing: PAdES B-LT in one revision, certified with no changes allowed (ETSI EN 319 142-1).

Revocation data go together with the signature, because a second revision is what the verifier refuses. Everything is
judged before the key is touched: role of the certificate, trial or production, days left, freshness of the lists.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from asn1crypto import keys as asn1_keys
from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from asn1crypto.crl import CertificateList
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from adapters.licenses.quiet import silence_libraries
from certs import chain as certs_chain
from certs import files, keys
from certs.profiles import Role
from schemas.errors import YunhuobanError, declare

FIELD_NAME: Final = "Seal"
LEAST_DAYS_LEFT: Final = 1
"""A seal whose certificate ends sooner is not used: the license would be born next to invalid."""

SEAL_CERTIFICATE: Final = declare(
    "E-LIC-020", "印章证书现在不能用于盖章。", "请按原因处理：证书用途须为印章，未过期、未吊销，试用与正式不得混用。"
)
SEAL_EXPIRING: Final = declare("E-LIC-021", "印章证书即将到期，不再用于盖章。", "请先续期印章证书，再为这份决定盖章。")
SEAL_KEY: Final = declare(
    "E-LIC-022", "印章私钥读不出来，或与印章证书不配对。", "请检查印章目录中的密钥文件和证书文件。"
)
SEAL_FAILED: Final = declare(
    "E-LIC-023", "盖章没有完成。", "请确认文件是本系统生成的未盖章证照，吊销列表是新的，然后重试。"
)


class SealPlugin(Protocol):
    """Where the seal's key lives: a file for trials; a token behind PKCS#11 would implement the same two."""

    def chain(self) -> list[bytes]:
        """The seal certificate and its issuing certificate, DER."""

    def signer(self) -> Any:
        """A pyHanko `Signer` for that certificate. Raises SEAL_KEY."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeal:
    """A seal in two PEM files: the key (PKCS#8, not encrypted) and the chain. Enough for trials, not for more."""

    key_file: Path
    chain_file: Path

    def chain(self) -> list[bytes]:
        """The certificates of the chain file. Raises FILE_UNREADABLE or CERTIFICATE_MALFORMED."""
        return [keys.der(one) for one in keys.load_certificates(self.chain_file)]

    def signer(self) -> Any:
        """A signer with the key in memory. Raises SEAL_KEY when the key is not the certificate's."""
        chain = [asn1_x509.Certificate.load(one) for one in self.chain()]
        try:
            _, _, der = pem.unarmor(files.read(self.key_file))
            key = asn1_keys.PrivateKeyInfo.load(der, strict=True)
            paired = (
                bool(chain)
                and key["private_key"].parsed["public_key"].native == chain[0].public_key["public_key"].native
            )
        except (ValueError, TypeError, KeyError):
            raise YunhuobanError(SEAL_KEY, place=self.key_file.name) from None  # the parser's text may quote the key
        if not paired:
            raise YunhuobanError(SEAL_KEY, place=self.chain_file.name)
        return signers.SimpleSigner(signing_cert=chain[0], signing_key=key, cert_registry=_registry(chain))


def seal_pdf(
    pdf: bytes,
    *,
    plugin: SealPlugin,
    anchors: Sequence[bytes],
    crls: Sequence[bytes],
    now: datetime,
    trial: bool,
) -> bytes:
    """Seal a rendered license. Raises SEAL_CERTIFICATE, SEAL_EXPIRING, SEAL_KEY or SEAL_FAILED.

    `anchors` (DER) are the seal authority's own, never the transport's; `crls` (DER) go into the file.
    """
    silence_libraries()
    chain = plugin.chain()
    _demand_usable(chain, anchors=anchors, crls=crls, now=now, trial=trial)
    others = [asn1_x509.Certificate.load(one) for one in chain[1:]]
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(one) for one in anchors],
        other_certs=others,
        crls=[CertificateList.load(one) for one in crls],
        allow_fetching=False,
        revocation_mode="require",
        moment=now.astimezone(UTC),
    )
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD_NAME,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        embed_validation_info=True,
        validation_context=context,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        dss_settings=DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE),
    )
    signer = plugin.signer()
    output = io.BytesIO()
    try:
        signers.PdfSigner(metadata, signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=output)
    except Exception as error:  # noqa: BLE001 - pyHanko and the plug-in's driver share no root of errors
        raise YunhuobanError(SEAL_FAILED, found=type(error).__name__) from None
    return output.getvalue()


def _demand_usable(
    chain: Sequence[bytes], *, anchors: Sequence[bytes], crls: Sequence[bytes], now: datetime, trial: bool
) -> None:
    """Judge the seal's certificate as every verifier will. Raises SEAL_CERTIFICATE or SEAL_EXPIRING."""
    certificates = [keys.certificate_from_der(one) for one in chain]
    if not certificates:
        raise YunhuobanError(SEAL_CERTIFICATE, found="0 certificates")
    store = certs_chain.TrustStore(
        [keys.certificate_from_der(one) for one in anchors],
        certificates[1:],
        [keys.crl_from_der(one) for one in crls],
        trial=trial,
    )
    facts = store.facts(certificates[:2], at=now)
    reason = facts.reason_for(Role.SEAL)
    if reason is not None:
        raise YunhuobanError(SEAL_CERTIFICATE, place=reason.code, found=facts.role or "", expected=Role.SEAL)
    if facts.not_after_at - now < timedelta(days=LEAST_DAYS_LEFT):
        raise YunhuobanError(SEAL_EXPIRING, found=facts.not_after_at.isoformat(), expected=f">= {LEAST_DAYS_LEFT} d")


def _registry(chain: Sequence[asn1_x509.Certificate]) -> SimpleCertificateStore:
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko leaves it bare
    registry.register_multiple(chain[1:])
    return registry
