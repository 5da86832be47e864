"""A real node with a page for its hall, and a real browser into which the root was put as the sheet says."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, expect, sync_playwright

from certs import building, contexts, keys
from certs.hallauthority import HallAuthority
from certs.profiles import PROFILES, Role
from deploy.demo.world import WUQIAO, build, free_ports
from pages.access import Access
from pages.frame import Frame
from pages.serving import Serving
from tests import hall_tls
from tests.awaiting import until
from tests.hall_tls import NAME, browser, connected, ends
from tests.journey.pages_fakes import CHROMIUM

pytestmark = pytest.mark.long

CHECKOUT = Path(__file__).resolve().parents[3]
ADAPTER = (sys.executable, "-m", "adapters")
BANK = "www.bank.example"


def adapter(*words: str) -> subprocess.CompletedProcess[str]:
    """One command of the county's people."""
    done = subprocess.run([*ADAPTER, *words], cwd=CHECKOUT, capture_output=True, text=True, timeout=100, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@contextmanager
def running(folder: Path) -> Iterator[None]:
    """`adapter up`, until the test is over."""
    with subprocess.Popen([*ADAPTER, "up", "-d", str(folder)], cwd=CHECKOUT, stdout=subprocess.DEVNULL) as node:
        try:
            yield
            node.send_signal(signal.SIGTERM)
            assert node.wait(60) == 0
        finally:
            node.kill()


@contextmanager
def chromium(home: Path) -> Iterator[Browser]:
    """Debian's Chromium with a home of its own, for which the hall's names lead to this machine."""
    if not CHROMIUM.exists() or shutil.which("certutil") is None:
        if os.environ.get("CI"):
            pytest.fail("chromium-headless-shell or libnss3-tools is missing in CI")
        pytest.skip("no chromium-headless-shell, or no libnss3-tools")
    arguments = [f"--host-resolver-rules=MAP {NAME} 127.0.0.1, MAP {BANK} 127.0.0.1"]
    arguments += ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        environment = {**os.environ, "HOME": str(home)}
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments, env=environment)
        yield started
        started.close()


def installed(home: Path, root: Path) -> None:
    """As the sheet says for UOS and Kylin."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    for words in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "yunhuoban-130928", "-i", str(root)]):
        subprocess.run(["certutil", "-d", f"sql:{store}", *words], check=True, timeout=60)


def test_the_hall_reaches_the_node_and_nothing_of_the_machine(tmp_path: Path):
    """By command and county.toml alone: HTTPS under the names, status and doctor know it, the machine's token is worth
    nothing there, a new certificate is in use within seconds, and the end is in order with a browser connected.
    """  # noqa: D205 -- one promise
    folder = build(tmp_path / "world").county(WUQIAO.code)
    (port,) = free_ports(1)
    section = f'\n[hall_page]\naddress = "0.0.0.0"\nport = {port}\nnames = ["{NAME}", "127.0.0.1"]\n'
    with (folder / "county.toml").open("a", encoding="utf-8") as file:
        file.write(section)
    limits = ("--dns", "wuqiao.example.cn", "--range", "127.0.0.0/16", "-o", str(tmp_path / "out"))
    assert adapter("page-certificate", "new", *limits, "-d", str(folder)).returncode == 0
    own = HallAuthority.open(folder / "certs" / "hall")

    def open_() -> bool:
        with closing(socket.socket()) as door:
            return door.connect_ex(("127.0.0.1", port)) == 0

    with running(folder):
        until(open_, 60)
        with browser(own, port) as client:
            assert client.get("/").headers["location"].startswith("/sign-in")
            token = adapter("page", "-d", str(folder)).stdout.strip().partition("token=")[2]
            assert token
            assert "E-PAGE-094" in client.get("/", params={"token": token}).text
            shown = json.loads(adapter("status", "--json", "-d", str(folder)).stdout)
            assert ("hall", 396) in [(each["role"], each["days_left"]) for each in shown["certificates"]]
            assert {each["code"] for each in shown["attention"]} <= {"E-LINK-101", "E-NODE-014"}, (
                "no hub, no local system"
            )
            out = tmp_path / "doctor.json"
            adapter("doctor", "-d", str(folder), "--json", str(out))
            steps = [(each["step"], each["outcome"]) for each in json.loads(out.read_text("utf-8"))["hall_page"]]
            assert steps == [("certificate", "passed"), ("listener", "passed")]
            assert adapter("page-certificate", "renew", "-d", str(folder)).returncode == 0
            new = keys.der(keys.load_certificates(folder / "certs" / "hall" / "page.pem")[0])

            def changed() -> bool:
                with connected(own, port) as another:
                    return another.getpeercert(binary_form=True) == new

            until(changed, 30)
            assert client.get("/").headers["location"].startswith("/sign-in")


def test_a_browser_with_the_root_believes_the_hall_and_nobody_else(tmp_path: Path):
    """Without the root a warning; with it none, under both names; a thief's certificate for a bank: refused."""
    own = hall_tls.authority(tmp_path / "hall")
    root = tmp_path / "hall-root.crt"
    root.write_bytes(keys.der(own.root))
    key = keys.generate_key()
    thief = building.sign(
        PROFILES[Role.HALL_PAGE], "130928", key.public_key(), own.issuing,
        keys.load_private_key(own.folder / "authority.key"), now=hall_tls.now(), trial=False,
        alternatives=building.names([BANK], []),
    )  # fmt: skip
    keys.save_private_key(key, tmp_path / "thief.key")
    keys.save_certificates([thief, own.issuing], tmp_path / "thief.pem")
    stolen = contexts.server_context(tmp_path / "thief.pem", tmp_path / "thief.key")
    app = Frame(name="打印台", access=Access(), packages=[]).application()
    with (
        Serving(app, tls=lambda: hall_tls.serves(own), names=hall_tls.NAMES) as hall,
        Serving(app, tls=lambda: stolen, names=(BANK,)) as bank,
    ):
        with chromium(tmp_path / "stranger") as stranger, pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            stranger.new_page().goto(f"https://{NAME}:{hall.port}/")
        installed(tmp_path / "clerk", root)
        with chromium(tmp_path / "clerk") as clerk:
            page = clerk.new_page(viewport={"width": 1366, "height": 768})
            for host in (NAME, "127.0.0.1"):
                page.goto(f"https://{host}:{hall.port}/")
                expect(page.locator("body")).to_contain_text("E-PAGE-001")
            assert page.evaluate("window.isSecureContext"), "the camera asks for it"
            if shots := os.environ.get("YHB_SHOTS"):
                page.screenshot(path=f"{shots}/hall.png")
            with pytest.raises(Error, match="ERR_CERT"):
                clerk.new_page().goto(f"https://{BANK}:{bank.port}/")
        with socket.create_connection(("127.0.0.1", hall.port), timeout=60) as plain:
            plain.sendall(f"GET / HTTP/1.1\r\nHost: {NAME}:{hall.port}\r\n\r\n".encode())
            assert ends(plain)
