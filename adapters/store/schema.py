"""All tables of the county node together, for migrations: importing this module completes the MetaData."""

from adapters.handwriting import tables as handwriting_tables
from adapters.noticing import tables as noticing_tables
from adapters.printing import tables as printing_tables
from adapters.revealing import tables as revealing_tables
from adapters.sources.webhook import tables as webhook_tables
from adapters.store import tables
from adapters.store.metadata import METADATA
from adapters.taking import tables as taking_tables

__all__ = [
    "METADATA",
    "handwriting_tables",
    "noticing_tables",
    "printing_tables",
    "revealing_tables",
    "tables",
    "taking_tables",
    "webhook_tables",
]
