"""The hub's and the authorities' people on a county's afternoon: they invite, call, approve, certify, take results."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from certs import keys
from certs.profiles import Role
from deploy.demo.stage import NotReadyError, Stage
from deploy.demo.world import World, certify, free_ports

_LINE: Final = re.compile(r"^YHB1[A-Z2-7]+$", re.MULTILINE)
TWO_PERSONS: Final = ("演示甲", "演示乙")


def open_joining_page(world: World) -> None:
    """Give the hub a joining page: a certificate of its own, a port, and what invitations say of it."""
    certify(world.transport, Role.PAGE, world.hub / "certs", "page", "hub", datetime.now(UTC))
    (port,) = free_ports(1)
    with (world.hub / "hub.toml").open("a", encoding="utf-8") as file:
        file.write(f"""
[joining]
port = {port}
host = "127.0.0.1"
address = "https://localhost:{port}"
urls = ["localhost:{world.amqps_port}"]
server_hostname = "localhost"
""")


class HubPeople:
    """What they type, too, is counted."""

    def __init__(self, stage: Stage) -> None:
        """On the hub's machine and the authority's."""
        self._stage = stage
        self._hub = ("-d", str(stage.world.hub))
        self.typed: list[str] = []

    def type(self, module: str, *words: str) -> str:
        """Run one of their commands. Raises NotReadyError."""
        self.typed.append(" ".join((module.removesuffix("s") if module == "adapters" else module, *words)))
        return self._stage.command(module, *words)

    def require_conformance(self) -> None:
        """Nothing goes live without a result and a trial."""
        self.type("hub", "county", "gate", "required", *self._hub)

    def invite(self, code: str) -> str:
        """One line, to be pasted at the county. Raises NotReadyError."""
        said = self.type("hub", "county", "invite", code, *self._hub)
        found = _LINE.search(said)
        if found is None:
            raise NotReadyError(f"hub county invite {code}: {said}")
        return found[0]

    def requested(self, code: str) -> bool:
        """Whether the county's request is here and has passed the machine's checks."""
        shown = self._stage.command("hub", "county", "requests", *self._hub)
        return any(code in line and "requested" in line for line in shown.splitlines())

    def approve(self, code: str, heard: str) -> None:
        """Two persons, each of whom called the county and typed what was read out."""
        for person in TWO_PERSONS:
            self.type("hub", "county", "approve", code, "--by", person, "--fingerprint", heard, *self._hub)

    def certify(self, code: str, carried: Path) -> None:
        """The three certificates, issued at the authority's machine; the answer is signed with them."""
        self.type("hub", "county", "request-files", code, "--out", str(carried), *self._hub)
        authority = self._stage.world.folder / "authority" / "transport"
        self.type("certs", "county", str(authority), code, str(carried))
        self.type("hub", "county", "certificates", code, str(carried), *self._hub)

    def seal(self, subject: str, request: Path, out: Path) -> None:
        """The seal's certificate, from the seals' own authority."""
        seals = self._stage.world.folder / "authority" / "seal"
        self.type("certs", "issue", str(seals), "seal", subject, "--request", str(request), "--out", str(out))

    def take_result(self, file: Path) -> None:
        """A county's signed result of `adapter test`."""
        self.type("hub", "county", "conformance", str(file), *self._hub)

    def is_live(self, code: str, item: str, window: str) -> bool:
        """Whether an item of a county may be applied for in earnest at a window, by `hub county items`."""
        shown = self._stage.command("hub", "county", "items", code, *self._hub)
        return any(item in line and window in line and "live" in line for line in shown.splitlines())

    def seal_anchors(self, folder: Path) -> None:
        """What every county is given to judge seals by, if the answer has not brought it."""
        target = folder / "seal-anchors.pem"
        if not target.exists():
            keys.save_certificates([self._stage.world.seals.root], target)
