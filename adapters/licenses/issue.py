"""Makes the canonical License out of an application and the decision that granted it.

Pure but for the renderer and the sealer it is given. All copies (正本, 副本) are made together: each as a sealed
complete page and as a print file with the fill layer only, and the digests of both, which print authorisations name.
Sources: GB/T 36903 (metadata), GB/T 36904 (identifier), 国市监注〔2018〕253号 (the page).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final, Protocol

from adapters.licenses import licensed, qr
from adapters.licenses.face import LicenseFace
from adapters.licenses.seal_process import DECISION_INSUFFICIENT, SealRequest
from adapters.licenses.template import Template
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.license import LicenseIdentifier

LARGEST_PRINT_FILE_BYTES: Final = 524_288  # LicenseFile.print_file, max_bytes
LARGEST_SEALED_BYTES: Final = 786_432  # LicenseFile.sealed, max_bytes
_CHINA: Final = timezone(timedelta(hours=8))  # days on licenses are China's; it keeps one time and no summer time

FILE_TOO_LARGE: Final = declare(
    "E-LIC-010", "证照文件超出报文允许的大小。", "请核减经营范围等长内容后重新生成；仍然超出的，请联系县信息中心。"
)

TYPE_UNKNOWN: Final = declare(
    "E-LIC-018",
    "不知道{license}的证照类型代码，不能编制电子证照标识。",
    "请在 county.toml 中该事项的 [[authority.licenses]] 下填写 type_code，以本省电子证照目录为准。",
)
RENEWS_WRONG: Final = declare(
    "E-LIC-011", "决定要延续或变更的证照不是本机关颁发的同类证照。", "请核对原证照的电子证照标识。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyAuthority:
    """The issuing authority, from the county's settings."""

    name: str
    """发证机关, as on its seal."""
    code: str
    """Its 统一社会信用代码."""
    area_code: str
    """Division code of the territory."""
    trial: bool
    """Whether everything it issues is 样张."""
    type_code: str = ""
    """证照类型代码 of the license, where its template has none."""
    complaint_phone: str = ""
    """投诉举报电话, for the licenses that bear it."""


class PageRenderer(Protocol):
    """What draws a page (`render.Renderer`)."""

    def render_complete(self, face: LicenseFace, template: Template) -> bytes:
        """The complete page."""

    def render_fill(self, face: LicenseFace, template: Template) -> bytes:
        """The fill layer."""


class Sealer(Protocol):
    """What seals a page (`seal_process.SealProcess`)."""

    def seal(self, pdf: bytes, request: SealRequest) -> bytes:
        """The sealed page."""


def issue_license(
    application: Mapping[str, Any],
    decision: Mapping[str, Any],
    county: CountyAuthority,
    forms: tuple[Template, ...],
    *,
    now: datetime,
    serial: str,
    host: str,
    token: bytes,
    sealer: Sealer,
    renderer: PageRenderer,
) -> dict[str, Any]:
    """The License record of a granted application, with a file of each of the templates (`choosing.templates_for`).

    `serial` is the 流水号, unique for type and issuer; `token` are the 16 random bytes of the QR code, the same for
    both copies. Raises DECISION_INSUFFICIENT, TYPE_UNKNOWN, and whatever lines, identifier, renderer and sealer raise.
    """
    request = _request(decision, now=now)
    issued_on = _day(decision["decided_at"])
    first = forms[0]  # one license: its copies have the same lines, and its type is theirs
    contents = licensed.contents(
        first, application, decision, issued_on=issued_on, complaint_phone=county.complaint_phone
    )
    type_code = first.type_code or county.type_code
    if not type_code:
        raise YunhuobanError(TYPE_UNKNOWN, place="authority.licenses.type_code", license=first.name)
    identifier = _identifier(type_code, decision["renews"], county.code, serial)
    face = LicenseFace(
        identifier=str(identifier),
        number=decision["license_number"],
        lines=contents.lines,
        issuing_authority=county.name,
        issuing_authority_code=county.code,
        issued_on=issued_on,
        copy_no=1,
        copies=1,
        verification_url=qr.verification_url(host, token),
        trial=county.trial,
    )
    files = [_file(face, one, request, sealer=sealer, renderer=renderer) for one in forms]
    return {
        "identifier": str(identifier),
        "version": f"{identifier.version:03}",
        "type_code": type_code,
        "name": first.name,
        "number": face.number,
        "holder": contents.holder,
        "holder_code": contents.holder_code,
        "holder_code_kind": contents.holder_code_kind,
        "issuing_authority": county.name,
        "issuing_authority_code": county.code,
        "issued_on": issued_on,
        "valid_from": issued_on,
        "valid_until": decision["valid_until"],
        "area_code": county.area_code,
        "state": "valid",
        "face": [{"label": label, "value": value} for label, value in face.lines],
        "files": files,
        **contents.parts,
        "complaint_phone": contents.complaint_phone,
    }


def _identifier(type_code: str, renews: str | None, issuer: str, serial: str) -> LicenseIdentifier:
    """A new identifier, or the next version of the one that is renewed. Raises RENEWS_WRONG or E-ID-04…."""
    if not renews:
        return LicenseIdentifier.build(type_code, issuer, serial, 1)
    before = LicenseIdentifier.parse(renews)
    if (before.type_code, before.issuer) != (type_code, issuer):
        raise YunhuobanError(RENEWS_WRONG, place="renews", found=renews, expected=f"{type_code}.{issuer}")
    return before.next_version()


def _request(decision: Mapping[str, Any], *, now: datetime) -> SealRequest:
    """What the seal's process will demand, demanded before anything is drawn. Raises DECISION_INSUFFICIENT."""
    request = SealRequest(
        decision_no=decision["decision_no"],
        outcome=decision["outcome"],
        approver=decision["approver"],
        approver_no=decision["approver_no"],
        license_number=decision["license_number"],
    )
    request.require_sufficient()
    if decision["decided_at"] > now:
        raise YunhuobanError(DECISION_INSUFFICIENT, place="decided_at", expected=f"<= {now.isoformat()}")
    return request


def _file(
    face: LicenseFace, form: Template, request: SealRequest, *, sealer: Sealer, renderer: PageRenderer
) -> dict[str, Any]:
    """One copy's LicenseFile. Raises FILE_TOO_LARGE."""
    print_file = renderer.render_fill(face, form)
    sealed = sealer.seal(renderer.render_complete(face, form), request)
    for place, data, largest in (
        ("sealed", sealed, LARGEST_SEALED_BYTES),
        ("print_file", print_file, LARGEST_PRINT_FILE_BYTES),
    ):
        if len(data) > largest:
            raise YunhuobanError(FILE_TOO_LARGE, place=place, found=f"{len(data)} B", expected=f"<= {largest} B")
    return {
        "copy_kind": form.copy_kind,
        "copy_no": face.copy_no,
        "template": form.id,
        "template_version": form.version,
        "stock_kind": form.stock_kind,
        "media": form.media,
        "sealed": sealed,
        "sealed_sha256": hashlib.sha256(sealed).digest(),
        "print_file": print_file,
        "print_file_sha256": hashlib.sha256(print_file).digest(),
    }


def _day(at: datetime) -> date:
    return at.astimezone(_CHINA).date()
