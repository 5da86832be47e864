"""All tables of the hub together, for migrations: importing this module completes the MetaData."""

from hub.people import tables as people_tables
from hub.store.tables import METADATA
from hub.supervision import tables as supervision_tables

__all__ = ["METADATA", "people_tables", "supervision_tables"]
