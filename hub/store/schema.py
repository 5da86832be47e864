"""All tables of the hub together, for migrations: importing this module completes the MetaData."""

from hub.alerting import tables as alert_tables
from hub.around import tables as around_tables
from hub.joining import tables as joining_tables
from hub.observing import tables as observing_tables
from hub.outflow import tables as outflow_tables
from hub.pace import tables as pace_tables
from hub.people import tables as people_tables
from hub.record import tables as record_tables
from hub.registry import tables as registry_tables
from hub.store.metadata import METADATA
from hub.supervision import tables as supervision_tables

__all__ = [
    "METADATA",
    "alert_tables",
    "around_tables",
    "joining_tables",
    "observing_tables",
    "outflow_tables",
    "pace_tables",
    "people_tables",
    "record_tables",
    "registry_tables",
    "supervision_tables",
]
