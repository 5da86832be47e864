"""What this county believes of the others: one directory, with chains to judge signatures by.

The anchors are this county's own files, given to it when it joined; everything else comes in the hub-signed
directory. A sender encrypts only for a key that a county of an unexpired directory has stated itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from certs import keys, signing
from certs.chain import TrustStore
from certs.keys import Certificate
from certs.profiles import Role
from schemas import codec
from schemas.errors import YunhuobanError, declare

NO_DIRECTORY: Final = declare(
    "E-LINK-101", "本县还没有收到有效的目录，暂时不能向外县报送。", "请检查与中枢的连接；收到目录后自动继续。"
)
COUNTY_UNKNOWN: Final = declare(
    "E-LINK-103", "目录中没有该县，或该县已停用。", "请核对行政区划代码；该县恢复后自动继续。"
)
KEY_EXPIRED: Final = declare("E-LINK-104", "该县在目录中没有可用的加密密钥。", "请等待该县更新密钥声明后自动继续。")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStatement:
    """The encryption certificates that a county itself has signed for, and from when to when."""

    certificates: Sequence[Certificate]
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One county of the directory."""

    division_code: str
    name: str
    active: bool
    statement: KeyStatement | None
    """None when it is not the county's own."""
    halls: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryView:
    """One directory, read once."""

    serial: int
    expires_at: datetime
    members: Mapping[str, Member]
    signers: Mapping[bytes, tuple[str, Certificate]]
    """Message-signing certificates by thumbprint, with the county they belong to."""
    hub: Mapping[bytes, Certificate]
    """The hub's signing certificates by thumbprint."""
    chains: TrustStore
    offers: Mapping[tuple[str, str], str]
    """Names of the service items, by county and item."""
    seal_crls: Sequence[bytes]

    def recipient(self, county: str, now: datetime) -> Certificate:
        """The certificate to encrypt to. Raises E-LINK-101, -103 or -104."""
        if now >= self.expires_at:
            raise YunhuobanError(NO_DIRECTORY, found=self.expires_at.isoformat())
        member = self.members.get(county)
        if member is None or not member.active:
            raise YunhuobanError(COUNTY_UNKNOWN, found=county)
        stated = member.statement
        if stated is not None and stated.valid_from <= now < stated.valid_until:
            for each in stated.certificates:
                own = keys.subject(each) == county
                if own and self.chains.facts([each], at=now).standing(Role.COUNTY_ENCRYPTION) == "good":
                    return each
        raise YunhuobanError(KEY_EXPIRED, found=county)

    def name(self, county: str) -> str:
        """The county's name, or its code when the directory does not know it."""
        member = self.members.get(county)
        return member.name if member else county


def view(record: Mapping[str, Any], *, anchors: Sequence[Certificate], trial: bool) -> DirectoryView:
    """Read a directory whose signature was checked."""
    signers: dict[bytes, tuple[str, Certificate]] = {}
    members: dict[str, Member] = {}
    for county in record["counties"]:
        code = county["division_code"]
        own = [keys.certificate_from_der(der) for der in county["signing_certificates"]]
        signers |= {keys.thumbprint(each): (code, each) for each in own}
        members[code] = Member(
            division_code=code,
            name=county["name"],
            active=county["state"] == "active",
            statement=_statement(county, own),
            halls=tuple(county["halls"]),
        )
    return DirectoryView(
        serial=record["serial"],
        expires_at=record["expires_at"],
        members=members,
        signers=signers,
        hub={keys.thumbprint(each): each for each in map(keys.certificate_from_der, record["hub_certificates"])},
        chains=chains(record, anchors, trial=trial),
        offers={(each["county"], each["service_item"]): each["name"] for each in record["offers"]},
        seal_crls=tuple(record["seal_crls"]),
    )


def chains(
    record: Mapping[str, Any],
    anchors: Sequence[Certificate],
    *,
    trial: bool,
    crl_floor: Mapping[str, int] | None = None,
) -> TrustStore:
    """Our anchors with a directory's intermediates and revocation lists; lists below the floor are E-CERT-056."""
    intermediates = [keys.certificate_from_der(der) for der in record["transport_certificates"]]
    lists = [keys.crl_from_der(der) for der in record["crls"]]
    return TrustStore(anchors, intermediates, lists, trial=trial, crl_floor=crl_floor)


def _statement(county: Mapping[str, Any], own: Sequence[Certificate]) -> KeyStatement | None:
    """The county's own signed statement; whatever is wrong with it, it then states nothing.

    One county's bad statement must not cost the others the directory; `recipient` tells whoever would send to it.
    """
    body, signature = county["key_statement"], county["key_statement_signature"]
    try:
        thumbprint = signing.read_header(signature).thumbprint
        signer = next((each for each in own if keys.thumbprint(each) == thumbprint), None)
        if signer is None:
            return None
        signing.verify(signature, body, certificate=signer, typ=signing.Typ.KEYS)
        stated = codec.decode(body, "KeyStatement")
        certificates = tuple(keys.certificate_from_der(der) for der in stated["encryption_certificates"])
    except YunhuobanError:
        return None
    if stated["division_code"] != county["division_code"]:
        return None
    return KeyStatement(certificates=certificates, valid_from=stated["valid_from"], valid_until=stated["valid_until"])
