"""What enrolling asks of a county that was invited: approval, the opened challenge, and the keys that were requested.

A county that was never invited is enrolled by its card alone, as in the demonstration: whoever runs the command
vouches for it. A county that is enrolled renews its card without any of this. One that was revoked comes back this way
and no other, with new keys; a suspension is lifted by whoever suspended.
"""

import hashlib
import hmac
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update

from certs import keys
from certs.chain import TrustStore
from certs.keys import Certificate
from hub.joining import checks, renewal
from hub.joining.invitations import State, change, newest
from hub.store import tables
from schemas import codec
from schemas.errors import YunhuobanError, declare

NOT_AS_APPROVED: Final = declare(
    "E-JOIN-035",
    "这个县是受邀加入的，但登记卡与批准的申请不符，或申请尚未批准。",
    "请县里用 adapter join 读入最新的答复，再把新写出的登记卡交来。",
)


def see_to(
    tx: Connection,
    county: str,
    *,
    signer: Certificate,
    connection: Certificate | None,
    statement: bytes,
    challenge: bytes,
    renewal_signature: str,
    chains: TrustStore,
    now: datetime,
) -> None:
    """Activate what was approved, or let a renewal pass.

    Raises E-JOIN-035 for a county that was invited and has not come so far, E-JOIN-038 for what is no renewal.
    """
    row = newest(tx, county)
    if row is None:
        return
    known = select(tables.counties.c.division_code).where(tables.counties.c.division_code == county)
    enrolled = tx.execute(known).first() is not None
    if enrolled and not challenge:  # a renewal; that its statement is no older one, enrolling sees to
        renewal.see_to(
            tx, county, signer=signer, statement=statement, signature=renewal_signature, chains=chains, now=now
        )
        return
    if row.state == State.ACTIVE and enrolled:
        return  # the same card once more
    if row.state != State.APPROVED or not row.challenge_sha256:
        raise YunhuobanError(NOT_AS_APPROVED, found=row.state, expected=State.APPROVED)
    if not hmac.compare_digest(hashlib.sha256(challenge).digest(), row.challenge_sha256):
        raise YunhuobanError(NOT_AS_APPROVED, place="challenge")
    stated = [
        keys.certificate_from_der(der) for der in codec.decode(statement, "KeyStatement")["encryption_certificates"]
    ]
    shown = [each for each in (connection, signer, *stated) if each is not None]
    if [checks.digest(keys.public_key(each)) for each in shown] != row.key_digests.split():
        raise YunhuobanError(NOT_AS_APPROVED, place="keys")
    change(tx, row, now=now, act="activated", state=State.ACTIVE)
    revoked = (tables.counties.c.division_code == county) & (tables.counties.c.state == "revoked")
    tx.execute(update(tables.counties).where(revoked).values(state="active"))
