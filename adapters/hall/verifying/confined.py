"""Examines a stranger's file in the jail: this process never opens it (`pages.uploads.jail`)."""

import base64
import json
from datetime import datetime
from typing import Any, BinaryIO, Final

from adapters.licenses.examining.examination import Examination
from adapters.licenses.examining.examine import Verifier, examine
from pages.uploads import jail
from pages.uploads.confinement import Limits
from schemas.errors import YunhuobanError

LARGEST_BYTES: Final = 8 * 1024 * 1024
"""Larger files are not even taken in; a license has at most 768 KB."""
LIMITS: Final = Limits(cpu_seconds=20)
_SECONDS: Final = 120  # on a machine that is busy with everything else; the seconds of computing are in LIMITS
_ANSWER_BYTES: Final = 256 * 1024


def examined(file: BinaryIO, verifier: Verifier) -> Examination:
    """What the file is. Raises `jail.OVER_LIMITS` or `jail.NOT_LOOKED_AT`."""
    answer = jail.run_task(
        "adapters.hall.verifying.confined:look",
        _written(verifier),
        file,
        limits=LIMITS,
        seconds=_SECONDS,
        most_bytes=_ANSWER_BYTES,
    )
    try:
        return Examination.from_json(answer)
    except (ValueError, KeyError, TypeError) as error:
        raise YunhuobanError(jail.NOT_LOOKED_AT, place="examination", found=type(error).__name__) from None


def look(pdf: bytes, given: bytes) -> bytes:
    """Inside the jail."""
    return examine(pdf, _read(given)).to_json().encode()


def _written(verifier: Verifier) -> bytes:
    content = {
        "anchors": [base64.b64encode(each).decode() for each in verifier.anchors],
        "crls": [base64.b64encode(each).decode() for each in verifier.crls],
        "trial": verifier.trial,
        "now": verifier.now.isoformat(),
        "journalled_at": verifier.journalled_at.isoformat() if verifier.journalled_at else None,
    }
    return json.dumps(content).encode()


def _read(given: bytes) -> Verifier:
    content: dict[str, Any] = json.loads(given)
    journalled_at = content["journalled_at"]
    return Verifier(
        anchors=[base64.b64decode(each) for each in content["anchors"]],
        crls=[base64.b64decode(each) for each in content["crls"]],
        trial=content["trial"],
        now=datetime.fromisoformat(content["now"]),
        journalled_at=journalled_at and datetime.fromisoformat(journalled_at),
    )
