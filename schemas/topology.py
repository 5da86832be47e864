"""Names of exchanges, queues and keys, who may touch them, and a linter over the whole: pure data, no connection.

Source: design §4 "Topology" and the measured behaviour of RabbitMQ 3.10.8 it rests on. Everything declared here runs
unchanged on RabbitMQ 3.10 (Debian 12) and on 4.x. The way of a message: a county publishes to `submit` (or `express`)
under its own key; the key's shard leads to one of sixteen `admission` queues; the hub publishes to `county` with the
name of the county's queue as the key. What no step can handle lies in `dead.letters`, what has no route in `unrouted`.
Messages that must wait do so in a queue of their own county (`hold`, `slow`), never in one that two counties share.

Parts of attachments have a road of their own (`parts`, sixteen `parts` queues, `county.<code>.parts`), which no message
waits behind. What lies there is asked for again when it is gone, so those queues are classic ones, in which a part is
not written to three disks: bounded in bytes, dropping what nobody took in time, with nothing behind them.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from schemas import errors

SHARDS: Final = 16
SUBMIT: Final = "submit"
EXPRESS: Final = "express"
COUNTY: Final = "county"
PARTS: Final = "parts"
DEAD: Final = "dead"
UNROUTED: Final = "unrouted"
ADMISSION_EXPRESS: Final = "admission.express"
DEAD_LETTERS: Final = "dead.letters"
UNROUTED_QUEUE: Final = "unrouted"
DIRECTORY_REQUESTS: Final = "directory.requests"

# Poison is found by us, not by the broker: at a limit of 10 one crash loop dead-lettered 200 innocent messages. It is
# stated all the same, because 4.x puts 20 where nothing stands.
DELIVERY_LIMIT: Final = 1_000_000
INBOX_BYTES: Final = 512 * 1024 * 1024
EXPRESS_BYTES: Final = 64 * 1024 * 1024
REQUESTS_BYTES: Final = 64 * 1024 * 1024
PARTS_BYTES: Final = 32 * 1024 * 1024
"""Of one queue of parts: the credit of four counties at once. What does not fit is asked for again."""
PARTS_MILLISECONDS: Final = 10 * 60 * 1000
"""After so long whoever asked for a part has asked again."""

BAD_NAME: Final = errors.declare(
    "E-BROKER-001", "消息队列名中的县代码应为六位数字，收到“{found}”。", "请检查行政区划代码的写法。"
)

Argument = str | int | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One durable exchange. `kind` is AMQP's exchange type."""

    name: str
    kind: str
    arguments: Mapping[str, Argument]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One durable queue; its type stands in `arguments` (`x-queue-type`)."""

    name: str
    arguments: Mapping[str, Argument]


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The way from an exchange to a queue for the keys that match `key`."""

    exchange: str
    queue: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """All exchanges, queues and bindings of one virtual host."""

    exchanges: tuple[Exchange, ...]
    queues: tuple[Queue, ...]
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPermission:
    """Which keys a user may write to one topic exchange; the broker puts the user's name for `{username}`."""

    exchange: str
    write: str
    read: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What one broker user may do on the virtual host: regular expressions over names, as RabbitMQ reads them."""

    user: str
    configure: str
    write: str
    read: str
    topics: tuple[TopicPermission, ...] = ()


def shard(case_no: str) -> int:
    """Shard 0–15 of a case: the first byte of SHA-256 over its UTF-8 bytes, modulo 16. Never changes."""
    return hashlib.sha256(case_no.encode()).digest()[0] % SHARDS


def submit_key(source: str, case_no: str, message_type: str) -> str:
    """Return the routing key under which `source` publishes a message of this type in this case.

    What belongs to no case is spread over the shards by its sender.
    """
    return f"from.{_checked(source)}.{shard(case_no or source):02d}.{message_type}"


def directory_key(source: str) -> str:
    """Return the routing key under which a county says which directory it holds."""
    return f"from.{_checked(source)}.directory"


def parts_key(source: str, case_no: str, word: str) -> str:
    """Return the routing key under which a county asks for parts of attachments of this case, or sends them."""
    return f"from.{_checked(source)}.{shard(case_no):02d}.{word}"


def parts_queue(number: int) -> str:
    """Name of the queue of parts of a shard, `parts.00`-`parts.15`."""
    return f"parts.{number:02d}"


def parts_queues() -> tuple[str, ...]:
    """Every queue of parts that comes from counties."""
    return tuple(parts_queue(number) for number in range(SHARDS))


def admission_queue(number: int) -> str:
    """Name of the admission queue of a shard, `admission.00`–`admission.15`."""
    return f"admission.{number:02d}"


def admission_queues() -> tuple[str, ...]:
    """Every admission queue that the workers share, without the express one."""
    return tuple(admission_queue(number) for number in range(SHARDS))


@lru_cache(maxsize=4096)
def county_inbox(code: str) -> str:
    """Queue of a county's messages; also its key on the exchange `county`. Raises E-BROKER-001."""
    return f"county.{_checked(code)}.inbox"


@lru_cache(maxsize=4096)
def county_express(code: str) -> str:
    """Queue of a county's print claims, which never wait behind cases. Raises E-BROKER-001."""
    return f"county.{_checked(code)}.express"


@lru_cache(maxsize=4096)
def county_hold(code: str) -> str:
    """Queue of what a county cannot take now; only the hub reads it. Raises E-BROKER-001."""
    return f"county.{_checked(code)}.hold"


def county_slow(code: str) -> str:
    """Queue of what a flooding county sends faster than its quota; only the hub touches it. Raises E-BROKER-001."""
    return f"county.{_checked(code)}.slow"


@lru_cache(maxsize=4096)
def county_parts(code: str) -> str:
    """Queue of parts of attachments, and of who asks for them, on their way to a county. Raises E-BROKER-001."""
    return f"county.{_checked(code)}.parts"


def county_queues(code: str) -> tuple[str, str, str, str]:
    """Return inbox, express, hold and parts queue of one county."""
    return county_inbox(code), county_express(code), county_hold(code), county_parts(code)


def slow_road(codes: Iterable[str]) -> Topology:
    """The slow queues of these counties, declared when they first flood: most counties never need one.

    No exchange leads there: the hub publishes to the queue itself, and a queue that is gone gives the message back.
    """
    queues = tuple(Queue(name=county_slow(code), arguments=_handled(alone=True)) for code in sorted(set(codes)))
    return Topology(exchanges=(), queues=queues, bindings=())


def declarations(counties: Iterable[str]) -> Topology:
    """Everything one virtual host holds for these counties; applying it twice changes nothing."""
    alternate = {"alternate-exchange": UNROUTED}
    exchanges = [
        Exchange(name=UNROUTED, kind="fanout", arguments={}),
        Exchange(name=DEAD, kind="fanout", arguments=alternate),
        Exchange(name=SUBMIT, kind="topic", arguments=alternate),
        Exchange(name=EXPRESS, kind="topic", arguments=alternate),
        Exchange(name=COUNTY, kind="direct", arguments=alternate),
        Exchange(name=PARTS, kind="topic", arguments=alternate),
    ]
    queues = [Queue(name=UNROUTED_QUEUE, arguments=_resting()), Queue(name=DEAD_LETTERS, arguments=_resting())]
    bindings = [
        Binding(exchange=UNROUTED, queue=UNROUTED_QUEUE, key=""),
        Binding(exchange=DEAD, queue=DEAD_LETTERS, key=""),
    ]
    for number in range(SHARDS):
        queues.append(Queue(name=admission_queue(number), arguments=_handled(alone=True)))
        queues.append(Queue(name=parts_queue(number), arguments=_passing(alone=True)))
        for exchange, queue in ((SUBMIT, admission_queue(number)), (PARTS, parts_queue(number))):
            bindings.append(Binding(exchange=exchange, queue=queue, key=f"from.*.{number:02d}.#"))
    queues.append(Queue(name=ADMISSION_EXPRESS, arguments=_handled(alone=True)))
    bindings.append(Binding(exchange=EXPRESS, queue=ADMISSION_EXPRESS, key="from.#"))
    queues.append(Queue(name=DIRECTORY_REQUESTS, arguments=_handled(max_bytes=REQUESTS_BYTES)))
    bindings.append(Binding(exchange=SUBMIT, queue=DIRECTORY_REQUESTS, key="from.*.directory"))
    own = county_declarations(counties)
    return Topology(exchanges=tuple(exchanges), queues=(*queues, *own.queues), bindings=(*bindings, *own.bindings))


def county_declarations(counties: Iterable[str]) -> Topology:
    """What these counties have for themselves, beside what is there for all. Raises E-BROKER-001."""
    queues: list[Queue] = []
    bindings: list[Binding] = []
    for code in sorted(set(counties)):
        queues += [
            Queue(name=county_inbox(code), arguments=_handled(max_bytes=INBOX_BYTES)),
            Queue(name=county_express(code), arguments=_handled(max_bytes=EXPRESS_BYTES)),
            Queue(name=county_hold(code), arguments=_handled()),
            Queue(name=county_parts(code), arguments=_passing()),
        ]
        bindings += [Binding(exchange=COUNTY, queue=name, key=name) for name in county_queues(code)]
    return Topology(exchanges=(), queues=tuple(queues), bindings=tuple(bindings))


def permissions(user_code: str) -> Permissions:
    """What a county may do: publish under its own key, read its own three queues, declare nothing. Raises E-BROKER-001.

    A topic exchange without a topic permission is open to every key, so both must be there.
    """
    own_keys = r"^from\.{username}\..*"
    return Permissions(
        user=_checked(user_code),
        configure="^$",
        write=f"^({SUBMIT}|{EXPRESS}|{PARTS})$",
        read=rf"^county\.{user_code}\.(inbox|express|parts)$",
        topics=tuple(TopicPermission(exchange=name, write=own_keys, read="^$") for name in (SUBMIT, EXPRESS, PARTS)),
    )


def hub_permissions(user: str) -> Permissions:
    """Return the hub's own permissions: it declares, publishes and reads everything on its virtual host."""
    return Permissions(user=user, configure=".*", write=".*", read=".*")


def problems(topology: Topology) -> list[str]:
    """Everything wrong with a topology, one English sentence each, for tests and `hub doctor`; empty is good."""
    found: list[str] = []
    exchanges = {exchange.name: exchange for exchange in topology.exchanges}
    queues = {queue.name: queue for queue in topology.queues}
    bound = {(binding.exchange, binding.queue) for binding in topology.bindings}
    found += [
        f"exchange {name} has no alternate exchange"
        for name, exchange in exchanges.items()
        if name != UNROUTED and exchange.arguments.get("alternate-exchange") != UNROUTED
    ]
    if (UNROUTED, UNROUTED_QUEUE) not in bound:
        found.append("nothing catches what has no route")
    for binding in topology.bindings:
        if binding.exchange not in exchanges or binding.queue not in queues:
            found.append(f"binding {binding.exchange} -> {binding.queue} hangs in the air")
    found += _sharing_problems(topology)
    for queue in topology.queues:
        found += _queue_problems(queue, dict(bound), queues)
    return found


def _sharing_problems(topology: Topology) -> list[str]:
    """Return where one county could wait behind another: a county's queue has one owner, one key and one way in."""
    found: list[str] = []
    for binding in topology.bindings:
        owned = re.fullmatch(_COUNTY_QUEUE, binding.queue)
        slow = owned and owned["use"] == "slow"
        if slow or bool(owned) != (binding.exchange == COUNTY) or (owned and binding.key != binding.queue):
            found.append(f"queue {binding.queue} is shared: {binding.exchange} leads to it under {binding.key!r}")
    for queue in topology.queues:
        waits = re.fullmatch(_COUNTY_QUEUE, queue.name)
        if waits and waits["use"] in ("hold", "slow") and _limited(queue):
            found.append(f"queue {queue.name} is where messages wait, and can itself be full")
        if waits and waits["use"] == "slow" and queue.arguments.get("x-single-active-consumer") is not True:
            found.append(f"queue {queue.name} has several consumers at once: its order would be lost")
    return found


def _queue_problems(queue: Queue, behind: Mapping[str, str], queues: Mapping[str, Queue]) -> list[str]:
    """Return what is wrong with one queue; `behind` maps an exchange to a queue bound to it."""
    if _of_parts(queue.name):
        return _parts_problems(queue)
    found: list[str] = []
    arguments = queue.arguments
    if arguments.get("x-queue-type") != "quorum":
        found.append(f"queue {queue.name} is no quorum queue")
    if arguments.get("x-delivery-limit") != DELIVERY_LIMIT:
        found.append(f"queue {queue.name} does not state the delivery limit (4.x would put 20)")
    gone = sorted(set(arguments) & _REMOVED)
    if gone:
        found.append(f"queue {queue.name} uses what RabbitMQ 4.x removed or refuses: {', '.join(gone)}")
    if "x-message-ttl" in arguments or "x-expires" in arguments:
        found.append(f"queue {queue.name} is a waiting queue: one full destination would stop all others")
    target = arguments.get("x-dead-letter-exchange")
    if arguments.get("x-dead-letter-strategy") == "at-least-once":
        if arguments.get("x-overflow") != "reject-publish":
            found.append(f"queue {queue.name}: at-least-once falls back silently without reject-publish")
        if not target:
            found.append(f"queue {queue.name}: at-least-once without a dead letter exchange")
    elif target:
        found.append(f"queue {queue.name} dead-letters at most once")
    if target and target != DEAD:
        found.append(f"queue {queue.name} dead-letters to {target} and not to {DEAD}")
    last = queues.get(behind.get(str(target), ""))
    if target and (last is None or _limited(last)):
        found.append(f"queue {queue.name}: what it dead-letters finds no queue without a length limit")
    if _limited(queue) and arguments.get("x-overflow") != "reject-publish":
        found.append(f"queue {queue.name} drops its oldest message when it is full")
    return found


def _of_parts(name: str) -> bool:
    """Whether a queue carries parts of attachments, which are asked for again, and no message."""
    return re.fullmatch(_PARTS_QUEUE, name) is not None


def _parts_problems(queue: Queue) -> list[str]:
    """Return what is wrong with a queue of parts: it must be small, forgetful and never gone."""
    found: list[str] = []
    arguments = queue.arguments
    gone = sorted(set(arguments) & _REMOVED)
    if gone:
        found.append(f"queue {queue.name} uses what RabbitMQ 4.x removed or refuses: {', '.join(gone)}")
    if arguments.get("x-queue-type") != "classic":
        found.append(f"queue {queue.name} carries parts and is no classic queue")
    if arguments.get("x-max-length-bytes") != PARTS_BYTES or arguments.get("x-overflow") != "reject-publish":
        found.append(f"queue {queue.name} carries parts and is not bounded, or drops what others wait for")
    if arguments.get("x-message-ttl") != PARTS_MILLISECONDS:
        found.append(f"queue {queue.name} keeps parts that were asked for again long ago")
    if "x-expires" in arguments:
        found.append(f"queue {queue.name} would be deleted while nobody needs it, and parts have no route then")
    if "x-dead-letter-exchange" in arguments:
        found.append(f"queue {queue.name} would fill the dead letters with parts")
    inward = not queue.name.startswith("county.")
    if inward and arguments.get("x-single-active-consumer") is not True:
        found.append(f"queue {queue.name} has several consumers at once: none would know what was asked for")
    return found


_PARTS_QUEUE: Final = r"parts\.[0-9]{2}|county\.[0-9]{6}\.parts"
_COUNTY_QUEUE: Final = r"county\.[0-9]{6}\.(?P<use>inbox|express|hold|slow|parts)"
_REMOVED: Final = frozenset(
    {
        "x-queue-mode",
        "x-queue-version",
        "x-max-priority",
        "x-ha-policy",
        "x-max-in-memory-length",
        "x-max-in-memory-bytes",
        "x-queue-master-locator",
    }
)


def _limited(queue: Queue) -> bool:
    """Whether the queue can be full."""
    return "x-max-length" in queue.arguments or "x-max-length-bytes" in queue.arguments


def _resting() -> dict[str, Argument]:
    """Arguments of a queue where messages lie until a person acts: no limit, nothing behind it."""
    return {"x-queue-type": "quorum", "x-delivery-limit": DELIVERY_LIMIT}


def _handled(*, max_bytes: int | None = None, alone: bool = False) -> dict[str, Argument]:
    """Arguments of a queue that a program empties; the four of dead-lettering are set nowhere else."""
    arguments: dict[str, Argument] = _resting() | {
        "x-dead-letter-exchange": DEAD,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    if max_bytes is not None:
        arguments["x-max-length-bytes"] = max_bytes
    if alone:
        arguments["x-single-active-consumer"] = True
    return arguments


def _passing(*, alone: bool = False) -> dict[str, Argument]:
    """Arguments of a queue of parts."""
    arguments: dict[str, Argument] = {
        "x-queue-type": "classic",
        "x-max-length-bytes": PARTS_BYTES,
        "x-overflow": "reject-publish",
        "x-message-ttl": PARTS_MILLISECONDS,
    }
    if alone:
        arguments["x-single-active-consumer"] = True
    return arguments


def _checked(code: str) -> str:
    """Return the division code, or raise: a name with a pattern's characters in it would widen a permission."""
    if not re.fullmatch("[0-9]{6}", code, flags=re.ASCII):
        raise errors.YunhuobanError(BAD_NAME, place="topology", found=code[:20], expected="[0-9]{6}")
    return code
