"""Keeping a county's renewal request for the authority's person: the very file that would be carried, one for a county.

Checked, in this order, before it is kept: 1 the file is of its one form; 2 it is signed by the key it names, which is
enrolled for this county and in force (`proving`); 3 the county is active; 4 it was not made in the future; 5 each
certificate request proves its key and names the county. The authority checks all of it again and believes none of this.
Of two requests the one made later stays, so that nobody can put an old one in the place of a new one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update

from certs import keys
from certs.chain import TrustStore
from certs.keys import PublicKey
from certs.profiles import PROFILES, Role
from hub.instants import from_millis, to_millis
from hub.joining.checks import SKEW
from hub.registry import county
from hub.renewing.counties import proving
from hub.store import Store, insert_new, tables
from schemas.errors import YunhuobanError, declare
from schemas.renewing.files import ROLES, RenewalRequest, SignedRequest

NOT_ACTIVE: Final = declare(
    "E-RENEW-042", "这个县现在没有启用，续期申请没有收下。", "请打电话问中枢；恢复启用后县节点会自己再交一次。"
)
MADE_LATER: Final = declare(
    "E-RENEW-043", "续期申请的生成时间在将来。", "请校准县节点的时钟，再用 adapter renew --anew 重新生成申请。"
)
NEWER_KEPT: Final = declare(
    "E-RENEW-044",
    "中枢已有这个县更新的续期申请，这一份没有收下。",
    "同一个县只运行一个县节点；请用 adapter renew --anew 重新生成申请。",
)
NOT_FOR_COUNTY: Final = declare(
    "E-RENEW-045", "证书申请里的主体不是这个县。", "请用 adapter renew --anew 重新生成申请。"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """How it stands with a request that is kept."""

    answer: bytes
    """The authority's answer; empty while there is none."""


def take(store: Store, data: bytes, *, chains: TrustStore, now: datetime) -> Kept:
    """Keep a request, or say how it stands with one that is kept.

    Raises E-RENEW-001, -041 to -045, or E-CERT-… for a signature, its certificate, or a certificate request.
    """
    signed = SignedRequest.read(data)  # 1
    request = RenewalRequest.read(signed.body)
    code = request.division_code
    with store.read() as tx:
        signer = proving.demand(tx, code, signed.body, signed.signature, chains=chains, now=now)  # 2
        state = county.state_of(tx, code)
    if state != "active":  # 3
        raise YunhuobanError(NOT_ACTIVE, found=state, expected="active")
    if request.made_at > to_millis(now + SKEW):  # 4
        raise YunhuobanError(MADE_LATER, found=from_millis(request.made_at).isoformat(), expected=now.isoformat())
    public_keys(request)  # 5
    values = {
        "request": data,
        "request_sha256": signed.sha256,
        "made_at": request.made_at,
        "came_at": to_millis(now),
        "ends_at": to_millis(signer.not_valid_after_utc),
        "answer": b"",
        "answered_at": None,
    }
    table = tables.renewals
    with store.write() as tx:
        insert_new(tx, table, county=code, **values)
        older = (table.c.county == code) & (table.c.made_at < request.made_at)
        tx.execute(update(table).where(older).values(**values))
        row: Any = tx.execute(select(table).where(table.c.county == code)).one()
    if row.request_sha256 != signed.sha256:
        raise YunhuobanError(NEWER_KEPT, found=from_millis(row.made_at).isoformat())
    return Kept(bytes(row.answer))


def public_keys(request: RenewalRequest) -> dict[str, PublicKey]:
    """The three keys that ask for certificates. Raises E-CERT-005, -006 or E-RENEW-045."""
    opened: dict[str, PublicKey] = {}
    for name in ROLES:
        kind = PROFILES[Role(f"county_{name}")].key_kind
        subject, opened[name] = keys.open_request(request.requests[name].encode(errors="replace"), kind)
        if subject != request.division_code:
            raise YunhuobanError(NOT_FOR_COUNTY, place=name, found=subject[:20], expected=request.division_code)
    return opened
