"""The county's own experts: who stands behind a number is known here alone."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, LargeBinary, String, Table

from adapters.store.metadata import METADATA

NUMBER_CHARACTERS: Final = 30

experts: Final = Table(
    "experts",
    METADATA,
    Column("expert_no", String(NUMBER_CHARACTERS), primary_key=True),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("telephone_sealed", LargeBinary, nullable=False),
    Column("stated_sealed", LargeBinary, nullable=False),  # the record as it was said last, `Expert`
    Column("withdrawn", Boolean, nullable=False),
    Column("stated_by", String(100), nullable=False),  # an account
    Column("stated_at", BigInteger, nullable=False),
)
