"""The second factor: TOTP (RFC 6238, six digits, thirty seconds), and recovery codes for a lost telephone.

A code is good for its step and one step of drift to either side, and once: the caller keeps the last step used.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final

from pyotp import TOTP, random_base32

STEP_SECONDS: Final = 30
DRIFT_STEPS: Final = 1
RECOVERY_CODES: Final = 10
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for something else on paper
_GROUPS, _GROUP_CHARACTERS = 6, 4  # 119 bits: from 112 on a digest without salt is enough (ASVS 5.0, V6.5.2)
_ISSUER: Final = "Yunhuoban"


def new_secret() -> str:
    """A secret for one account, 160 bits in base 32 (RFC 4226 section 4)."""
    return random_base32(32)


def uri(secret: str, account: str) -> str:
    """What the QR code holds; an authenticator on any telephone reads it."""
    return TOTP(secret, name=account, issuer=_ISSUER).provisioning_uri()


def step_of(secret: str, typed: str, at: datetime, last_step: int | None) -> int | None:
    """The step for which this is the code, later than the last one used; none when it is not good."""
    code, now = "".join(typed.split()), int(at.timestamp()) // STEP_SECONDS
    found = None
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        same = hmac.compare_digest(TOTP(secret).at(step * STEP_SECONDS).encode(), code.encode())
        if same and step > (last_step or 0):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Ten codes to print or write down, each good once."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_CHARACTERS)) for _ in range(_GROUPS))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_digest(account: str, typed: str) -> bytes:
    """What is kept of a recovery code, however it was typed."""
    plain = "".join(each for each in typed.lower() if each in _ALPHABET)
    return hashlib.sha256(f"yhb-recovery-v1\0{account}\0{plain}".encode()).digest()
