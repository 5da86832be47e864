"""What can be said of a sealed license file: one line per fact, never one verdict.

The numbered list below is the list of checks in `verify_license`; the code carries the same numbers. Sources: ISO
32000-1 §12.8 (signatures, DocMDP), ETSI EN 319 142-1 (PAdES), RFC 5280 (chains), GB/T 36904 (identifier), and the
published attacks on PDF signatures (universal forgery, incremental saving, wrapping, shadow content).

 1 file.readable        a PDF within the limits of a license file
 2 file.digest          its digest is the journalled one
 3 license.identifier   the identifier in it has the right check character
 4 license.face         its statement of the face is the message's
 5 seal.single          there is exactly one signature
 6 seal.coverage        which covers the entire file but itself, and nothing is hidden in its padding
 7 seal.certified       and certifies it with no changes allowed
 8 seal.intact          and fits every byte it covers
 9 seal.usage           made with a seal's certificate: key usage and extended key usage
10 seal.chain           under the seal anchors
11 seal.trial           trial or production, as expected
12 seal.period          valid at the journalled time
13 seal.revocation      with revocation data in the file that speak for that time and say good
14 seal.not_revoked     and not revoked at that time by the lists that the verifier holds itself
15 seal.validated       pyHanko's own judgement of all of this, independent of OpenSSL's
16 license.sealed_at    sealed validly at that time: 1, 2 and 5 to 15 together
17 license.state        the license's state now, as its issuer last said it; never inferred from 16
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from asn1crypto import x509 as asn1_x509
from asn1crypto.cms import ContentInfo
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel

from adapters.licenses.pdf_file import FILE_UNREADABLE, opened, statement_text
from certs import chain as certs_chain
from certs import crl, keys, policy
from certs.keys import Certificate, RevocationList
from certs.profiles import SEAL_EKU, Role
from pages.wording import mark as _
from schemas.errors import YunhuobanError
from schemas.identifiers.license import LicenseIdentifier
from schemas.licensestates import VALID

Standing = Literal["ok", "failed", "unknown"]

_Found = dict[str, tuple[bool | None, str]]
_GOOD: Final[dict[str, bool | None]] = {"ok": True, "failed": False, "unknown": None}
_MOST_CERTIFICATES: Final = 4
_MOST_LISTS: Final = 4  # of a root and an issuing authority, with room for one more each

SENTENCES: Final[dict[str, str]] = {
    "file.readable": _("文件是一份完好的 PDF，大小和构造在证照文件的限度内。"),
    "file.digest": _("文件与存证的摘要一致。"),
    "license.identifier": _("文件中的电子证照标识校验正确。"),
    "license.face": _("文件所载的照面内容与报文一致。"),
    "seal.single": _("文件上有且只有一个电子印章。"),
    "seal.coverage": _("印章覆盖整个文件。"),
    "seal.certified": _("印章声明盖章后不允许任何改动。"),
    "seal.intact": _("盖章后内容没有变动。"),
    "seal.usage": _("盖章所用的证书是印章证书。"),
    "seal.chain": _("印章证书由本网络认可的印章发证机构签发。"),
    "seal.trial": _("印章的试用或正式身份与所查的一致。"),
    "seal.period": _("盖章时印章证书在有效期内。"),
    "seal.revocation": _("文件自带盖章时的吊销信息，证书当时良好。"),
    "seal.not_revoked": _("据本机持有的吊销列表，盖章时证书没有被吊销。"),
    "seal.validated": _("另一套独立的核验程序也认可这个印章。"),
    "license.sealed_at": _("盖章有效（以存证的盖章时间为准）。"),
    "license.state": _("证照现在的状态（颁发机构最近一次的说明）。"),
}
"""What each line asserts when it is ok; failed and unknown are said beside it."""

_SEALED_AT: Final = tuple(
    line
    for line in SENTENCES
    if line not in {"license.identifier", "license.face", "license.sealed_at", "license.state"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One fact."""

    id: str
    standing: Standing
    detail: str = ""
    """Codes, digests, times or states; never personal data."""

    @property
    def sentence(self) -> str:
        """What the line asserts, in Chinese (a msgid)."""
        return SENTENCES[self.id]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateNow:
    """The license's state as its issuer last signed it."""

    state: str
    """A symbol of LicenseState."""
    age_seconds: int
    """How long ago the issuer said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseVerification:
    """All lines, in the order of the list above; every line is always there."""

    at: datetime
    lines: tuple[Line, ...]

    def line(self, line_id: str) -> Line:
        """The line of that id. Raises KeyError for an id that is not in the list."""
        return {line.id: line for line in self.lines}[line_id]

    def with_standing(self, standing: Standing) -> tuple[str, ...]:
        """The ids of the lines that stand so."""
        return tuple(line.id for line in self.lines if line.standing == standing)


def verify_license(
    pdf: bytes,
    *,
    anchors: Sequence[bytes],
    crls: Sequence[bytes],
    at: datetime,
    expected_sha256: bytes | None,
    trial: bool,
    expected_statement: str | None = None,
    state: StateNow | None = None,
) -> LicenseVerification:
    """Look at a file that may be hostile, without a network.

    `anchors` and `crls` (DER) are the verifier's own, of the seal authority. `at` is the journalled time of sealing.
    `expected_statement` is `face.statement_of` the message. What is not given makes its line unknown. Raises only for
    the verifier's own data: CERTIFICATE_MALFORMED or REVOCATION_LIST_MALFORMED. Takes some 50 ms and runs its own event
    loop: call it from a thread (RuntimeError otherwise).
    """
    _require_no_event_loop()
    own_anchors = [keys.certificate_from_der(one) for one in anchors]
    own_lists = [keys.crl_from_der(one) for one in crls]
    found: _Found = {}
    digest = hashlib.sha256(pdf).digest()
    same = None if expected_sha256 is None else hmac.compare_digest(digest, expected_sha256)
    found["file.digest"] = same, digest.hex()  # 2
    try:
        reader = opened(pdf)
        found["file.readable"] = True, f"{len(pdf)} B"  # 1
    except YunhuobanError as error:
        found["file.readable"] = False, f"{error.code} {error.found}".rstrip()
    else:
        _attempt(found, ("license.identifier", "license.face"), lambda: _statement(reader, expected_statement))  # 3, 4
        _attempt(
            found,
            tuple(line for line in SENTENCES if line.startswith("seal.")),
            lambda: _seal(reader, own_anchors, own_lists, at.astimezone(UTC), trial=trial),  # 5 to 15
        )
    standings = {line: _standing(found.get(line, (None, ""))[0]) for line in _SEALED_AT}
    worst = next((one for one in ("failed", "unknown") if one in standings.values()), "ok")  # 16
    found["license.sealed_at"] = _GOOD[worst], at.astimezone(UTC).isoformat(timespec="seconds")
    lines = [(line, *found.get(line, (None, ""))) for line in SENTENCES if line != "license.state"]
    return LicenseVerification(
        at=at,
        lines=(
            *(Line(id=line, standing=_standing(good), detail=detail) for line, good, detail in lines),
            state_line(state),
        ),
    )


def state_line(state: StateNow | None) -> Line:
    """Line 17, by itself: it alone may change while file and authorisation stay what they are."""
    if state is None:
        return Line(id="license.state", standing="unknown")
    said = f"{state.state} {state.age_seconds} s"
    return Line(id="license.state", standing=_standing(state.state == VALID), detail=said)


def _require_no_event_loop() -> None:
    """PyHanko would stumble over a running loop in the middle, and a good seal would be reported as bad."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError("verify_license blocks: call it from a thread")


def _standing(good: bool | None) -> Standing:
    return "unknown" if good is None else "ok" if good else "failed"


def _attempt(found: _Found, lines: tuple[str, ...], step: Callable[[], Iterable[tuple[str, bool | None, str]]]) -> None:
    """Take over what the step finds out; where hostile bytes make it stumble, its remaining lines have failed."""
    try:
        for line, good, detail in step():
            found[line] = good, detail
    except Exception as error:  # noqa: BLE001 - a parser of hostile bytes promises nothing
        for line in lines:
            found.setdefault(line, (False, type(error).__name__))


def _statement(reader: PdfFileReader, expected: str | None) -> Iterator[tuple[str, bool | None, str]]:
    """Lines 3 and 4, from what the file says of itself."""
    text = statement_text(reader)
    yield "license.face", None if expected is None else hmac.compare_digest(text.encode(), expected.encode()), ""
    try:
        LicenseIdentifier.parse(json.loads(text)["identifier"])
        yield "license.identifier", True, ""
    except YunhuobanError as error:
        yield "license.identifier", False, f"{error.code} {error.found} {error.expected}"


def _seal(
    reader: PdfFileReader,
    anchors: Sequence[Certificate],
    lists: Sequence[RevocationList],
    at: datetime,
    *,
    trial: bool,
) -> Iterator[tuple[str, bool | None, str]]:
    """Lines 5 to 15. With several signatures the first is looked at, so that the reader sees what it was."""
    seals = reader.embedded_signatures
    yield "seal.single", len(seals) == 1, str(len(seals))
    if not seals:
        raise YunhuobanError(FILE_UNREADABLE)  # the other lines have failed
    seal = seals[0]
    yield "seal.certified", seal.docmdp_level == MDPPerm.NO_CHANGES, ""
    dss = DocumentSecurityStore.read_dss(reader)
    yield from _pdf_lines(reader, seal, dss, anchors, at)
    yield from _certificate_lines(seal, dss, anchors, lists, at, trial=trial)


def _pdf_lines(
    reader: PdfFileReader,
    seal: EmbeddedPdfSignature,
    dss: DocumentSecurityStore,
    anchors: Sequence[Certificate],
    at: datetime,
) -> Iterator[tuple[str, bool | None, str]]:
    """Lines 6, 8 and 15: pyHanko's. Differences between revisions are not analysed: any at all is a failure."""
    context = dss.as_validation_context(
        {
            "trust_roots": [asn1_x509.Certificate.load(keys.der(one)) for one in anchors],
            "allow_fetching": False,
            "revocation_mode": "require",
            "moment": at,
        }
    )
    usage = KeyUsageConstraints(
        key_usage={"non_repudiation"}, extd_key_usage={SEAL_EKU}, explicit_extd_key_usage_required=True
    )
    status = validate_pdf_signature(seal, signer_validation_context=context, key_usage_settings=usage, skip_diff=True)
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    yield "seal.coverage", whole and _only_zeros_beside(seal), status.coverage.name if status.coverage else ""
    yield "seal.intact", status.intact and status.valid, ""
    revisions_trusted = whole and len(reader.embedded_signatures) == 1
    yield "seal.validated", revisions_trusted and status.intact and status.valid and status.trusted, ""


def _only_zeros_beside(seal: EmbeddedPdfSignature) -> bool:
    """Whether the place kept for the signature, which no signature covers, holds that signature and then zeros."""
    _, start, end, _ = (int(number) for number in seal.byte_range)
    seal.reader.stream.seek(start)
    place = seal.reader.stream.read(end - start)
    content = bytes.fromhex(place[1:-1].decode("ascii"))
    signature = ContentInfo.load(content).dump()
    same = place.upper() == b"<%s>" % content.hex().upper().encode()
    return same and content.startswith(signature) and not any(content[len(signature) :])


def _certificate_lines(
    seal: EmbeddedPdfSignature,
    dss: DocumentSecurityStore,
    anchors: Sequence[Certificate],
    lists: Sequence[RevocationList],
    at: datetime,
    *,
    trial: bool,
) -> Iterator[tuple[str, bool | None, str]]:
    """Lines 9 to 14: the facts of the chain, judged by `certs` as everywhere else."""
    leaf = keys.certificate_from_der(seal.signer_cert.dump())
    others = [keys.certificate_from_der(one.dump()) for one in seal.other_embedded_certs[:_MOST_CERTIFICATES]]
    role = policy.role_of(leaf)
    yield "seal.usage", role is Role.SEAL, role or ""

    own = certs_chain.TrustStore(anchors, others, _of(lists, (*anchors, *others)), trial=trial).facts([leaf], at=at)
    problems = set(own.chain_problems)
    dated = {certs_chain.NOT_YET_VALID.code, certs_chain.EXPIRED.code}
    mixed = policy.TRIAL_MIXED.code
    yield "seal.chain", not problems - dated - {mixed}, " ".join(sorted(problems - dated - {mixed}))
    yield "seal.trial", mixed not in problems and own.trial is trial, "trial" if own.trial else "production"
    yield "seal.period", not problems & dated, f"{own.not_before_at:%Y-%m-%d} {own.not_after_at:%Y-%m-%d}"
    yield (
        "seal.not_revoked",
        {"good": True, "revoked": False, "unknown": None}[own.revocation],
        (own.revoked_at.isoformat() if own.revoked_at else ""),
    )
    inside = [keys.crl_from_der(one.get_object().data) for one in dss.crls[:_MOST_LISTS]]
    embedded = certs_chain.TrustStore(anchors, others, _of(inside, (*anchors, *others)), trial=trial)
    yield "seal.revocation", embedded.facts([leaf], at=at).revocation == "good", str(len(inside))


def _of(lists: Sequence[RevocationList], issuers: Sequence[Certificate]) -> list[RevocationList]:
    """The lists signed by one of these issuers; others have nothing to say here."""
    return [one for one in lists if any(crl.is_signed_by(one, issuer) for issuer in issuers)]
