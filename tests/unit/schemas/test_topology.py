"""What the broker's names and permissions promise, and that the linter over them bites."""

import re
from dataclasses import replace

import pytest

from schemas import topology
from schemas.errors import YunhuobanError
from schemas.topology import Binding, Exchange, Queue, Topology

COUNTIES = ["140881", "130928"]


def changed(name: str, **arguments: object) -> Topology:
    """Return the real topology with one queue's arguments changed; None takes an argument away."""
    whole = topology.declarations(COUNTIES)
    real = {key.replace("_", "-"): value for key, value in arguments.items()}
    queues = tuple(
        replace(queue, arguments={k: v for k, v in (queue.arguments | real).items() if v is not None})
        if queue.name == name
        else queue
        for queue in whole.queues
    )
    return replace(whole, queues=queues)


def test_the_shipped_topology_has_no_problem() -> None:
    """What is shipped passes its own linter, for no county and for many."""
    assert topology.problems(topology.declarations([])) == []
    assert topology.problems(topology.declarations(f"{number:06d}" for number in range(130000, 130200))) == []


@pytest.mark.parametrize(
    ("name", "arguments", "word"),
    [
        ("county.130928.inbox", {"x_overflow": None}, "silently"),
        ("county.130928.inbox", {"x_overflow": "drop-head"}, "oldest"),
        ("county.130928.inbox", {"x_dead_letter_strategy": None}, "at most once"),
        ("county.130928.inbox", {"x_dead_letter_exchange": None}, "without a dead letter exchange"),
        ("county.130928.hold", {"x_dead_letter_exchange": "county"}, "and not to dead"),
        ("county.130928.hold", {"x_message_ttl": 5000}, "waiting queue"),
        ("admission.07", {"x_queue_mode": "lazy"}, "removed"),
        ("admission.07", {"x_delivery_limit": None}, "delivery limit"),
        ("admission.07", {"x_delivery_limit": 10}, "delivery limit"),
        ("admission.07", {"x_queue_type": "classic"}, "quorum"),
        ("parts.07", {"x_queue_type": "quorum"}, "no classic"),
        ("parts.07", {"x_single_active_consumer": None}, "several consumers"),
        ("county.130928.parts", {"x_max_length_bytes": None}, "not bounded"),
        ("county.130928.parts", {"x_overflow": "drop-head"}, "drops what others wait for"),
        ("county.130928.parts", {"x_message_ttl": None}, "asked for again long ago"),
        ("county.130928.parts", {"x_expires": 60_000}, "no route"),
        ("county.130928.parts", {"x_dead_letter_exchange": "dead"}, "fill the dead letters"),
        ("county.130928.parts", {"x_queue_mode": "lazy"}, "removed"),
        ("dead.letters", {"x_max_length": 1000, "x_overflow": "reject-publish"}, "without a length limit"),
    ],
)
def test_the_linter_bites(name: str, arguments: dict[str, object], word: str) -> None:
    """Each rule finds the queue that breaks it."""
    assert any(word in problem for problem in topology.problems(changed(name, **arguments)))


def test_the_linter_misses_no_exchange_and_no_binding() -> None:
    """An exchange without the alternate one, a binding to nothing and an uncaught route are found."""
    whole = topology.declarations(COUNTIES)
    bare = replace(whole, exchanges=(*whole.exchanges, Exchange(name="more", kind="topic", arguments={})))
    assert topology.problems(bare) == ["exchange more has no alternate exchange"]
    loose = replace(whole, bindings=(*whole.bindings, Binding(exchange="submit", queue="nowhere", key="#")))
    assert any("hangs" in problem for problem in topology.problems(loose))
    uncaught = replace(whole, bindings=tuple(b for b in whole.bindings if b.queue != "unrouted"))
    assert any("no route" in problem for problem in topology.problems(uncaught))


@pytest.mark.parametrize(
    "binding",
    [
        Binding(exchange="county", queue="county.130928.hold", key="county.140881.hold"),
        Binding(exchange="county", queue="county.130928.slow", key="county.130928.slow"),
        Binding(exchange="submit", queue="county.130928.slow", key="from.#"),
        Binding(exchange="county", queue="admission.07", key="county.130928.hold"),
        Binding(exchange="county", queue="county.130928.parts", key="county.140881.parts"),
        Binding(exchange="parts", queue="county.130928.parts", key="from.#"),
    ],
)
def test_no_waiting_queue_is_shared(binding: Binding) -> None:
    """Each county waits alone: a second key or a second way into its queues is found."""
    whole = _with_slow_roads()
    assert topology.problems(whole) == []
    shared = replace(whole, bindings=(*whole.bindings, binding))
    assert any("is shared" in problem for problem in topology.problems(shared))


def test_a_slow_queue_keeps_its_order_and_is_never_full() -> None:
    """One consumer at a time and no limit: a flooder waits, and nothing of it is refused or overtaken."""
    whole = _with_slow_roads()
    slow = topology.county_slow("130928")
    for arguments, word in (
        ({"x-single-active-consumer": False}, "order"),
        ({"x-max-length": 5}, "can itself be full"),
    ):
        queues = tuple(
            replace(queue, arguments=queue.arguments | arguments) if queue.name == slow else queue
            for queue in whole.queues
        )
        assert any(word in problem for problem in topology.problems(replace(whole, queues=queues)))
    assert [queue.name for queue in topology.slow_road(COUNTIES).queues] == [
        f"county.{code}.slow" for code in sorted(COUNTIES)
    ]


def _with_slow_roads() -> Topology:
    whole, slow = topology.declarations(COUNTIES), topology.slow_road(COUNTIES)
    return replace(whole, queues=whole.queues + slow.queues)


def test_the_shard_of_a_case_is_fixed_for_ever() -> None:
    """Shards are a promise on the wire: another language computes the same ones."""
    assert topology.shard("130928-20261122-000017-C") == 7
    assert topology.shard("140881-20260101-000001-8") == 0
    assert topology.submit_key("130928", "130928-20261122-000017-C", "Application") == "from.130928.07.Application"
    assert {topology.shard(str(number)) for number in range(500)} == set(range(16))


def test_every_shard_key_matches_exactly_one_admission_queue() -> None:
    """A key published under any shard reaches one admission queue and no other."""
    bindings = [b for b in topology.declarations([]).bindings if b.exchange == "submit"]
    patterns = {
        b.queue: re.compile(b.key.replace(".", r"\.").replace("*", r"[^.]+").replace("#", ".*")) for b in bindings
    }
    for number in range(200):
        case_no = f"130928-20261122-{number:06d}-X"
        key = topology.submit_key("130928", case_no, "PrintOutcome")
        expected = topology.admission_queue(topology.shard(case_no))
        assert [queue for queue, pattern in patterns.items() if pattern.fullmatch(key)] == [expected]


def test_a_county_may_read_only_its_own_queues_and_declare_nothing() -> None:
    """The patterns match the county's own three queues, no other county's, and no name to configure."""
    own = topology.permissions("130928")
    assert re.search(own.read, "county.130928.inbox")
    assert re.search(own.read, "county.130928.express")
    assert re.search(own.read, "county.130928.parts")
    others = (
        "county.140881.parts",
        "parts.00",
        "county.130928.hold",
        "county.130928.slow",
        "county.140881.inbox",
        "admission.00",
        "dead.letters",
    )
    for name in (*others, "xcounty.130928.inbox"):
        assert not re.search(own.read, name)
    assert not re.search(own.configure, "county.130928.inbox")
    assert [name for name in ("submit", "express", "parts", "county", "dead", "") if re.search(own.write, name)] == [
        "submit",
        "express",
        "parts",
    ]
    assert {topic.exchange for topic in own.topics} == {"submit", "express", "parts"}
    assert all(
        re.search(topic.write.replace("{username}", "130928"), "from.130928.05.Application")
        and not re.search(topic.write.replace("{username}", "130928"), "from.140881.05.Application")
        for topic in own.topics
    )


@pytest.mark.parametrize("code", ["", "13092", "1309280", ".*", "130928|x", "１３０９２８", "130928\n"])
def test_a_name_that_would_widen_a_pattern_is_refused(code: str) -> None:
    """Only six ASCII digits become part of a name or a permission."""
    for make in (topology.permissions, topology.county_inbox, topology.county_hold, topology.county_parts):
        with pytest.raises(YunhuobanError) as raised:
            make(code)
        assert raised.value.code is topology.BAD_NAME


def test_the_limits_stand_where_they_must() -> None:
    """Inboxes have a limit in bytes; hold, admission and dead letters have none; admission has one active consumer."""
    queues: dict[str, Queue] = {queue.name: queue for queue in topology.declarations(COUNTIES).queues}
    assert queues["county.130928.inbox"].arguments["x-max-length-bytes"] == 512 * 1024 * 1024
    for name in ("county.130928.hold", "admission.00", "dead.letters", "unrouted"):
        assert "x-max-length-bytes" not in queues[name].arguments
    assert all(
        queues[name].arguments["x-single-active-consumer"]
        for name in (*topology.admission_queues(), "admission.express")
    )
    assert len(queues) == 36 + 4 * len(COUNTIES)
    assert [topology.parts_queue(n) for n in range(16)] == list(topology.parts_queues())
    for name in ("parts.00", "county.130928.parts"):
        assert queues[name].arguments["x-max-length-bytes"] == 32 * 1024 * 1024
        assert queues[name].arguments["x-message-ttl"] == 600_000


def test_wishes_and_parts_of_a_case_meet_in_one_queue() -> None:
    """Whoever asks and whoever sends publish under their own code and the case's shard, so one pump knows of both."""
    case_no = "130928-20261122-000017-C"
    assert topology.parts_key("140881", case_no, "attachment.requested") == "from.140881.07.attachment.requested"
    assert topology.parts_key("130928", case_no, "attachment.part") == "from.130928.07.attachment.part"
    keys = [b.key for b in topology.declarations([]).bindings if b.exchange == "parts" and b.queue == "parts.07"]
    assert keys == ["from.*.07.#"]


def test_what_belongs_to_no_case_is_spread_by_its_sender():
    """Without a case number the sender decides the shard, so that countersignatures do not all meet in one queue."""
    keys = {topology.submit_key(f"1309{n:02d}", "", "checkpoint.countersigned").split(".")[2] for n in range(100)}
    assert len(keys) > 10
