"""The number of a row as it comes in an address: one that no database holds is a malformed address, no breakdown."""

from typing import Annotated, Final

from fastapi import Path

MOST: Final = 2**31 - 1
"""The largest integer of a column of either database (PostgreSQL 15 documentation, 8.1: integer)."""
RowNumber = Annotated[int, Path(ge=0, le=MOST)]
