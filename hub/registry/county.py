"""Enrolling a county at the hub: its certificates and key statement, what it offers, its user and queues.

A county hands over one file (`adapter card`), made where its keys stay: public certificates, its signed key statement,
names and contact. Nothing in it is secret. One that was invited (`hub.joining`) proves by it that it joins as approved.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from certs import keys
from certs.chain import TrustStore
from certs.keys import Certificate
from certs.profiles import Role
from hub.conformance import taking
from hub.instants import to_millis
from hub.intake.refusals import KEY_STATEMENT_OLDER
from hub.joining import activation
from hub.registry import trust
from hub.store import Store, insert_new, tables
from schemas import codec, shapes
from schemas.conformance.result import SignedResult
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.credit import CreditCode
from schemas.identifiers.division import DivisionCode
from schemas.identifiers.item import ItemCode

CARD_WRONG: Final = declare("E-CONF-010", "县登记卡有误。", "请在县节点上重新生成登记卡（adapter card）。")
UNKNOWN_COUNTY: Final = declare("E-CONF-011", "没有登记这个县。", "请先登记，或核对行政区划代码。")
CARD_UNREADABLE: Final = declare("E-CONF-012", "读不出县登记卡文件。", "请检查文件路径、权限与编码（UTF-8）。")
REVOKED_FOR_GOOD: Final = declare(
    "E-JOIN-036", "这个县已被撤销，不能直接恢复。", "请用 hub county invite 重新邀请，县里用新密钥重新加入。"
)
_AT_ONCE: Final = 50
"""Cards to a transaction: some 150 ms, for which admission waits at most."""
STATES: Final = ("active", "suspended", "revoked")
_ENTRY: Final = {each["name"]: each for each in shapes.raw()["CountyEntry"]["fields"]}
_OFFER: Final = {each["name"]: each for each in shapes.raw()["Offer"]["fields"]}
_SIGNATURE: Final = 1024
_MOST_OFFERS: Final = 500
"""Of one county; the directory of all counties has one cap for their sum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a county says of itself, parsed."""

    division_code: str
    name: str
    authority_name: str
    authority_code: str
    halls: Sequence[str]
    contact: str
    telephone: str
    signing_certificate: bytes
    connection_certificate: bytes
    """By which the hub knows whose open connections to close when it is revoked; empty when the card names none."""
    key_statement: bytes
    key_statement_signature: str
    offers: Sequence[tuple[str, str]]
    """(service item, name)"""
    challenge: bytes = b""
    """The hub's challenge, opened: on the card that ends a county's joining; empty on every other."""
    conformance: SignedResult | None = None
    """The county's newest result of `adapter test`; a card of before has none."""
    renewal_signature: str = ""
    """Of the statement by the signing key that was enrolled before, on a card that brings another; otherwise empty."""

    @classmethod
    def parse(cls, text: str) -> "Card":
        """Read a card. Raises E-CONF-010 or E-ID-…, naming the field."""
        try:
            raw: Mapping[str, Any] = json.loads(text)
            card = cls(
                division_code=str(DivisionCode.parse(raw["division_code"])),
                name=_text(raw["name"], "name"),
                authority_name=_text(raw["authority_name"], "authority_name"),
                authority_code=str(CreditCode.parse(raw["authority_code"])),
                halls=[_hall(each) for each in _list(raw["halls"], "halls", most=_ENTRY["halls"]["max_items"])],
                contact=_text(raw["contact"], "contact"),
                telephone=_text(raw["telephone"], "telephone"),
                signing_certificate=base64.b64decode(raw["signing_certificate"], validate=True),
                connection_certificate=base64.b64decode(raw.get("connection_certificate", ""), validate=True),
                key_statement=base64.b64decode(raw["key_statement"], validate=True),
                key_statement_signature=_text(raw["key_statement_signature"], "key_statement_signature"),
                offers=[_offer(each) for each in _list(raw["offers"], "offers", most=_MOST_OFFERS)],
                challenge=base64.b64decode(raw.get("challenge", ""), validate=True),
                conformance=SignedResult.from_json(raw["conformance"]) if "conformance" in raw else None,
                renewal_signature=_text(raw.get("renewal_signature", ""), "renewal_signature", most=_SIGNATURE),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise YunhuobanError(CARD_WRONG, found=type(error).__name__, place=str(error)[:60]) from error
        if len(dict(card.offers)) != len(card.offers):
            raise YunhuobanError(CARD_WRONG, place="offers", found="an item twice")
        return card


def _text(value: Any, place: str, *, most: int = 0) -> str:
    """A text that store and directory take: one card that they do not take would stop the directory for all."""
    most = most or _ENTRY[place]["max_bytes"]
    if not isinstance(value, str) or not value.isprintable() or len(value.encode()) > most:
        raise YunhuobanError(CARD_WRONG, place=place, expected=f"printable, <= {most} bytes")
    return value


def _hall(value: Any) -> str:
    """A hall's number; they are kept separated by spaces."""
    text = _text(value, "halls", most=_ENTRY["halls"]["item_max_bytes"])
    if len(text.split()) != 1:
        raise YunhuobanError(CARD_WRONG, place="halls", expected="no spaces")
    return text


def _offer(value: Any) -> tuple[str, str]:
    return str(ItemCode.parse(value["service_item"])), _text(value["name"], "offers", most=_OFFER["name"]["max_bytes"])


def _list(value: Any, place: str, *, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise YunhuobanError(CARD_WRONG, place=place, expected=f"<= {most}")
    return value


@dataclass(frozen=True, slots=True)
class Proven:
    """A card whose certificate and key statement were checked."""

    card: Card
    signer: Certificate
    connection: Certificate | None
    sequence: int
    """Of its key statement."""


def prove(card: Card, *, chains: TrustStore, now: datetime) -> Proven:
    """Check a card's certificate and key statement. Raises E-CERT-…, E-CONF-010 or, for the statement, E-ADM-080."""
    signer = _own(card, "signing_certificate", Role.COUNTY_SIGNING, chains, now)
    named = bool(card.connection_certificate)
    connection = _own(card, "connection_certificate", Role.COUNTY_CONNECTION, chains, now) if named else None
    sequence = trust.check_key_statement(
        card.key_statement,
        card.key_statement_signature,
        county=card.division_code,
        signer=signer,
        chains=chains,
        now=now,
    )
    return Proven(card, signer, connection, sequence)


def _own(card: Card, place: str, role: Role, chains: TrustStore, now: datetime) -> Certificate:
    """A certificate of the card, in force and the county's own. Raises E-CERT-… or E-CONF-010."""
    certificate = keys.certificate_from_der(getattr(card, place))
    chains.facts([certificate], at=now).demand(role)
    if keys.subject(certificate) != card.division_code:
        raise YunhuobanError(CARD_WRONG, place=place, found=keys.subject(certificate), expected=card.division_code)
    return certificate


def enrol(tx: Connection, card: Card, *, chains: TrustStore, now: datetime) -> None:
    """Enter or renew a county after checking its certificate and key statement; its state stays as it is.

    Raises E-CERT-…, E-CONF-010, E-ADM-080 and -081 for the key statement, E-JOIN-035 or E-JOIN-038.
    """
    _enter(tx, prove(card, chains=chains, now=now), chains, now)
    trust.bump(tx, card.division_code)


def enrol_many(
    store: Store, cards: Sequence[Card], *, chains: TrustStore, now: datetime, progress: Callable[[int], None]
) -> None:
    """Enter or renew many counties, some to a transaction; told `progress` how many more. Raises what `enrol` does.

    What was entered before a wrong card stays; the same call again goes on from there.
    """
    for start in range(0, len(cards), _AT_ONCE):
        some = [prove(card, chains=chains, now=now) for card in cards[start : start + _AT_ONCE]]
        with store.write() as tx:
            for each in some:
                _enter(tx, each, chains, now)
            trust.bump(tx, *[each.card.division_code for each in some])
        progress(len(some))


def _enter(tx: Connection, proven: Proven, chains: TrustStore, now: datetime) -> None:
    """Write a county down, with the result that its card carries.

    Raises E-ADM-081 for a statement older than the one we have; for an invited county E-JOIN-035 when it was not
    approved, and E-JOIN-038 when its enrolled key does not stand behind a renewal; and what `hub.conformance.taking`
    raises for a result that is not the county's own.
    """
    card, signer, sequence = proven.card, proven.signer, proven.sequence
    values = {
        "name": card.name,
        "authority_name": card.authority_name,
        "authority_code": card.authority_code,
        "halls": " ".join(card.halls),
        "contact": card.contact,
        "telephone": card.telephone,
        "key_statement": card.key_statement,
        "key_statement_signature": card.key_statement_signature,
    }
    here = tables.counties.c.division_code == card.division_code
    trust.lock(tx)
    activation.see_to(
        tx,
        card.division_code,
        signer=signer,
        connection=proven.connection,
        statement=card.key_statement,
        challenge=card.challenge,
        renewal_signature=card.renewal_signature,
        chains=chains,
        now=now,
    )
    known = tx.execute(select(tables.counties.c.key_statement).where(here)).scalar()
    if known is None:
        tx.execute(
            insert(tables.counties).values(
                division_code=card.division_code, state="active", enrolled_at=to_millis(now), changed_in=0, **values
            )
        )
    else:
        before = int(codec.decode(known, "KeyStatement")["sequence"])
        if sequence < before:
            raise YunhuobanError(KEY_STATEMENT_OLDER, place="sequence", found=str(sequence), expected=f">= {before}")
        tx.execute(update(tables.counties).where(here).values(**values))
    _keep_certificate(tx, card.division_code, Role.COUNTY_SIGNING, signer, now)
    if proven.connection is not None:
        _keep_certificate(tx, card.division_code, Role.COUNTY_CONNECTION, proven.connection, now)
    tx.execute(delete(tables.offers).where(tables.offers.c.county == card.division_code))
    for item, name in card.offers:
        tx.execute(
            insert(tables.offers).values(
                county=card.division_code,
                service_item=item,
                name=name,
                greatest_state_age_seconds=trust.DEFAULT_STATE_AGE_SECONDS,
            )
        )
    if card.conformance is not None:
        taking.take(tx, card.conformance, chains=chains, now=now, beside=True)


def _keep_certificate(tx: Connection, county: str, role: Role, certificate: Certificate, now: datetime) -> None:
    insert_new(
        tx,
        tables.county_certificates,
        thumbprint=keys.thumbprint(certificate),
        division_code=county,
        role=role.value,
        der=keys.der(certificate),
        enrolled_at=to_millis(now),
    )


def set_state(tx: Connection, division_code: str, state: str) -> None:
    """Activate, suspend or revoke a county; it counts from the next batch on.

    Raises E-CONF-011, or E-JOIN-036 for one that is revoked: with what it was revoked for, its keys would come back.
    """
    if state not in STATES:
        raise ValueError(f"no such state: {state}")
    here = tables.counties.c.division_code == division_code
    trust.lock(tx)
    before = tx.execute(select(tables.counties.c.state).where(here)).scalar()
    if before is None:
        raise YunhuobanError(UNKNOWN_COUNTY, found=division_code)
    if before == "revoked" != state:
        raise YunhuobanError(REVOKED_FOR_GOOD, found=division_code)
    tx.execute(update(tables.counties).where(here).values(state=state))
    trust.bump(tx, division_code)


def state_of(tx: Connection, division_code: str) -> str:
    """A county's state. Raises E-CONF-011."""
    found = tx.execute(select(tables.counties.c.state).where(tables.counties.c.division_code == division_code)).scalar()
    if found is None:
        raise YunhuobanError(UNKNOWN_COUNTY, found=division_code)
    return str(found)


def listed(tx: Connection) -> Sequence[Any]:
    """Every county, in the order of its code, by what people read of it: keys and statements stay where they are."""
    columns = tables.counties.c
    shown = (columns.division_code, columns.name, columns.state, columns.contact, columns.telephone)
    return tx.execute(select(*shown).order_by(columns.division_code)).all()


def contract_versions(tx: Connection) -> dict[str, tuple[str, ...]]:
    """The versions of the contract that each county states to read, the newest first; none when it did not say."""
    columns = tables.counties.c
    rows = tx.execute(select(columns.division_code, columns.key_statement))
    return {code: tuple(codec.decode(body, "KeyStatement")["contract_versions"]) for code, body in rows}


def active(tx: Connection) -> list[str]:
    """Division codes of the counties that take part."""
    return _codes(tx, tables.counties.c.state == "active")


def barred(tx: Connection) -> list[str]:
    """Division codes of the counties that were suspended or revoked."""
    return _codes(tx, tables.counties.c.state != "active")


def _codes(tx: Connection, which: ColumnElement[bool]) -> list[str]:
    code = tables.counties.c.division_code
    return list(tx.execute(select(code).where(which).order_by(code)).scalars())


def read_cards(paths: Sequence[Path]) -> list[Card]:
    """The cards in these files, and in the files `*.json` of these folders. Raises E-CONF-010, -012 or E-ID-…."""
    files = [file for path in paths for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])]
    cards: list[Card] = []
    for file in files:
        try:
            cards.append(Card.parse(file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise YunhuobanError(CARD_UNREADABLE, place=file.name, found=type(error).__name__) from error
        except YunhuobanError as error:
            raise YunhuobanError(error.code, place=f"{file.name}: {error.place}", found=error.found) from error
    return cards
