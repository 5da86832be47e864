"""Migrations of the county node's store, oldest first."""

from typing import Final

NEWEST: Final = "c0001"
"""The last of them: a store that has it is opened without what migrates."""
