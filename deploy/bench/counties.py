"""Counties for the load: real division codes, keys and certificates made in bulk by one trial authority.

The codes are the county-level ones in force in python-stdnum's table (`cn/loc.dat`). Certificates are built with the
authority's own profile and key but not entered in its register one by one: reading the register for each of 5,686
certificates would take longer than the whole measurement, and nobody revokes one here.
"""

import base64
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Final

from certs import building, keys, signing
from certs.authority import Authority
from certs.keys import Certificate, PrivateKey
from certs.profiles import PROFILES, Role
from deploy.demo.world import YONGJI
from hub.county import Card
from schemas import codec

ALL: Final = 2843
"""County-level divisions of the country, as the issue counts them."""
ITEM: Final = YONGJI.item
"""One item that every county offers, so that any county may apply to any other."""
_PROVINCE: Final = re.compile(r"(\d\d) ")
_COUNTY: Final = re.compile(r' +(\d{4}) county="(.+)"')
_ENDED: Final = re.compile(r"\[\d*-\d+\]")
_YEARS: Final = re.compile(r"\[.*?\]")
_GROUPS: Final = re.compile(r"市辖区|县|.*直辖县级行政(区划|单位)")
"""Names of groups of counties that have a code of their own."""
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
    found: list[str] = []
    province = ""
    for line in resources.files("stdnum").joinpath("cn/loc.dat").read_text(encoding="utf-8").splitlines():
        if head := _PROVINCE.match(line):
            province = head[1]
        elif (row := _COUNTY.fullmatch(line)) and not row[1].endswith("00") and _in_force(row[2]):
            found.append(province + row[1])
    others = [code for code in sorted(set(found)) if code not in _FIRST][: ALL - len(_FIRST)]
    random.Random(1).shuffle(others)  # so that any first few of them are from all over the country
    return [*_FIRST, *others][:count]


def _in_force(names: str) -> bool:
    """Whether one of a code's names (with years in brackets) has no last year, and is a county's."""
    return any(not _ENDED.search(name) and not _GROUPS.fullmatch(_YEARS.sub("", name)) for name in names.split(","))


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
