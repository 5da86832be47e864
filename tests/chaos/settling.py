"""When everything has come to its end: every case, every message, every queue; and what a person looks at otherwise."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from schemas.errors import YunhuobanError
from tests.chaos.arena import COUNTIES, Arena
from tests.journey.road import rows

_RESTING: Final = ("dead.letters", "unrouted")
ENDS: Final = ("handed_over", "denied")


def unsettled(arena: Arena, taken: Mapping[str, Sequence[str]]) -> list[str]:
    """Everything that is still on its way, a line each; nothing when all is done."""
    try:
        return [*_cases(arena, taken), *_messages(arena), *_queues(arena)]
    except (sqlite3.Error, YunhuobanError) as error:
        return [f"not to be asked: {type(error).__name__}: {error}"]


def _cases(arena: Arena, taken: Mapping[str, Sequence[str]]) -> list[str]:
    at_hub = {row["case_no"]: row["state"] for row in arena.road.hub("SELECT case_no, state FROM cases")}
    left = []
    for code, numbers in taken.items():
        known = {
            row["local_case"]: row["case_no"]
            for row in arena.road.county(code, "SELECT local_case, case_no FROM cases WHERE window_county = ?", code)
        }
        for number in numbers:
            state = at_hub.get(known.get(number, ""), "not there")
            if state not in ENDS:
                left.append(f"case {known.get(number, number)} {state}")
    return left


def _messages(arena: Arena) -> list[str]:
    left = [
        f"hub {row['source']} {row['type']} {row['case_no']} {row['state']}"
        for row in arena.road.hub(
            "SELECT * FROM messages WHERE state = 'parked' OR (state = 'admitted' AND received_at IS NULL "
            "AND destination != 'hub' AND type NOT IN ('message.received', 'message.refused'))"
        )
    ]
    left += [f"hub effects of {row['message_id']}" for row in arena.road.hub("SELECT message_id FROM unsettled")]
    undone = "SELECT size FROM checkpoints WHERE NOT effects_done"
    left += [f"hub effects up to {row['size']}" for row in arena.road.hub(undone)]
    left += [
        f"hub says {row['type']} {row['destination']}"
        for row in arena.road.hub("SELECT type, destination FROM outgoing WHERE NOT done")
    ]
    left += [f"held {row['division_code']}" for row in arena.road.hub("SELECT * FROM destinations WHERE held")]
    for code in COUNTIES:
        left += [
            f"{code} outbox {row['type']} {row['case_no']} {row['state']}"
            for row in arena.road.county(code, "SELECT * FROM outbox WHERE state NOT IN ('received', 'refused')")
        ]
        left += [
            f"{code} inbox {row['type']} {row['case_no']} {row['state']}"
            for row in arena.road.county(code, "SELECT * FROM inbox WHERE state NOT IN ('applied', 'refused')")
        ]
        left += [
            f"{code} local write {row['type']} {row['case_no']} tries={row['tries']}"
            for row in arena.road.county(code, "SELECT * FROM local_writes WHERE NOT done")
        ]
    return left


def _queues(arena: Arena) -> list[str]:
    with arena.management() as management:
        queues = management.queues(arena.settings.broker.vhost)
    enrolled = {row["division_code"] for row in rows(arena.world.hub / "hub.sqlite", "SELECT * FROM counties")}
    strangers = {f"county.{code}." for code in enrolled - set(COUNTIES)}  # they have no node that could read
    return [
        f"queue {each.name} {each.ready}+{each.unacknowledged}"
        for each in queues
        if each.ready + each.unacknowledged and each.name not in _RESTING
        and not any(each.name.startswith(prefix) for prefix in strangers)
    ]  # fmt: skip
