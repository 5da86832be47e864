"""The tables of the hub's spine: the journal is evidence, and a reviewer must see its shape.

Times are integers, milliseconds since 1970 in UTC; digests are 32 raw bytes. Nothing here names an applicant: envelope
bytes are ciphertext to the hub, and `facts` hold no personal field (a lint in the contract's tests says so). Who is
named is whom a county names as its contact, and who decided something at the hub.

What is written for every message is kept small: few indexes, those for exceptions only partial, and no row with an
envelope in it is written a second time just because its parcels went out (`checkpoints.effects_done`, `unsettled`).
Tables of one department only stand in its own package (`hub/*/tables.py`).
"""

from hub.store.tables.counties import (
    catalogue,
    conformance,
    counties,
    county_certificates,
    invitations,
    offers,
    renewals,
    trials,
)
from hub.store.tables.directory import (
    calendar_overrides,
    counters,
    crls,
    directories,
    directory_entries,
    directory_told,
)
from hub.store.tables.journal import checkpoints, countersignatures, head, journal, publications, tree_nodes, witnesses
from hub.store.tables.messages import cases, messages, outgoing, unsettled
from hub.store.tables.printing import grants, license_scans, licenses, print_authorisations, stock_serials
from hub.store.tables.restoring import epochs, recovered, restore_counties, shown_checkpoints
from hub.store.tables.trouble import dead_letters, destinations, replays, slowed_counties, solo_attempts

__all__ = [
    "calendar_overrides",
    "cases",
    "catalogue",
    "checkpoints",
    "conformance",
    "counters",
    "countersignatures",
    "counties",
    "county_certificates",
    "crls",
    "dead_letters",
    "destinations",
    "directories",
    "directory_entries",
    "directory_told",
    "epochs",
    "grants",
    "head",
    "invitations",
    "journal",
    "license_scans",
    "licenses",
    "messages",
    "offers",
    "outgoing",
    "print_authorisations",
    "publications",
    "recovered",
    "renewals",
    "replays",
    "restore_counties",
    "shown_checkpoints",
    "slowed_counties",
    "solo_attempts",
    "stock_serials",
    "tree_nodes",
    "trials",
    "unsettled",
    "witnesses",
]
