"""Seal authorities and faces of licenses, made for the tests."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from adapters.licenses import qr, template
from adapters.licenses.face import LicenseFace, statement
from adapters.licenses.seal import FileSeal, seal_pdf
from certs import keys
from certs.authority import Authority
from certs.profiles import Role
from schemas.identifiers.license import LicenseIdentifier

AUTHORITY = "永济市行政审批服务管理局"
NUMBER = "91140881MA0000000X"
NAMES = "永济市𠮷䶮㐂商贸有限公司"


@dataclass(frozen=True)
class SealParty:
    """An authority with one seal, and where everything lies."""

    folder: Path
    authority: Authority
    certificate: Any
    now: datetime
    trial: bool

    @property
    def plugin(self) -> FileSeal:
        """Key and chain as files."""
        return FileSeal(key_file=self.folder / "key.pem", chain_file=self.folder / "chain.pem")

    @property
    def anchors(self) -> list[bytes]:
        """The authority's root."""
        return [keys.der(self.authority.root)]

    def crls(self, *, now: datetime | None = None, days: int = 14) -> list[bytes]:
        """Fresh lists of root and issuing authority."""
        return [keys.crl_der(one) for one in self.authority.publish_crls(now=now or self.now, days=days)]

    def seal(self, pdf: bytes, *, now: datetime | None = None, crls: list[bytes] | None = None) -> bytes:
        """Seal through the product's own door."""
        return seal_pdf(
            pdf,
            plugin=self.plugin,
            anchors=self.anchors,
            crls=self.crls(now=now) if crls is None else crls,
            now=now or self.now,
            trial=self.trial,
        )


def make_party(
    folder: Path, *, trial: bool = True, role: Role = Role.SEAL, now: datetime | None = None, days: int | None = None
) -> SealParty:
    """An authority of its own and one certificate of the role, with their files in the folder."""
    moment = now or datetime.now(UTC)
    kind = "seal" if role is Role.SEAL else "transport"
    authority = Authority.create(folder / "authority", kind=kind, trial=trial, now=moment, name="Test seals")
    key = keys.generate_key()
    subject = AUTHORITY if role is Role.SEAL else "140881"
    certificate = authority.issue(role, subject, key.public_key(), now=moment, days=days)
    keys.save_private_key(key, folder / "key.pem")
    keys.save_certificates(authority.chain(certificate), folder / "chain.pem")
    return SealParty(folder, authority, certificate, moment, trial)


def make_face(*, trial: bool = True, number: str = NUMBER, serial: str = "20261122000001", **lines: str) -> LicenseFace:
    """A company's face with rare characters; `lines` replaces or adds contents by label."""
    values = {
        "名称": NAMES,
        "类型": "有限责任公司（自然人独资）",
        "法定代表人": "䶮建国",
        "经营范围": "许可项目：食品销售。一般项目：日用百货销售；五金产品零售。",
        "注册资本": "壹佰万元整",
        "成立日期": "2026年11月22日",
        "住所": "山西省运城市永济市城东街道舜都大道18号",
        **lines,
    }
    return LicenseFace(
        identifier=str(LicenseIdentifier.build("11100000MB0143028R001", "11140881MB0000000U", serial, 1)),
        number=number,
        lines=tuple(values.items()),
        issuing_authority=AUTHORITY,
        issuing_authority_code="11140881MB0000000U",
        issued_on=date(2026, 11, 22),
        copy_no=1,
        copies=1,
        verification_url=qr.verification_url("verify.example.cn", bytes(range(16))),
        trial=trial,
    )


def statement_of_copy(face: LicenseFace, form: template.Template) -> str:
    """What the file of that copy has to state."""
    return statement(face, copy_kind=form.copy_kind, template=form.id, template_version=form.version)
