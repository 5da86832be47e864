"""The journal, made again from its rows: leaves, roots, and everybody's proofs against them.

Nothing of the hub's own `hub journal` is used: the tree is hashed anew from `schemas`, leaf by leaf. Not looked at here
are the signatures of checkpoints and their certificates: `hub journal` and every county check those.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator

from hub.instants import from_millis
from schemas.leaf import ADMITTED, NOTHING, Leaf
from schemas.tree import Frontier, verify_inclusion
from tests.chaos.evidence import Row
from tests.chaos.findings import Kind, Problem
from tests.chaos.lookup import Lookup


def check(look: Lookup) -> Iterator[Problem]:
    """The tree, the messages in it, and the proofs that people hold."""
    yield from _tree(look)
    yield from _once(look)
    roots = {row["size"]: row["record"] for row in look.hub.checkpoints}
    yield from _messages(look, roots)
    for code, books in look.counties.items():
        for row in books.outbox:
            if row["state"] in ("admitted", "received") or row["receipt"]:
                yield from _proven(look, roots, row, row["receipt"], f"receipt of {code}")
        for row in books.inbox:
            if row["source"] in look.counties and row["state"] != "refused":
                yield from _proven(look, roots, row, row["evidence"], f"evidence at {code}")
        for row in books.checkpoints:
            record = roots.get(row["size"])
            if record is None or (record["root"], record["epoch"]) != (row["root"], row["epoch"]):
                yield _problem(
                    "journal.fork", Kind.DISAGREEMENT, code, f"{code} saw another root", f"size {row['size']}"
                )


def _tree(look: Lookup) -> Iterator[Problem]:
    """Leaves without a gap, each the hash of its row; roots and head as the leaves give them."""
    checkpoints = {row["size"]: row for row in look.hub.checkpoints}
    frontier = Frontier()
    for row in look.hub.journal:
        if row["leaf_index"] != frontier.size:
            yield _problem("journal.gap", Kind.LOST, row["message_id"], f"leaf {row['leaf_index']}", str(frontier.size))
            return  # every root after a gap is another one; one finding says it
        if _leaf_hash(row) != row["leaf_hash"]:
            yield _problem("journal.leaf", Kind.DISAGREEMENT, row["message_id"], "another hash", "that of its row")
        frontier = frontier.append(row["leaf_hash"])
        checkpoint = checkpoints.pop(frontier.size, None)
        if checkpoint is not None:
            record = checkpoint["record"]
            if (record["size"], record["root"], record["epoch"]) != (
                frontier.size,
                frontier.root(),
                checkpoint["epoch"],
            ):
                yield _problem(
                    "journal.root", Kind.DISAGREEMENT, "", f"checkpoint {frontier.size}", "the root of its size"
                )
    for size in checkpoints:
        yield _problem("journal.size", Kind.LOST, "", f"{frontier.size} leaves", f"{size}, as a checkpoint signs")
    newest = max((row["size"] for row in look.hub.checkpoints), default=0)
    if newest < frontier.size:
        yield _problem("journal.size", Kind.INVENTED, "", f"{frontier.size} leaves", f"{newest}, as a checkpoint signs")
    heads = [(row["size"], row["frontier"]) for row in look.hub.heads]
    if heads != ([(frontier.size, b"".join(frontier.to_list()))] if frontier.size else []):
        yield _problem("journal.head", Kind.DISAGREEMENT, "", "another size or frontier", str(frontier.size))


def _once(look: Lookup) -> Iterator[Problem]:
    """A verdict on the same bytes of the same message is given once, for ever."""
    verdicts: dict[tuple[str, str, bytes], Counter[str]] = {}
    for row in look.hub.journal:
        key = row["source"], row["message_id"], row["envelope_sha256"]
        verdicts.setdefault(key, Counter())[row["verdict"]] += 1
    for (_, message_id, _), found in verdicts.items():
        if found[ADMITTED] > 1:
            yield _problem("journal.doubled", Kind.DOUBLED, message_id, f"admitted {found[ADMITTED]} times", "once")
        if found[ADMITTED] and len(found) > 1:
            yield _problem("refusal.final", Kind.INVENTED, message_id, f"{', '.join(sorted(found))}", "one verdict")


def _messages(look: Lookup, roots: dict[int, Row]) -> Iterator[Problem]:
    """Every verdict on a message has its leaf; every leaf has its message, or refuses what has no row of its own."""
    named = set()
    for row in look.hub.messages:
        if row["state"] == "parked":
            continue
        index = look.leaf_index(row)
        leaf = look.leaf.get(index)
        if leaf is None:
            yield _problem("journal.missing", Kind.LOST, row["case_no"], f"no leaf of {row['message_id']}", "a leaf")
            continue
        named.add(index)
        same = ("source", "message_id", "envelope_sha256", "admitted_at", "verdict")
        wrong = [name for name in same if row[name] != leaf[name]]
        if row["signature"].encode() != leaf["signature"]:
            wrong.append("signature")
        if (row["state"] == "admitted") != (leaf["verdict"] == ADMITTED):
            wrong.append("state")
        if wrong:
            found = f"{', '.join(wrong)} of {row['message_id']} differ"
            yield _problem("journal.message", Kind.DISAGREEMENT, row["case_no"], found, f"as leaf {index}")
        yield from _proven(look, roots, row, row["evidence"], "evidence at the hub")
    for row in look.hub.journal:
        if row["leaf_index"] in named:
            continue
        there = look.message.get((row["source"], row["message_id"]))
        nameless = there is None and "-" in (row["source"], row["message_id"])
        other = there is not None and there["envelope_sha256"] != row["envelope_sha256"]
        if row["verdict"] == ADMITTED or not (nameless or other):
            found = f"leaf {row['leaf_index']} of {row['message_id']}"
            yield _problem("journal.unmatched", Kind.LOST, row["message_id"], found, "a message with these bytes")


def _proven(look: Lookup, roots: dict[int, Row], row: Row, entry: Row | None, what: str) -> Iterator[Problem]:
    """A receipt proves the verdict on this message's bytes, in this journal, under a checkpoint that the hub signed."""
    case, name = row["case_no"], f"{what} for {row['type']} {row['message_id']}"
    if entry is None:
        yield _problem("receipt.missing", Kind.LOST, case, f"no {name}", "one")
        return
    record = entry["record"]
    stored = roots.get(record["size"])
    if stored is None or stored["root"] != record["root"]:
        yield _problem("receipt.journal", Kind.DISAGREEMENT, case, f"{name}: another root", f"size {record['size']}")
        return
    leaf = look.leaf.get(entry["leaf_index"])
    if leaf is None:
        yield _problem("receipt.journal", Kind.LOST, case, f"{name}: no leaf {entry['leaf_index']}", "in the journal")
        return
    signature = row["signature"].encode()
    said = (entry["message_id"], entry["envelope_sha256"], entry["verdict"], entry["signature_sha256"])
    kept = (leaf["message_id"], leaf["envelope_sha256"], leaf["verdict"], hashlib.sha256(leaf["signature"]).digest())
    own = (row["message_id"], row["envelope_sha256"], leaf["verdict"], hashlib.sha256(signature).digest())
    if said != kept or said != own:
        yield _problem(
            "receipt.journal", Kind.DISAGREEMENT, case, f"{name}: another message", f"leaf {entry['leaf_index']}"
        )
    elif not verify_inclusion(leaf["leaf_hash"], entry["leaf_index"], record["size"], entry["proof"], record["root"]):
        yield _problem(
            "receipt.proof", Kind.DISAGREEMENT, case, f"{name}: proves nothing", f"leaf {entry['leaf_index']}"
        )


def _leaf_hash(row: Row) -> bytes:
    try:
        leaf = Leaf(
            envelope_sha256=row["envelope_sha256"],
            signature=row["signature"],
            signer_thumbprint=row["signer_thumbprint"],
            admitted_at=from_millis(row["admitted_at"]),
            verdict=row["verdict"],
            detail_sha256=row["detail_sha256"],
        )
    except (ValueError, OverflowError):
        return NOTHING
    return leaf.hash()


def _problem(rule: str, kind: Kind, case: str, found: str, expected: str) -> Problem:
    return Problem(rule=rule, kind=kind, case=case, found=found, expected=expected)
