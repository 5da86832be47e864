"""The directory as a set of entries: their keys, the digest of the whole, and how a change is cut into records.

A directory is what it holds, whichever way it came: a county that applied changes and one that took the complete
directory hold the same entries and compute the same digest, which the hub has signed. Pure: no clock, no network.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

COUNTY: Final = "county"
OFFER: Final = "offer"
ISSUING: Final = "issuing"
HUB_CERTIFICATE: Final = "hub"
SEAL_CERTIFICATE: Final = "seal"
REVOCATION_LIST: Final = "list"
SEAL_REVOCATION_LIST: Final = "seal-list"
NOTICE: Final = "notice"
CALENDAR: Final = "calendar"
"""What the hub imported over the published calendar (`schemas.workdays.override`); at most one, none before that."""
ITEM: Final = "item"
IMPLEMENTATION: Final = "implementation"
ALLIANCE: Final = "alliance"
MEMBER: Final = "member"
ALLIANCE_ITEM: Final = "alliance-item"
POWERS: Final = "powers"
EXPERT: Final = "expert"
BUNDLE: Final = "bundle"
DETAIL: Final = "detail"
GUIDE_ANSWER: Final = "answer"
STATED: Final = (POWERS, EXPERT, BUNDLE, DETAIL, GUIDE_ANSWER)
"""What counties say of themselves (`schemas.stating`)."""
CATALOGUE: Final = (ITEM, IMPLEMENTATION, ALLIANCE, MEMBER, ALLIANCE_ITEM)
"""The kinds of the catalogue, in the order in which each refers only to those before it; see `schemas.catalogue`."""
BY_DIGEST: Final = (
    ISSUING, HUB_CERTIFICATE, SEAL_CERTIFICATE, REVOCATION_LIST, SEAL_REVOCATION_LIST, NOTICE, CALENDAR,
)  # fmt: skip
"""Kinds whose entries are named by what they hold; there are few of each."""

PART_BYTES: Final = 512 * 1024
"""A record holds no more than this of entries, but for a single entry that is bigger."""
MOST_IN_PART: Final = 4000
_DOMAIN: Final = b"yhb-directory-v1\0"


@dataclass(slots=True)
class Part:
    """What one record carries."""

    entries: list[tuple[str, bytes]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def county_key(code: str) -> str:
    """Key of a county's entry; its value is an encoded `CountyEntry`."""
    return f"{COUNTY}/{code}"


def offer_key(code: str, service_item: str) -> str:
    """Key of what a county offers; its value is an encoded `Offer`."""
    return f"{OFFER}/{code}/{service_item}"


def item_key(basic_code: str) -> str:
    """Key of a service item; its value is an encoded `ServiceItem`."""
    return f"{ITEM}/{basic_code}"


def implementation_key(county: str, code: str) -> str:
    """Key of a service item at one county, by its 实施编码; its value is an encoded `Implementation`."""
    return f"{IMPLEMENTATION}/{county}/{code}"


def alliance_key(alliance: str) -> str:
    """Key of an alliance; its value is an encoded `Alliance`."""
    return f"{ALLIANCE}/{alliance}"


def member_key(alliance: str, county: str) -> str:
    """Key of a county's membership; its value is an encoded `AllianceMember`."""
    return f"{MEMBER}/{alliance}/{county}"


def alliance_item_key(alliance: str, basic_code: str) -> str:
    """Key of an item on an alliance's list; its value is an encoded `AllianceItem`."""
    return f"{ALLIANCE_ITEM}/{alliance}/{basic_code}"


def powers_key(issuing: str, window: str, service_item: str) -> str:
    """Key of the powers that one county grants another's windows for an item; its value is `WindowPowers`."""
    return f"{POWERS}/{issuing}/{window}/{service_item}"


def expert_key(county: str, expert_no: str) -> str:
    """Key of an expert; its value is an encoded `Expert`."""
    return f"{EXPERT}/{county}/{expert_no}"


def bundle_key(county: str, bundle: str) -> str:
    """Key of a bundle (一件事); its value is an encoded `Bundle`."""
    return f"{BUNDLE}/{county}/{bundle}"


def detail_key(county: str, service_item: str) -> str:
    """Key of what a county adds about an item; its value is an encoded `ItemDetail`."""
    return f"{DETAIL}/{county}/{service_item}"


def guide_answer_key(county: str, answer_no: str) -> str:
    """Key of an answer in the guide; its value is an encoded `GuideAnswer`."""
    return f"{GUIDE_ANSWER}/{county}/{answer_no}"


def digest_key(kind: str, value: bytes) -> str:
    """Key of a certificate, a revocation list (DER), a notice (UTF-8) or the calendar (canonical CSV)."""
    return f"{kind}/{hashlib.sha256(value).hexdigest()}"


def kind_of(key: str) -> str:
    """The first part of a key."""
    return key.partition("/")[0]


def owner_of(key: str) -> str:
    """The county that an entry is about; empty when it is about none or about several."""
    kind, _, rest = key.partition("/")
    return rest.partition("/")[0] if kind in (COUNTY, OFFER, IMPLEMENTATION, *STATED) else ""


def value_digest(value: bytes) -> bytes:
    """SHA-256 of an entry's value."""
    return hashlib.sha256(value).digest()


def state_digest(digests: Mapping[str, bytes]) -> bytes:
    """The digest of a whole directory, given each entry's `value_digest` by key.

    SHA-256 over `yhb-directory-v1`, a zero byte and, in the order of the keys' bytes, of each its length in one byte,
    key and digest.
    """
    whole = hashlib.sha256(_DOMAIN)
    for name, digest in sorted((key.encode(), digest) for key, digest in digests.items()):
        whole.update(bytes([len(name)]) + name + digest)
    return whole.digest()


def cut(entries: Iterable[tuple[str, bytes]], removed: Sequence[str]) -> list[Part]:
    """Cut a change into parts of bounded size, at least one; what is removed goes with the first."""
    parts, size = [Part(removed=list(removed))], 0
    for key, value in entries:
        cost = len(key) + len(value)
        if parts[-1].entries and (size + cost > PART_BYTES or len(parts[-1].entries) >= MOST_IN_PART):
            parts.append(Part())
            size = 0
        parts[-1].entries.append((key, value))
        size += cost
    return parts
