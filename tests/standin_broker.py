"""The management API of a broker, answered from memory, for what is counted or interrupted call by call."""

import json
from typing import Any

import httpx


def nothing(_method: str, _path: str) -> None:
    """What is done before a call, unless a test says otherwise."""


class StandInBroker:
    """Answers the management API from memory, and counts: a broker with as many counties as it is told."""

    def __init__(self) -> None:
        """Empty."""
        self.calls: list[tuple[str, str]] = []
        self.users: dict[str, dict[str, Any]] = {}
        self.plain: dict[str, dict[str, Any]] = {}
        self.topics: dict[tuple[str, str], dict[str, Any]] = {}
        self.parts: dict[str, list[dict[str, Any]]] = {"queues": [], "exchanges": [], "bindings": []}
        self.vhosts: set[str] = set()
        self.states: dict[str, str] = {"rabbit@one": "running"}
        """Of every virtual host on each node."""
        self.connected: set[str] = set()
        """Users with an open connection."""
        self.before = nothing
        """Told of each call before it is answered."""
        self.file_handles = 65_536

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """One call."""
        method, path = request.method, request.url.path
        self.calls.append((method, path))
        self.before(method, path)
        if method == "POST" and path.startswith("/api/vhosts/"):
            self.states[path.rsplit("/", 1)[1]] = "running"
            return httpx.Response(204)
        if method == "POST":
            self._define(path, json.loads(request.content))
            return httpx.Response(204)
        if method == "DELETE":
            self._delete(path.strip("/").split("/")[1:])
            return httpx.Response(204)
        if method == "PUT":
            self.vhosts.add(path.rsplit("/", 1)[1])
            return httpx.Response(204)
        return httpx.Response(200, json=self._read(path.strip("/").split("/")[1:]))

    def _define(self, path: str, document: dict[str, Any]) -> None:
        for each in document.get("users", ()):
            self.users[each["name"]] = each | {"tags": []}
        for each in document.get("permissions", ()):
            self.plain[each["user"]] = each
        for each in document.get("topic_permissions", ()):
            self.topics[each["user"], each["exchange"]] = each
        for kind, there in self.parts.items():
            there += [each for each in document.get(kind, ()) if each not in there]
        assert path.startswith("/api/definitions")

    def _delete(self, parts: list[str]) -> None:
        match parts:
            case ["permissions", _, user]:
                self.plain.pop(user, None)
            case ["topic-permissions", _, user]:
                self.topics = {key: each for key, each in self.topics.items() if key[0] != user}
            case ["connections", "username", user]:
                self.connected.discard(user)
            case _:
                raise AssertionError(parts)

    def _read(self, parts: list[str]) -> Any:
        match parts:
            case ["nodes"]:
                return [{"fd_total": self.file_handles}]
            case ["policies" | "operator-policies", _]:
                return []
            case ["vhosts"]:
                return [{"name": name} for name in sorted(self.vhosts)]
            case ["vhosts", _]:
                return {"cluster_state": self.states}
            case ["vhosts", _, "permissions"]:
                return list(self.plain.values())
            case ["vhosts", _, "topic-permissions"]:
                return list(self.topics.values())
            case ["connections", "username", user]:
                return [{"user": each} for each in self.connected & {user}]
            case ["users"]:
                return list(self.users.values())
            case ["users", user]:
                return self.users[user]
            case ["users", user, "permissions"]:
                return [self.plain[user]]
            case ["users", user, "topic-permissions"]:
                return [each for (name, _), each in self.topics.items() if name == user]
            case ["queues", _, name]:
                return next(each for each in self.parts["queues"] if each["name"] == name)
            case ["bindings", _, "e", exchange, "q", queue]:
                return [e for e in self.parts["bindings"] if (e["source"], e["destination"]) == (exchange, queue)]
            case ["exchanges", _, name]:
                return next((each for each in self.parts["exchanges"] if each["name"] == name), None)
            case [kind, _]:
                return self.parts[kind]
        raise AssertionError(parts)
