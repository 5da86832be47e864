"""The tables of the county's print ledger, on the county node's one `MetaData`.

One row per authorisation, and one row per sheet of blank stock, unique by kind, issuing body and serial for ever.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    TypeDecorator,
)

from adapters.printing.states import PrintState
from adapters.store.metadata import METADATA


class CopyKind(StrEnum):
    """正本 on A3, 副本 on A4."""

    ORIGINAL = "original"
    DUPLICATE = "duplicate"


class SpoilReason(StrEnum):
    """Why a sheet is void. NO_SHEET: nothing came out of the printer, as two persons say."""

    MISPRINT = "misprint"
    JAM = "jam"
    WRONG_STOCK = "wrong_stock"
    DAMAGED = "damaged"
    REVOKED = "revoked"
    NO_SHEET = "no_sheet"


class _Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, also in SQLite, which keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def _words(kind: type[StrEnum]) -> Enum:
    return Enum(kind, native_enum=False, length=16, values_callable=lambda members: [m.value for m in members])


PRINTS: Final = Table(
    "print_authorisations",
    METADATA,
    Column("authorisation_no", String(64), primary_key=True),
    Column("case_no", String(64), nullable=False, index=True),
    Column("issuing_county", String(6), nullable=False),
    Column("target_county", String(6), nullable=False),
    Column("hall", String(64), nullable=False),
    Column("license_identifier", String(128), nullable=False),
    Column("license_version", Integer, nullable=False),
    Column("copy_kind", _words(CopyKind), nullable=False),
    Column("copy_no", Integer, nullable=False),
    Column("stock_kind", String(64), nullable=False),
    Column("template", String(64), nullable=False),
    Column("sealed_sha256", String(64), nullable=False),
    Column("print_file_sha256", String(64), nullable=False),
    Column("expires_at", _Instant, nullable=False),
    Column("trial", Boolean, nullable=False),
    Column("supersedes", String(64), ForeignKey("print_authorisations.authorisation_no")),
    Column("state", _words(PrintState), nullable=False, index=True),
    Column("attempt", Integer, nullable=False, default=0),
    Column("claim_id", String(36), unique=True),
    Column("station", String(64)),
    Column("held_by", String(64)),  # the account that asked for it, or took it over at a change of shift
    Column("granted_at", _Instant),
    Column("start_by", _Instant),  # what the page shows; the station's monotonic clock decides
    Column("grant", LargeBinary),
    Column("job_name", String(64)),
    Column("job_uuid", String(64)),
    Column("started_at", _Instant),
    Column("sheet_out_at", _Instant),
    Column("revoked_at", _Instant),
    Column("outcome_at", _Instant),
    Column("stock_serial", String(64)),
    Column("spoil_reason", _words(SpoilReason)),
    Column("settled_by", String(64)),
    Column("witness", String(64)),
)
# One copy of one license is on the way to paper, or on paper, at most once, whatever was authorised.
Index(
    "print_authorisations_one_copy",
    PRINTS.c.license_identifier,
    PRINTS.c.license_version,
    PRINTS.c.copy_kind,
    PRINTS.c.copy_no,
    unique=True,
    sqlite_where=PRINTS.c.state.in_(["claimed", "printing", "unknown", "printed"]),
    postgresql_where=PRINTS.c.state.in_(["claimed", "printing", "unknown", "printed"]),
)

SHEETS: Final = Table(
    "print_stock_sheets",
    METADATA,
    Column("stock_kind", String(64), primary_key=True),
    Column("issuing_body", String(128), primary_key=True),
    Column("serial", String(64), primary_key=True),
    Column(
        "authorisation_no", String(64), ForeignKey("print_authorisations.authorisation_no"), nullable=False, unique=True
    ),
    Column("state", _words(PrintState), nullable=False),  # printed or spoiled
    Column("used_at", _Instant, nullable=False),
)
