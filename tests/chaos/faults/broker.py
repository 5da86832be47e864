"""What the broker says when memory or disk run out, and an inbox that is full."""

import subprocess
import uuid
from typing import Any, ClassVar, Final
from urllib.parse import quote

from hub import bootstrap
from hub.broker import node_files
from schemas import topology
from schemas.errors import YunhuobanError
from tests.chaos.arena import COUNTIES, Arena
from tests.chaos.faults.fault import NotInflictedError
from tests.chaos.plan import Kind, Step

_CONTROL_SECONDS: Final = 30
_POLICY: Final = "chaos-full"


def control(arena: Arena, function: str) -> None:
    """Call a function inside the private node, as rabbitmqctl does in ten times its time. Raises NotInflictedError."""
    settings = bootstrap.node_settings(arena.settings)
    call = f"R = rpc:call('{settings.node_name}@localhost', {function}, {_CONTROL_SECONDS}000)"
    told = f'{call}, io:format("~p", [R]), halt(case R of ok -> 0; _ -> 1 end).'
    name = f"chaos-{uuid.uuid4().hex[:8]}@localhost"
    try:
        done = subprocess.run(
            ["erl", "-noinput", "-hidden", "-sname", name, "-eval", told],
            env=node_files.environment(settings), capture_output=True, text=True, timeout=_CONTROL_SECONDS * 2,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NotInflictedError("the node does not answer") from error
    if done.returncode:
        raise NotInflictedError(f"{function}: {done.stdout or done.stderr}"[:200])


class MemoryAlarm:
    """The broker takes nothing from anybody, because its memory is said to be used up."""

    kind: ClassVar = Kind(name="memory-alarm", targets=("broker",), seconds=(3.0, 12.0), touches=("hub",), weight=2)

    def inflict(self, arena: Arena, step: Step) -> None:
        """Lower the mark below what it uses."""
        control(arena, "vm_memory_monitor, set_vm_memory_high_watermark, [{absolute, 1000000}]")

    def heal(self, arena: Arena, step: Step) -> None:
        """Put the mark back where the settings have it."""
        control(arena, "vm_memory_monitor, set_vm_memory_high_watermark, [0.4]")


class DiskAlarm:
    """The broker takes nothing from anybody, because too little disk is said to be free."""

    kind: ClassVar = Kind(name="disk-alarm", targets=("broker",), seconds=(3.0, 12.0), touches=("hub",), weight=2)

    def inflict(self, arena: Arena, step: Step) -> None:
        """Ask for more than any disk has."""
        control(arena, f"rabbit_disk_monitor, set_disk_free_limit, [{10**15}]")

    def heal(self, arena: Arena, step: Step) -> None:
        """Put the limit back where the settings have it."""
        limit = bootstrap.node_settings(arena.settings).disk_free_limit_bytes
        control(arena, f"rabbit_disk_monitor, set_disk_free_limit, [{limit}]")


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
                management.call(method, place, body, missing_is_fine=True)
        except YunhuobanError as error:
            raise NotInflictedError(str(error)) from error
