"""A hub without a broker: real authority, certificates, signatures and store; only the broker link is scripted.

`World` holds two or more enrolled counties, a clock that the test moves, and a `ScriptedLink` in the place of RabbitMQ:
what a test puts in is taken by the pipeline, what the hub publishes can be read back, and each publish's outcome can
be scripted. `Case` writes the messages of one case, correctly signed, in the order in which counties send them.
"""

import base64
import hashlib
import itertools
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from stdnum.cn import uscc

from certs import keys, signing
from certs.authority import Authority
from certs.chain import TrustStore
from certs.keys import Certificate, PrivateKey
from certs.profiles import Role
from hub.broker import Delivery as Incoming
from hub.broker import Outcome, Outgoing
from hub.broker.messages import Batch
from hub.history.journal import LogKey
from hub.intake.inspection import CONTENT_TYPE, SIGNATURES
from hub.intake.pipeline import Pipeline
from hub.outflow.delivery import Delivery
from hub.outflow.effects import is_done
from hub.outflow.sweep import Sweep
from hub.printing.grants import GrantSigner
from hub.registry import county as counties
from hub.registry import trust
from hub.registry.county import Card
from hub.registry.directory import DirectoryIssuer
from hub.registry.revocation import RevocationFolder
from hub.settings import WorkerSettings
from hub.store import Store, open_store, tables
from schemas import codec, shapes, topology
from schemas.envelope import Envelope, new_id
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import DivisionCode
from schemas.identifiers.license import LicenseIdentifier
from schemas.leaf import NOTHING, Leaf
from schemas.messages import COUNTERSIGNED, HUB, TYPES
from schemas.tree import verify_inclusion
from tests.databases import Databases, Files

CONFIRM_SECONDS = WorkerSettings().confirm_seconds
"""What a real broker is given, as at a real hub: a busy one takes its seconds, and nobody drains in a test."""
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WINDOW, ISSUING, FOREIGN = "140881", "130928", "340321"
_LICENSE_TYPE, _LICENSE_ISSUER = "11100000MB0143028R001", "11140881MB0000000U"
_serials = itertools.count(1)


@dataclass(kw_only=True)
class CountyKeys:
    """A county's keys and certificates, and what it says of itself."""

    code: str
    signing_key: PrivateKey
    signing: Certificate
    connection_key: PrivateKey
    connection: Certificate
    encryption: Certificate
    sequence: int = 1

    @property
    def encrypted_for(self) -> bytes:
        """Thumbprint of its encryption certificate."""
        return keys.thumbprint(self.encryption)

    def statement(self, *, now: datetime = START, days: int = 300) -> tuple[bytes, str]:
        """Its key statement and the signature."""
        body = codec.encode(
            "KeyStatement",
            {
                "division_code": self.code,
                "sequence": self.sequence,
                "suites": ["p256-1"],
                "encryption_certificates": [keys.der(self.encryption)],
                "valid_from": now - timedelta(days=1),
                "valid_until": now + timedelta(days=days),
                "contract_versions": [],
            },
        )
        return body, signing.sign(body, key=self.signing_key, certificate=self.signing, typ=signing.Typ.KEYS)

    def card(self, item: str, **changes: Any) -> Card:
        """Its card, through JSON as it travels."""
        body, signature = self.statement()
        raw = {
            "division_code": self.code,
            "name": f"County {self.code}",
            "authority_name": "Authority",
            "authority_code": item[:18],
            "halls": ["hall-1"],
            "contact": "IT",
            "telephone": "0317-0000000",
            "signing_certificate": base64.b64encode(keys.der(self.signing)).decode(),
            "key_statement": base64.b64encode(body).decode(),
            "key_statement_signature": signature,
            "offers": [{"service_item": item, "name": "Item"}],
        } | changes
        return Card.parse(json.dumps(raw))


@dataclass(kw_only=True)
class Network:
    """Authority, hub keys and counties: costly enough to be made once per run."""

    folder: Path
    authority: Authority
    log: LogKey
    grants: GrantSigner
    counties: dict[str, CountyKeys]
    databases: Databases
    template: str
    item: str

    @classmethod
    def make(cls, folder: Path, databases: Databases | None = None) -> "Network":
        """Make everything, a month before `START`, with fresh lists, and a store with all counties enrolled.

        Its hubs' stores are files unless other `databases` are given.
        """
        databases = databases or Files()
        authority = Authority.create(
            folder / "ca", kind="transport", trial=True, now=START - timedelta(days=30), name="T"
        )
        authority.publish_crls(now=START)
        log_key, log_certificate = _issue(authority, Role.HUB_CHECKPOINT, HUB)
        grant_key, grant_certificate = _issue(authority, Role.HUB_SIGNING, HUB)
        network = cls(
            folder=folder,
            authority=authority,
            log=LogKey(log_key, log_certificate, "test"),
            grants=GrantSigner(grant_key, grant_certificate),
            counties={code: make_county(authority, code) for code in (WINDOW, ISSUING, FOREIGN)},
            databases=databases,
            template=databases.make(folder),
            item=f"{_credit_code()}4000117111000",
        )
        store = open_store(network.template)
        network.revocation_folder(store, folder / "ca" / "crl").run_once(START)
        with store.write() as tx:
            for county in network.counties.values():
                counties.enrol(tx, county.card(network.item), chains=network.chains(), now=START)
        store.close()
        return network

    def chains(self) -> TrustStore:
        """Trust as an operator's command has it."""
        lists = [keys.crl_from_der(p.read_bytes()) for p in sorted((self.folder / "ca" / "crl").glob("*.crl"))]
        return TrustStore([self.authority.root], [self.authority.issuing], lists, trial=True)

    def revocation_folder(self, store: Store, lists: Path) -> RevocationFolder:
        """The watch over a folder of lists."""
        return RevocationFolder(
            lists,
            store=store,
            authorities=[self.authority.root, self.authority.issuing],
            broker_folder=self.folder / "broker-crls",
        )

    def issuer(self) -> DirectoryIssuer:
        """The signer of directories."""
        return DirectoryIssuer(
            key=self.grants.key,
            certificate=self.grants.certificate,
            transport_certificates=[self.authority.issuing],
            hub_certificates=[self.log.certificate, self.grants.certificate],
            seal_certificates=[],
            seal_crls=[],
        )


def make_county(authority: Authority, code: str) -> CountyKeys:
    """Issue all of a county's certificates."""
    signing_key, signing_certificate = _issue(authority, Role.COUNTY_SIGNING, code)
    connection_key, connection = _issue(authority, Role.COUNTY_CONNECTION, code)
    _, encryption = _issue(authority, Role.COUNTY_ENCRYPTION, code)
    return CountyKeys(
        code=code,
        signing_key=signing_key,
        signing=signing_certificate,
        connection_key=connection_key,
        connection=connection,
        encryption=encryption,
    )


def _issue(
    authority: Authority, role: Role, subject: str, *, at: datetime = START - timedelta(days=1)
) -> tuple[PrivateKey, Certificate]:
    key = keys.generate_key()
    return key, authority.issue(role, subject, key.public_key(), now=at)


def _credit_code() -> str:
    body = "11130928MB1234567"
    return body + str(uscc.calc_check_digit(body + "0"))


class ScriptedLink:
    """In the place of the broker: queues of plain Python, and outcomes that the test scripts."""

    def __init__(self) -> None:
        """Everything is confirmed until a test says otherwise."""
        self.generation = 1
        self.incoming: list[Incoming] = []
        self.acked: list[Incoming] = []
        self.requeued: list[Incoming] = []
        self.published: list[Outgoing] = []
        """What the broker holds: confirmed publishes, in order."""
        self.outcome: Callable[[Outgoing], Outcome] = lambda _: Outcome.CONFIRMED
        self.before_publish: Callable[[Sequence[Outgoing]], None] = lambda _: None
        self.before_ack: Callable[[Sequence[Incoming]], None] = lambda _: None

    def take(self, limit: int, _wait_seconds: float = 0.0) -> list[Incoming]:
        """Hand over the first ones."""
        taken, self.incoming = self.incoming[:limit], self.incoming[limit:]
        return taken

    def start_publishing(self, outgoings: Sequence[Outgoing]) -> Batch:
        """Settle each as scripted, at once."""
        self.before_publish(outgoings)
        batch = Batch(outgoings)
        for at, each in enumerate(outgoings):
            what = self.outcome(each)
            batch.settle(at, what)
            if what is Outcome.CONFIRMED:
                self.published.append(each)
        return batch

    def publish(self, outgoings: Sequence[Outgoing], timeout_seconds: float = 5.0) -> list[Outcome]:
        """The same, waiting for the outcomes."""
        return self.start_publishing(outgoings).outcomes(timeout_seconds)

    def ack(self, deliveries: Sequence[Incoming]) -> None:
        """Remember what left the queue."""
        self.before_ack(list(deliveries))
        self.acked += deliveries

    def requeue(self, deliveries: Sequence[Incoming]) -> None:
        """Put back, as the broker would: redelivered, at once."""
        self.requeued += deliveries
        self.incoming += [replace(each, redelivered=True) for each in deliveries]

    def queue(self, name: str) -> list[Outgoing]:
        """What lies in one queue."""
        return [each for each in self.published if each.routing_key == name]


@dataclass(frozen=True, kw_only=True)
class Message:
    """One signed envelope as a county sends it."""

    envelope: Envelope
    body: bytes
    signature: str

    def delivery(self, **changes: Any) -> Incoming:
        """As the broker hands it over; `changes` forge what a test wants forged."""
        envelope = self.envelope
        express = envelope.type in TYPES and envelope.kind.express
        key = topology.submit_key(envelope.source, envelope.case_no, envelope.type)
        values: dict[str, Any] = {
            "queue": topology.ADMISSION_EXPRESS
            if express
            else topology.admission_queue(topology.shard(envelope.case_no)),
            "body": self.body,
            "headers": {SIGNATURES: [self.signature]},
            "properties_set": frozenset({"content_type", "headers", "delivery_mode", "message_id", "type", "user_id"}),
            "message_id": envelope.id,
            "type": envelope.type,
            "user_id": envelope.source,
            "content_type": CONTENT_TYPE,
            "timestamp": None,
            "reply_to": None,
            "expiration": None,
            "priority": None,
            "correlation_id": None,
            "exchange": topology.EXPRESS if express else topology.SUBMIT,
            "routing_key": key,
            "redelivered": False,
            "delivery_count": 0,
            "generation": 1,
            "channel": 1,
            "tag": next(_serials),
        }
        return Incoming(**(values | changes))


@dataclass(kw_only=True)
class World:
    """One test's hub."""

    network: Network
    store: Store
    url: str
    folder: Path
    now: datetime = START
    link: ScriptedLink = field(default_factory=ScriptedLink)
    monotonic: Callable[[], float] = time.monotonic
    pipeline: Pipeline = field(init=False)

    def __post_init__(self) -> None:
        """Start the worker."""
        self.pipeline = self.worker()

    @classmethod
    def make(cls, network: Network, folder: Path) -> "World":
        """A hub with every county of the network enrolled, in a store of its own."""
        url = network.databases.copy(network.template, folder)
        return cls(network=network, store=open_store(url), url=url, folder=folder)

    def close(self) -> None:
        """The hub and its store are not needed any more."""
        self.store.close()
        self.network.databases.drop(self.url)

    def worker(
        self, link: ScriptedLink | None = None, *, batch_messages: int = 200, confirm_seconds: float = 1.0
    ) -> Pipeline:
        """Another worker on the same store, as after a restart; a real broker is given a real hub's time to confirm."""
        link = link or self.link
        return Pipeline(
            link=link,  # type: ignore[arg-type]
            store=self.store,
            delivery=Delivery(link, self.store, confirm_seconds=confirm_seconds),
            log_key=self.network.log,
            grants=self.network.grants,
            load_trust=self._load_trust,
            clock=lambda: self.now,
            batch_messages=batch_messages,
            monotonic=self.monotonic,
        )

    def _load_trust(self, tx: Any, last: trust.Trust | None) -> trust.Trust:
        if last is not None and last.serial == trust.counter(tx):
            return last
        authority = self.network.authority
        return trust.load(tx, anchors=[authority.root], intermediates=[authority.issuing], trial=True, last=last)

    def sweep(self, after_seconds: float = 0.0) -> Sweep:
        """The repetition of undone effects."""
        return Sweep(
            store=self.store,
            delivery=Delivery(self.link, self.store, confirm_seconds=1.0),
            clock=lambda: self.now,
            after_seconds=after_seconds,
        )

    def later(self, **duration: float) -> None:
        """Move the clock."""
        self.now += timedelta(**duration)

    def send(self, *messages: Message | Incoming) -> None:
        """Put messages into admission and handle them in one batch."""
        self.link.incoming += [each.delivery() if isinstance(each, Message) else each for each in messages]
        self.pipeline.run_once(0.0)

    def receipts(self, county: str) -> list[dict[str, Any]]:
        """Every receipt entry that reached a county, with its checkpoint's record, in the journal's order."""
        found = []
        for queue in (topology.county_inbox(county), topology.county_express(county)):
            for each in self.link.queue(queue):
                if each.type == "admission.receipt":
                    receipt = codec.decode(each.body, "AdmissionReceipt")
                    signing.verify(
                        receipt["checkpoint_signature"],
                        receipt["checkpoint"],
                        certificate=self.network.log.certificate,
                        typ=signing.Typ.CHECKPOINT,
                    )
                    checkpoint = codec.decode(receipt["checkpoint"], "Checkpoint")
                    found += [entry | {"checkpoint": checkpoint} for entry in receipt["entries"]]
        return sorted(found, key=lambda entry: entry["leaf_index"])

    def verdicts(self, county: str) -> dict[str, str]:
        """The last verdict that a county was told of each of its messages."""
        return {entry["message_id"]: entry["verdict"] for entry in self.receipts(county)}

    def refusal(self, message: Message) -> dict[str, Any]:
        """The refusal of a message, out of its sender's receipt."""
        (entry,) = [e for e in self.receipts(message.envelope.source) if e["message_id"] == message.envelope.id][-1:]
        return codec.decode(entry["refusal"], "Refusal")

    def delivered(self, county: str) -> list[str]:
        """Ids of the counties' messages in a county's inbox, each once, in the order of first arrival."""
        inbox = [each for each in self.link.queue(topology.county_inbox(county)) if each.type in TYPES]
        return list(dict.fromkeys(each.message_id for each in inbox))

    def undone(self) -> list[str]:
        """Ids of the messages whose effects are not known to be done."""
        settled = select(tables.messages).where(tables.messages.c.state != "parked")
        with self.store.read() as tx:
            return [row.message_id for row in tx.execute(settled).all() if not is_done(tx, row)]

    def rows(self, statement: Any) -> list[Any]:
        """What the store says."""
        with self.store.read() as tx:
            return list(tx.execute(statement).all())


class Case:
    """Writes the messages of one case. Each county's `prev` chain is kept as its outbox would."""

    def __init__(self, world: World, *, window: str = WINDOW, issuing: str = ISSUING, trial: bool = False) -> None:
        """A new case number of the window county."""
        self.world = world
        self.window, self.issuing, self.trial = window, issuing, trial
        serial = next(_serials)
        self.case_no = str(CaseNo.mint(DivisionCode.parse(window), date(2026, 11, 22), serial))
        self.authorisation_no = f"A{serial:06d}"
        self.claim_id = f"claim-{serial}"
        self.license_identifier = str(LicenseIdentifier.build(_LICENSE_TYPE, _LICENSE_ISSUER, f"{serial}"))
        self._last: dict[tuple[str, str], str] = {}
        self.sent: dict[str, Message] = {}

    def message(
        self,
        kind: str,
        facts: Mapping[str, Any] | None = None,
        *,
        signer: CountyKeys | None = None,
        key: PrivateKey | None = None,
        certificate: Certificate | None = None,
        chain: bool = True,
        **changes: Any,
    ) -> Message:
        """One signed message; `changes` override envelope fields, `signer`, `key` and `certificate` forge."""
        row = TYPES[kind]
        source = changes.pop("source", self.window if row.sender in ("window", "either") else self.issuing)
        other = self.issuing if source == self.window else self.window
        usual = HUB if row.receiver == "hub" else other
        destination = changes.pop("destination", usual)
        now = self.world.now
        receiver = self.world.network.counties.get(destination)
        data, commitment = os.urandom(256), os.urandom(32)
        if destination == HUB and row.record == "PrintClaim":
            data = codec.encode(row.record, {**(facts or {}), "claimed_at": now})
            commitment = hashlib.sha256(data).digest()
        envelope = Envelope(
            **{
                "id": new_id(),
                "source": source,
                "destination": destination,
                "type": kind,
                "case_no": self.case_no,
                "service_item": self.world.network.item,
                "prev": self._last.get((source, destination)) if row.chained and chain else None,
                "time": now,
                "expires": now + timedelta(days=20),
                "trial": self.trial,
                "dataschema": shapes.dataschema(row.record),
                "facts": facts,
                "encrypted_for": receiver.encrypted_for if receiver and row.receiver != "hub" else None,
                "data_commitment": commitment,
                "data": data,
            }
            | changes
        )
        if row.chained and chain:
            self._last[(source, destination)] = envelope.id
        message = sign(envelope, signer or self.world.network.counties[source], key=key, certificate=certificate)
        self.sent[kind] = message
        return message

    def application(self, **changes: Any) -> Message:
        """申请; facts and envelope fields may both be changed by name."""
        facts, changes = _split(
            {"mode": "relayed", "alliance": "", "material_codes": [], "named_licenses": []}, changes
        )
        return self.message("application.submitted", facts, **changes)

    def acceptance(self, **changes: Any) -> Message:
        """受理."""
        return self.message(
            "application.accepted",
            {"promised_on": date(2026, 12, 1)},
            **self._answers("application.submitted", changes),
        )

    def decision(self, outcome: str = "granted", **changes: Any) -> Message:
        """决定."""
        return self.message("decision.made", {"outcome": outcome}, **changes)

    def license(self, *, state: str = "valid", identifier: str | None = None, **changes: Any) -> Message:
        """制证."""
        facts = {
            "license_identifier": identifier or self.license_identifier,
            "license_state": state,
            "sealed_sha256": [bytes(32)],
        }
        return self.message("license.issued", facts, **changes)

    def authorisation(self, **changes: Any) -> Message:
        """打印授权; facts and envelope fields may both be changed by name."""
        facts = {
            "authorisation_no": self.authorisation_no,
            "license_identifier": self.license_identifier,
            "copy_kind": "original",
            "copy_no": 1,
            "stock_kind": "business-license",
            "target_county": self.window,
            "target_hall": "hall-1",
            "expires_at": self.world.now + timedelta(days=10),
            "replaces": None,
        }
        facts, changes = _split(facts, changes)
        return self.message("print.authorised", facts, **changes)

    def claim(self, **changes: Any) -> Message:
        """打印申领."""
        facts = {
            "authorisation_no": self.authorisation_no,
            "claim_id": self.claim_id,
            "station": "station-1",
            "attempt": 1,
        }
        facts, changes = _split(facts, changes)
        return self.message("print.claimed", facts, **changes)

    def outcome(self, result: str = "printed", **changes: Any) -> Message:
        """打印结果."""
        facts = {
            "authorisation_no": self.authorisation_no,
            "claim_id": self.claim_id,
            "result": result,
            "stock_kind": "business-license",
            "stock_serial": "" if self.trial else f"S{self.authorisation_no}",
        }
        facts, changes = _split(facts, changes)
        return self.message("print.settled", facts, **changes)

    def hand_over(self, **changes: Any) -> Message:
        """送达."""
        return self.message("case.handed_over", {"method": "in_person"}, **changes)

    def received(self, of: Message, **changes: Any) -> Message:
        """The destination's signed word that it holds a message."""
        facts = changes.pop("facts", {"envelope_sha256": hashlib.sha256(of.body).digest()})
        values = {"source": of.envelope.destination, "destination": of.envelope.source, "in_reply_to": of.envelope.id}
        return self.message("message.received", facts, **(values | changes))

    def refused(self, of: Message, **changes: Any) -> Message:
        """The destination's refusal of a message."""
        values = {"source": of.envelope.destination, "destination": of.envelope.source, "in_reply_to": of.envelope.id}
        return self.message("message.refused", {"code": "E-MAP-001"}, **(values | changes))

    def ladder(self) -> list[Message]:
        """The whole case, in order."""
        return [
            self.application(),
            self.acceptance(),
            self.decision(),
            self.license(),
            self.authorisation(),
            self.claim(),
            self.outcome(),
            self.hand_over(),
        ]

    def up_to(self, rung: str) -> list[Message]:
        """Send the ladder up to a rung, each message in a batch of its own, and return what was sent."""
        steps = {
            "application.submitted": self.application,
            "application.accepted": self.acceptance,
            "decision.made": self.decision,
            "license.issued": self.license,
            "print.authorised": self.authorisation,
            "print.claimed": self.claim,
            "print.settled": self.outcome,
            "case.handed_over": self.hand_over,
        }
        sent = []
        for name, write in steps.items():
            sent.append(write())
            self.world.send(sent[-1])
            if name == rung:
                break
        return sent

    def _answers(self, kind: str, changes: dict[str, Any]) -> dict[str, Any]:
        return {"in_reply_to": self.sent[kind].envelope.id if kind in self.sent else None} | changes


def countersigned(
    world: World,
    county: str,
    size: int,
    /,
    *,
    signer: CountyKeys | None = None,
    unproven: Sequence[int] = (),
    changes: Mapping[str, Any] | None = None,
    **facts: Any,
) -> Message:
    """A county's countersignature over the checkpoint of this size; `facts` and `changes` of the envelope forge."""
    table = tables.checkpoints
    rows = world.rows(select(table).where(table.c.size == size))
    body = rows[0].body if rows else b"nothing"
    said = codec.decode(body, "Checkpoint") if rows else {"epoch": 1, "root": bytes(32)}
    own = signer or world.network.counties[county]
    clear = {"epoch": said["epoch"], "size": size, "root": said["root"], "unproven": list(unproven)} | facts
    signature = signing.sign(body, key=own.signing_key, certificate=own.signing, typ=signing.Typ.CHECKPOINT)
    data = codec.encode("Countersignature", clear | {"signature": signature})
    kind = TYPES[COUNTERSIGNED]
    envelope = Envelope(
        **{
            "id": new_id(),
            "source": county,
            "destination": HUB,
            "type": COUNTERSIGNED,
            "case_no": "",
            "service_item": "",
            "time": world.now,
            "expires": world.now + timedelta(days=20),
            "trial": False,
            "dataschema": shapes.dataschema(kind.record),
            "facts": clear,
            "encrypted_for": None,
            "data_commitment": hashlib.sha256(data).digest(),
            "data": data,
        }
        | dict(changes or {})
    )
    return sign(envelope, world.network.counties[county])


def sign(
    envelope: Envelope,
    county: CountyKeys,
    *,
    key: PrivateKey | None = None,
    certificate: Certificate | None = None,
    typ: signing.Typ = signing.Typ.ENVELOPE,
) -> Message:
    """Sign an envelope's exact bytes, by default with the county's signing key."""
    body = envelope.to_bytes()
    signature = signing.sign(body, key=key or county.signing_key, certificate=certificate or county.signing, typ=typ)
    return Message(envelope=envelope, body=body, signature=signature)


def _split(facts: dict[str, Any], changes: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    mine = {name: value for name, value in changes.items() if name in facts}
    return facts | mine, {name: value for name, value in changes.items() if name not in mine}


def proves(entry: Mapping[str, Any], body: bytes, signature: str) -> bool:
    """Whether a receipt entry proves its verdict on exactly these bytes and this signature, as a county checks it."""
    refusal = entry["refusal"]
    leaf = Leaf(
        envelope_sha256=hashlib.sha256(body).digest(),
        signature=signature.encode(),
        signer_thumbprint=entry["signer_thumbprint"],
        admitted_at=entry["admitted_at"],
        verdict=entry["verdict"],
        detail_sha256=hashlib.sha256(refusal).digest() if refusal else NOTHING,
    )
    checkpoint = entry["checkpoint"]
    return verify_inclusion(leaf.hash(), entry["leaf_index"], checkpoint["size"], entry["proof"], checkpoint["root"])
