"""Saying something of this county for all: window powers, experts, bundles, details of items, answers in the guide."""

import uuid
from typing import Any

from adapters.boxes.outbox import Draft
from schemas.messages import HUB
from schemas.stating import demand


def draft(kind: str, county: str, record: dict[str, Any], *, message_id: str | None = None) -> Draft:
    """The message to the hub; what it says stands in the next directory. Raises E-STATE-001 to -006.

    `message_id` is given where the same press must always make the same message.
    """
    demand(kind, county, record)
    return Draft(
        type=kind,
        case_no="",
        destination=HUB,
        service_item="",
        trial=False,
        record=record,
        message_id=message_id or str(uuid.uuid4()),
    )
