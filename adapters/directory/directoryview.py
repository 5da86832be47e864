"""What this county believes of the others: the directory's entries, with chains to judge signatures by.

The anchors are this county's own files, given to it when it joined; everything else comes in the hub-signed
directory. A sender encrypts only for a key that a county of an unexpired directory has stated itself. There are some
2,843 counties, of which this one deals with a few: an entry is decoded, and a county's own signature on its keys
checked, when it is first needed, and once as long as the entry stays the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from adapters.directory.carriedcalendar import CarriedCalendar
from certs import keys, signing
from certs.chain import TrustStore
from certs.keys import Certificate
from certs.profiles import Role
from schemas import codec, notices, releases, statedview
from schemas import directory as form
from schemas.catalogue import records
from schemas.catalogue.view import CatalogueView
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError, declare
from schemas.notices import Notice
from schemas.statedview import StatedView
from schemas.workdays.calendars import Calendar

NO_DIRECTORY: Final = declare(
    "E-LINK-101", "本县还没有收到有效的目录，暂时不能向外县报送。", "请检查与中枢的连接；收到目录后自动继续。"
)
COUNTY_UNKNOWN: Final = declare(
    "E-LINK-103", "目录中没有该县，或该县已停用。", "请核对行政区划代码；该县恢复后自动继续。"
)
KEY_EXPIRED: Final = declare("E-LINK-104", "该县在目录中没有可用的加密密钥。", "请等待该县更新密钥声明后自动继续。")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStatement:
    """The encryption certificates that a county itself has signed for, from when to when, and what it reads."""

    certificates: Sequence[Certificate]
    contract_versions: Sequence[str]
    """The versions of the contract that it reads; none when it did not say."""
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One county of the directory."""

    division_code: str
    name: str
    active: bool
    signers: Mapping[bytes, Certificate]
    """Its message-signing certificates by thumbprint."""
    statement: KeyStatement | None
    """None when it is not the county's own."""
    halls: Sequence[str]
    telephone: str = ""
    """Whom the other counties' people call."""


class Members(Mapping[str, Member]):
    """The counties by division code, each read when it is first asked for."""

    def __init__(self, entries: Mapping[str, bytes], before: "Members | None" = None) -> None:
        """`entries` are the whole directory's; what `before` has read of an entry that is the same is kept."""
        self._entries = {
            key.removeprefix(f"{form.COUNTY}/"): value
            for key, value in entries.items()
            if form.kind_of(key) == form.COUNTY
        }
        self._read: dict[str, Member] = {}
        if before is not None:
            same = before._entries  # noqa: SLF001 -- its own kind
            kept = dict(before._read)  # noqa: SLF001 -- its own kind
            self._read = {code: one for code, one in kept.items() if self._entries.get(code) == same[code]}

    def __getitem__(self, code: str) -> Member:
        """Read one county's entry. Raises KeyError."""
        found = self._read.get(code)
        if found is None:
            found = self._read[code] = _member(codec.decode(self._entries[code], "CountyEntry"))
        return found

    def __iter__(self) -> Iterator[str]:
        """The division codes."""
        return iter(self._entries)

    def __len__(self) -> int:
        """How many counties there are."""
        return len(self._entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryView:
    """One directory."""

    serial: int
    expires_at: datetime
    members: Members
    hub: Mapping[bytes, Certificate]
    """The hub's signing certificates by thumbprint."""
    chains: TrustStore
    offers: Mapping[tuple[str, str], str]
    """Names of the service items, by county and item."""
    catalogue: CatalogueView
    """Service items, who implements them, and the alliances."""
    stated: StatedView
    """What counties have said of themselves."""
    carried: CarriedCalendar
    """What the hub's operators imported over the published calendar."""
    seal_crls: Sequence[bytes]
    entries: Mapping[str, bytes]
    """What all of this was read from."""

    @property
    def calendar(self) -> Calendar:
        """The working days as the hub counts them."""
        return self.carried.calendar

    def notices(self, now: datetime) -> Sequence[Notice]:
        """What the hub announces to every county and is not over, the first to begin first."""
        found = [notices.read(value) for value in _of(self.entries, form.NOTICE).values()]
        shown = [each for each in found if not each.is_over(now)]
        return sorted(shown, key=lambda each: (each.from_at or now, each.zh))

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

    def contract(self, county: str) -> str:
        """The version of the contract to write in for a county; empty for our own. Raises E-LINK-106."""
        member = self.members.get(county)
        stated = member.statement if member is not None else None
        return releases.target(stated.contract_versions) if stated is not None else ""

    def reads(self, envelope: Envelope) -> bool:
        """Whether the destination states to read the version that this envelope and its payload are written in."""
        member = self.members.get(envelope.destination)
        stated = member.statement.contract_versions if member is not None and member.statement is not None else ()
        return not stated or not codec.versions_of(
            envelope.kind.record, envelope.dataschema, envelope.contract
        ).isdisjoint(stated)

    def signer(self, thumbprint: bytes, claimed: str) -> tuple[str, Certificate] | None:
        """The message-signing certificate under a thumbprint and its county: looked for first with the claimed one."""
        own = self.members.get(claimed)
        if own is not None and thumbprint in own.signers:
            return claimed, own.signers[thumbprint]
        found = (each for each in self.members.values() if thumbprint in each.signers)
        other = next(found, None)
        return (other.division_code, other.signers[thumbprint]) if other is not None else None

    def name(self, county: str) -> str:
        """The county's name, or its code when the directory does not know it."""
        member = self.members.get(county)
        return member.name if member else county


def view(
    entries: Mapping[str, bytes],
    *,
    serial: int,
    expires_at: datetime,
    anchors: Sequence[Certificate],
    trial: bool,
    before: DirectoryView | None = None,
) -> DirectoryView:
    """Read a directory whose signature and digest were checked; what is as it was `before` is not read again."""
    trusted = (form.ISSUING, form.REVOCATION_LIST)
    same_chains = before is not None and _of(before.entries, *trusted) == _of(entries, *trusted)
    return DirectoryView(
        serial=serial,
        expires_at=expires_at,
        members=Members(entries, before.members if before is not None else None),
        hub=hub_certificates(entries),
        chains=before.chains if before is not None and same_chains else chains(entries, anchors, trial=trial),
        offers=_offers(entries, before),
        catalogue=CatalogueView(entries, before.catalogue if before is not None else None),
        stated=StatedView(entries, before.stated if before is not None else None),
        carried=_carried(entries, before),
        seal_crls=tuple(_of(entries, form.SEAL_REVOCATION_LIST).values()),
        entries=entries,
    )


def hub_certificates(entries: Mapping[str, bytes]) -> dict[bytes, Certificate]:
    """The hub's signing certificates by thumbprint."""
    found = map(keys.certificate_from_der, _of(entries, form.HUB_CERTIFICATE).values())
    return {keys.thumbprint(each): each for each in found}


def chains(
    entries: Mapping[str, bytes],
    anchors: Sequence[Certificate],
    *,
    trial: bool,
    crl_floor: Mapping[str, int] | None = None,
) -> TrustStore:
    """Our anchors with a directory's intermediates and revocation lists; lists below the floor are E-CERT-056."""
    intermediates = [keys.certificate_from_der(der) for der in _of(entries, form.ISSUING).values()]
    lists = [keys.crl_from_der(der) for der in _of(entries, form.REVOCATION_LIST).values()]
    return TrustStore(anchors, intermediates, lists, trial=trial, crl_floor=crl_floor)


def check_entry(key: str, value: bytes) -> None:
    """That an entry is what its key says. Raises E-CODEC-… or E-CERT-…, or ValueError for another key than its own.

    What a later contract puts into the directory beside the rest must not cost us the rest: it is kept unread.
    """
    kind = form.kind_of(key)
    if kind == form.COUNTY:
        fits = key == form.county_key(codec.decode(value, "CountyEntry")["division_code"])
    elif kind == form.OFFER:
        record = codec.decode(value, "Offer")
        fits = key == form.offer_key(record["county"], record["service_item"])
    elif kind in form.CATALOGUE:
        fits = records.decode(key, value).key == key
    elif kind in form.STATED:
        fits = bool(statedview.decode(key, value))
    elif kind in form.BY_DIGEST:
        fits = key == form.digest_key(kind, value)
    else:
        fits = True  # a kind that came after us: the digest of the whole covers it, and nobody here reads it
    if not fits:
        raise ValueError(key)


def _of(entries: Mapping[str, bytes], *kinds: str) -> dict[str, bytes]:
    return {key: value for key, value in entries.items() if form.kind_of(key) in kinds}


def _carried(entries: Mapping[str, bytes], before: DirectoryView | None) -> CarriedCalendar:
    values = tuple(_of(entries, form.CALENDAR).values())
    return before.carried if before is not None and before.carried.values == values else CarriedCalendar(values)


def _offers(entries: Mapping[str, bytes], before: DirectoryView | None) -> dict[tuple[str, str], str]:
    """Names of the service items; an entry that was there before, to the byte, is not decoded again."""
    found: dict[tuple[str, str], str] = {}
    for key, value in _of(entries, form.OFFER).items():
        _, county, item = key.split("/", 2)
        if before is not None and before.entries.get(key) == value:
            found[county, item] = before.offers[county, item]
        else:
            found[county, item] = codec.decode(value, "Offer")["name"]
    return found


def _member(county: Mapping[str, Any]) -> Member:
    own = {keys.thumbprint(each): each for each in map(keys.certificate_from_der, county["signing_certificates"])}
    return Member(
        division_code=county["division_code"],
        name=county["name"],
        active=county["state"] == "active",
        signers=own,
        statement=_statement(county, own),
        halls=tuple(county["halls"]),
        telephone=county["telephone"],
    )


def _statement(county: Mapping[str, Any], own: Mapping[bytes, Certificate]) -> KeyStatement | None:
    """The county's own signed statement; whatever is wrong with it, it then states nothing.

    One county's bad statement must not cost the others the directory; `recipient` tells whoever would send to it.
    """
    body, signature = county["key_statement"], county["key_statement_signature"]
    try:
        signer = own.get(signing.read_header(signature).thumbprint)
        if signer is None:
            return None
        signing.verify(signature, body, certificate=signer, typ=signing.Typ.KEYS)
        stated = codec.decode(body, "KeyStatement")
        certificates = tuple(keys.certificate_from_der(der) for der in stated["encryption_certificates"])
    except YunhuobanError:
        return None
    if stated["division_code"] != county["division_code"]:
        return None
    return KeyStatement(
        certificates=certificates,
        contract_versions=stated["contract_versions"],
        valid_from=stated["valid_from"],
        valid_until=stated["valid_until"],
    )
