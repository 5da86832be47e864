"""A real hub and real counties without a broker: what one publishes is what the other finds in its queues.

The hub is a folder with settings, keys, certificates and a SQLite store, opened as `hub.bootstrap` opens it, so that
it can be backed up, destroyed and restored; its broker is a list. The counties are those of `tests.county_world`.
"""

import base64
import json
import shutil
from collections.abc import Callable  # noqa: TC003 -- a dataclass looks at its annotations
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from adapters.boxes import fate
from certs import keys
from hub.backup import restoring, writing
from hub.bootstrap import Hub
from hub.evidence import journalcheck
from hub.history import epochs
from hub.intake.pipeline import Pipeline
from hub.outflow.delivery import Delivery, held_counties
from hub.outflow.effects import Done, mark_done, spoken_parcel
from hub.outflow.sweep import Sweep
from hub.registry import county as enrolment
from hub.registry import directory
from hub.registry.county import Card
from hub.settings import HubSettings
from hub.store import tables
from schemas.envelope import Envelope
from schemas.messages import HUB, HUB_TYPES
from tests.county_doubles import ISSUING
from tests.county_records import ITEM, acceptance, application, decision, hand_over
from tests.county_world import OWN_ITEM, County, Network, World
from tests.hub_world import Message, ScriptedLink


def lay_out(network: Network, folder: Path) -> Path:
    """A hub's folder, as `certs` and an operator make it; returns the recovery key's private half, kept elsewhere."""
    certs = folder / "certs"
    for name in ("crl", "seal-crl"):
        (certs / name).mkdir(parents=True)
    (folder / "hub.toml").write_text('origin = "test"\n', encoding="utf-8")
    keys.save_certificates([network.transport.root], certs / "anchors.pem")
    keys.save_certificates([network.transport.issuing], certs / "issuing.pem")
    keys.save_certificates([network.seals.root, network.seals.issuing], certs / "seal-certificates.pem")
    for name, signer in (("checkpoint", network.log), ("signing", network.grants)):
        keys.save_private_key(signer.key, certs / f"{name}.key")
        keys.save_certificates([signer.certificate], certs / f"{name}.pem")
    for name, lists in (("crl", network.crls), ("seal-crl", network.seal_crls)):
        for at, der in enumerate(lists):
            (certs / name / f"{at}.crl").write_bytes(der)
    pair = keys.generate_key()
    private = folder.parent / "recovery.key"
    keys.save_private_key(pair, private)
    keys.save_public_key(pair.public_key(), certs / writing.RECOVERY_KEY)
    return private


@dataclass(kw_only=True)
class Alliance(World):
    """One hub, three counties, and the clock of `tests.county_world.World`."""

    hub_folder: Path = field(init=False)
    recovery_key: Path = field(init=False)
    served: Hub = field(init=False)
    link: ScriptedLink = field(init=False)
    pipeline: Pipeline = field(init=False)
    serials: int = 0
    online: set[str] = field(default_factory=set)
    forgotten: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Counties enrolled, hub running."""
        super().__post_init__()
        self.online = set(self.counties)
        self.hub_folder = self.folder / "hub"
        self.recovery_key = lay_out(self.network, self.hub_folder)
        self.open_hub()
        self.served.revocation_folder().run_once(self.now)
        chains = self.served.chains()
        with self.served.store.write() as tx:
            for code in self.counties:
                enrolment.enrol(tx, self.card(code), chains=chains, now=self.now)
        self.settle()

    def card(self, code: str) -> Card:
        """What a county says of itself, through JSON as it travels."""
        entry = self.hub.county(code, now=self.now)
        item = {ISSUING: ITEM}.get(code, OWN_ITEM if code == "130928" else ITEM)
        raw = {
            "division_code": code,
            "name": entry["name"],
            "authority_name": entry["authority_name"],
            "authority_code": entry["authority_code"],
            "halls": entry["halls"],
            "contact": "",
            "telephone": "",
            "signing_certificate": base64.b64encode(entry["signing_certificates"][0]).decode(),
            "key_statement": base64.b64encode(entry["key_statement"]).decode(),
            "key_statement_signature": entry["key_statement_signature"],
            "offers": [{"service_item": item, "name": "公司登记"}],
        }
        return Card.parse(json.dumps(raw))

    # --- the hub -----------------------------------------------------------------------------------------------------

    def open_hub(self) -> None:
        """Start the hub over its folder, with an empty broker."""
        self.served = Hub(HubSettings.load(self.hub_folder))
        self.link = ScriptedLink()
        self.pipeline = Pipeline(
            link=self.link,  # type: ignore[arg-type]
            store=self.served.store,
            delivery=self.delivery(),
            log_key=self.served.keys.checkpoint,
            grants=self.served.keys.grants,
            load_trust=self.served.load_trust,
            clock=lambda: self.now,
            batch_messages=50,
        )

    def delivery(self) -> Delivery:
        """Publishing into the lists."""
        return Delivery(self.link, self.served.store, confirm_seconds=1.0)

    def backup(self, name: str = "one.yhb") -> Path:
        """`hub backup`."""
        return writing.write(self.served.store, self.served.settings, path=self.folder / name, now=self.now)

    def lose_hub(self) -> None:
        """The machine is gone: folder, store and whatever lay in the broker."""
        self.served.store.close()
        shutil.rmtree(self.hub_folder)
        self.link.incoming.clear()
        self.link.published.clear()

    def restore(self, backup: Path, **options: Any) -> restoring.Restored:
        """`hub restore` into the empty place, and a start."""
        done = restoring.restore(
            backup,
            key=keys.load_private_key(self.recovery_key),
            folder=self.hub_folder,
            clock=lambda: self.now,
            **options,
        )
        self.open_hub()
        self.served.revocation_folder().run_once(self.now)
        return done

    def hub_rows(self, statement: Any) -> list[Any]:
        """What the hub's store says."""
        with self.served.store.read() as tx:
            return list(tx.execute(statement).all())

    def journal_findings(self) -> list[str]:
        """`hub journal`."""
        with self.served.store.read() as tx:
            found = journalcheck.check_journal(tx, keys=self.served.keys, trial=True)
        return [str(each) for each in found]

    def keeper(self) -> None:
        """One turn of keeper and sweep."""
        with self.served.store.write() as tx:
            directory.publish_if_due(tx, self.served.keys.directory, self.now)
            epochs.settle(tx, log=self.served.keys.checkpoint, now=self.now)
            held = held_counties(tx)
            rows = tx.execute(select(tables.outgoing).where(~tables.outgoing.c.done)).all()
        settled = self.delivery().publish([spoken_parcel(row) for row in rows], held)
        said = Done(spoken=[row.message_id for row, good in zip(rows, settled, strict=True) if good])
        with self.served.store.write() as tx:
            mark_done(tx, said, self.now)
        self.pipeline.flush()
        self.pipeline.refuse_overdue(3600.0)
        Sweep(store=self.served.store, delivery=self.delivery(), clock=lambda: self.now, after_seconds=-1.0).run_once()

    # --- between hub and counties ------------------------------------------------------------------------------------

    def carry(self, county: County, *, deliver: bool = True) -> int:
        """Send what is due, let the hub admit it, and hand over what lies in the counties' queues."""
        if county.code not in self.online:
            return 0
        rows = county.due()
        for row in rows:
            with county.store.write() as tx:
                fate.sent(tx, row, self.now, 30.0)
            message = Message(envelope=Envelope.parse(row.body), body=row.body, signature=row.signature)
            self.link.incoming.append(message.delivery())
        while self.link.incoming:
            self.pipeline.run_once(0.0)
        self.keeper()
        return len(rows) + (self.hand_over() if deliver else 0)

    def hand_over(self) -> int:
        """Every county that is online empties its queues."""
        waiting, self.link.published = self.link.published, []
        taken = 0
        for each in waiting:
            code = each.routing_key.split(".")[1]
            if code not in self.online:
                self.link.published.append(each)
                continue
            headers = each.headers or {}
            (signature,) = headers.get("signatures") or [""]
            source = HUB if each.type in HUB_TYPES else Envelope.parse(each.body).source
            taken += self.counties[code].arrive(
                each.body, signature, source=source, message_id=each.message_id, type_=each.type,
                evidence=headers.get("evidence", b""),
            )  # fmt: skip
        return taken

    # --- people ------------------------------------------------------------------------------------------------------

    def bring(self, local_case: str, rung: str = "case.handed_over", *, from_: str = "application.submitted") -> str:
        """Bring one case of the window county from a rung to another, both included; returns its number."""
        window, issuing = self.window, self.issuing
        serial = f"S{int(''.join(each for each in local_case if each.isdigit())):06d}"
        steps: dict[str, Callable[[], Any]] = {
            "application.submitted": lambda: window.source.add("application.submitted", local_case, application()),
            "application.accepted": lambda: self.approve(local_case, "application.accepted", acceptance()),
            "decision.made": lambda: self.approve(local_case, "decision.made", decision()),
            "print.authorised": lambda: None,
            "print.claimed": lambda: window.room.ask(self.number(local_case)),
            "print.settled": lambda: window.sheets.confirm(self.number(local_case), stock_serial=serial, by="desk"),
            "case.handed_over": lambda: window.source.add("case.handed_over", local_case, hand_over()),
        }
        names = list(steps)
        for name in names[names.index(from_) : names.index(rung) + 1]:
            steps[name]()
            self.settle()
        _ = issuing
        return self.case_of(local_case)

    def approve(self, local_case: str, kind: str, record: dict[str, Any]) -> None:
        """The issuing county's own system says so."""
        self.issuing.source.add(kind, self.case_of(local_case), record)

    def case_of(self, local_case: str) -> str:
        """The window's case of a local number."""
        from adapters.store import tables as mine

        found = self.window.rows(select(mine.cases.c.case_no).where(mine.cases.c.local_case == local_case))
        return str(found[0][0])

    def number(self, local_case: str) -> str:
        """Its authorisation."""
        return f"{self.case_of(local_case)}-D1-1"

    def calm(self, rounds: int = 8, **each: float) -> None:
        """Let time pass and everything settle."""
        for _ in range(rounds):
            self.later(**(each or {"seconds": 31}))
            self.settle()

    def at(self) -> datetime:
        """Now."""
        return self.now
