"""Everything that hub, counties, local systems and printer hold after a run, read without writing.

Rows are plain dictionaries under the columns' own names, so that a rule reads like the table and a test can seed a
fault in one line. Left out are bodies, which are ciphertext and large: of a message's bytes only their digest is kept,
and of an envelope what the rules need. Nothing personal is read.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Table, create_engine, select
from sqlalchemy.engine import make_url

from adapters.printing.tables import PRINTS, SHEETS
from adapters.settings import CountySettings
from adapters.store import tables as county_tables
from deploy.demo.printer import DemoPrinter
from deploy.demo.world import WUQIAO, YONGJI
from hub.settings import HubSettings
from hub.store import tables as hub_tables
from schemas import codec
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from tests.chaos import localbooks
from tests.chaos.localbooks import LocalBooks

Row = dict[str, Any]
_BULKY: Final = ("body", "record_sealed", "headers", "grant")


@dataclass(slots=True, kw_only=True)
class HubBooks:
    """The hub's store. Of each message also `body_sha256` and `facts`; of each checkpoint its `record`."""

    journal: list[Row]
    checkpoints: list[Row]
    heads: list[Row]
    messages: list[Row]
    unsettled: list[Row]
    outgoing: list[Row]
    cases: list[Row]
    licenses: list[Row]
    authorisations: list[Row]
    grants: list[Row]
    stock: list[Row]
    dead_letters: list[Row]
    destinations: list[Row]


@dataclass(slots=True, kw_only=True)
class CountyBooks:
    """A county node's store. `receipt` of the outbox and `evidence` of the inbox are decoded (`decoded_receipt`)."""

    cases: list[Row]
    outbox: list[Row]
    inbox: list[Row]
    local_writes: list[Row]
    waiting_records: list[Row]
    prints: list[Row]
    stock: list[Row]
    checkpoints: list[Row]
    local: LocalBooks


@dataclass(slots=True, kw_only=True)
class Evidence:
    """All of it."""

    hub: HubBooks
    counties: dict[str, CountyBooks]
    sheets: list[Row] = field(default_factory=list)
    """The printer's own record of what came out (`deploy.demo.sheet`): `job_name`, `sha256`, `copies`."""


def gather(world_folder: Path) -> Evidence:
    """Read the demonstration's whole world once everything has settled; its processes may still be running."""
    with reading(HubSettings.load(world_folder / "hub").database) as tx:
        hub = hub_books(tx)
    local = {
        WUQIAO.code: localbooks.wuqiao(world_folder / "local" / "wuqiao.sqlite"),
        YONGJI.code: localbooks.yongji(world_folder / "local" / "yongji"),
    }
    counties = {}
    for code, books in local.items():
        with reading(CountySettings.load(world_folder / code).database) as tx:
            counties[code] = county_books(tx, books)
    return Evidence(hub=hub, counties=counties, sheets=DemoPrinter(world_folder / "printer", 0).sheets())


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """One snapshot of a database, on a connection that cannot write."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            if make_url(url).get_backend_name() == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only=ON")
                connection.exec_driver_sql("BEGIN")
            yield connection
    finally:
        engine.dispose()


def hub_books(tx: Connection) -> HubBooks:
    """The hub's store as it is now."""
    tables = hub_tables
    return HubBooks(
        journal=_rows(tx, tables.journal),
        checkpoints=[
            row | {"record": codec.decode(row["body"], "Checkpoint")}
            for row in _rows(tx, tables.checkpoints, bulky=True)
        ],
        heads=_rows(tx, tables.head),
        messages=_messages(tx),
        unsettled=_rows(tx, tables.unsettled),
        outgoing=_rows(tx, tables.outgoing),
        cases=_rows(tx, tables.cases),
        licenses=_rows(tx, tables.licenses),
        authorisations=_rows(tx, tables.print_authorisations),
        grants=_rows(tx, tables.grants),
        stock=_rows(tx, tables.stock_serials),
        dead_letters=_rows(tx, tables.dead_letters),
        destinations=_rows(tx, tables.destinations),
    )


def county_books(tx: Connection, local: LocalBooks) -> CountyBooks:
    """A county node's store as it is now, beside what its own system holds."""
    tables = county_tables
    return CountyBooks(
        cases=_rows(tx, tables.cases),
        outbox=[row | {"receipt": decoded_receipt(row["receipt"])} for row in _rows(tx, tables.outbox)],
        inbox=[row | {"evidence": decoded_receipt(row["evidence"])} for row in _rows(tx, tables.inbox)],
        local_writes=_rows(tx, tables.local_writes),
        waiting_records=_rows(tx, tables.waiting_records),
        prints=_rows(tx, PRINTS),
        stock=_rows(tx, SHEETS),
        checkpoints=_rows(tx, tables.checkpoints, bulky=True),
        local=local,
    )


def decoded_receipt(data: bytes | None) -> Row | None:
    """The one entry of a receipt, with its `checkpoint` as bytes and as `record`; None when there is none to read."""
    try:
        receipt = codec.decode(data or b"", "AdmissionReceipt")
        record = codec.decode(receipt["checkpoint"], "Checkpoint")
        (entry,) = receipt["entries"]
    except (YunhuobanError, ValueError):
        return None
    return {**entry, "checkpoint": receipt["checkpoint"], "record": record}


def _messages(tx: Connection) -> list[Row]:
    """One at a time, because each body may be large and none is kept."""
    found = []
    for row in tx.execute(select(hub_tables.messages).execution_options(yield_per=20)).mappings():
        kept = _plain(row)
        kept["body_sha256"] = hashlib.sha256(kept.pop("body")).digest()
        kept["evidence"] = decoded_receipt(row["evidence"])
        try:
            kept["facts"] = dict(Envelope.parse(row["body"]).facts or {})
        except YunhuobanError:
            kept["facts"] = {}  # refused, because it is no envelope
        found.append(kept)
    return found


def _rows(tx: Connection, table: Table, *, bulky: bool = False) -> list[Row]:
    columns = [each for each in table.columns if bulky or each.name not in _BULKY]
    return [_plain(row) for row in tx.execute(select(*columns).order_by(*table.primary_key.columns)).mappings()]


def _plain(row: Mapping[Any, Any]) -> Row:
    return {str(name): value for name, value in row.items()}
