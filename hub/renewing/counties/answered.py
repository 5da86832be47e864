"""The authority's answers, kept until the county fetches them. Checked, in this order, before anything is kept.

1 the file is of its one form; 2 it answers the request that is kept for its county; 3 each certificate is for the key
that was asked for, in its role, in the county's name, and leads to our own root. The county checks it all again.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update

from certs import keys
from certs.chain import TrustStore
from certs.profiles import Role
from hub.instants import to_millis
from hub.renewing.counties import posted
from hub.store import tables
from schemas.errors import YunhuobanError, declare
from schemas.renewing.files import ROLES, RenewalAnswer, RenewalRequest, SignedRequest

NOT_AS_ASKED: Final = declare(
    "E-RENEW-046",
    "答复里的证书不是发给这个县申请里的三把密钥的，没有收下。",
    "请发证机构用 certs renew 对 hub county renewals --out 写出的申请重新答复。",
)


def take(tx: Connection, data: bytes, *, chains: TrustStore, now: datetime) -> str | None:
    """Keep an answer; returns its county, or None for one that no request waits for.

    Raises E-RENEW-001, -046, or E-CERT-… for a certificate that is not good.
    """
    answer = RenewalAnswer.read(data)  # 1
    table = tables.renewals
    here = (table.c.county == answer.division_code) & (table.c.request_sha256 == answer.request_sha256)
    kept = tx.execute(select(table.c.request).where(here).with_for_update()).scalar()
    if kept is None:  # 2
        return None
    wanted = posted.public_keys(RenewalRequest.read(SignedRequest.read(bytes(kept)).body))
    for name in ROLES:  # 3
        chain = [keys.certificate_from_der(der) for der in answer.chains[name]]
        if not chain or keys.public_key(chain[0]) != wanted[name]:
            raise YunhuobanError(NOT_AS_ASKED, place=name)
        if keys.subject(chain[0]) != answer.division_code:
            raise YunhuobanError(NOT_AS_ASKED, place=name, found=keys.subject(chain[0])[:20])
        chains.facts(chain, at=now).demand(Role(f"county_{name}"))
    tx.execute(update(table).where(here).values(answer=data, answered_at=to_millis(now)))
    return answer.division_code
