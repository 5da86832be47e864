"""What a county keeps of its renewal over the network, beside its next keys: `certs/next/posted.json`. Nothing secret.

It counts for one request only, and goes with the next keys when the change-over is done or the request given up.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from adapters.countyit.renewing import nextkeys
from certs import files
from schemas.errors import YunhuobanError


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """How far one request got at the hub."""

    request_sha256: str
    kept_at: int = 0
    """Since when the hub keeps the request, by our clock, milliseconds since 1970; 0 as long as it did not say so."""
    card_sha256: str = ""
    """Of the card that the hub has taken."""
    card_at: int = 0
    trouble: str = ""
    """Code of what went wrong the last time; empty when nothing did."""

    @classmethod
    def load(cls, certificates: Path, request_sha256: str) -> Self:
        """What is kept for this request; a record that is missing, damaged or of another one begins anew."""
        try:
            known = cls(**json.loads(files.read(_path(certificates))))
        except (ValueError, TypeError, YunhuobanError):
            return cls(request_sha256=request_sha256)
        return known if known.request_sha256 == request_sha256 else cls(request_sha256=request_sha256)

    def save(self, certificates: Path) -> None:
        """Raises E-CERT-002."""
        files.write_atomically(_path(certificates), json.dumps(asdict(self)).encode())


def _path(certificates: Path) -> Path:
    return certificates / nextkeys.NEXT / "posted.json"
