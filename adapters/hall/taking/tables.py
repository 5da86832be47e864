"""Applications that a clerk takes, from the first keystroke, and the scans that go with them.

A supplement is typed and kept as an application is, under the case that it belongs to. What was typed and scans are
personal data: sealed, each bound to its row; a file's name is not kept.
"""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from adapters.store.metadata import METADATA

ID_CHARACTERS: Final = 36
ACCOUNT_CHARACTERS: Final = 100
WINDOW_CHARACTERS: Final = 30

takings: Final = Table(
    "takings",
    METADATA,
    Column("draft_id", String(ID_CHARACTERS), primary_key=True),
    Column("account", String(ACCOUNT_CHARACTERS), nullable=False),  # whose it is
    Column("window_no", String(WINDOW_CHARACTERS), nullable=False),
    Column("issuing_county", String(6), nullable=False),
    Column("service_item", String(31), nullable=False),
    Column("trial", Boolean, nullable=False),
    Column("typed_sealed", LargeBinary, nullable=False),
    Column("taken", Boolean, nullable=False),  # pressed, and not opened again for correction since
    Column("attempt", Integer, nullable=False),  # how often it was opened for typing: a press names the one it ends
    Column("case_no", String(24)),  # of the last press; of a supplement, from its beginning
    Column("message_id", String(36)),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("taken_at", BigInteger),
    Column("supplement_of", String(ID_CHARACTERS)),  # the application whose supplement it is
    Column("wiped_at", BigInteger),  # when its text and scans were wiped
    Index("takings_by_account", "account", "taken", "changed_at"),
    Index("takings_by_case", "case_no"),
    Index("takings_by_supplement", "supplement_of"),
)

scans: Final = Table(
    "taking_scans",
    METADATA,
    Column("scan_id", String(ID_CHARACTERS), primary_key=True),
    Column("draft_id", String(ID_CHARACTERS), nullable=False),
    Column("material", String(40), nullable=False),  # the key of the material that it shows
    Column("kind", String(4), nullable=False),  # pages.uploads.kinds.Kind
    Column("pages", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),  # of what was handed in
    Column("key_sealed", LargeBinary, nullable=False),  # of its parts (adapters.attachments), which have its id
    Column("ciphertext_bytes", Integer, nullable=False),
    Column("ciphertext_sha256", LargeBinary(32), nullable=False),
    Column("added_by", String(ACCOUNT_CHARACTERS), nullable=False),
    Column("added_at", BigInteger, nullable=False),
    Index("taking_scans_by_draft", "draft_id", "added_at"),
    Index("taking_scans_by_ciphertext", "ciphertext_sha256"),
)

wipes: Final = Table(
    "taking_wipes",  # what was wiped after its term: append-only but for `cleared_at`, and nothing of a person
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("wiped_at", BigInteger, nullable=False),
    Column("why", String(10), nullable=False),
    Column("applications", Integer, nullable=False),
    Column("scans", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),  # over the digests of the sealed bytes
    Column("cleared_at", BigInteger),  # when they had left the store's files
)
