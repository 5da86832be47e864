"""A third county, enrolled while everything runs. It has no node: it signs and sends what is refused in any case.

Its messages are encrypted for nobody's key, so that no case comes of them; what changes when its certificate is revoked
is the reason of the refusal.
"""

import base64
import itertools
import json
import os
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final, Self

from adapters.link.connection import Link, LinkParameters, SendOutcome, Submission
from adapters.link.messages import CERTIFICATE_REFUSED
from certs import keys, signing
from certs.keys import Certificate, PrivateKey
from certs.profiles import Role
from deploy.demo.world import WUQIAO, publish_lists
from schemas import codec, shapes, topology
from schemas.envelope import SUITE, Envelope, new_id
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import DivisionCode
from tests.chaos.arena import Arena
from tests.chaos.faults.fault import awaited
from tests.journey.road import rows

_VERDICT_SECONDS: Final = 60.0


class Stranger:
    """One such county. A context manager: its link is closed at the end."""

    CODES: ClassVar = ("110101", "120101", "310101", "500101")

    def __init__(self, arena: Arena, code: str) -> None:
        """Make its keys and certificates."""
        self.code = code
        self._arena = arena
        self._world = arena.world
        self._folder = arena.folder / "strangers" / code
        self._folder.mkdir(parents=True, exist_ok=True)
        self._signing_key, self._signing = self._certify(Role.COUNTY_SIGNING)
        _, self._encryption = self._certify(Role.COUNTY_ENCRYPTION)
        connection_key, connection = self._certify(Role.COUNTY_CONNECTION)
        keys.save_private_key(connection_key, self._folder / "connection.key")
        keys.save_certificates(self._world.transport.chain(connection), self._folder / "connection.pem")
        self._serials = itertools.count(1)
        self._link = Link(
            LinkParameters(
                urls=[f"localhost:{self._world.amqps_port}"],
                vhost=arena.settings.broker.vhost,
                user=code,
                anchors=self._world.county(WUQIAO.code) / "certs" / "anchors.pem",
                chain=self._folder / "connection.pem",
                key=self._folder / "connection.key",
                server_hostname="localhost",
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._link.close()

    def enrol(self) -> None:
        """Hand its card to the hub's people."""
        now = datetime.now(UTC)
        statement = codec.encode(
            "KeyStatement",
            {
                "division_code": self.code,
                "sequence": 1,
                "suites": [SUITE],
                "encryption_certificates": [keys.der(self._encryption)],
                "valid_from": now - timedelta(minutes=5),
                "valid_until": now + timedelta(days=30),
                "contract_versions": [],
            },
        )
        card = {
            "division_code": self.code,
            "name": f"外县 {self.code}",
            "authority_name": "演示",
            "authority_code": WUQIAO.authority_code,
            "halls": ["hall-1"],
            "contact": "-",
            "telephone": "0317-0000000",
            "signing_certificate": base64.b64encode(keys.der(self._signing)).decode(),
            "key_statement": base64.b64encode(statement).decode(),
            "key_statement_signature": signing.sign(
                statement, key=self._signing_key, certificate=self._signing, typ=signing.Typ.KEYS
            ),
            "offers": [],
        }
        file = self._folder / "card.json"
        file.write_text(json.dumps(card, ensure_ascii=False), encoding="utf-8")
        self._arena.road.stage.command("hub", "county", "add", str(file), "-d", str(self._world.hub))

    def revoke(self) -> None:
        """The authority's person revokes its signing certificate and publishes the lists."""
        transport = self._world.transport
        transport.revoke(self._signing.serial_number, now=datetime.now(UTC), reason="key_compromise")
        publish_lists(self._world, transport)

    def verdict(self) -> str:
        """Send a message and return the code of its refusal."""
        envelope = self._envelope()
        body = envelope.to_bytes()
        submission = Submission(
            exchange=topology.SUBMIT,
            routing_key=topology.submit_key(self.code, envelope.case_no, envelope.type),
            body=body,
            message_id=envelope.id,
            type=envelope.type,
            signatures=[signing.sign(body, key=self._signing_key, certificate=self._signing, typ=signing.Typ.ENVELOPE)],
        )
        self._arena.history.fault("revoked", refusals=1, message=envelope.id, source=self.code)

        def sent() -> bool:
            problem = self._link.last_problem
            return self._link.send(submission) is SendOutcome.CONFIRMED or (
                problem is not None and problem.code is CERTIFICATE_REFUSED
            )

        awaited(sent, "the broker takes nothing", _VERDICT_SECONDS)
        if self._link.last_problem is not None:
            return self._link.last_problem.code.code
        return awaited(lambda: self._found(envelope.id), "no verdict", _VERDICT_SECONDS)

    def _found(self, message_id: str) -> str:
        query = "SELECT verdict FROM messages WHERE source = ? AND message_id = ? AND state != 'parked'"
        found = rows(self._world.hub / "hub.sqlite", query, self.code, message_id)
        return str(found[0]["verdict"]) if found else ""

    def _envelope(self) -> Envelope:
        now = datetime.now(UTC)
        return Envelope(
            id=new_id(),
            source=self.code,
            destination=WUQIAO.code,
            type="application.submitted",
            case_no=str(CaseNo.mint(DivisionCode.parse(self.code), now.date(), next(self._serials))),
            service_item=WUQIAO.item,
            time=now,
            expires=now + timedelta(days=1),
            trial=True,
            dataschema=shapes.dataschema("Application"),
            facts={"mode": "relayed", "alliance": "", "material_codes": [], "named_licenses": []},
            encrypted_for=os.urandom(32),
            data_commitment=os.urandom(32),
            data=os.urandom(256),
        )

    def _certify(self, role: Role) -> tuple[PrivateKey, Certificate]:
        key = keys.generate_key()
        return key, self._world.transport.issue(role, self.code, key.public_key(), now=datetime.now(UTC))
