"""Counties for the load: real division codes, keys and certificates made in bulk by one trial authority.

The codes are the county-level ones in force at the end of 2022 (`schemas.divisions`). Certificates are built with the
authority's own profile and key but not entered in its register one by one: reading the register for each of 5,686
certificates would take longer than the whole measurement, and nobody revokes one here.
"""

import base64
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from certs import building, keys, signing
from certs.authority import Authority
from certs.keys import Certificate, PrivateKey
from certs.profiles import PROFILES, Role
from deploy.demo.world import YONGJI
from hub.registry.county import Card
from schemas import codec
from schemas.divisions import register
from schemas.divisions.register import Level

ALL: Final = 2843
"""County-level divisions of the country at the end of 2022."""
ITEM: Final = YONGJI.item
"""One item that every county offers, so that any county may apply to any other."""
_COUNTED_ON: Final = date(2022, 12, 31)
_FIRST: Final = ("130928", "140881")
_STATEMENT_LIFE: Final = timedelta(days=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchCounty:
    """One county: what it signs with, and what others encrypt for."""

    code: str
    signing_key: PrivateKey
    signing: Certificate
    encryption: Certificate
    encrypted_for: bytes
    """Thumbprint of its encryption certificate."""

    def card(self, now: datetime) -> Card:
        """The card that its county IT would hand over, through JSON as it travels."""
        statement = codec.encode(
            "KeyStatement",
            {
                "division_code": self.code,
                "sequence": int(now.timestamp()),
                "suites": ["p256-1"],
                "encryption_certificates": [keys.der(self.encryption)],
                "valid_from": now - timedelta(days=1),
                "valid_until": now + _STATEMENT_LIFE,
                "contract_versions": [],
            },
        )
        signature = signing.sign(statement, key=self.signing_key, certificate=self.signing, typ=signing.Typ.KEYS)
        raw = {
            "division_code": self.code,
            "name": self.code,
            "authority_name": YONGJI.authority_name,
            "authority_code": YONGJI.authority_code,
            "halls": [f"{self.code}-01"],
            "contact": "IT",
            "telephone": YONGJI.telephone,
            "signing_certificate": base64.b64encode(keys.der(self.signing)).decode(),
            "key_statement": base64.b64encode(statement).decode(),
            "key_statement_signature": signature,
            "offers": [{"service_item": ITEM, "name": "ITEM"}],
        }
        return Card.parse(json.dumps(raw))


def division_codes(count: int) -> list[str]:
    """The first `count` county-level codes in force: 吴桥, 永济, and the others in one shuffled order."""
    counties = (each.code for each in register.counties(_COUNTED_ON) if each.level is Level.COUNTY)
    others = [code for code in counties if code not in _FIRST]
    random.Random(1).shuffle(others)  # so that any first few of them are from all over the country
    return [*_FIRST, *others][:count]


def make_counties(authority: Authority, codes: Sequence[str], now: datetime) -> dict[str, BenchCounty]:
    """Keys and certificates for these codes, by code."""
    issuing_key = keys.load_private_key(authority.folder / "issuing" / "key.pem")

    def issue(role: Role, code: str) -> tuple[PrivateKey, Certificate]:
        key = keys.generate_key()
        certificate = building.sign(
            PROFILES[role], code, key.public_key(), authority.issuing, issuing_key, now=now, trial=authority.trial
        )
        return key, certificate

    made = {}
    for code in codes:
        signing_key, signing_certificate = issue(Role.COUNTY_SIGNING, code)
        _, encryption = issue(Role.COUNTY_ENCRYPTION, code)
        made[code] = BenchCounty(
            code=code,
            signing_key=signing_key,
            signing=signing_certificate,
            encryption=encryption,
            encrypted_for=keys.thumbprint(encryption),
        )
    return made
