"""The record's one table. It stands alone: nothing refers to it, and the database itself refuses to change a line.

The triggers keep honest programs and slips of the hand out. Whoever owns the database can drop them; what such a person
changes breaks the chain, and what they cut off at its end is missed by whoever has written down a later line's digest.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, LargeBinary, String, Table, event

from hub.store.metadata import METADATA

WHO_CHARACTERS: Final = 64
ADDRESS_CHARACTERS: Final = 45  # an IPv6 address at its longest
ABOUT_CHARACTERS: Final = 80
REASON_CHARACTERS: Final = 400

operator_record: Final = Table(
    "operator_record",
    METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("who", String(WHO_CHARACTERS), nullable=False),  # an account; `os:NAME` for a command; `desk`; `hub` itself
    Column("second", String(WHO_CHARACTERS), nullable=False),  # who signed beside them; empty: one person's act
    Column("address", String(ADDRESS_CHARACTERS), nullable=False),  # empty: at the machine itself
    Column("what", String(40), nullable=False),  # as `hub.record.acts.Act`
    Column("about", String(ABOUT_CHARACTERS), nullable=False),  # a county, a case, a letter, a batch: codes and numbers
    Column("reason", String(REASON_CHARACTERS), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),  # over this line and the digest of the one before
    Index("operator_record_by_who", "who", "number"),
    Index("operator_record_by_about", "about", "number"),
)

_SQLITE: Final = """
CREATE TRIGGER operator_record_no_{what} BEFORE {what} ON operator_record
BEGIN SELECT RAISE(ABORT, 'operator_record is only added to'); END
"""
_REFUSE: Final = """
CREATE OR REPLACE FUNCTION operator_record_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'operator_record is only added to' USING ERRCODE = '23514'; END $$
"""
_POSTGRESQL: Final = """
CREATE TRIGGER operator_record_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_record
FOR EACH STATEMENT EXECUTE FUNCTION operator_record_refuse()
"""
_TRIGGERS: Final = {
    "sqlite": (_SQLITE.format(what="UPDATE"), _SQLITE.format(what="DELETE")),
    "postgresql": (_REFUSE, _POSTGRESQL),
}


@event.listens_for(operator_record, "after_create")
def _only_added(_table: Table, connection: Connection, **_rest: object) -> None:
    for statement in _TRIGGERS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
