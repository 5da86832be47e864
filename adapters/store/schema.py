"""All tables of the county node together, for migrations: importing this module completes the MetaData."""

from adapters.printing import tables as printing_tables
from adapters.sources.webhook import tables as webhook_tables
from adapters.stock import tables as stock_tables
from adapters.store import tables
from adapters.store.metadata import METADATA

__all__ = ["METADATA", "printing_tables", "stock_tables", "tables", "webhook_tables"]
