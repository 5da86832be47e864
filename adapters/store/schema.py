"""All tables of the county node together, for migrations: importing this module completes the MetaData."""

from adapters.printing import tables as printing_tables
from adapters.sources.webhook import tables as webhook_tables
from adapters.store import tables
from adapters.store.metadata import METADATA
from adapters.taking import tables as taking_tables

__all__ = ["METADATA", "printing_tables", "tables", "taking_tables", "webhook_tables"]
