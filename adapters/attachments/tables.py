"""Sealed parts of files, and what other counties announced. A part is ciphertext under its file's own random key.

The key lies sealed under the county's storage key beside what the file belongs to; when that is wiped, so is the file.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table

from adapters.store.metadata import METADATA

ID_CHARACTERS: Final = 36

parts: Final = Table(
    "attachment_parts",
    METADATA,
    Column("file_id", String(ID_CHARACTERS), nullable=False),
    Column("part", Integer, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),  # of the ciphertext
    Column("ciphertext", LargeBinary, nullable=False),
    PrimaryKeyConstraint("file_id", "part"),
)

received: Final = Table(
    "attachments_received",  # what an applied message of another county announced
    METADATA,
    Column("file_id", String(ID_CHARACTERS), primary_key=True),
    Column("case_no", String(24), nullable=False),
    Column("source", String(6), nullable=False),
    Column("message_id", String(36), nullable=False),
    Column("attachment", Integer, nullable=False),  # its place among the message's attachments
    Column("material", Integer, nullable=False),  # its place among the message's materials
    Column("about_sealed", LargeBinary, nullable=False),  # name, media type, digests and key (`receiving`)
    Column("size_bytes", BigInteger, nullable=False),  # of the file
    Column("ciphertext_bytes", BigInteger, nullable=False),
    Column("here_bytes", BigInteger, nullable=False),  # of the ciphertext, as far as it has come
    Column("state", String(10), nullable=False),  # coming | whole | failed
    Column("code", String(20)),  # why it failed
    Column("announced_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Index("attachments_received_by_case", "case_no", "announced_at"),
    Index("attachments_received_by_message", "source", "message_id", "attachment"),
    Index("attachments_received_by_state", "state", "announced_at"),
)
