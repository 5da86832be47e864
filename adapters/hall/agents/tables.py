"""The county's own towns and villages."""

from typing import Final

from sqlalchemy import BigInteger, Column, String, Table

from adapters.store.metadata import METADATA

CODE_DIGITS: Final = 12
NAME_CHARACTERS: Final = 60

places: Final = Table(
    "places",
    METADATA,
    Column("code", String(CODE_DIGITS), primary_key=True),  # 统计用区划代码
    Column("name", String(NAME_CHARACTERS), nullable=False),
    Column("changed_by", String(100), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)
