"""Who belongs to the alliance: counties, their certificates and invitations, what they offer and have shown."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from hub.store.metadata import METADATA

counties: Final = Table(
    "counties",
    METADATA,
    Column("division_code", String(6), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("authority_name", String(200), nullable=False),
    Column("authority_code", String(18), nullable=False),
    Column("state", String(12), nullable=False),  # active | suspended | revoked
    Column("halls", String(1600), nullable=False),  # separated by spaces
    Column("contact", String(100), nullable=False),
    Column("telephone", String(40), nullable=False),
    Column("key_statement", LargeBinary, nullable=False),
    Column("key_statement_signature", String(1024), nullable=False),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("changed_in", BigInteger, nullable=False),  # value of the counter `trust` at the last change
    Index("counties_by_change", "changed_in"),
)

county_certificates: Final = Table(
    "county_certificates",
    METADATA,
    Column("thumbprint", LargeBinary(32), primary_key=True),
    Column("division_code", String(6), nullable=False),
    Column("role", String(30), nullable=False),  # county_signing | county_connection
    Column("der", LargeBinary, nullable=False),
    Column("enrolled_at", BigInteger, nullable=False),
    Index("county_certificates_by_county", "division_code"),
)

invitations: Final = Table(
    "invitations",  # a county's way from invitation to activation; the newest of a county counts
    METADATA,
    Column("invitation", String(32), primary_key=True),
    Column("county", String(6), nullable=False),
    Column("verifier", LargeBinary(32), nullable=False),  # derived one-way from the code, which is stored nowhere
    Column("fingerprint", String(100), nullable=False),  # of our root, as it was told with the code
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # as in `hub.joining.invitations.State`
    Column("request", LargeBinary, nullable=False),  # exact bytes; empty until one came that the code authenticates
    Column("request_sha256", LargeBinary(32), nullable=False),
    Column("key_digests", String(200), nullable=False),  # SHA-256 of the three keys asked for, separated by spaces
    Column("findings", String, nullable=False),  # JSON: what the machine checks found
    Column("history", String, nullable=False),  # JSON: what was done, when, by whom
    Column("certificates", LargeBinary, nullable=False),  # JSON: the chain for each of the three keys
    Column("challenge_sha256", LargeBinary(32), nullable=False),  # of the newest answer's
    Column("answer", LargeBinary, nullable=False),  # the newest answer's exact bytes; empty until there is one
    Index("invitations_by_county", "county", "made_at"),
)

renewals: Final = Table(
    "renewals",  # the newest renewal request that a county has posted, and the authority's answer to it
    METADATA,
    Column("county", String(6), primary_key=True),
    Column("request", LargeBinary, nullable=False),  # the file's exact bytes
    Column("request_sha256", LargeBinary(32), nullable=False),  # of its body, by which the answer names it
    Column("made_at", BigInteger, nullable=False),  # as the county signed it: the newest wins
    Column("came_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),  # of the certificate whose key signed it
    Column("answer", LargeBinary, nullable=False),  # the file's exact bytes; empty until there is one
    Column("answered_at", BigInteger),
)

offers: Final = Table(
    "offers",
    METADATA,
    Column("county", String(6), nullable=False),
    Column("service_item", String(31), nullable=False),
    Column("name", String(200), nullable=False),
    Column("greatest_state_age_seconds", BigInteger, nullable=False),
    UniqueConstraint("county", "service_item"),
)

conformance: Final = Table(
    "conformance",  # the newest result of `adapter test` of each county, as it signed it
    METADATA,
    Column("county", String(6), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("tested_at", BigInteger, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
)

trials: Final = Table(
    "trials",  # an item went the whole road between two counties, on trial: once is for ever
    METADATA,
    Column("window_county", String(6), nullable=False),
    Column("issuing_county", String(6), nullable=False),
    Column("service_item", String(31), nullable=False),
    Column("case_no", String(24), nullable=False),
    Column("done_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("window_county", "issuing_county", "service_item"),
)

catalogue: Final = Table(
    "catalogue",  # items, implementations, alliances: each the record that the directory carries, under the same key
    METADATA,
    Column("key", String(80), primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("changed_in", BigInteger, nullable=False),  # value of the counter `trust` at the last change or removal
    Column("removed", Boolean, nullable=False),
    Index("catalogue_by_change", "changed_in"),
)
