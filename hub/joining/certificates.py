"""The way to the authority's person and back: three certificate requests out, three chains in.

Requests are handed out only after both approvals: before, no certificate shall exist for keys that nobody compared.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from certs import files, keys
from certs.chain import TrustStore
from certs.keys import Certificate, PublicKey
from certs.profiles import Role
from hub.joining import checks
from hub.joining.invitations import State, change
from hub.joining.requests import accepted
from hub.store import tables
from schemas import strictjson
from schemas.errors import YunhuobanError, declare
from schemas.joining.files import ROLES

NOT_AS_REQUESTED: Final = declare(
    "E-JOIN-033",
    "证书与申请不符：密钥、主体或用途不同，或三张没有给全。",
    "请用 hub county request-files 写出的申请向发证机构申请证书，并把三张一起交来。",
)
OLD_ONE_LIVES: Final = declare(
    "E-JOIN-037",
    "这个县以前的证书还没有全部吊销。",
    "请发证机构吊销旧证书（certs revoke），送来新的吊销列表后重做这一步。",
)


def write_requests(tx: Connection, county: str, folder: Path) -> list[Path]:
    """Write the three requests as `CODE-connection.csr` and so on. Raises E-JOIN-011 or E-CERT-002."""
    _row, request = accepted(tx, county, State.APPROVED)
    files.make_private_folder(folder)
    written = []
    for role in ROLES:
        written.append(folder / f"{county}-{role}.csr")
        files.write_atomically(written[-1], request.requests[role].encode(errors="replace"))
    return written


def take(tx: Connection, county: str, paths: Sequence[Path], *, chains: TrustStore, now: datetime) -> None:
    """Take the issued chains, in any order. Raises E-JOIN-011, -033, -037, or E-CERT-… for a wrong one."""
    row, request = accepted(tx, county, State.APPROVED)
    wanted = checks.public_keys(request)
    found: dict[str, Sequence[Certificate]] = {}
    for path in paths:
        chain = keys.load_certificates(path)
        role = _role(chain[0], wanted)
        if role is None or keys.subject(chain[0]) != county:
            raise YunhuobanError(NOT_AS_REQUESTED, place=path.name)
        chains.facts(chain, at=now).demand(Role(f"county_{role}"))
        found[role] = chain
    if found.keys() != set(ROLES):
        raise YunhuobanError(NOT_AS_REQUESTED, found=", ".join(sorted(found)), expected=", ".join(ROLES))
    _see_that_old_ones_are_dead(tx, county, chains, now)
    kept = {role: strictjson.b64_list([keys.der(each) for each in found[role]]) for role in ROLES}
    change(tx, row, now=now, act="certificates", certificates=json.dumps(kept).encode(), answer=b"")


def _see_that_old_ones_are_dead(tx: Connection, county: str, chains: TrustStore, now: datetime) -> None:
    """A county that was revoked comes back with new keys only: the lists must say so of each earlier certificate."""
    counties, certificates = tables.counties.c, tables.county_certificates.c
    if tx.execute(select(counties.state).where(counties.division_code == county)).scalar() != "revoked":
        return
    for der in tx.execute(select(certificates.der).where(certificates.division_code == county)).scalars():
        facts = chains.facts([keys.certificate_from_der(der)], at=now)
        if facts.revocation != "revoked" and facts.not_after_at > now:
            raise YunhuobanError(OLD_ONE_LIVES, found=facts.thumbprint.hex()[:16])


def kept(row: Any) -> Mapping[str, Sequence[bytes]]:
    """The chains that were taken, DER, for each role; empty when there are none yet."""
    return {
        role: [strictjson.octets(each, role) for each in chain] for role, chain in json.loads(row.certificates).items()
    }


def _role(certificate: Certificate, wanted: Mapping[str, PublicKey]) -> str | None:
    key = keys.public_key(certificate)
    return next((role for role, each in wanted.items() if each == key), None)
