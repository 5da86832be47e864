"""Enrolling a county at the hub: its certificates and key statement, what it offers, its user and queues.

Until counties join by themselves, a county hands over one file (`adapter card`), made where its keys stay: public
certificates, its signed key statement, names and contact. Nothing in it is secret.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from certs import keys
from certs.chain import TrustStore
from certs.profiles import Role
from hub import trust
from hub.instants import to_millis
from hub.refusals import KEY_STATEMENT_OLDER
from hub.store import tables
from schemas import codec, shapes
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.credit import CreditCode
from schemas.identifiers.division import DivisionCode
from schemas.identifiers.item import ItemCode

CARD_WRONG: Final = declare("E-CONF-010", "县登记卡有误。", "请在县节点上重新生成登记卡（adapter card）。")
UNKNOWN_COUNTY: Final = declare("E-CONF-011", "没有登记这个县。", "请先登记，或核对行政区划代码。")
STATES: Final = ("active", "suspended", "revoked")
_ENTRY: Final = {each["name"]: each for each in shapes.raw()["CountyEntry"]["fields"]}
_OFFER: Final = {each["name"]: each for each in shapes.raw()["Offer"]["fields"]}
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
    key_statement: bytes
    key_statement_signature: str
    offers: Sequence[tuple[str, str]]
    """(service item, name)"""

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
                key_statement=base64.b64decode(raw["key_statement"], validate=True),
                key_statement_signature=_text(raw["key_statement_signature"], "key_statement_signature"),
                offers=[_offer(each) for each in _list(raw["offers"], "offers", most=_MOST_OFFERS)],
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


def enrol(tx: Connection, card: Card, *, chains: TrustStore, now: datetime) -> None:
    """Enter or renew a county after checking its certificate and key statement; its state stays as it is.

    Raises E-CERT-…, E-CONF-010, or E-ADM-080 and -081 for the key statement.
    """
    signer = keys.certificate_from_der(card.signing_certificate)
    chains.facts([signer], at=now).demand(Role.COUNTY_SIGNING)
    if keys.subject(signer) != card.division_code:
        raise YunhuobanError(
            CARD_WRONG, place="signing_certificate", found=keys.subject(signer), expected=card.division_code
        )
    sequence = trust.check_key_statement(
        card.key_statement,
        card.key_statement_signature,
        county=card.division_code,
        signer=signer,
        chains=chains,
        now=now,
    )
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
    known = tx.execute(select(tables.counties.c.key_statement).where(here)).scalar()
    if known is None:
        tx.execute(
            insert(tables.counties).values(
                division_code=card.division_code, state="active", enrolled_at=to_millis(now), **values
            )
        )
    else:
        before = int(codec.decode(known, "KeyStatement")["sequence"])
        if sequence < before:
            raise YunhuobanError(KEY_STATEMENT_OLDER, place="sequence", found=str(sequence), expected=f">= {before}")
        tx.execute(update(tables.counties).where(here).values(**values))
    print_ = keys.thumbprint(signer)
    if (
        tx.execute(select(tables.county_certificates).where(tables.county_certificates.c.thumbprint == print_)).first()
        is None
    ):
        tx.execute(
            insert(tables.county_certificates).values(
                thumbprint=print_,
                division_code=card.division_code,
                role=Role.COUNTY_SIGNING.value,
                der=card.signing_certificate,
                enrolled_at=to_millis(now),
            )
        )
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
    trust.bump(tx)


def set_state(tx: Connection, division_code: str, state: str) -> None:
    """Activate, suspend or revoke a county; it counts from the next batch on. Raises E-CONF-011."""
    if state not in STATES:
        raise ValueError(f"no such state: {state}")
    changed = tx.execute(
        update(tables.counties).where(tables.counties.c.division_code == division_code).values(state=state)
    )
    if changed.rowcount == 0:
        raise YunhuobanError(UNKNOWN_COUNTY, found=division_code)
    trust.bump(tx)


def listed(tx: Connection) -> Sequence[Any]:
    """Every county, in the order of its code."""
    return tx.execute(select(tables.counties).order_by(tables.counties.c.division_code)).all()
