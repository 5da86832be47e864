"""Makes counties: codes that look like division codes, keys, certificates under a given authority, and their cards.

A county takes some 2 ms: three P-256 keys, three certificates, one signature.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from stdnum.cn import uscc

from certs import building, keys, signing
from certs.authority import Authority
from certs.keys import Certificate, PrivateKey
from certs.profiles import PROFILES, Role
from hub.registry.county import Card
from schemas import codec
from schemas.identifiers.division import PROVINCES

ALL_OF_CHINA: Final = 2843
"""County-level divisions at the end of 2022, by the Ministry of Civil Affairs' count (`schemas.divisions`)."""
_PREFECTURES: Final = 14
_COUNTIES: Final = 9
_MATTER: Final = "4000131127004"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCounty:
    """One invented county with everything it keeps secret."""

    code: str
    item: str
    signing_key: PrivateKey
    signing: Certificate
    encryption_key: PrivateKey
    encryption: Certificate
    connection_key: PrivateKey
    connection: Certificate
    card_text: str

    @property
    def card(self) -> Card:
        """Its card, as the hub reads it."""
        return Card.parse(self.card_text)


def codes() -> Iterator[str]:
    """Division codes of county level, some 4,000, in order; never one of the two demonstration counties."""
    for province in sorted(PROVINCES):
        for prefecture in range(1, _PREFECTURES + 1):
            for number in range(21, 21 + _COUNTIES):
                code = f"{province}{prefecture:02d}{number:02d}"
                if code not in ("130928", "140881"):
                    yield code


class Maker:
    """Makes counties under one authority. Their certificates are signed by its key and not entered in its register."""

    def __init__(self, authority: Authority, *, now: datetime) -> None:
        """Certificates begin an hour before `now`, which also dates the key statements."""
        self._authority = authority
        self._issuing_key = keys.load_private_key(authority.folder / "issuing" / "key.pem")
        self._now = now

    def counties(self, count: int = ALL_OF_CHINA) -> Iterator[MadeCounty]:
        """The first so many."""
        return map(self.county, islice(codes(), count))

    def county(self, code: str, *, sequence: int = 1) -> MadeCounty:
        """One county with fresh keys."""
        signing_key, own = self._issue(Role.COUNTY_SIGNING, code)
        encryption_key, encryption = self._issue(Role.COUNTY_ENCRYPTION, code)
        connection_key, connection = self._issue(Role.COUNTY_CONNECTION, code)
        statement = codec.encode(
            "KeyStatement",
            {
                "division_code": code,
                "sequence": sequence,
                "suites": ["p256-1"],
                "encryption_certificates": [keys.der(encryption)],
                "valid_from": self._now - timedelta(minutes=5),
                "valid_until": self._now + timedelta(days=300),
                "contract_versions": [],
            },
        )
        signature = signing.sign(statement, key=signing_key, certificate=own, typ=signing.Typ.KEYS)
        credit = _credit_code(code)
        item = f"{credit}{_MATTER}"
        card = {
            "division_code": code,
            "name": f"测试县{code}",
            "authority_name": f"测试县{code}行政审批局",
            "authority_code": credit,
            "halls": [f"{code}-01"],
            "contact": "信息科",
            "telephone": "010-00000000",
            "signing_certificate": base64.b64encode(keys.der(own)).decode(),
            "key_statement": base64.b64encode(statement).decode(),
            "key_statement_signature": signature,
            "offers": [{"service_item": item, "name": "公司登记注册（设立）"}],
        }
        return MadeCounty(
            code=code,
            item=item,
            signing_key=signing_key,
            signing=own,
            encryption_key=encryption_key,
            encryption=encryption,
            connection_key=connection_key,
            connection=connection,
            card_text=json.dumps(card, ensure_ascii=False),
        )

    def _issue(self, role: Role, subject: str) -> tuple[PrivateKey, Certificate]:
        key = keys.generate_key()
        certificate = building.sign(
            PROFILES[role],
            subject,
            key.public_key(),
            self._authority.issuing,
            self._issuing_key,
            now=self._now,
            trial=self._authority.trial,
        )
        return key, certificate


def _credit_code(code: str) -> str:
    body = f"11{code}MB0000000"
    return body + str(uscc.calc_check_digit(body + "0"))
