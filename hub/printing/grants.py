"""The hub's signed answers to print claims, as rows of exact bytes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from certs import signing
from certs.keys import Certificate, PrivateKey
from hub.instants import to_millis
from hub.printing.printledger import Answer
from schemas import codec, topology
from schemas.grants import answer_id


@dataclass(frozen=True, slots=True)
class GrantSigner:
    """Signs grants with the hub's signing key, which signs no checkpoints."""

    key: PrivateKey
    certificate: Certificate

    def row(self, claim_message_id: str, answer: Answer, now: datetime) -> dict[str, Any]:
        """The row of `outgoing` that holds this answer."""
        body = codec.encode(
            "Grant",
            {
                "authorisation_no": answer.authorisation_no,
                "claim_id": answer.claim_id,
                "county": answer.county,
                "station": answer.station,
                "granted": answer.refused is None,
                "code": answer.refused.code if answer.refused else "",
                "license_identifier": answer.license_identifier,
                "license_state": answer.license_state,
                "license_state_at": answer.license_state_at,
                "granted_at": now,
            },
        )
        return {
            "message_id": answer_id(answer.county, claim_message_id),
            "destination": answer.county,
            "queue": topology.county_express(answer.county),
            "type": "print.granted",
            "body": body,
            "signature": signing.sign(body, key=self.key, certificate=self.certificate, typ=signing.Typ.GRANT),
            "made_at": to_millis(now),
            "done": False,
        }
