"""Results of `adapter test` as a county signs them, without running it: whatever a test wants them to say."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from certs import signing
from certs.keys import Certificate, PrivateKey
from schemas import releases, shapes
from schemas.conformance.result import WINDOW, PartResult, Result, SignedResult
from schemas.conformance.standing import message_type
from schemas.messages import TYPES

DECIDES: Final = ("write.application.submitted", "read.application.accepted", "read.decision.made")
TAKES: Final = ("read.application.submitted", "write.application.accepted", "write.decision.made")


def result(county: str, item: str, *, at: datetime, parts: Mapping[str, Mapping[str, Any]] | None = None,
           items: Mapping[str, Sequence[str]] | None = None, **changes: Any) -> Result:  # fmt: skip
    """A county that passed everything, but for what is said otherwise of single parts."""
    usual: dict[str, Any] = {"mapping": "0" * 64, "state": "passed", "passed": 9, "failed": 0}
    named = {
        part: PartResult(
            **{**usual, "shape": shapes.dataschema(TYPES[message_type(part)].record)}
            | dict((parts or {}).get(part, {}))
        )
        for part in (*DECIDES, *TAKES)
    }
    found = {item: DECIDES, WINDOW: TAKES} if items is None else {name: tuple(each) for name, each in items.items()}
    values: dict[str, Any] = {
        "county": county, "tested_at": at, "contract": releases.current(), "program": "1", "link_passed": 6,
        "link_failed": 0, "parts": named, "items": found,
    }  # fmt: skip
    return Result(**values | changes)


def sign(said: Result | bytes, *, key: PrivateKey, certificate: Certificate,
         typ: signing.Typ = signing.Typ.CONFORMANCE) -> SignedResult:  # fmt: skip
    """Signed as `adapter test -d` does."""
    body = said if isinstance(said, bytes) else said.to_bytes()
    return SignedResult(body, signing.sign(body, key=key, certificate=certificate, typ=typ))
