"""Telling the hub what a license's QR code leads to: a locator, a digest, and a face that the hub cannot open.

It is a word of its own to the hub, and not a part of `license.issued`: that goes to the window county in the version of
the contract that *it* reads, and an older one could not have carried it. It names no case.
"""

from collections.abc import Mapping
from typing import Any

from adapters.boxes.outbox import Draft
from adapters.scanning.face import masked_face
from certs.scanning import seal_face
from schemas.envelope import derived_id
from schemas.messages import HUB, SCANNABLE
from schemas.scanning import digest, locator


def draft(record: Mapping[str, Any], token: bytes, decision_id: str, *, trial: bool) -> Draft:
    """The message for a License record whose QR code holds `token`, one for each decision. Raises E-VIEW-002."""
    scan = {
        "locator": locator(token),
        "license_sha256": digest(record["identifier"]),
        "face": seal_face(token, masked_face(record, trial=trial)),
    }
    return Draft(
        type=SCANNABLE,
        case_no="",
        destination=HUB,
        service_item="",
        trial=False,
        record=scan,
        message_id=derived_id(decision_id, SCANNABLE),
    )
