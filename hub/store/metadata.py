"""What the tables of the hub's store have in common; each stands with what it is about."""

from typing import Final

from sqlalchemy import BigInteger, Integer, MetaData

METADATA: Final = MetaData()
NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")
"""A key that is a number: with SQLite it must be an INTEGER to be the row's own place instead of an index beside it."""
