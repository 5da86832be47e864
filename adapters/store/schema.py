"""All tables of the county node together, for migrations: importing this module completes the MetaData."""

from adapters.attachments import tables as attachments_tables
from adapters.case import grouptables, resulttables
from adapters.hall.agents import tables as agents_tables
from adapters.hall.approving import tables as approving_tables
from adapters.hall.handwriting import tables as handwriting_tables
from adapters.hall.noticing import tables as noticing_tables
from adapters.hall.people import tables as people_tables
from adapters.hall.privacy import tables as privacy_tables
from adapters.hall.revealing import tables as revealing_tables
from adapters.hall.reviewing import tables as reviewing_tables
from adapters.hall.shifts import tables as shifts_tables
from adapters.hall.stating import experttables
from adapters.hall.stock import tables as stock_tables
from adapters.hall.taking import tables as taking_tables
from adapters.local.sources.webhook import tables as webhook_tables
from adapters.printing import tables as printing_tables
from adapters.store import tables
from adapters.store.metadata import METADATA

__all__ = [
    "METADATA",
    "agents_tables",
    "approving_tables",
    "attachments_tables",
    "experttables",
    "grouptables",
    "handwriting_tables",
    "noticing_tables",
    "people_tables",
    "printing_tables",
    "privacy_tables",
    "resulttables",
    "revealing_tables",
    "reviewing_tables",
    "shifts_tables",
    "stock_tables",
    "tables",
    "taking_tables",
    "webhook_tables",
]
