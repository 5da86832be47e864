"""The order of one afternoon, as `docs/*/joining.md` and `docs/*/conformance.md` tell it."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any, Final

import httpx

from deploy.demo.stage import NotReadyError, Stage
from deploy.demo.world import WUQIAO, YONGJI, free_ports
from deploy.onboarding import cases
from deploy.onboarding.afternoon import Afternoon
from deploy.onboarding.dialects import Dialect
from deploy.onboarding.hubpeople import HubPeople
from schemas.errors import YunhuobanError

_STOP_SECONDS: Final = 30.0


def join(stage: Stage, people: HubPeople, dialect: Dialect, *, say: Callable[[str], None]) -> dict[str, Any]:
    """Play it to its end, or to where it stopped; what it cost and whether the county's item is live."""
    plan, began = dialect.plan, time.monotonic()
    (port,) = free_ports(1)
    county = Afternoon(stage=stage, dialect=dialect, folder=stage.world.county(plan.code), desk_port=port, say=say)
    stopped_at, node = "", None
    hub_commands = len(people.typed)
    live: dict[str, bool] = {}
    try:
        url = dialect.make(stage.world.folder / "local" / plan.folder_name)
        _describe(county, url)
        _ask(county, people)
        node = _start(county, people)
        live = _go_live(county, people, url)
    except (NotReadyError, YunhuobanError, subprocess.TimeoutExpired, httpx.HTTPError) as error:
        stopped_at = str(error)
    finally:
        if node is not None:
            node.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                node.wait(_STOP_SECONDS)
            node.kill()
            node.wait()
    return {
        "dialect": dialect.name,
        "county": plan.code,
        "commands": len(county.typed),
        "files_by_hand": len(county.by_hand),
        "seconds_waited": round(county.seconds_waited, 1),
        "seconds": round(time.monotonic() - began, 1),
        "live": bool(live) and all(live.values()),
        "live_as": live,
        "stopped_at": stopped_at,
        "typed": county.typed,
        "by_hand": county.by_hand,
        "hub_commands": len(people.typed) - hub_commands,
    }


def _describe(county: Afternoon, url: str) -> None:
    """From the old database to a mapping whose test is green."""
    county.dialect.open_to_us(url)
    county.type("adapter", "suggest", url)
    county.type("adapter", "new", county.dialect.plan.code, "--source", url, "--out", str(county.folder))
    county.type("adapter", "test", str(county.folder))
    county.write_mapping()
    county.type("adapter", "test", str(county.folder))
    county.fill_in_settings(county.stage.world.printer_port)


def _ask(county: Afternoon, people: HubPeople) -> None:
    """The invitation comes by hand; the county asks, two persons call, the certificates come by themselves."""
    code = county.dialect.plan.code
    line = people.invite(code)
    waiting = county.leave_running("join", "adapter", "join", line, "-d", str(county.folder))
    try:
        heard = county.wait("a key fingerprint to read out", county.key_fingerprint)
        county.wait("the request at the hub", lambda: people.requested(code))
        people.approve(code, heard)
        people.certify(code, county.stage.world.folder / f"{code}-carried")
        county.wait("active", lambda: waiting.poll() is not None)
    finally:
        waiting.kill()
        waiting.wait()
    if waiting.returncode:
        raise NotReadyError(f"adapter join: {waiting.returncode}\n{county.log('join').read_text()[-2000:]}")


def _start(county: Afternoon, people: HubPeople) -> "subprocess.Popen[Any]":
    """The seal, the signed result, and the node."""
    seal = county.folder / "certs" / "seal"
    seal.mkdir(parents=True, exist_ok=True)
    carried = county.stage.world.folder / f"{county.dialect.plan.code}-seal.csr"
    subject = county.dialect.plan.authority_code
    request = ("--role", "seal", "--key", str(seal / "seal.key"), "--out", str(carried))
    county.type("certs", "request", subject, *request)
    people.seal(subject, carried, seal / "seal.pem")
    county.type("adapter", "test", "-d", str(county.folder))
    people.take_result(county.folder / "conformance.json")
    node = county.leave_running("node", "adapter", "up", "-d", str(county.folder))
    county.wait("the print desk", (county.folder / "page.address").exists)
    return node


def _go_live(county: Afternoon, people: HubPeople, url: str) -> dict[str, bool]:
    """A trial and one in earnest, with the county as window and with the county deciding."""
    plan, hall = county.dialect.plan, county.dialect.hall(url)
    live = {"window": False, "authority": False}
    try:
        county.type("adapter", "doctor", "-d", str(county.folder))
        cases.as_window(county, hall, trial=True)
        county.wait("live as window", lambda: people.is_live(YONGJI.code, YONGJI.item, plan.code))
        cases.as_window(county, hall, trial=False)
        live["window"] = True
        cases.as_authority(county, hall, trial=True)
        county.wait("the own item live", lambda: people.is_live(plan.code, plan.item, WUQIAO.code))
        cases.as_authority(county, hall, trial=False)
        live["authority"] = True
        county.type("adapter", "items", "-d", str(county.folder))
        county.type("adapter", "status", "-d", str(county.folder), accepts=(0, 1))
    finally:
        hall.close()
    return live
