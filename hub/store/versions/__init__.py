"""Migrations of the hub's store, oldest first."""

from typing import Final

NEWEST: Final = "h0001"
"""The last of them: a store that has it is opened without what migrates, a tenth of the start of each process."""
