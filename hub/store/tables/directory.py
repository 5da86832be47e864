"""What every county is told: directories and their entries, days off, revocation lists, and the hub's counters."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from hub.store.metadata import METADATA

directories: Final = Table(
    "directories",  # the record that leads from the serial before to each serial: what every county is sent
    METADATA,
    Column("serial", BigInteger, primary_key=True, autoincrement=False),
    Column("state_sha256", LargeBinary(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

directory_entries: Final = Table(
    "directory_entries",  # what the newest directory holds, and what earlier ones held
    METADATA,
    Column("key", String(80), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("owner", String(6), nullable=False),  # the county it is about, or empty
    Column("value", LargeBinary, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("serial", BigInteger, nullable=False),  # in which it was last changed or removed
    Column("removed", Boolean, nullable=False),
    Index("directory_entries_by_serial", "serial"),
    Index("directory_entries_by_owner", "kind", "owner"),
)

directory_told: Final = Table(
    "directory_told",  # up to which serial each county's inbox was given the directory
    METADATA,
    Column("division_code", String(6), primary_key=True),
    Column("serial", BigInteger, nullable=False),
)

calendar_overrides: Final = Table(
    "calendar_overrides",  # what was imported over the published calendar; the row of the highest serial counts
    METADATA,
    Column("serial", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),  # all rules together, as `schemas.workdays.override` encodes them
    Column("file_name", String(200), nullable=False),  # of the file whose import made this row
    Column("imported_at", BigInteger, nullable=False),
)

crls: Final = Table(
    "crls",  # every revocation list that a verdict may have relied on
    METADATA,
    Column("sha256", LargeBinary(32), primary_key=True),
    Column("der", LargeBinary, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("current", Boolean, nullable=False),
)

counters: Final = Table(
    "counters",  # `trust`: rises with every change of counties, certificates or CRLs; each batch reads it
    METADATA,
    Column("name", String(20), primary_key=True),
    Column("value", BigInteger, nullable=False),
)
