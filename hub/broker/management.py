"""The door to RabbitMQ's management API on loopback: virtual hosts, users, permissions, topology, what can be seen.

Topology goes in as one definitions document per virtual host (600 queues in a few seconds over one connection) and is
read back, because the import silently leaves an existing queue with other arguments as it is. Users and permissions of
many counties go in as one document too (parts of 4.x lost topic permissions in it) and are therefore always read back.
What concerns one county costs the same however many there are. Source: RabbitMQ 3.10 HTTP API.
"""

import ssl
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import httpx

from hub.broker.node_files import MANAGEMENT_USER
from hub.broker.states import BrokerOverview, ConnectionState, QueueState
from schemas import errors
from schemas.errors import YunhuobanError
from schemas.topology import Argument, Permissions, Queue, Topology

NO_ANSWER: Final = errors.declare(
    "E-BROKER-020", "消息服务的管理接口没有回答。", "请用 hub broker status 查看消息服务是否在运行。"
)
REFUSED: Final = errors.declare(
    "E-BROKER-021", "消息服务的管理接口拒绝了请求 {request}（状态 {status}）。", "请查看消息服务的日志。"
)
DIFFERS: Final = errors.declare(
    "E-BROKER-022", "消息服务里的 {name} 与应有的设置不同。", "请先备份并排空它，再删除后重新建立。"
)

ANSWER_SECONDS: Final = 30.0
PAGE_SECONDS: Final = 6.0
"""Of a page that somebody looks at: it is to say that the broker hangs, and not to hang with it."""
_SIGN_OF_LIFE_SECONDS: Final = 4.0
"""Of one node, whatever it is busy with: one that hangs takes connections and answers nothing."""
_IMPORT_SECONDS: Final = 300.0  # a quorum queue takes some 5 ms, on a busy machine several times that
_VHOST_SECONDS: Final = 60.0  # it waits 45 s for every node that runs
_NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no authority: for plain HTTP, where the system's would be read anew for every look at a broker."""
_HASHING: Final = "rabbit_password_hashing_sha256"


class Management:
    """Speak to the management API over one kept connection. Every method raises E-BROKER-020 or -021."""

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`answer_seconds` is how long an answer is waited for; `transport` takes the network's place in tests."""
        self._answer_seconds = answer_seconds
        # trust_env: a proxy of the surroundings must never see this password.
        verify = True if url.startswith("https:") else _NOBODY
        self._client = httpx.Client(
            base_url=url, auth=(user, password), trust_env=False, transport=transport, verify=verify
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def create_vhost(self, vhost: str) -> None:
        """Make a virtual host; one that exists stays as it is."""
        self.call("PUT", f"/api/vhosts/{_name(vhost)}", {}, timeout_seconds=_VHOST_SECONDS)

    def nodes_without(self, vhost: str) -> list[str]:
        """Nodes of the cluster that run, and on which this virtual host does not: they refuse everybody."""
        states = self.call("GET", f"/api/vhosts/{_name(vhost)}?columns=cluster_state")["cluster_state"]
        return sorted(node for node, state in states.items() if state == "stopped")

    def start_vhost(self, vhost: str, node: str) -> None:
        """Start a virtual host on a node; one that runs stays as it is."""
        self.call("POST", f"/api/vhosts/{_name(vhost)}/start/{_name(node)}")

    def delete_vhost(self, vhost: str) -> None:
        """Delete a virtual host with everything in it; one that is not there is no error."""
        self.call("DELETE", f"/api/vhosts/{_name(vhost)}", missing_is_fine=True)

    def vhosts(self) -> list[str]:
        """Names of all virtual hosts."""
        return [vhost["name"] for vhost in self.call("GET", "/api/vhosts?columns=name")]

    def create_user(self, user: str) -> None:
        """Make a user without password and without tags: only its certificate opens a connection."""
        self.call("PUT", f"/api/users/{_name(user)}", {"password_hash": "", "tags": ""})

    def delete_user(self, user: str) -> None:
        """Delete a user with its permissions; open connections stay, see `close_connections`."""
        self.call("DELETE", f"/api/users/{_name(user)}", missing_is_fine=True)

    def grant(self, vhost: str, permissions: Permissions) -> None:
        """Make the user and set what it may do. Topics first: without them a topic exchange is open to every key."""
        self.create_user(permissions.user)
        place = f"{_name(vhost)}/{_name(permissions.user)}"
        for topic in permissions.topics:
            body = {"exchange": topic.exchange, "write": topic.write, "read": topic.read}
            self.call("PUT", f"/api/topic-permissions/{place}", body)
        body = {"configure": permissions.configure, "write": permissions.write, "read": permissions.read}
        self.call("PUT", f"/api/permissions/{place}", body)

    def revoke(self, vhost: str, user: str) -> None:
        """Take away everything a user may do on a virtual host."""
        for kind in ("permissions", "topic-permissions"):
            self.call("DELETE", f"/api/{kind}/{_name(vhost)}/{_name(user)}", missing_is_fine=True)

    def grant_many(self, vhost: str, permissions: Sequence[Permissions]) -> None:
        """Make these users and set what they may do, in two calls. Topics first, as in `grant`."""
        users = [
            {"name": each.user, "password_hash": "", "hashing_algorithm": _HASHING, "tags": ""} for each in permissions
        ]
        topics = [
            {"user": each.user, "vhost": vhost, "exchange": topic.exchange, "write": topic.write, "read": topic.read}
            for each in permissions
            for topic in each.topics
        ]
        plain = [
            {"user": each.user, "vhost": vhost, "configure": each.configure, "write": each.write, "read": each.read}
            for each in permissions
        ]
        for document in ({"users": users, "topic_permissions": topics}, {"permissions": plain}):
            self.call("POST", "/api/definitions", document, timeout_seconds=_IMPORT_SECONDS)

    def verify_back(self, vhost: str, expected: Iterable[Permissions]) -> list[str]:
        """Read all permissions of a virtual host back; the names of users who have other ones than expected.

        A user with a password or a tag is wrong too: its certificate alone is to open a connection, and nothing more.
        """
        wanted = {entry.user: entry for entry in expected}
        plain = [
            entry
            for entry in self.call("GET", f"/api/vhosts/{_name(vhost)}/permissions")
            if entry["user"] != MANAGEMENT_USER
        ]
        topics = self.call("GET", f"/api/vhosts/{_name(vhost)}/topic-permissions")
        users = {each["name"]: each for each in self.call("GET", "/api/users?columns=name,password_hash,tags")}
        strange = {entry["user"] for entry in plain} - set(wanted)
        return sorted(strange | _others(wanted, plain, topics, users))

    def verify_county(self, vhost: str, expected: Permissions, topology: Topology) -> bool:
        """Whether one county's user and permissions are as they must be, in a few small calls.

        Raises E-BROKER-022 for a queue or a binding that is not.
        """
        vhost_, user = _name(vhost), _name(expected.user)
        plain = [each for each in self.call("GET", f"/api/users/{user}/permissions") if each["vhost"] == vhost]
        topics = [each for each in self.call("GET", f"/api/users/{user}/topic-permissions") if each["vhost"] == vhost]
        users = {expected.user: self.call("GET", f"/api/users/{user}")}
        if _others({expected.user: expected}, plain, topics, users):
            return False
        for queue in topology.queues:
            found = self.call("GET", f"/api/queues/{vhost_}/{_name(queue.name)}", missing_is_fine=True)
            if found is None or (found["arguments"], found["durable"]) != (dict(queue.arguments), True):
                raise YunhuobanError(DIFFERS, place="broker", found=queue.name, name=queue.name)
        for each in topology.bindings:
            place = f"/api/bindings/{vhost_}/e/{_name(each.exchange)}/q/{_name(each.queue)}"
            if each.key not in {found["routing_key"] for found in self.call("GET", place)}:
                name = f"{each.exchange} → {each.queue}"
                raise YunhuobanError(DIFFERS, place="broker", found=name, name=name)
        return True

    def apply(self, vhost: str, topology: Topology) -> None:
        """Declare everything that is missing and read it back. Raises E-BROKER-022 when something exists differently.

        What is there and not in the topology is left alone: it may hold messages.
        """
        missing = self.missing(vhost, topology)
        if missing.exchanges or missing.queues or missing.bindings:
            self.declare(vhost, missing)
            left = self.missing(vhost, missing)
            names = [each.name for each in left.exchanges] + [each.name for each in left.queues]
            names += [f"{each.exchange} → {each.queue}" for each in left.bindings]
            if names:
                raise YunhuobanError(DIFFERS, place="broker", found=_few(names), name=names[0])

    def declare(self, vhost: str, topology: Topology) -> None:
        """Declare this, whatever is there; the import leaves what exists as it is, so look at it afterwards."""
        document = {
            "exchanges": [
                {
                    "name": e.name,
                    "type": e.kind,
                    "durable": True,
                    "auto_delete": False,
                    "internal": False,
                    "arguments": dict(e.arguments),
                }
                for e in topology.exchanges
            ],
            "queues": [
                {"name": q.name, "durable": True, "auto_delete": False, "arguments": dict(q.arguments)}
                for q in topology.queues
            ],
            "bindings": [
                {
                    "source": b.exchange,
                    "destination": b.queue,
                    "destination_type": "queue",
                    "routing_key": b.key,
                    "arguments": {},
                }
                for b in topology.bindings
            ],
        }
        self.call("POST", f"/api/definitions/{_name(vhost)}", document, timeout_seconds=_IMPORT_SECONDS)

    def missing(self, vhost: str, topology: Topology) -> Topology:
        """What of this is not there. Raises E-BROKER-022 for what exists with other settings."""
        place = _name(vhost)
        queues = {
            entry["name"]: (entry["arguments"], entry["durable"])
            for entry in self.call("GET", f"/api/queues/{place}?columns=name,arguments,durable")
        }
        exchanges = {
            entry["name"]: (entry["type"], entry["arguments"], entry["durable"])
            for entry in self.call("GET", f"/api/exchanges/{place}?columns=name,type,arguments,durable")
        }
        bindings = {
            (entry["source"], entry["destination"], entry["routing_key"])
            for entry in self.call("GET", f"/api/bindings/{place}?columns=source,destination,routing_key")
        }
        wrong = [q.name for q in topology.queues if queues.get(q.name, _asked(q)) != _asked(q)]
        wrong += [
            e.name
            for e in topology.exchanges
            if exchanges.get(e.name, (e.kind, dict(e.arguments), True)) != (e.kind, dict(e.arguments), True)
        ]
        if wrong:
            raise YunhuobanError(DIFFERS, place="broker", found=_few(wrong), name=wrong[0])
        return Topology(
            exchanges=tuple(e for e in topology.exchanges if e.name not in exchanges),
            queues=tuple(q for q in topology.queues if q.name not in queues),
            bindings=tuple(b for b in topology.bindings if (b.exchange, b.queue, b.key) not in bindings),
        )

    def file_handles(self) -> int | None:
        """How many files a node may open, the least of a cluster; None while it has just started and not counted."""
        nodes = self.call("GET", "/api/nodes?columns=fd_total")
        # Of a node that has not counted yet the API writes an empty list instead of an object.
        counted = [node["fd_total"] for node in nodes if isinstance(node, dict)]
        return min(counted) if counted else None

    def has_exchange(self, vhost: str, name: str) -> bool:
        """Whether an exchange is there."""
        return self.call("GET", f"/api/exchanges/{_name(vhost)}/{_name(name)}", missing_is_fine=True) is not None

    def queues(self, vhost: str) -> list[QueueState]:
        """Depth of every queue, by name."""
        columns = "name,messages_ready,messages_unacknowledged,consumers,messages_dlx,message_stats.redeliver"
        found = self.call("GET", f"/api/queues/{_name(vhost)}?columns={columns}")
        # A queue through which nothing has gone has no statistics; where none has any, the broker keeps none.
        counts = any("message_stats" in entry for entry in found)
        ordered = sorted(found, key=lambda each: str(each["name"]))
        return [QueueState.read(entry, counts_redelivered=counts) for entry in ordered]

    def serves(self, vhost: str, queue: str) -> bool:
        """Whether the broker can take and give messages of this queue, or has no such queue."""
        found = self.call("GET", f"/api/queues/{_name(vhost)}/{_name(queue)}?columns=state", missing_is_fine=True)
        # Of a queue that is not counted yet the broker knows no state, and writes an empty list.
        return not isinstance(found, dict) or found.get("state") != "down"

    def connections(self) -> list[ConnectionState]:
        """Every open connection, of all virtual hosts."""
        columns = "name,user,vhost,peer_host,connected_at"
        return [ConnectionState.read(entry) for entry in self.call("GET", f"/api/connections?columns={columns}")]

    def connections_of(self, user: str) -> int:
        """How many connections a user has open, those of this moment too: `connections` shows one seconds later."""
        return len(self.call("GET", f"/api/connections/username/{_name(user)}"))

    def close_connections(self, user: str) -> int:
        """Close every open connection of a user and return how many; revocation alone closes none."""
        open_now = self.connections_of(user)
        self.call("DELETE", f"/api/connections/username/{_name(user)}")
        return open_now

    def overview(self) -> BrokerOverview:
        """Version, alarms and room of the node. Whether it answers at all is known within seconds."""
        soon = _SIGN_OF_LIFE_SECONDS
        whole = self.call("GET", "/api/overview?columns=rabbitmq_version,node", timeout_seconds=soon)
        node = self.call("GET", f"/api/nodes/{_name(whole['node'])}", timeout_seconds=soon)
        return BrokerOverview.read(whole, node)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        missing_is_fine: bool = False,
        timeout_seconds: float | None = None,
    ) -> Any:
        """One request to the API; its JSON, or None. Raises E-BROKER-020 or -021."""
        request = f"{method} {path.partition('?')[0]}"
        try:
            seconds = self._answer_seconds if timeout_seconds is None else timeout_seconds
            answer = self._client.request(method, path, json=body, timeout=seconds)
        except httpx.HTTPError as error:
            raise YunhuobanError(NO_ANSWER, place="broker", found=type(error).__name__) from error
        if answer.status_code == httpx.codes.NOT_FOUND and missing_is_fine:
            return None
        if answer.is_error:
            raise YunhuobanError(
                REFUSED, place="broker", found=answer.text[:200], request=request, status=str(answer.status_code)
            )
        return answer.json() if answer.content else None


def _name(name: str) -> str:
    return quote(name, safe="")


def _asked(queue: Queue) -> tuple[dict[str, Argument], bool]:
    return dict(queue.arguments), True


def _others(
    wanted: Mapping[str, Permissions],
    plain: Iterable[Mapping[str, Any]],
    topics: Iterable[Mapping[str, Any]],
    users: Mapping[str, Mapping[str, Any]],
) -> set[str]:
    """Which of these users have other permissions, or a password or a tag; the entries are the API's."""
    found = {entry["user"]: (entry["configure"], entry["write"], entry["read"]) for entry in plain}
    keys: dict[str, set[tuple[str, str, str]]] = {}
    for entry in topics:
        keys.setdefault(entry["user"], set()).add((entry["exchange"], entry["write"], entry["read"]))
    return {
        user
        for user, each in wanted.items()
        if found.get(user) != (each.configure, each.write, each.read)
        or keys.get(user, set()) != {(topic.exchange, topic.write, topic.read) for topic in each.topics}
        or users.get(user, {}).get("password_hash")
        or users.get(user, {}).get("tags")
    }


def _few(names: Sequence[str]) -> str:
    return "、".join(names[:5])
