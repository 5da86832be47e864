"""Any history of a case through admission: duplicated, reordered, in any batches, only the law's order comes out."""

from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hub.store import tables
from hub.views.ladder import PARKED, leaf_index
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.facts import facts_of
from schemas.leaf import ADMITTED
from schemas.lifecycle import TURN, advance
from schemas.messages import TYPES, Party
from tests import around_records, review_records
from tests.hub_world import Case, Message, Network, World
from tests.sampling import examples

NO_PAPER = [kind for kind in TURN if not kind.startswith("print.")]
# What a sender may be told; anything else would be a fault of the test's messages.
OUT_OF_TURN, PREDECESSOR_REFUSED, STATE_WRONG, LICENSE_UNKNOWN, LICENSE_EXISTS = (
    "E-ADM-102", "E-ADM-051", "E-ADM-105", "E-ADM-067", "E-ADM-066",
)  # fmt: skip
CASE_EXISTS = "E-ADM-054"


@pytest.fixture(scope="module")
def hub(network: Network, tmp_path_factory: pytest.TempPathFactory):
    """One hub for every history: each has a case of its own."""
    world = World.make(network, tmp_path_factory.mktemp("any"))
    yield world
    world.close()


def facts_for(kind: str, case: Case, chance: Random) -> dict[str, Any] | None:
    """Facts as the county would state them."""
    day = date(2026, 12, 1)
    some: dict[str, dict[str, Any]] = {
        "application.submitted": {"mode": "relayed", "alliance": "", "material_codes": [], "named_licenses": []},
        "supplement.requested": {"supply_until": day},
        "application.not_accepted": {"ground": "not_competent"},
        "application.accepted": {"promised_on": day},
        "review.advanced": {"stage": "first_review"},
        "procedure.opened": {"procedure": "hearing", "expected_until": day},
        "procedure.closed": {"procedure": "hearing"},
        "deadline.extended": {"extended_days": 5, "promised_on": day},
        "decision.made": {"outcome": chance.choice(["granted", "granted", "denied"])},
        "case.terminated": {"cause": "applicant_gone"},
        "license.issued": {
            "license_identifier": case.license_identifier, "license_state": "valid", "sealed_sha256": [bytes(32)],
        },
        "license.state_changed": {
            "license_identifier": case.license_identifier,
            "license_state": chance.choice(["suspended", "valid", "revoked"]),
        },
        "case.handed_over": {"method": "in_person"},
        "case.closed": {"result": "licensed"},
    }  # fmt: skip
    beside = around_records.GOOD | review_records.REVIEWS
    return facts_of(kind, beside[kind]) if kind in beside else some.get(kind)


def admitted(world: World, case: Case) -> list[Envelope]:
    """The case's admitted messages in the order of the journal."""
    mine = (tables.messages.c.case_no == case.case_no) & (tables.messages.c.verdict == ADMITTED)
    rows = world.rows(select(tables.messages.c.body, tables.messages.c.evidence).where(mine))
    return [Envelope.parse(row.body) for row in sorted(rows, key=lambda row: leaf_index(row.evidence) or 0)]


def judged(world: World, case: Case) -> list[Any]:
    """Id, verdict and state of each of the case's messages."""
    table = tables.messages.c
    return world.rows(select(table.message_id, table.verdict, table.state).where(table.case_no == case.case_no))


def chain_anew(world: World, case: Case, sent: list[Message]) -> None:
    """As the adapters do: what was refused counts no more, the next message follows the last that stands."""
    standing: dict[tuple[str, str], str] = {}
    verdicts = {message_id: verdict for message_id, verdict, _ in judged(world, case)}
    for each in sent:
        if verdicts.get(each.envelope.id) in (ADMITTED, None):
            standing[each.envelope.source, each.envelope.destination] = each.envelope.id
    case._last = standing


@settings(max_examples=examples(60, 15), deadline=None, suppress_health_check=list(HealthCheck))
@given(chance=st.randoms(use_true_random=False))
def test_any_history_ends_where_its_admitted_messages_lead(hub: World, chance: Random) -> None:
    """The admitted messages are a lawful life in the journal's order; everything else was refused for its turn."""
    case, sent = Case(hub), []
    sent.append(case.application())
    hub.send(sent[0])
    for _ in range(chance.randint(1, 8)):
        kinds = [chance.choice(NO_PAPER) for _ in range(chance.randint(1, 5))]
        lawful = sorted(_lawful(hub, case))
        kinds += [chance.choice(lawful)] if lawful else []
        fresh = [case.message(kind, facts_for(kind, case, chance)) for kind in kinds]
        sent += fresh
        arriving = fresh + chance.sample(sent, min(len(sent), 2))
        chance.shuffle(arriving)
        while arriving:
            size = chance.randint(1, 4)
            hub.send(*arriving[:size])
            arriving = arriving[size:]
        chain_anew(hub, case, sent)
    state = None
    for envelope in admitted(hub, case):
        assert envelope.source == (case.issuing if envelope.kind.sender is Party.ISSUING else case.window)
        state = advance(state, envelope.type, envelope.facts)
    rows = hub.rows(select(tables.cases.c.state).where(tables.cases.c.case_no == case.case_no))
    assert [row.state for row in rows] == [state]
    verdicts = {message_id: (verdict, where) for message_id, verdict, where in judged(hub, case)}
    for message in sent:
        verdict, where = verdicts[message.envelope.id]
        assert where != PARKED
        assert verdict in (
            ADMITTED, OUT_OF_TURN, PREDECESSOR_REFUSED, STATE_WRONG, LICENSE_UNKNOWN, LICENSE_EXISTS, CASE_EXISTS,
        )  # fmt: skip


def _lawful(world: World, case: Case) -> set[str]:
    """The steps that may come next, so that histories get somewhere."""
    state = None
    for envelope in admitted(world, case):
        state = advance(state, envelope.type, envelope.facts)
    found = set()
    for kind in NO_PAPER:
        try:
            advance(state, kind, {"outcome": "granted", "undo_outcome": "kept"})
        except YunhuobanError:
            continue
        if TYPES[kind].chained:
            found.add(kind)
    return found
