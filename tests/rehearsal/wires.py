"""What a county signs in one case: every rung from 申请 to 送达, and its word that it holds a message.

`data` is random, as in the benchmark: the hub cannot read it anyway. What goes to the hub itself is encoded in earnest.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from certs import keys, signing
from deploy.bench.messages import Wire
from deploy.crowd.counties import MadeCounty
from schemas import codec, shapes, topology
from schemas.envelope import Envelope, new_id
from schemas.identifiers.license import LicenseIdentifier
from schemas.messages import HUB, TYPES

OPENING: Final = "application.submitted"
NEXT: Final[Mapping[str, str]] = {
    OPENING: "application.accepted",
    "application.accepted": "decision.made",
    "decision.made": "license.issued",
    "license.issued": "print.authorised",
    "print.authorised": "print.claimed",
    "print.granted": "print.settled",
    "print.settled": "case.handed_over",
}
"""What follows a step, whoever does it."""
_LICENSE_TYPE: Final = "11100000MB0143028R001"
_STOCK: Final = "business-license"
_LIFE: Final = timedelta(days=20)
_CREDIT_CODE: Final = 18


@dataclass(kw_only=True)
class Case:
    """One case as both counties know it."""

    case_no: str
    window: MadeCounty
    issuing: MadeCounty
    promised_in: timedelta = timedelta(days=10)
    """Negative: a promise, or the day for an answer, that has passed."""
    stops_before: str | None = None
    """The step that whoever is to take it does not take; until then nobody thinks for long."""
    claim_id: str = field(default_factory=new_id)
    done: set[str] = field(default_factory=set)
    """The steps that were taken: what is delivered again is not answered by another step."""
    _last: dict[str, str] = field(default_factory=dict)
    _kinds: dict[str, str] = field(default_factory=dict)

    def step(self, kind: str, now: datetime) -> Wire:
        """One rung, by whoever is to do it."""
        row = TYPES[kind]
        source = self.window if row.sender == "window" else self.issuing
        prev = None if row.receiver == HUB else self._last.get(source.code)
        wire = self._signed(kind, source, self._facts(kind, now), now, prev=prev)
        self.done.add(kind)
        if row.receiver != HUB:
            self._last[source.code] = wire.message_id
            self._kinds[wire.message_id] = kind
        return wire

    def received(self, message_id: str, body: bytes, by: str, now: datetime) -> Wire:
        """The destination's word that it holds a message."""
        source = self.window if by == self.window.code else self.issuing
        facts = {"envelope_sha256": hashlib.sha256(body).digest()}
        return self._signed("message.received", source, facts, now, in_reply_to=message_id)

    def refused(self, by: str, now: datetime) -> Wire:
        """One county refuses the last that the other said; that may be said anew."""
        source, other = (self.window, self.issuing) if by == self.window.code else (self.issuing, self.window)
        last = self._last[other.code]
        self.done.discard(self._kinds[last])
        return self._signed("message.refused", source, {"code": "E-MAP-001"}, now, in_reply_to=last)

    def _facts(self, kind: str, now: datetime) -> Mapping[str, Any] | None:
        authorisation_no = f"A-{self.case_no}"
        serial = self.case_no.replace("-", "")
        identifier = str(LicenseIdentifier.build(_LICENSE_TYPE, self.issuing.item[:_CREDIT_CODE], serial))
        printed = {"authorisation_no": authorisation_no, "claim_id": self.claim_id}
        found: dict[str, dict[str, Any] | None] = {
            OPENING: {"mode": "relayed", "alliance": "", "material_codes": [], "named_licenses": []},
            "application.accepted": {"promised_on": (now + self.promised_in).date()},
            "decision.made": {"outcome": "granted"},
            "license.issued": {
                "license_identifier": identifier,
                "license_state": "valid",
                "sealed_sha256": [bytes(32)],
            },
            "print.authorised": {
                "authorisation_no": authorisation_no,
                "license_identifier": identifier,
                "copy_kind": "original",
                "copy_no": 1,
                "stock_kind": _STOCK,
                "target_county": self.window.code,
                "target_hall": f"{self.window.code}-01",
                "expires_at": now + timedelta(days=10),
                "replaces": None,
            },
            "print.claimed": printed | {"station": "station-1", "attempt": 1},
            "print.settled": printed | {"result": "printed", "stock_kind": _STOCK, "stock_serial": f"S{serial}"},
            "case.handed_over": {"method": "in_person"},
            "case.withdrawn": None,
            "rating.given": {"target": "issuing", "stars": 1},
            "rating.followed_up": {"target": "issuing", "result": "rectified"},
            "question.asked": {"answer_until": (now + self.promised_in).date(), "about_case": None},
            "question.answered": {"for_guide": False},
        }
        return found[kind]

    def _signed(
        self,
        kind: str,
        source: MadeCounty,
        facts: Mapping[str, Any] | None,
        now: datetime,
        *,
        prev: str | None = None,
        in_reply_to: str | None = None,
    ) -> Wire:
        row = TYPES[kind]
        for_hub = row.receiver == HUB
        other = self.issuing if source is self.window else self.window
        data, commitment = os.urandom(1500), os.urandom(32)
        if for_hub:
            data = codec.encode(row.record, {**(facts or {}), "claimed_at": now})
            commitment = hashlib.sha256(data).digest()
        envelope = Envelope(
            id=new_id(),
            source=source.code,
            destination=HUB if for_hub else other.code,
            type=kind,
            case_no=self.case_no,
            service_item=self.issuing.item,
            prev=prev,
            in_reply_to=in_reply_to,
            time=now,
            expires=now + _LIFE,
            trial=False,
            dataschema=shapes.dataschema(row.record),
            facts=facts,
            encrypted_for=None if for_hub else keys.thumbprint(other.encryption),
            data_commitment=commitment,
            data=data,
        )
        body = envelope.to_bytes()
        signature = signing.sign(body, key=source.signing_key, certificate=source.signing, typ=signing.Typ.ENVELOPE)
        return Wire(
            message_id=envelope.id,
            type=kind,
            source=source.code,
            destination=envelope.destination,
            case_no=self.case_no,
            body=body,
            signature=signature,
        )


def exchange(wire: Wire) -> str:
    """Which door it goes in by."""
    return topology.EXPRESS if TYPES[wire.type].express else topology.SUBMIT
