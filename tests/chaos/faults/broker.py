"""What the broker says when memory or disk run out, and an inbox that is full."""

import subprocess
from typing import Any, ClassVar, Final
from urllib.parse import quote

from hub import bootstrap
from hub.broker import node_files
from schemas import topology
from schemas.errors import YunhuobanError
from tests.chaos.arena import COUNTIES, Arena
from tests.chaos.faults.fault import NotInflictedError
from tests.chaos.plan import Kind, Step

_PROGRAM: Final = "/usr/lib/rabbitmq/bin/rabbitmqctl"
_CONTROL_SECONDS: Final = 30
_POLICY: Final = "chaos-full"


def control(arena: Arena, *arguments: str) -> None:
    """Run rabbitmqctl against the private node. Raises NotInflictedError with its words."""
    settings = bootstrap.node_settings(arena.settings)
    command = [_PROGRAM, "-n", f"{settings.node_name}@localhost", *arguments]
    try:
        done = subprocess.run(
            command, env=node_files.environment(settings), capture_output=True, text=True, timeout=_CONTROL_SECONDS,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NotInflictedError("rabbitmqctl does not come back") from error
    if done.returncode:
        raise NotInflictedError(done.stderr.strip()[-200:] or f"rabbitmqctl: {done.returncode}")


class MemoryAlarm:
    """The broker takes nothing from anybody, because its memory is said to be used up."""

    kind: ClassVar = Kind(name="memory-alarm", targets=("broker",), seconds=(3.0, 12.0), touches=("hub",), weight=2)

    def inflict(self, arena: Arena, step: Step) -> None:
        """Lower the mark below what it uses."""
        control(arena, "set_vm_memory_high_watermark", "absolute", "1MB")

    def heal(self, arena: Arena, step: Step) -> None:
        """Put the mark back where the settings have it."""
        control(arena, "set_vm_memory_high_watermark", "0.4")


class DiskAlarm:
    """The broker takes nothing from anybody, because too little disk is said to be free."""

    kind: ClassVar = Kind(name="disk-alarm", targets=("broker",), seconds=(3.0, 12.0), touches=("hub",), weight=2)

    def inflict(self, arena: Arena, step: Step) -> None:
        """Ask for more than any disk has."""
        control(arena, "set_disk_free_limit", str(10**15))

    def heal(self, arena: Arena, step: Step) -> None:
        """Put the limit back where the settings have it."""
        control(arena, "set_disk_free_limit", str(bootstrap.node_settings(arena.settings).disk_free_limit_bytes))


class FullInbox:
    """A county's inbox takes nothing more: what is meant for it has to go to its hold queue."""

    kind: ClassVar = Kind(name="full-inbox", targets=COUNTIES, seconds=(3.0, 8.0), weight=2, cheap=True)

    def inflict(self, arena: Arena, step: Step) -> None:
        """A policy with a length of nothing."""
        self._call(
            arena, "PUT", step.target,
            {
                "pattern": f"^{topology.county_inbox(step.target)}$".replace(".", r"\."),
                "apply-to": "queues",
                "definition": {"max-length": 0},
            },
        )  # fmt: skip

    def heal(self, arena: Arena, step: Step) -> None:
        """Take the policy away."""
        self._call(arena, "DELETE", step.target)

    @staticmethod
    def _call(arena: Arena, method: str, county: str, body: Any = None) -> None:
        place = f"/api/policies/{quote(arena.settings.broker.vhost, safe='')}/{_POLICY}-{county}"
        try:
            with arena.management() as management:
                management._call(method, place, body, missing_is_fine=True)
        except YunhuobanError as error:
            raise NotInflictedError(str(error)) from error
