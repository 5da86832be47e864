"""County nodes without a broker: real authorities, certificates, SQLite stores and signatures; the hub is scripted.

`Network` holds the authorities, the hub's keys and three counties' keys, made once per run. `Hub` signs directories,
journals messages in a real tree, and makes receipts and grants; a test may forge each of them. `County` is a node as
`adapters.node` composes it, over a store in the test's folder, with a scripted local system and printer in place of
what has tests of its own. `World` carries messages between them.
"""

import hashlib
import itertools
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from adapters.authority.authorising import Authoriser
from adapters.authority.issuing import Issuer
from adapters.authority.revoking import Revoker
from adapters.boxes import fate, inbox
from adapters.boxes.handling import Handler
from adapters.boxes.outbox import Outbox
from adapters.case.applying import Applier
from adapters.directory import directories
from adapters.directory.directories import CurrentDirectory
from adapters.hall.desk.source import NodeDesk
from adapters.hall.printers.looking import look
from adapters.identity import Identity, key_statement
from adapters.local.localwrites import LocalWriter
from adapters.local.reading import LocalReader
from adapters.printing.slots import OnePrinter
from adapters.printing.station import Station
from adapters.settings import AuthoritySettings, CountySettings, OfferSettings, StationSettings
from adapters.store import open_store
from adapters.window.printroom import PrintRoom
from adapters.window.sheets import SheetBook
from certs import keys, signing
from certs.authority import Authority
from certs.keys import Certificate, PrivateKey
from certs.profiles import Role
from schemas import codec
from schemas import directory as form
from schemas.envelope import Envelope, derived_id
from schemas.grants import answer_id
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import DivisionCode
from schemas.leaf import ADMITTED, NOTHING, Leaf
from schemas.messages import HUB
from schemas.tree import Frontier, extend_with_proofs
from tests.county_doubles import (
    ISSUING,
    CrashingStore,
    PlainRenderer,
    PlainSealer,
    ScriptedMapping,
    ScriptedPrinter,
    ScriptedSink,
    ScriptedSource,
)
from tests.county_records import ITEM, START, acceptance, application, decision, hand_over

WINDOW, FOREIGN = "130928", "340321"
OWN_ITEM: Final = "11130928MB000000054000131127004"
_serials = itertools.count(1)


def case_no(serial: int, county: str = WINDOW) -> str:
    """A case number that no other test case has by chance."""
    return str(CaseNo.mint(DivisionCode.parse(county), date(2026, 11, 21), serial))


@dataclass(kw_only=True)
class Signer:
    """A key with its certificate."""

    key: PrivateKey
    certificate: Certificate


@dataclass(kw_only=True)
class Network:
    """Authorities, hub keys and counties' folders: costly enough to be made once per run."""

    folder: Path
    transport: Authority
    seals: Authority
    log: Signer
    grants: Signer
    crls: list[bytes]
    seal_crls: list[bytes]
    identities: dict[str, Identity]
    directory: tuple[bytes, str] = (b"", "")
    """The first directory, which every node of a world has."""

    @property
    def template(self) -> Path:
        """A node's store with the first directory in it."""
        return self.folder / "template.sqlite"

    @classmethod
    def make(cls, folder: Path) -> "Network":
        """Make everything, a month before `START`, with fresh lists."""
        past = START - timedelta(days=30)
        transport = Authority.create(folder / "ca", kind="transport", trial=True, now=past, name="T")
        seals = Authority.create(folder / "seal-ca", kind="seal", trial=True, now=past, name="S")
        network = cls(
            folder=folder,
            transport=transport,
            seals=seals,
            log=issue(transport, Role.HUB_CHECKPOINT, HUB),
            grants=issue(transport, Role.HUB_SIGNING, HUB),
            crls=[keys.crl_der(each) for each in transport.publish_crls(now=START)],
            seal_crls=[keys.crl_der(each) for each in seals.publish_crls(now=START)],
            identities={},
        )
        for code in (WINDOW, ISSUING, FOREIGN):
            network.make_county(code)
        network.directory = Hub(network).directory(now=START)
        store = open_store(f"sqlite:///{network.template}")
        with store.write() as tx:
            anchors = network.identities[WINDOW].anchors
            directories.accept(tx, *network.directory, anchors=anchors, trial=True, now=START)
        store.close()
        return network

    def make_county(self, code: str) -> None:
        """A county's `certs` folder, as it is laid out on its machine."""
        certs = self.folder / code / "certs"
        (certs / "seal").mkdir(parents=True)
        keys.save_certificates([self.transport.root], certs / "anchors.pem")
        keys.save_certificates([self.seals.root], certs / "seal-anchors.pem")
        for role, name in ((Role.COUNTY_SIGNING, "signing"), (Role.COUNTY_ENCRYPTION, "encryption")):
            self.save(certs, name, issue(self.transport, role, code), self.transport)
        self.save(certs / "seal", "seal", issue(self.seals, Role.SEAL, f"{code}-authority"), self.seals)
        self.identities[code] = Identity.load(settings(self.folder / code, code))

    def save(self, folder: Path, name: str, signer: Signer, authority: Authority) -> None:
        """Key and chain as files."""
        keys.save_private_key(signer.key, folder / f"{name}.key")
        keys.save_certificates(authority.chain(signer.certificate), folder / f"{name}.pem")


def entries_of(**said: Any) -> dict[str, bytes]:
    """The entries of a directory, given what it says by the names that `Hub.directory` uses."""
    kinds = {
        "transport_certificates": form.ISSUING, "crls": form.REVOCATION_LIST,
        "hub_certificates": form.HUB_CERTIFICATE, "seal_certificates": form.SEAL_CERTIFICATE,
        "seal_crls": form.SEAL_REVOCATION_LIST,
    }  # fmt: skip
    found = {form.digest_key(kind, der): der for name, kind in kinds.items() for der in said[name]}
    found |= {form.county_key(each["division_code"]): codec.encode("CountyEntry", each) for each in said["counties"]}
    offers = {form.offer_key(each["county"], each["service_item"]): each for each in said["offers"]}
    return found | {key: codec.encode("Offer", each) for key, each in offers.items()}


def issue(authority: Authority, role: Role, subject: str, *, at: datetime = START - timedelta(days=1)) -> Signer:
    """A fresh key and its certificate."""
    key = keys.generate_key()
    return Signer(key=key, certificate=authority.issue(role, subject, key.public_key(), now=at))


def settings(folder: Path, code: str, **authority: Any) -> CountySettings:
    """A county's settings; the certificates lie in `folder`."""
    return CountySettings(
        folder=folder,
        division_code=code,
        name=f"县{code}",
        mapping=folder,
        local_read="",
        local_write="",
        authority=AuthoritySettings(**{"name": f"{code}审批局", "code": "11140881MB0000000U"} | authority),
        offers=(OfferSettings(service_item=ITEM, name="公司登记"),),
        station=StationSettings(hall=f"{code}-01", station=f"{code}-01-1"),
    )


class Hub:
    """The hub's words, signed with its real keys. Everything it says may be forged by an argument."""

    def __init__(self, network: Network) -> None:
        """An empty journal, and the first directory not published yet."""
        self.network = network
        self.frontier = Frontier()
        self.epoch = 1
        self.serial = 0

    def directory(self, *, now: datetime, signer: Signer | None = None, **changes: Any) -> tuple[bytes, str]:
        """The next directory, complete; `changes` replace what it holds, or fields of its record."""
        self.serial += 1
        network = self.network
        said = {
            "counties": [self.county(code, now=now) for code in network.identities],
            "offers": [
                {"county": county, "service_item": item, "name": "公司登记", "greatest_state_age_seconds": 86400}
                for county, item in ((ISSUING, ITEM), (WINDOW, OWN_ITEM), (FOREIGN, ITEM))
            ],
            "transport_certificates": [keys.der(network.transport.issuing)],
            "crls": network.crls,
            "hub_certificates": [keys.der(network.log.certificate), keys.der(network.grants.certificate)],
            "seal_certificates": [keys.der(network.seals.root), keys.der(network.seals.issuing)],
            "seal_crls": network.seal_crls,
        }
        said |= {name: changes.pop(name) for name in tuple(changes) if name in said}
        return self.published(entries_of(**said), now=now, signer=signer, **changes)

    def published(
        self,
        state: Mapping[str, bytes],
        *,
        now: datetime,
        signer: Signer | None = None,
        since: Mapping[str, bytes] | None = None,
        since_: int | None = None,
        **changes: Any,
    ) -> tuple[bytes, str]:
        """A signed record that leads from one state to another; from nothing unless told otherwise.

        `since` is the state and `since_` its serial, by default the one before.
        """
        signer, before = signer or self.network.grants, since or {}
        fresh = [{"key": key, "value": value} for key, value in state.items() if before.get(key) != value]
        record = {
            "serial": self.serial,
            "since": since_ if since_ is not None else 0 if since is None else self.serial - 1,
            "part": 1,
            "parts": 1,
            "issued_at": now,
            "expires_at": now + timedelta(days=7),
            "state_sha256": form.state_digest({key: form.value_digest(value) for key, value in state.items()}),
            "entries": fresh,
            "removed": sorted(before.keys() - state.keys()),
        } | changes
        body = codec.encode("Directory", record)
        typ = signing.Typ.DIRECTORY
        return body, signing.sign(body, key=signer.key, certificate=signer.certificate, typ=typ)

    def county(self, code: str, *, now: datetime, **changes: Any) -> dict[str, Any]:
        """One county's entry."""
        identity = self.network.identities[code]
        statement, signature = key_statement(identity, sequence=1, now=now)
        return {
            "division_code": code,
            "name": f"县{code}",
            "authority_name": "局",
            "authority_code": "11140881MB0000000U",
            "state": "active",
            "signing_certificates": [keys.der(identity.signing_certificate)],
            "key_statement": statement,
            "key_statement_signature": signature,
            "halls": [f"{code}-01"],
            "contact": "",
            "telephone": "",
        } | changes

    def receipt(
        self,
        body: bytes,
        signature: str,
        *,
        at: datetime,
        message_id: str,
        refusal: Mapping[str, Any] | None = None,
        log: Signer | None = None,
        thumbprint: bytes | None = None,
        **changes: Any,
    ) -> bytes:
        """Journal a verdict on these bytes and prove it; `changes` forge fields of the entry afterwards."""
        log = log or self.network.log
        detail = codec.encode("Refusal", refusal) if refusal else b""
        leaf = Leaf(
            envelope_sha256=hashlib.sha256(body).digest(),
            signature=signature.encode(),
            signer_thumbprint=thumbprint or signing.read_header(signature).thumbprint,
            admitted_at=at,
            verdict=refusal["code"] if refusal else ADMITTED,
            detail_sha256=hashlib.sha256(detail).digest() if refusal else NOTHING,
        )
        grown = extend_with_proofs(self.frontier, [leaf.hash()])
        self.frontier = grown.frontier
        checkpoint = codec.encode(
            "Checkpoint", {"origin": "test", "epoch": self.epoch, "size": grown.size, "root": grown.root, "made_at": at}
        )
        entry = {
            "message_id": message_id,
            "envelope_sha256": leaf.envelope_sha256,
            "signature_sha256": hashlib.sha256(leaf.signature).digest(),
            "signer_thumbprint": leaf.signer_thumbprint,
            "admitted_at": at,
            "verdict": leaf.verdict,
            "refusal": detail,
            "leaf_index": grown.size - 1,
            "proof": grown.proofs[0],
        } | changes
        return codec.encode(
            "AdmissionReceipt",
            {
                "checkpoint": checkpoint,
                "checkpoint_signature": signing.sign(
                    checkpoint, key=log.key, certificate=log.certificate, typ=signing.Typ.CHECKPOINT
                ),
                "entries": [entry],
            },
        )

    def grant(self, claim: Mapping[str, Any], *, county: str, now: datetime, signer: Signer | None = None,
              **changes: Any) -> tuple[bytes, str]:  # fmt: skip
        """The answer to a claim, given its facts."""
        signer = signer or self.network.grants
        record = {
            "authorisation_no": claim["authorisation_no"],
            "claim_id": claim["claim_id"],
            "county": county,
            "station": claim["station"],
            "granted": True,
            "code": "",
            "license_identifier": "x",
            "license_state": "valid",
            "license_state_at": now,
            "granted_at": now,
        } | changes
        body = codec.encode("Grant", record)
        return body, signing.sign(body, key=signer.key, certificate=signer.certificate, typ=signing.Typ.GRANT)


class County:
    """One node's parts over one store."""

    def __init__(self, world: "World", code: str, folder: Path, **authority: Any) -> None:
        """Open everything anew, as after a start."""
        self.world, self.code, self.folder = world, code, folder
        self.settings = settings(world.network.folder / code, code, **authority)
        self.identity = world.network.identities[code]
        self.store = CrashingStore(open_store(f"sqlite:///{folder / f'{code}.sqlite'}"))
        self.source, self.sink = ScriptedSource(), ScriptedSink()
        self.printer = ScriptedPrinter(world.clock)
        self.sealer: Any = PlainSealer()
        self.renderer: Any = PlainRenderer()
        self.seen: set[str] = set()
        self.stirred = True
        """Whether a turn may move anything: something arrived, or the turn before moved something."""
        self.start()

    def start(self) -> None:
        """What a start of the process makes anew; store, local system and printer stay."""
        clock, store, identity = self.world.clock, self.store, self.identity
        self.box = Outbox(identity)
        self.directory = CurrentDirectory(identity, trial=True)
        self.authoriser = Authoriser(self.settings, self.box)
        station = Station(
            OnePrinter(self.printer), self.settings.station.station, transaction=store.write, clock=clock,
            wait=lambda _: None, monotonic=lambda: clock().timestamp(), poll_seconds=0.0,
        )  # type: ignore[arg-type]  # fmt: skip
        common: dict[str, Any] = {"store": store, "identity": identity, "box": self.box}
        around: dict[str, Any] = {"directory": self.directory, "clock": clock, "sent": lambda: None}
        revoker = Revoker(identity=identity, box=self.box)
        self.room = PrintRoom(**common, **around, station=station, revoker=revoker)
        self.sheets = SheetBook(**common, **around)
        self.desk = NodeDesk(
            settings=self.settings, store=store, identity=identity, room=self.room, sheets=self.sheets,
            looks=lambda: [look(self.printer)], directory=self.directory, clock=clock,
        )  # type: ignore[arg-type]  # fmt: skip
        applier = Applier(
            identity=identity, box=self.box, revoker=revoker, replace_spoiled=self.authoriser.replace_spoiled
        )
        self.handler = Handler(
            **common, trial=True, directory=self.directory, applier=applier, granted=self.room.granted
        )
        self.issuer = Issuer(
            **common, settings=self.settings, authoriser=self.authoriser, sealer=self.sealer, renderer=self.renderer
        )
        mapping: Any = ScriptedMapping()
        self.reader = LocalReader(
            store=store, identity=identity, mapping=mapping, source=self.source, outbox=self.box,
            authoriser=self.authoriser,
        )  # fmt: skip
        self.writer = LocalWriter(store=store, identity=identity, mapping=mapping, sink=self.sink)

    def rows(self, statement: Any) -> list[Any]:
        """What the store says."""
        with self.store.read() as tx:
            return list(tx.execute(statement).all())

    def view(self) -> Any:
        """The newest directory."""
        with self.store.read() as tx:
            return self.directory(tx)

    def read(self) -> int:
        """One turn of the reading loop."""
        view = self.view()
        return self.reader.run_once(view, self.world.now) if view else 0

    def handle(self) -> int:
        """One turn of the handling loop."""
        return self.handler.run_once(self.world.now)

    def issue(self) -> int:
        """One turn of the issuing loop."""
        view = self.view()
        return self.issuer.run_once(view, self.world.now) if view else 0

    def write(self) -> int:
        """One turn of the local writer."""
        return self.writer.run_once(self.view(), self.world.now)

    def print_ready(self) -> None:
        """Print whatever was granted."""
        while not self.room._ready.empty():
            self.room.run_once()

    def arrive(
        self, body: bytes, signature: str, *, source: str, message_id: str, type_: str, evidence: bytes = b""
    ) -> bool:
        """What the broker hands over is committed as it came."""
        self.stirred = True
        with self.store.write() as tx:
            return inbox.keep(
                tx, source=source, message_id=message_id, message_type=type_, body=body, signature=signature,
                evidence_bytes=evidence, now=self.world.now,
            )  # fmt: skip

    def arrive_directory(self, body: bytes, signature: str) -> None:
        """A directory, as the hub addresses it."""
        number = f"directory-{next(_serials)}"
        self.arrive(body, signature, source=HUB, message_id=number, type_="directory.published")

    def arrive_receipt(self, receipt: bytes) -> None:
        """A receipt of the hub."""
        number = f"receipt-{next(_serials)}"
        self.arrive(receipt, "", source=HUB, message_id=number, type_="admission.receipt")

    def due(self) -> list[Any]:
        """What lies in the outbox to be sent, on both roads."""
        with self.store.read() as tx:
            return fate.due(tx, self.world.now, 1000, express=True) + fate.due(tx, self.world.now, 1000, express=False)


@dataclass(kw_only=True)
class World:
    """One test's counties around one scripted hub, on a clock that the test moves."""

    network: Network
    folder: Path
    now: datetime = START
    hub: Hub = field(init=False)
    counties: dict[str, County] = field(default_factory=dict)
    grant: bool = True
    held: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Three counties that have the first directory."""
        self.hub = Hub(self.network)
        self.hub.serial = 1
        for code in (WINDOW, ISSUING, FOREIGN):
            shutil.copy(self.network.template, self.folder / f"{code}.sqlite")
            self.counties[code] = County(self, code, self.folder)

    def clock(self) -> datetime:
        """The world's time."""
        return self.now

    def later(self, **duration: float) -> None:
        """Move the clock."""
        self.now += timedelta(**duration)

    @property
    def window(self) -> County:
        """收件地."""
        return self.counties[WINDOW]

    @property
    def issuing(self) -> County:
        """属地."""
        return self.counties[ISSUING]

    @property
    def foreign(self) -> County:
        """A county that is no party."""
        return self.counties[FOREIGN]

    def carry(self, county: County, *, deliver: bool = True) -> int:
        """Admit what a county has to send, deliver it with evidence, and send the receipt; the hub forgets nothing."""
        rows = county.due()
        for row in rows:
            with county.store.write() as tx:
                fate.sent(tx, row, self.now, 30.0)
            if row.message_id in county.seen:
                continue
            receipt = self.hub.receipt(row.body, row.signature, at=self.now, message_id=row.message_id)
            envelope = Envelope.parse(row.body)
            county.seen.add(row.message_id)
            name = derived_id(envelope.id, "receipt")
            self.held.append((county.code, _said(receipt, "", name, "admission.receipt")))
            if envelope.destination != HUB:
                self.held.append((envelope.destination, _delivery(row, envelope, receipt)))
            elif self.grant and envelope.kind.express:
                self.answer(county, envelope)
        if deliver:
            self.deliver()
        return len(rows)

    def deliver(self) -> None:
        """Hand over what the hub holds, in order; a delivery is forgotten only when it was taken."""
        while self.held:
            destination, arrival = self.held[0]
            self.counties[destination].arrive(**arrival)
            del self.held[0]

    def answer(self, asking: County, envelope: Envelope, **changes: Any) -> None:
        """The hub's answer to a claim."""
        body, signature = self.hub.grant(envelope.facts or {}, now=self.now, **({"county": asking.code} | changes))
        name = answer_id(asking.code, envelope.id)
        self.held.append((asking.code, _said(body, signature, name, "print.granted")))

    def settle(self, rounds: int = 30) -> None:
        """Run every loop of every county until nothing moves any more.

        The clock stands still meanwhile: a county whose last turn moved nothing has none again until something arrives.
        """
        for county in self.counties.values():
            county.stirred = True
        for _ in range(rounds):
            for county in self.counties.values():
                if county.stirred:
                    county.stirred = False
                    moved = county.read() + county.handle() + county.issue() + county.write() + self.carry(county)
                    county.print_ready()
                    county.stirred |= bool(moved)
            if not any(county.stirred for county in self.counties.values()):
                return

    def up_to(self, rung: str, local_case: str = "WQ1") -> str:
        """Bring one case to a rung; returns its number."""
        window, issuing = self.window, self.issuing
        steps: dict[str, Callable[[], Any]] = {
            "application.submitted": lambda: window.source.add("application.submitted", local_case, application()),
            "application.accepted": lambda: issuing.source.add("application.accepted", self.case_no(), acceptance()),
            "decision.made": lambda: issuing.source.add("decision.made", self.case_no(), decision()),
            "print.authorised": lambda: None,
            "print.claimed": lambda: window.room.ask(f"{self.case_no()}-D1-1"),
            "print.settled": lambda: window.sheets.confirm(f"{self.case_no()}-D1-1", stock_serial="S1", by="desk"),
            "case.handed_over": lambda: window.source.add("case.handed_over", local_case, hand_over()),
        }
        for name, step in steps.items():
            step()
            self.settle()
            if name == rung:
                break
        return self.case_no()

    def case_no(self) -> str:
        """The newest case of the window."""
        from sqlalchemy import select

        from adapters.store import tables

        newest = select(tables.cases.c.case_no).order_by(tables.cases.c.case_no.desc()).limit(1)
        return str(self.window.rows(newest)[0][0])


def _said(body: bytes, signature: str, name: str, kind: str) -> dict[str, Any]:
    """A word of the hub, as the broker hands it over."""
    return {"body": body, "signature": signature, "source": HUB, "message_id": name, "type_": kind}


def _delivery(row: Any, envelope: Envelope, receipt: bytes) -> dict[str, Any]:
    """A county's message, as the broker hands it over."""
    return {
        "body": row.body, "signature": row.signature, "source": envelope.source, "message_id": envelope.id,
        "type_": envelope.type, "evidence": receipt,
    }  # fmt: skip
