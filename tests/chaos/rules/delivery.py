"""The same message in every book: its sender's outbox, the hub, its destination's inbox, and the effect it had there.

Refusals are final: what the hub or a destination refused is nowhere admitted or applied.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from schemas.messages import HUB, HUB_TYPES
from tests.chaos.evidence import Row
from tests.chaos.findings import Kind, Problem
from tests.chaos.lookup import NOTICES, Lookup

_KNOWN_AT_ITS_SENDER: Final = ("license.issued", "print.settled")
"""What the program makes: the sending county's own system is told of it, too."""


def check(look: Lookup) -> Iterator[Problem]:
    """From the hub outwards, then from each county inwards."""
    superseded = {row["supersedes"] for books in look.counties.values() for row in books.outbox if row["supersedes"]}
    for row in look.hub.messages:
        yield from _sent(look, row)
    yield from _refusals(look)
    for row in look.to_counties():
        yield from _arrived(look, row, superseded)
    for code, books in look.counties.items():
        for row in books.inbox:
            if row["type"] not in HUB_TYPES:
                yield from _known(look, code, row)
        for row in books.outbox:
            yield from _fate(look, code, row)
        yield from _effects(code, books.inbox, books.outbox, books.local_writes)
    yield from _spoken(look)


def _sent(look: Lookup, row: Row) -> Iterator[Problem]:
    """What the hub admitted was written by its sender, in these bytes, and its sender knows."""
    if row["body_sha256"] != row["envelope_sha256"]:
        yield _problem("message.bytes", Kind.DISAGREEMENT, row, "the bytes kept have another digest", "the digest kept")
    if row["state"] != "admitted" or row["source"] not in look.counties:
        return
    mine = look.outbox.get((row["source"], row["message_id"]))
    if mine is None:
        yield _problem("message.invented", Kind.INVENTED, row, f"admitted, never written by {row['source']}", "written")
        return
    same = ("envelope_sha256", "case_no", "destination", "type", "signature", "admitted_at")
    different = [name for name in same if mine[name] != row[name]]
    if mine["state"] == "refused" and mine["refusal_code"] and not _refused_there(look, row):
        yield _problem("refusal.final", Kind.INVENTED, row, f"admitted; its sender has {mine['refusal_code']}", "one")
    elif different and mine["state"] not in ("draft", "waiting", "sent"):
        yield _problem("stores.outbox", Kind.DISAGREEMENT, row, f"{', '.join(different)} differ", "the same")


def _refused_there(look: Lookup, row: Row) -> bool:
    """Whether the destination refused what the hub had admitted, and said so."""
    arrivals = look.inbox.get((row["destination"], row["source"], row["message_id"]), [])
    return any(each["state"] == "refused" for each in arrivals)


def _refusals(look: Lookup) -> Iterator[Problem]:
    """What the hub refused is in no inbox, and was written by a county or provoked by a fault."""
    provoked = look.allowed("refusals")
    for row in look.hub.messages:
        if row["state"] != "refused":
            continue
        key = row["destination"], row["source"], row["message_id"]
        if any(each["state"] != "refused" for each in look.inbox.get(key, [])):
            yield _problem("refusal.final", Kind.INVENTED, row, f"{row['verdict']}, and delivered", "not delivered")
        mine = look.outbox.get((row["source"], row["message_id"]))
        if mine is None or mine["envelope_sha256"] != row["envelope_sha256"]:
            provoked -= 1
            if provoked < 0:
                yield _problem("refusal.invented", Kind.INVENTED, row, f"{row['verdict']}, never written", "written")
        elif mine["state"] != "refused":
            found = f"{row['verdict']}; its sender has {mine['state']}"
            yield _problem("stores.outbox", Kind.DISAGREEMENT, row, found, "refused")


def _arrived(look: Lookup, row: Row, superseded: set[str]) -> Iterator[Problem]:
    """An admitted message is applied at its destination once, from the same bytes."""
    code = row["destination"]
    if code not in look.counties:
        return
    arrivals = look.inbox.get((code, row["source"], row["message_id"]), [])
    same = [each for each in arrivals if each["envelope_sha256"] == row["envelope_sha256"]]
    applied = [each for each in same if each["state"] == "applied"]
    if len(same) > 1:
        yield _problem("delivery.doubled", Kind.DOUBLED, row, f"{len(same)} times in the inbox of {code}", "once")
    if arrivals and not same:
        yield _problem("delivery.bytes", Kind.DISAGREEMENT, row, f"other bytes at {code}", "the bytes admitted")
    elif not same:
        yield _problem("delivery.lost", Kind.LOST, row, f"admitted, not in the inbox of {code}", "delivered once")
    elif not applied and not (same[0]["state"] == "refused" and row["message_id"] in superseded):
        kind = Kind.UNFINISHED if same[0]["state"] in ("new", "opened") else Kind.LOST
        found = f"{same[0]['state']} {same[0]['refusal_code'] or ''} at {code}".replace("  ", " ")
        yield _problem("delivery.applied", kind, row, found, "applied")
    for each in applied:
        wrong = [name for name in ("case_no", "prev", "type", "signature") if each[name] != row[name]]
        if wrong:
            yield _problem("stores.inbox", Kind.DISAGREEMENT, row, f"{', '.join(wrong)} differ at {code}", "the same")


def _known(look: Lookup, code: str, row: Row) -> Iterator[Problem]:
    """What lies in an inbox is what the hub admitted."""
    there = look.message.get((row["source"], row["message_id"]))
    if there is None or (there["envelope_sha256"] != row["envelope_sha256"] and row["state"] != "refused"):
        yield _problem(
            "delivery.invented", Kind.INVENTED, row, f"in the inbox of {code}, unknown at the hub", "admitted"
        )
    elif there["state"] != "admitted" and row["state"] != "refused":
        yield _problem(
            "refusal.final", Kind.INVENTED, row, f"{there['state']} at the hub, in the inbox of {code}", "none"
        )
    elif there["destination"] != code:
        yield _problem("delivery.invented", Kind.INVENTED, row, f"in the inbox of {code}", there["destination"])


def _fate(look: Lookup, code: str, row: Row) -> Iterator[Problem]:
    """What a county holds for settled stands at the hub."""
    there = look.message.get((code, row["message_id"]))
    if there is None and row["state"] in ("admitted", "received", "refused"):
        yield _problem("message.lost", Kind.LOST, row, f"{row['state']} at {code}, unknown at the hub", "admitted")
    elif there is not None and row["state"] in ("admitted", "received") and there["state"] != "admitted":
        yield _problem("stores.outbox", Kind.DISAGREEMENT, row, f"{row['state']} at {code}", f"{there['state']} there")


def _effects(code: str, inbox: list[Row], outbox: list[Row], writes: list[Row]) -> Iterator[Problem]:
    """Each applied message, each license, sheet's outcome and refusal is planned once for the local system."""
    planned = Counter((row["message_id"], row["type"]) for row in writes)
    for row in inbox:
        if row["state"] != "applied" or row["type"] in HUB_TYPES or row["type"] in NOTICES:
            continue
        times = planned.pop((row["message_id"], row["type"]), 0)
        if times != 1:
            kind = Kind.DOUBLED if times else Kind.LOST
            yield _problem("effect.planned", kind, row, f"{times} local writes at {code}", "1")
    for row in outbox:
        if row["type"] in _KNOWN_AT_ITS_SENDER:
            times = planned.pop((row["message_id"], row["type"]), 0)
            if times != 1 and not row["supersedes"]:
                kind = Kind.DOUBLED if times else Kind.LOST
                yield _problem("effect.planned", kind, row, f"{times} local writes at {code}", "1")
        planned.pop((row["message_id"], "message.refused"), 0)
    for message_id, kind in planned:
        yield Problem(
            rule="effect.invented", kind=Kind.INVENTED, case="", found=f"{code} writes {kind} {message_id}",
            expected="a message that was applied",
        )  # fmt: skip


_KEPT_BY_THE_HUB: Final = frozenset({"print.granted", "epoch.opened"})


def _spoken(look: Lookup) -> Iterator[Problem]:
    """What the hub says itself about a case and a county holds was said by the hub.

    Directories and checkpoints are made for whoever is behind, and not kept; a county believes only signed ones.
    """
    said = {row["message_id"] for row in look.hub.outgoing}
    for code, books in look.counties.items():
        for row in books.inbox:
            if row["source"] == HUB and row["type"] in _KEPT_BY_THE_HUB and row["message_id"] not in said:
                yield _problem("delivery.invented", Kind.INVENTED, row, f"in the inbox of {code}, never said", "said")


def _problem(rule: str, kind: Kind, row: Row, found: str, expected: str) -> Problem:
    what = f"{row['type']} {row['message_id']}: {found}".strip()
    return Problem(rule=rule, kind=kind, case=row["case_no"], found=what, expected=expected)
