"""The print ledger: licenses, authorisations, the hub's grants, and every serial of stock that was used."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from hub.store.metadata import METADATA

licenses: Final = Table(
    "licenses",  # the state as the issuing county last signed it
    METADATA,
    Column("license_identifier", String(128), primary_key=True),
    Column("identifier_sha256", LargeBinary(32), nullable=False, unique=True),  # by which a scanned license is found
    Column("case_no", String(24), nullable=False),
    Column("issuing_county", String(6), nullable=False),
    Column("state", String(20), nullable=False),
    Column("state_at", BigInteger, nullable=False),
)

license_scans: Final = Table(
    "license_scans",  # what a license's QR code leads to; the key to `face_sealed` stands on the paper and nowhere else
    METADATA,
    Column("locator", LargeBinary(32), primary_key=True),
    Column("license_sha256", LargeBinary(32), nullable=False),
    Column("county", String(6), nullable=False),  # who said so: it counts for the licenses of that county alone
    Column("face_sealed", LargeBinary, nullable=False),
    Column("said_at", BigInteger, nullable=False),
    UniqueConstraint("license_sha256", "county"),
)

print_authorisations: Final = Table(
    "print_authorisations",
    METADATA,
    Column("authorisation_no", String(40), primary_key=True),
    Column("case_no", String(24), nullable=False),
    Column("license_identifier", String(128), nullable=False),
    Column("issuing_county", String(6), nullable=False),
    Column("target_county", String(6), nullable=False),
    Column("target_hall", String(30), nullable=False),
    Column("copy_kind", String(10), nullable=False),
    Column("copy_no", Integer, nullable=False),
    Column("stock_kind", String(60), nullable=False),
    Column("trial", Boolean, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("replaces", String(40), unique=True),  # each is replaced once
    Column("authorised_at", BigInteger, nullable=False),
    Column("state", String(12), nullable=False),  # authorised | claimed | printed | spoiled | revoked | expired
    Column("revoked_at", BigInteger),  # by the issuing county; a grant that was given ends with the station's answer
    Column("settled_at", BigInteger),
    Column("stock_serial", String(40)),
    Index("print_authorisations_by_state", "state", "expires_at"),
    Index("print_authorisations_by_case", "case_no"),
)

grants: Final = Table(
    "grants",  # the unique row that lets one station start one authorisation, for ever
    METADATA,
    Column("authorisation_no", String(40), primary_key=True),
    Column("claim_id", String(40), nullable=False, unique=True),
    Column("county", String(6), nullable=False),
    Column("station", String(30), nullable=False),
    Column("granted_at", BigInteger, nullable=False),
)

stock_serials: Final = Table(
    "stock_serials",  # a sheet of stock is used once, for ever
    METADATA,
    Column("stock_kind", String(60), nullable=False),
    Column("stock_serial", String(40), nullable=False),
    Column("county", String(6), nullable=False),
    Column("authorisation_no", String(40), nullable=False),
    Column("result", String(10), nullable=False),
    Column("settled_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("stock_kind", "stock_serial"),
)
