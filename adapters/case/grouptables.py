"""The groups of cases that this county has to do with, and their parts: numbers, codes and times, and nothing personal.

A group belongs to the window county that opened it; other counties number theirs by themselves. What stands here says
which cases belong together and what still waits; where each case stands, its own row says.
"""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, PrimaryKeyConstraint, String, Table

from adapters.store.metadata import METADATA

groups: Final = Table(
    "case_groups",
    METADATA,
    Column("window_county", String(6), nullable=False),
    Column("number", String(40), nullable=False),
    Column("kind", String(10), nullable=False),  # schemas' GroupKind
    Column("parts", Integer, nullable=False),
    Column("all_or_none", Boolean, nullable=False),
    Column("bundle", String(30), nullable=False),  # empty of what is no 一件事
    Column("bundle_county", String(6), nullable=False),
    Column("form_id", String(36)),  # the draft that its parts are made of, where it was opened at a page
    Column("account", String(100), nullable=False),  # who opened it there
    Column("opened_at", BigInteger, nullable=False),
    Column("pressed_at", BigInteger),  # empty while its form is being typed
    Column("over_at", BigInteger),  # when nothing of it waited for anything any more, or a person closed it
    Column("closed_by", String(100), nullable=False),
    PrimaryKeyConstraint("window_county", "number"),
    Index("case_groups_open", "window_county", "over_at"),
    Index("case_groups_by_form", "form_id"),
)

group_parts: Final = Table(
    "case_group_parts",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("window_county", String(6), nullable=False),
    Column("number", String(40), nullable=False),
    Column("part", Integer, nullable=False),
    Column("county", String(6), nullable=False),
    Column("service_item", String(31), nullable=False),
    Column("after", String(100), nullable=False),  # parts that have to be granted before, with commas between
    Column("draft_id", String(36)),  # what it is sent from
    Column("case_no", String(24)),  # empty until it was sent
    Column("given_up", Boolean, nullable=False),  # it will never be sent
    Index("case_group_parts_by_group", "window_county", "number", "part"),
    Index("case_group_parts_by_case", "case_no"),
)
