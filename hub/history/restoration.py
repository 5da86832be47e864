"""What a restored hub learns again from its counties, and what it does not do before it has.

A county reports (`epoch.reported`) the admission receipts it holds for verdicts beyond the restored journal, the grants
of its print stations, and the highest checkpoint it saw. Each is proven by this hub's own earlier signature, so that
nothing receipted is lost and nothing is believed that the hub had not said. What a receipt proves is not judged again:
the message counts as admitted at its first admission time, whatever has expired or been renewed since.

While any county is awaited no print is granted, and what lacks an earlier step of its case waits for it instead of
being refused. Pure decisions over rows; nothing here is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, func, insert, select, update

from certs.keys import Certificate
from hub.history import epochs, journal
from hub.history.ownwords import REPORT_WRONG, OwnWords
from hub.instants import from_millis, to_millis
from hub.intake import refusals
from hub.intake.inspection import Inspected
from hub.store import tables
from schemas import codec, topology
from schemas.envelope import Envelope
from schemas.errors import Code, YunhuobanError, declare
from schemas.grants import answer_id
from schemas.leaf import ADMITTED
from schemas.tree import verify_consistency

OTHER_HISTORY: Final = declare(
    "E-JRNL-055",
    "县出示的检查点与恢复的账本不是同一部账本：同一大小有不同的根。",
    "请立即停止使用此中枢，保留两个检查点，并联系监督方查明哪一部被改动。",
)
NOT_AWAITED: Final = declare("E-BACKUP-012", "恢复后没有等待这个县的报告。", "请用 hub restore report 核对县代码。")
TWO_PERSONS: Final = declare(
    "E-BACKUP-013",
    "搁置一个县需要两个不同的人和一个原因。",
    "请两人共同核对该县打印站的情况后，用两个 --by 和 --reason 登记。",
)

# What is refused in an ordinary hub, and after a restore may only mean that the earlier step was not offered again yet.
EARLIER_STEP_MISSING: Final = frozenset(
    {
        "E-ADM-102",  # out of turn
        refusals.CASE_UNKNOWN.code,
        refusals.PREDECESSOR_MISSING.code,
        refusals.LICENSE_NOT_VALID.code,  # of another case, whose issuing county offers it again
        refusals.AUTHORISATION_UNKNOWN.code,
        refusals.AUTHORISATION_WRONG.code,
        refusals.REPLACES_WRONG.code,
        refusals.SUPERSEDES_WRONG.code,  # the destination's refusal of the first form
        refusals.OUTCOME_WRONG.code,
    }
)
_OFFERS_COME_WITHIN: Final = timedelta(hours=1)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Recovered:
    """An earlier verdict that a returned receipt proves."""

    verdict: str
    admitted_at: datetime
    thumbprint: bytes


class Restoration:
    """What one batch's transaction asks; each question is put to the store once, and none before it arises."""

    def __init__(self, tx: Connection, certificates: Sequence[Certificate]) -> None:
        """`certificates` are the hub's present checkpoint and signing certificates; older ones are looked up."""
        self._tx = tx
        self._ours = OwnWords(tx, certificates)
        self._open: bool | None = None
        self._any: bool | None = None

    @property
    def open(self) -> bool:
        """Whether a county's report is still awaited: no print is granted until it came or was set aside."""
        if self._open is None:
            self._open = is_open(self._tx)
        return self._open

    def patient(self, now: datetime) -> bool:
        """Whether a missing earlier step may still be offered again.

        A report is awaited, or what the reports of the last hour prove is not all here.
        """
        if self.open:
            return True
        table = tables.recovered
        left = (table.c.readmitted.is_(False), table.c.verdict == ADMITTED)
        recent = table.c.returned_at > to_millis(now - _OFFERS_COME_WITHIN)
        return self._tx.execute(select(table.c.source).where(*left, recent).limit(1)).first() is not None

    def recovered(self, seen: Inspected) -> Recovered | None:
        """The proven earlier verdict on exactly these bytes and this signature, not yet entered again."""
        table = tables.recovered
        if self._any is None:
            some = select(table.c.source).where(table.c.readmitted.is_(False)).limit(1)
            self._any = self._tx.execute(some).first() is not None
        if not self._any:
            return None
        row = self._tx.execute(select(table).where(*_same(seen))).one_or_none()
        if row is None or row.signature != seen.signature:
            return None
        entry = codec.decode(row.receipt, "AdmissionReceipt")["entries"][0]
        return Recovered(row.verdict, from_millis(row.admitted_at), entry["signer_thumbprint"])

    def readmitted(self, seen: Inspected) -> None:
        """The message stands in the new journal."""
        self._tx.execute(update(tables.recovered).where(*_same(seen)).values(readmitted=True))

    def take(self, envelope: Envelope, now: datetime, *, recovered: bool) -> None:
        """Enter one part of a county's report. Raises E-CODEC-…, E-JRNL-054 or E-JRNL-055; then nothing is entered.

        `recovered`: it answered an earlier restore that this store has forgotten; what it proves stands all the same.
        """
        record = codec.decode(envelope.data, "EpochReport")
        table = tables.restore_counties
        here = (table.c.epoch == record["epoch"], table.c.county == envelope.source)
        row = self._tx.execute(select(table).where(*here)).one_or_none()
        if (row is None and not recovered) or not 0 <= record["part"] < record["parts"]:
            raise YunhuobanError(REPORT_WRONG, what="epoch", place="epoch", found=str(record["epoch"]))
        receipts = [self._ours.receipt(envelope.source, each) for each in record["receipts"]]
        grants = [self._ours.grant(envelope.source, each) for each in record["grants"]]
        self._checkpoint(envelope.source, record)
        for each in receipts:
            self._keep_receipt(each, now)
        for message_id, grant, held in grants:
            self._keep_grant(message_id, grant, held, now)
        self._any = None
        if row is not None:
            self._count(row, here, record, now)

    def _count(self, row: Any, here: Sequence[Any], record: Mapping[str, Any], now: datetime) -> None:
        """One part more; with the last one the county has reported."""
        table = tables.restore_counties
        parts = {int(each) for each in row.parts.split()} | {record["part"]}
        done = row.state == "reported" or len(parts) == record["parts"]
        values: dict[str, Any] = {"parts": " ".join(map(str, sorted(parts)))}
        if done and row.state != "reported":
            values |= {"state": "reported", "settled_at": to_millis(now)}
            _log.info("restore.reported", county=row.county)
        self._tx.execute(update(table).where(*here).values(**values))
        self._open = None

    def _keep_receipt(self, row: Mapping[str, Any], now: datetime) -> None:
        """The same receipt once more changes nothing; a message that the restored journal holds needs none."""
        table, messages = tables.recovered, tables.messages
        key = (row["source"], row["message_id"], row["envelope_sha256"])
        same = (table.c.source == key[0], table.c.message_id == key[1], table.c.envelope_sha256 == key[2])
        if self._tx.execute(select(table.c.source).where(*same)).first() is not None:
            return
        held = select(messages.c.source).where(
            messages.c.source == key[0],
            messages.c.message_id == key[1],
            messages.c.envelope_sha256 == key[2],
            messages.c.state != "parked",
        )
        known = self._tx.execute(held).first() is not None
        self._tx.execute(insert(table).values(**row, returned_at=to_millis(now), readmitted=known))

    def _keep_grant(self, message_id: str, grant: Mapping[str, Any], item: Mapping[str, Any], now: datetime) -> None:
        """The ledger knows the grant again, and the proof of its case has the hub's answer again."""
        outgoing = tables.outgoing
        answer = {"body": item["grant"], "signature": item["signature"], "done": True}
        here = outgoing.c.message_id == message_id
        if self._tx.execute(update(outgoing).where(here).values(**answer)).rowcount == 0:
            self._tx.execute(
                insert(outgoing).values(
                    message_id=message_id,
                    destination=grant["county"],
                    queue=topology.county_express(grant["county"]),
                    type="print.granted",
                    made_at=to_millis(grant["granted_at"]),
                    **answer,
                )
            )
        if not grant["granted"]:
            return
        grants, number = tables.grants, grant["authorisation_no"]
        held = self._tx.execute(select(grants).where(grants.c.authorisation_no == number)).one_or_none()
        if held is None:
            self._tx.execute(
                insert(grants).values(
                    authorisation_no=number,
                    claim_id=grant["claim_id"],
                    county=grant["county"],
                    station=grant["station"],
                    granted_at=to_millis(grant["granted_at"]),
                )
            )
            table = tables.print_authorisations
            self._tx.execute(
                update(table)
                .where(table.c.authorisation_no == number, table.c.state.in_(("authorised", "revoked")))
                .values(state="claimed", settled_at=None)  # what was taken back in ignorance of it ends with its word
            )
        elif held.claim_id != grant["claim_id"]:
            # Possible only when two persons set the county aside and were wrong: a person has to account for it.
            _log.error("restore.two_grants", authorisation_no=number, county=grant["county"], at=now.isoformat())

    def _checkpoint(self, county: str, record: Mapping[str, Any]) -> None:
        """Keep the highest checkpoint anybody shows. Raises E-JRNL-055 when it is of another history than ours."""
        if not record["checkpoint"]:
            return
        shown = self._ours.checkpoint(record["checkpoint"], record["checkpoint_signature"])
        statement = epochs.newest(self._tx)
        if statement is None or shown["epoch"] >= statement.epoch:
            return
        self._same_history(shown, statement.record)
        table = tables.shown_checkpoints
        before = self._tx.execute(select(table).where(table.c.epoch == statement.epoch)).one_or_none()
        place = shown["epoch"], shown["size"]
        restored = statement.record["restored_checkpoint"]
        floor = codec.decode(restored, "Checkpoint") if restored else {"epoch": 0, "size": 0}
        if place <= ((before.of_epoch, before.size) if before else (floor["epoch"], floor["size"])):
            return
        values = {
            "of_epoch": shown["epoch"],
            "size": shown["size"],
            "body": record["checkpoint"],
            "signature": record["checkpoint_signature"],
            "county": county,
        }
        if before is None:
            self._tx.execute(insert(table).values(epoch=statement.epoch, **values))
        else:
            self._tx.execute(update(table).where(table.c.epoch == statement.epoch).values(**values))

    def _same_history(self, shown: Mapping[str, Any], opened: Mapping[str, Any]) -> None:
        """A checkpoint of the restored epoch, not beyond the restored size, must be of the restored tree."""
        if not opened["restored_checkpoint"]:
            return
        restored = codec.decode(opened["restored_checkpoint"], "Checkpoint")
        if shown["epoch"] != restored["epoch"] or not 0 < shown["size"] <= restored["size"]:
            return
        proof = journal.prove_consistency(self._tx, shown["size"], restored["size"])
        if not verify_consistency(shown["size"], shown["root"], restored["size"], restored["root"], proof):
            raise YunhuobanError(OTHER_HISTORY, place="checkpoint", found=f"{shown['epoch']}/{shown['size']}")


def is_open(tx: Connection) -> bool:
    """Whether any county's report is awaited."""
    table = tables.restore_counties
    return tx.execute(select(table.c.county).where(table.c.state == "awaited").limit(1)).first() is not None


def awaited(tx: Connection) -> int:
    """How many counties have neither reported nor been set aside."""
    table = tables.restore_counties
    return int(tx.execute(select(func.count()).select_from(table).where(table.c.state == "awaited")).scalar_one())


def answered(tx: Connection, county: str, claim_message_id: str) -> bool:
    """Whether a claim has its answer already: the grant that a station gave back."""
    name = answer_id(county, claim_message_id)
    found = tx.execute(select(tables.outgoing.c.message_id).where(tables.outgoing.c.message_id == name))
    return found.first() is not None


def set_aside(tx: Connection, county: str, *, by: Sequence[str], reason: str, now: datetime) -> None:
    """Two persons take it on themselves that this county's stations hold no grant. Raises E-BACKUP-012 or -013."""
    names = [" ".join(each.split()) for each in by]
    if len(names) != 2 or not all(names) or names[0] == names[1] or not reason.strip():
        raise YunhuobanError(TWO_PERSONS, place=county)
    table = tables.restore_counties
    done = tx.execute(
        update(table)
        .where(table.c.county == county, table.c.state == "awaited")
        .values(
            state="set_aside", settled_at=to_millis(now), set_aside_by=names[0], witness=names[1], reason=reason.strip()
        )
    )
    if done.rowcount == 0:
        raise YunhuobanError(NOT_AWAITED, place=county)
    _log.warning("restore.set_aside", county=county)


def unsettled(tx: Connection) -> int:
    """How many proven admissions are not in the new journal yet."""
    table = tables.recovered
    open_ones = (table.c.readmitted.is_(False), table.c.verdict == ADMITTED)
    found = tx.execute(select(func.count()).select_from(table).where(*open_ones))
    return int(found.scalar_one())


def _same(seen: Inspected) -> tuple[Any, ...]:
    table = tables.recovered.c
    return (
        table.source == seen.source,
        table.message_id == seen.message_id,
        table.envelope_sha256 == seen.sha256,
    )


def refused_before(found: Recovered) -> Code | None:
    """The code for a message whose refusal a county gave back: refusals are final, in every epoch."""
    return None if found.verdict == ADMITTED else refusals.REFUSED_BEFORE
