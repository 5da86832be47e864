"""Every table of the hub in one place: the journal is evidence, and a reviewer must see its shape.

Times are integers, milliseconds since 1970 in UTC; digests are 32 raw bytes. Nothing here names an applicant: envelope
bytes are ciphertext to the hub, and `facts` hold no personal field (a lint in the contract's tests says so). Who is
named is whom a county names as its contact, and who decided something at the hub.

What is written for every message is kept small: few indexes, those for exceptions only partial, and no row with an
envelope in it is written a second time just because its parcels went out (`checkpoints.effects_done`, `unsettled`).
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    text,
)

METADATA: Final = MetaData()
_NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")
"""A key that is a number: with SQLite it must be an INTEGER to be the row's own place instead of an index beside it."""

# --- the journal -----------------------------------------------------------------------------------------------------

journal: Final = Table(
    "journal",
    METADATA,
    Column("leaf_index", _NUMBER, primary_key=True, autoincrement=False),
    Column("leaf_hash", LargeBinary(32), nullable=False),
    Column("source", String(10), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("envelope_sha256", LargeBinary(32), nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("signer_thumbprint", LargeBinary(32), nullable=False),
    Column("admitted_at", BigInteger, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("detail_sha256", LargeBinary(32), nullable=False),
    Index(
        "journal_refusals",
        "leaf_index",
        sqlite_where=text("verdict <> 'admitted'"),
        postgresql_where=text("verdict <> 'admitted'"),
    ),
)

tree_nodes: Final = Table(
    "tree_nodes",  # complete subtrees of level 1 and up; level 0 is journal.leaf_hash
    METADATA,
    Column("level", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    PrimaryKeyConstraint("level", "position"),
    sqlite_with_rowid=False,
)

head: Final = Table(
    "head",  # one row; a batch locks it last
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)

checkpoints: Final = Table(
    "checkpoints",  # one per batch
    METADATA,
    Column("size", _NUMBER, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("root", LargeBinary(32), nullable=False),  # as in the body: what counties state is compared with it
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("effects_done", Boolean, nullable=False),  # of the whole batch, those apart that stand in `unsettled`
    Index(
        "checkpoints_undone",
        "made_at",
        sqlite_where=text("effects_done = 0"),
        postgresql_where=text("NOT effects_done"),
    ),
)

publications: Final = Table(
    "publications",  # sizes at which the journal was shown to the counties; up to the last, each has had its proofs
    METADATA,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("published_at", BigInteger, nullable=False),
)

witnesses: Final = Table(
    "witnesses",  # what each county was shown last, and which sizes it still asks to have proven
    METADATA,
    Column("county", String(6), primary_key=True),
    Column("size", BigInteger, nullable=False),  # 0: nothing yet
    Column("unproven", String(1400), nullable=False),  # sizes, separated by spaces
)

countersignatures: Final = Table(
    "countersignatures",  # counties' signatures over our checkpoints, each out of an admitted message
    METADATA,
    Column("size", BigInteger, nullable=False),
    Column("county", String(6), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("thumbprint", LargeBinary(32), nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("message_id", String(36), nullable=False),
    Column("signed_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("size", "county"),
    Index("countersignatures_by_county", "county", "epoch", "size"),
)

# --- messages and what is still to be done because of them -----------------------------------------------------------

messages: Final = Table(
    "messages",
    METADATA,
    Column("source", String(6), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("envelope_sha256", LargeBinary(32), nullable=False),
    Column("state", String(10), nullable=False),  # parked | admitted | refused
    Column("type", String(40), nullable=False),
    Column("destination", String(6), nullable=False),
    Column("case_no", String(24), nullable=False),
    Column("prev", String(36)),
    Column("in_reply_to", String(36)),
    Column("sent_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("admitted_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("evidence", LargeBinary),  # the encoded AdmissionReceipt of this message alone
    Column("verdict", String(20), nullable=False),
    Column("batch", BigInteger),  # size of the checkpoint under which it was admitted or refused; none while parked
    Column("received_at", BigInteger),  # when the destination's signed `message.received` was admitted
    PrimaryKeyConstraint("source", "message_id"),
    Index("messages_by_case", "case_no", "admitted_at"),
    Index("messages_waiting", "destination", "received_at", "admitted_at"),
    Index("messages_by_batch", "batch"),
    Index(
        "messages_parked",
        "admitted_at",
        sqlite_where=text("state = 'parked'"),
        postgresql_where=text("state = 'parked'"),
    ),
)

unsettled: Final = Table(
    "unsettled",  # admitted or refused, and not every parcel that follows from it was confirmed with its batch
    METADATA,
    Column("source", String(10), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("envelope_sha256", LargeBinary(32), nullable=False),
    Column("since_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("source", "message_id", "envelope_sha256"),
)

outgoing: Final = Table(
    "outgoing",  # what the hub itself says, as exact bytes, under ids derived from the cause
    METADATA,
    Column("message_id", String(36), primary_key=True),
    Column("destination", String(6), nullable=False),
    Column("queue", String(60), nullable=False),
    Column("type", String(40), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("done", Boolean, nullable=False),
    Index("outgoing_undone", "done", "made_at"),
)

cases: Final = Table(
    "cases",
    METADATA,
    Column("case_no", String(24), primary_key=True),
    Column("window_county", String(6), nullable=False),
    Column("issuing_county", String(6), nullable=False),
    Column("service_item", String(31), nullable=False),
    Column("state", String(20), nullable=False),
    Column("trial", Boolean, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Index("cases_by_state", "state", "changed_at", "case_no"),
    # By what people search (`hub.views.casesearch`): written once, when a case is opened.
    Index("cases_by_opening", "opened_at", "case_no"),
    Index("cases_by_item", "service_item", "opened_at", "case_no"),
    Index("cases_by_window", "window_county", "opened_at", "case_no"),
    Index("cases_by_issuing", "issuing_county", "opened_at", "case_no"),
    Index("cases_by_pair", "window_county", "issuing_county", "opened_at", "case_no"),
    # The beginning of a number, byte by byte whatever the server's language is; on SQLite the key does it.
    Index("cases_by_number", text('case_no COLLATE "C"')).ddl_if(dialect="postgresql"),
)

# --- print ledger ----------------------------------------------------------------------------------------------------

licenses: Final = Table(
    "licenses",  # the state as the issuing county last signed it
    METADATA,
    Column("license_identifier", String(128), primary_key=True),
    Column("identifier_sha256", LargeBinary(32), nullable=False, unique=True),  # by which a scanned license is found
    Column("case_no", String(24), nullable=False),
    Column("issuing_county", String(6), nullable=False),
    Column("state", String(20), nullable=False),
    Column("state_at", BigInteger, nullable=False),
)

license_scans: Final = Table(
    "license_scans",  # what a license's QR code leads to; the key to `face_sealed` stands on the paper and nowhere else
    METADATA,
    Column("locator", LargeBinary(32), primary_key=True),
    Column("license_sha256", LargeBinary(32), nullable=False),
    Column("county", String(6), nullable=False),  # who said so: it counts for the licenses of that county alone
    Column("face_sealed", LargeBinary, nullable=False),
    Column("said_at", BigInteger, nullable=False),
    UniqueConstraint("license_sha256", "county"),
)

print_authorisations: Final = Table(
    "print_authorisations",
    METADATA,
    Column("authorisation_no", String(40), primary_key=True),
    Column("case_no", String(24), nullable=False),
    Column("license_identifier", String(128), nullable=False),
    Column("issuing_county", String(6), nullable=False),
    Column("target_county", String(6), nullable=False),
    Column("target_hall", String(30), nullable=False),
    Column("copy_kind", String(10), nullable=False),
    Column("copy_no", Integer, nullable=False),
    Column("stock_kind", String(60), nullable=False),
    Column("trial", Boolean, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("replaces", String(40), unique=True),  # each is replaced once
    Column("authorised_at", BigInteger, nullable=False),
    Column("state", String(12), nullable=False),  # authorised | claimed | printed | spoiled | revoked | expired
    Column("revoked_at", BigInteger),  # by the issuing county; a grant that was given ends with the station's answer
    Column("settled_at", BigInteger),
    Column("stock_serial", String(40)),
    Index("print_authorisations_by_state", "state", "expires_at"),
    Index("print_authorisations_by_case", "case_no"),
)

grants: Final = Table(
    "grants",  # the unique row that lets one station start one authorisation, for ever
    METADATA,
    Column("authorisation_no", String(40), primary_key=True),
    Column("claim_id", String(40), nullable=False, unique=True),
    Column("county", String(6), nullable=False),
    Column("station", String(30), nullable=False),
    Column("granted_at", BigInteger, nullable=False),
)

stock_serials: Final = Table(
    "stock_serials",  # a sheet of stock is used once, for ever
    METADATA,
    Column("stock_kind", String(60), nullable=False),
    Column("stock_serial", String(40), nullable=False),
    Column("county", String(6), nullable=False),
    Column("authorisation_no", String(40), nullable=False),
    Column("result", String(10), nullable=False),
    Column("settled_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("stock_kind", "stock_serial"),
)

# --- counties and the directory --------------------------------------------------------------------------------------

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

directories: Final = Table(
    "directories",  # the record that leads from the serial before to each serial: what every county is sent
    METADATA,
    Column("serial", BigInteger, primary_key=True, autoincrement=False),
    Column("state_sha256", LargeBinary(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

directory_entries: Final = Table(
    "directory_entries",  # what the newest directory holds, and what earlier ones held
    METADATA,
    Column("key", String(80), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("owner", String(6), nullable=False),  # the county it is about, or empty
    Column("value", LargeBinary, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("serial", BigInteger, nullable=False),  # in which it was last changed or removed
    Column("removed", Boolean, nullable=False),
    Index("directory_entries_by_serial", "serial"),
    Index("directory_entries_by_owner", "kind", "owner"),
)

directory_told: Final = Table(
    "directory_told",  # up to which serial each county's inbox was given the directory
    METADATA,
    Column("division_code", String(6), primary_key=True),
    Column("serial", BigInteger, nullable=False),
)

calendar_overrides: Final = Table(
    "calendar_overrides",  # what was imported over the published calendar; the row of the highest serial counts
    METADATA,
    Column("serial", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),  # all rules together, as `schemas.workdays.override` encodes them
    Column("file_name", String(200), nullable=False),  # of the file whose import made this row
    Column("imported_at", BigInteger, nullable=False),
)

crls: Final = Table(
    "crls",  # every revocation list that a verdict may have relied on
    METADATA,
    Column("sha256", LargeBinary(32), primary_key=True),
    Column("der", LargeBinary, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("current", Boolean, nullable=False),
)

counters: Final = Table(
    "counters",  # `trust`: rises with every change of counties, certificates or CRLs; each batch reads it
    METADATA,
    Column("name", String(20), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# --- after a restore -------------------------------------------------------------------------------------------------

epochs: Final = Table(
    "epochs",  # every statement that a restore opened a new epoch of the journal, and what came of it
    METADATA,
    Column("epoch", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("epoch", "revision"),
)

restore_counties: Final = Table(
    "restore_counties",  # who has to report what it holds before prints are granted again
    METADATA,
    Column("epoch", Integer, nullable=False),
    Column("county", String(6), nullable=False),
    Column("state", String(10), nullable=False),  # awaited | reported | set_aside
    Column("parts", String(4000), nullable=False),  # numbers of the parts that came, separated by spaces
    Column("settled_at", BigInteger),
    Column("set_aside_by", String(100), nullable=False),
    Column("witness", String(100), nullable=False),
    Column("reason", String(400), nullable=False),
    PrimaryKeyConstraint("epoch", "county"),
    Index("restore_counties_awaited", "state"),
)

recovered: Final = Table(
    "recovered",  # verdicts beyond a restored journal, proven by the receipts that counties gave back
    METADATA,
    Column("source", String(6), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("envelope_sha256", LargeBinary(32), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("admitted_at", BigInteger, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("returned_at", BigInteger, nullable=False),
    Column("readmitted", Boolean, nullable=False),
    PrimaryKeyConstraint("source", "message_id", "envelope_sha256"),
    Index("recovered_open", "readmitted"),
)

shown_checkpoints: Final = Table(
    "shown_checkpoints",  # the highest checkpoint that counties showed after a restore, signed by this hub before it
    METADATA,
    Column("epoch", Integer, primary_key=True),  # the epoch that the restore opened
    Column("of_epoch", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", String(1024), nullable=False),
    Column("county", String(6), nullable=False),
)

# --- trouble ---------------------------------------------------------------------------------------------------------

destinations: Final = Table(
    "destinations",
    METADATA,
    Column("division_code", String(6), primary_key=True),
    Column("held", Boolean, nullable=False),
    Column("held_since", BigInteger),
    Column("reason", String(20), nullable=False),  # inbox_full | waiting | paused (by an operator)
)

slowed_counties: Final = Table(
    "slowed_counties",  # who sends more than its quota, or poison, by which road, until its slow queue is empty
    METADATA,
    Column("division_code", String(6), nullable=False),
    Column("road", String(10), nullable=False),  # submit | express
    Column("queue_stands", Boolean, nullable=False),
    Column("since_at", BigInteger, nullable=False),
    Column("until_at", BigInteger, nullable=False),  # not let go before: poison seldom comes alone
    PrimaryKeyConstraint("division_code", "road"),
)

solo_attempts: Final = Table(
    "solo_attempts",
    METADATA,
    Column("body_sha256", LargeBinary(32), primary_key=True),
    Column("attempts", Integer, nullable=False),
)

dead_letters: Final = Table(
    "dead_letters",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("queue", String(60), nullable=False),
    Column("source", String(10), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("reason", String(60), nullable=False),
    Column("died_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("headers", String, nullable=False),  # JSON
    Column("type", String(40), nullable=False),
    Column("case_no", String(24), nullable=False),  # empty: none, or not an envelope
    Column("expires_at", BigInteger),  # as its sender signed it; none for the hub's own words
    Column("state", String(12), nullable=False),  # waiting | queued | replayed | discarded
    Column("batch", BigInteger),  # the last order of a replay that it was part of
    Column("settled_at", BigInteger),
    Column("settled_reason", String(400), nullable=False),
    Index("dead_letters_by_state", "state", "died_at", "id"),
    Index("dead_letters_by_batch", "batch", "state"),
    Index("dead_letters_by_case", "case_no"),
)

replays: Final = Table(
    "replays",  # every order to send dead letters again, of one or of many
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("wanted", String(400), nullable=False),  # JSON: by which filter, or which letter
    Column("count", Integer, nullable=False),  # how many letters it took
    Column("sent", Integer, nullable=False),  # of them, confirmed by the broker
    Column("rate", Integer, nullable=False),  # letters a second at most
    Column("state", String(10), nullable=False),  # running | stopped | done
    Column("ordered_by", String(64), nullable=False),
    Column("second", String(64), nullable=False),  # empty: one letter, one person
    Column("reason", String(400), nullable=False),
    Column("ordered_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("why", String(60), nullable=False),  # what stopped it, when nobody did
    Index("replays_by_state", "state", "number"),
)
