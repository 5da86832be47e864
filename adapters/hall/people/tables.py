"""The people's tables in the county's store."""

from typing import Final

from adapters.store.metadata import METADATA
from pages.people.tables import PeopleTables

TABLES: Final = PeopleTables.on(METADATA)
