"""The people's tables in the hub's store."""

from typing import Final

from hub.store.metadata import METADATA
from pages.people.tables import PeopleTables

TABLES: Final = PeopleTables.on(METADATA)
