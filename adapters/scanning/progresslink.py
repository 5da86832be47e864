"""The link on an applicant's receipt, by which anybody who holds it sees how far the case is, and nothing else.

A compact JWS (RFC 7515) of the window county's signing key over case number and times, in the fragment of the address,
so that it reaches no server's log. The hub holds the signature against the directory and shows steps and dates.
"""

import base64
from datetime import datetime, timedelta

from adapters.identity import Identity
from adapters.licenses.qr import page_address
from certs import signing
from schemas.progressclaim import LONGEST, ProgressClaim


def progress_link(
    identity: Identity, case_no: str, *, host: str, now: datetime, life: timedelta = timedelta(days=365)
) -> str:
    """The address for a receipt's QR code; `host` is `authority.verify_host` of `county.toml`.

    Raises E-LIC-005 for a host that is none; ValueError for a life over a year or none at all.
    """
    if not timedelta() < life <= LONGEST:
        raise ValueError(f"a link lives up to {LONGEST.days} days")
    address = page_address(host, "p")
    key, certificate = identity.signer()
    body = ProgressClaim(case_no=case_no, issued_at=now, expires_at=now + life).write()
    token = signing.sign(body, key=key, certificate=certificate, typ=signing.Typ.PROGRESS)
    header, _, signature = token.partition("..")
    return f"{address}#{header}.{base64.urlsafe_b64encode(body).rstrip(b'=').decode('ascii')}.{signature}"
