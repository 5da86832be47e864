"""All tables of the hub together, for migrations: importing this module completes the MetaData."""

from hub.observing import tables as observing_tables
from hub.people import tables as people_tables
from hub.store.tables import METADATA

__all__ = ["METADATA", "observing_tables", "people_tables"]
