"""Queues that a node has and that serve nobody: those it could not start get an empty log, those without a leader one.

Measured on 3.10.8: a node whose disk was full and which is killed before it has caught up may find a gap in a quorum
queue's log when it starts (`corrupt_log, gap_between_snapshot_and_first_index`). It goes on without that queue, for
ever: whoever consumes from it or publishes to it has his channel closed, and what lay in it is lost to the broker.
Nobody else has lost it: a county offers a message again until its destination has signed for it, the hub repeats what
is not signed for, and stations ask again. So the queue gets a new log, and they fill it.

It is not deleted and declared again: in between, what is published to it would have no route and be confirmed all the
same, and whoever fell there would leave no trace of what is to be declared. So it stands in the broker's list, with its
arguments and bindings, all the while, and as dead until it lives: whatever fails, the next look finds it again.

Measured, too: a node keeps a new queue's entry in that table in memory for up to three seconds. Killed before, it
starts the queue as if it had never been there, and for an empty log it holds no election: the queue is there, takes
nothing, gives nothing and answers nobody, for ever. What shows is that it never has a state. It is told to hold one.
"""

from typing import Final, NamedTuple, Protocol
from urllib.parse import quote

from hub.broker.management import Management

NEW_LOG: Final = """
{ok, Queue} = rabbit_amqqueue:lookup(rabbit_misc:r(%(vhost)s, queue, %(queue)s)),
{Name, _} = Server = amqqueue:get_pid(Queue),
case whereis(Name) of
  undefined ->
    ra_directory:where_is(quorum_queues, Name) =:= undefined orelse rabbit_networking:close_all_connections("used it"),
    {ok, Names} = ra_system:lookup_name(quorum_queues, directory_rev),
    ok = dets:delete(Names, Name),
    {[_], []} = rabbit_quorum_queue:recover(%(vhost)s, [Queue]),
    ok = ra:trigger_election(Server),
    {ok, _, _} = ra:members(Server, 10000),
    ok = dets:sync(Names);
  _ -> ok
end.
"""
"""What the node is to do (RabbitMQ 3.10.8, ra 2.2.0).

A queue that has lived since the node started may be in use: its consumers, and who has published to it, would wait for
ever for the old log's answers, unless they connect anew. `Names` says which log a queue's name has; a name without one
is given a new one by the same function that starts every queue when the node starts. A server whose log has nothing in
it waits for another one to hold an election, so it is told to. Nothing of this is on disk before the new log is: a node
that is killed meanwhile has the old entry, and the queue is dead once more. A queue that lives keeps its entry.
"""


ELECTIONS: Final = """
[ok = ra:trigger_election(Server) ||
  Queue <- rabbit_amqqueue:list(), {Name, _} = Server <- [amqqueue:get_pid(Queue)],
  ets:lookup(ra_state, Name) =:= [{Name, follower}]].
"""
"""On a node that is alone nobody else can lead: a follower waits for ever, or is just starting and not harmed by it."""


CONNECT_ANEW: Final = 'rabbit_networking:close_all_connections("what lay in a replaced queue is to be offered again").'
"""A county that connects sends again within seconds what is on its way; by itself, within an hour."""


class Unserved(NamedTuple):
    """Names of quorum queues."""

    dead: frozenset[str]
    """No process lives."""
    silent: frozenset[str]
    """A process lives, and its state is not known: for some ten seconds after a start, or for ever."""


class Evaluates(Protocol):
    """The part of a node that this needs."""

    def evaluate(self, expression: str) -> None:
        """Have the node evaluate an Erlang expression."""
        ...


def unserved(management: Management, vhost: str) -> Unserved:
    """Look at all queues. Raises E-BROKER-020 or -021.

    Whether its leader lives the broker looks up when it is asked. `online` and `state` it does not: they are what was
    counted last, so they are absent before the first time, and stay as they were for ever when the process has died.
    """
    listed = management.call("GET", f"/api/queues/{quote(vhost, safe='')}?columns=name,type,leader,state")
    quorum = [each for each in listed if each.get("type") == "quorum"]
    return Unserved(
        dead=frozenset(each["name"] for each in quorum if not each.get("leader")),
        silent=frozenset(each["name"] for each in quorum if each.get("leader") and not each.get("state")),
    )


def hold_elections(node: Evaluates) -> None:
    """Give every queue that has no leader one. Raises E-BROKER-016."""
    node.evaluate(ELECTIONS)


def have_all_connect_anew(node: Evaluates) -> None:
    """Close every connection, so that what a replaced queue has lost comes again soon. Raises E-BROKER-016."""
    node.evaluate(CONNECT_ANEW)


def start_empty(node: Evaluates, vhost: str, queue: str) -> None:
    """Give a dead queue a new log and start it; one that lives stays as it is. Raises E-BROKER-016."""
    node.evaluate(NEW_LOG % {"vhost": _binary(vhost), "queue": _binary(queue)})


def _binary(text: str) -> str:
    """An Erlang binary, in digits: no name can end it."""
    return f"<<{','.join(str(octet) for octet in text.encode())}>>"
