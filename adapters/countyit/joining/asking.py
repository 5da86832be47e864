"""Making the request: three keys in the county's folder, certificate requests, and an HMAC under the invitation code.

The code is typed once and kept nowhere. Keys that are there are never overwritten: those of a request that was not
answered yet are used again, so that a corrected request needs no new keys; those with a certificate are a county's that
has joined, and stay until somebody moves them away.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.countyit.joining import memory
from adapters.countyit.joining.memory import Joining
from adapters.instants import to_millis
from adapters.settings import CountySettings
from certs import files, invitation, keys
from certs.keys import PrivateKey
from certs.profiles import PROFILES, Role
from schemas import releases
from schemas.errors import YunhuobanError, declare
from schemas.joining import codes, fields
from schemas.joining.fields import RequestUnfit
from schemas.joining.files import ROLES, Request, Sealed
from schemas.workdays.hours import beijing_day

KEYS_THERE: Final = declare(
    "E-JOIN-051", "certs 文件夹里已经有密钥，没有覆盖。", "要重新加入，请先把 certs 文件夹整个移到别处保管。"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request file, and what is read to the hub's people over the telephone."""

    file: bytes
    keys_fingerprint: str


def ask(settings: CountySettings, *, code: str, hub_fingerprint: str, now: datetime, address: str = "") -> Asked:
    """Make keys and request; `address` is the joining page's, if it can be reached.

    Raises E-JOIN-001, -002, -016 (all that is wrong with county.toml), -051 or E-CERT-….
    """
    secret, hub_fingerprint = codes.read_code(code), codes.read_root(hub_fingerprint)
    plain = _plain(settings, now)
    if problems := fields.problems(plain, beijing_day(now)):
        raise RequestUnfit(problems)  # before a key is made: a file that is refused would be carried for nothing
    folder = settings.certificates
    own = _keys(folder)
    asked = replace(
        plain, requests={role: keys.make_request(own[role], plain.division_code).decode() for role in ROLES}
    )
    sealed = Sealed(asked.write(), invitation.mac(invitation.derive(secret), asked.write()))
    fingerprint = codes.write_keys(*[keys.public_bytes(own[role].public_key()) for role in ROLES])
    Joining(
        state="requested",
        hub_fingerprint=hub_fingerprint,
        request_id=asked.request_id,
        request_sha256=sealed.sha256.hex(),
        keys_fingerprint=fingerprint,
        address=address,
    ).save(folder)
    memory.keep_request(folder, sealed.write("mac"))
    return Asked(sealed.write("mac"), fingerprint)


def _plain(settings: CountySettings, now: datetime) -> Request:
    """What the county says of itself, still without its certificate requests."""
    return Request(
        request_id=secrets.token_hex(16),
        division_code=settings.division_code,
        name=settings.name,
        authority_name=settings.authority.name,
        authority_code=settings.authority.code,
        halls=[settings.station.hall],
        contact=settings.contact,
        telephone=settings.telephone,
        offers=[(each.service_item, each.name) for each in settings.offers],
        requests={},
        made_at=to_millis(now),
        contract_versions=releases.readable(),
    )


def _keys(folder: Path) -> dict[str, PrivateKey]:
    """The keys of the request that waits, or new ones. Raises E-JOIN-051 when there are others."""
    waits = memory.begun(folder) and Joining.load(folder).state == "requested"
    there = [path.name for role in ROLES for path in (folder / f"{role}.key", folder / f"{role}.pem") if path.exists()]
    if waits and there == [f"{role}.key" for role in ROLES]:
        return {role: keys.load_private_key(folder / f"{role}.key") for role in ROLES}
    if there:
        raise YunhuobanError(KEYS_THERE, place=there[0])
    files.make_private_folder(folder)
    made = {role: keys.generate_key(PROFILES[Role(f"county_{role}")].key_kind) for role in ROLES}
    for role, key in made.items():
        keys.save_private_key(key, folder / f"{role}.key")
    return made


def refused(folder: Path, known: Joining, reason: str) -> None:
    """Remember that the hub has refused, and why."""
    replace(known, state="refused", reason=reason).save(folder)
