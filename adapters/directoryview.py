"""What this county believes of the others: the newest directory, checked, with chains to judge signatures by.

The anchors are this county's own files, given to it when it joined; everything else comes in the hub-signed
directory. A sender encrypts only for a key in an unexpired directory; an older serial than was seen is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from adapters.instants import to_millis
from adapters.store import tables
from certs import keys, signing
from certs.chain import TrustStore
from certs.keys import Certificate
from certs.profiles import Role
from schemas import codec
from schemas.errors import YunhuobanError, declare

NO_DIRECTORY: Final = declare("E-LINK-101", "本县还没有收到有效的目录，暂时不能向外县报送。", "请检查与中枢的连接；收到目录后自动继续。")
DIRECTORY_OLD: Final = declare("E-LINK-102", "收到的目录比已有的更旧。", "请联系联盟运维核对中枢是否被还原。")
COUNTY_UNKNOWN: Final = declare("E-LINK-103", "目录中没有该县，或该县已停用。", "请核对行政区划代码；该县恢复后重新报送。")
KEY_EXPIRED: Final = declare("E-LINK-104", "该县在目录中没有可用的加密密钥。", "请等待该县更新密钥声明后自动继续。")

_ONLY_ROW: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One county of the directory."""

    division_code: str
    name: str
    authority_name: str
    authority_code: str
    active: bool
    encryption: Certificate | None
    """The certificate to encrypt to; None when its statement is not in force."""
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
    seal_certificates: Sequence[bytes]
    seal_crls: Sequence[bytes]
    crls: Sequence[bytes]

    def recipient(self, county: str, now: datetime) -> Certificate:
        """The certificate to encrypt to. Raises E-LINK-101, -103 or -104."""
        if now >= self.expires_at:
            raise YunhuobanError(NO_DIRECTORY, found=self.expires_at.isoformat())
        member = self.members.get(county)
        if member is None or not member.active:
            raise YunhuobanError(COUNTY_UNKNOWN, found=county)
        if member.encryption is None:
            raise YunhuobanError(KEY_EXPIRED, found=county)
        return member.encryption

    def name(self, county: str) -> str:
        """The county's name, or its code when the directory does not know it."""
        member = self.members.get(county)
        return member.name if member else county


def accept(
    tx: Connection, body: bytes, signature: str, *, anchors: Sequence[Certificate], trial: bool, now: datetime
) -> None:
    """Check a directory and keep it as the newest. Raises E-CERT-…, E-CODEC-… or E-LINK-102."""
    record = codec.decode(body, "Directory")
    check_hub_signature(record, body, signature, anchors=anchors, trial=trial, now=now)
    row = tx.execute(select(tables.directories.c.serial)).scalar()
    if row is not None and row > record["serial"]:
        raise YunhuobanError(DIRECTORY_OLD, found=str(record["serial"]), expected=f">= {row}")
    values = {
        "serial": record["serial"],
        "body": body,
        "signature": signature,
        "expires_at": to_millis(record["expires_at"]),
    }
    if row is None:
        tx.execute(insert(tables.directories).values(id=_ONLY_ROW, **values))
    else:
        tx.execute(update(tables.directories).values(**values))


def check_hub_signature(
    record: Mapping[str, Any],
    body: bytes,
    signature: str,
    *,
    anchors: Sequence[Certificate],
    trial: bool,
    now: datetime,
) -> None:
    """The directory's signer must be a hub-signing certificate under our own anchors, judged by the lists inside."""
    thumbprint = signing.read_header(signature).thumbprint
    hub = {keys.thumbprint(each): each for each in map(keys.certificate_from_der, record["hub_certificates"])}
    if thumbprint not in hub:
        raise YunhuobanError(signing.SIGNATURE_OTHER_CERTIFICATE, place="directory")
    chains = _chains(record, anchors, trial=trial)
    chains.facts([hub[thumbprint]], at=now).demand(Role.HUB_SIGNING)
    signing.verify(signature, body, certificate=hub[thumbprint], typ=signing.Typ.DIRECTORY)


def load(tx: Connection, *, anchors: Sequence[Certificate], trial: bool, now: datetime) -> DirectoryView | None:
    """The newest directory, or None before the first one came."""
    row = tx.execute(select(tables.directories)).one_or_none()
    if row is None:
        return None
    record = codec.decode(row.body, "Directory")
    chains = _chains(record, anchors, trial=trial)
    signers: dict[bytes, tuple[str, Certificate]] = {}
    members: dict[str, Member] = {}
    for county in record["counties"]:
        code = county["division_code"]
        own = [keys.certificate_from_der(der) for der in county["signing_certificates"]]
        signers |= {keys.thumbprint(each): (code, each) for each in own}
        members[code] = Member(
            division_code=code,
            name=county["name"],
            authority_name=county["authority_name"],
            authority_code=county["authority_code"],
            active=county["state"] == "active",
            encryption=_stated_key(county, own, chains, now),
            halls=tuple(county["halls"]),
        )
    return DirectoryView(
        serial=record["serial"],
        expires_at=record["expires_at"],
        members=members,
        signers=signers,
        hub={keys.thumbprint(each): each for each in map(keys.certificate_from_der, record["hub_certificates"])},
        chains=chains,
        offers={(each["county"], each["service_item"]): each["name"] for each in record["offers"]},
        seal_certificates=tuple(record["seal_certificates"]),
        seal_crls=tuple(record["seal_crls"]),
        crls=tuple(record["crls"]),
    )


def _chains(record: Mapping[str, Any], anchors: Sequence[Certificate], *, trial: bool) -> TrustStore:
    intermediates = [keys.certificate_from_der(der) for der in record["transport_certificates"]]
    return TrustStore(anchors, intermediates, [keys.crl_from_der(der) for der in record["crls"]], trial=trial)


def _stated_key(
    county: Mapping[str, Any], own: Sequence[Certificate], chains: TrustStore, now: datetime
) -> Certificate | None:
    """The first usable encryption certificate of the county's own signed statement."""
    body, signature = county["key_statement"], county["key_statement_signature"]
    thumbprint = signing.read_header(signature).thumbprint
    signer = next((each for each in own if keys.thumbprint(each) == thumbprint), None)
    if signer is None:
        return None
    try:
        signing.verify(signature, body, certificate=signer, typ=signing.Typ.KEYS)
    except YunhuobanError:
        return None  # a statement that the county did not sign states nothing; `recipient` says so to the sender
    statement = codec.decode(body, "KeyStatement")
    if statement["division_code"] != county["division_code"] or not statement["valid_from"] <= now < statement["valid_until"]:
        return None
    stated = [keys.certificate_from_der(der) for der in statement["encryption_certificates"]]
    good = [
        each
        for each in stated
        if keys.subject(each) == county["division_code"]
        and chains.facts([each], at=now).standing(Role.COUNTY_ENCRYPTION) == "good"
    ]
    return good[0] if good else None
