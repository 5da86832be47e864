"""The hall's page of a county node: made by commands, opened when its certificate is good, renewed by itself."""

import shutil
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from adapters import cli
from adapters.countyit.doctor import hall
from adapters.countyit.status import attention, gathering, words
from adapters.countyit.status.pulse import Heart
from adapters.hall.hallpage import certificate
from adapters.hall.hallpage.listening import HallListener
from adapters.settings import CountySettings
from certs import building, keys
from certs.hallauthority import HallAuthority
from certs.hallscope import Scope
from certs.profiles import PROFILES, Role
from deploy.demo.world import free_ports
from pages.access import Access
from pages.frame import Frame
from schemas.errors import YunhuobanError
from tests import hall_tls, status_report
from tests.hall_tls import NAME, connected

TOML = """
division_code = "130928"
name = "吴桥县"
mapping = "m"
local_read = ""
local_write = ""
[authority]
name = "吴桥县行政审批局"
code = "11130928MB00000005"
"""
LIMITS = ("--dns", "wuqiao.example.cn", "--range", "127.0.0.0/16")


def county(folder: Path, hall: str = "") -> Path:
    """A county's folder with its settings; `hall` is what stands in [hall_page] besides address, port and names."""
    (port,) = free_ports(1)
    section = f'\n[hall_page]\naddress = "127.0.0.1"\nport = {port}\nnames = ["{NAME}", "127.0.0.1"]\n{hall}\n'
    folder.mkdir(exist_ok=True)
    folder.joinpath("county.toml").write_text(TOML + section, encoding="utf-8")
    return folder


def run(folder: Path, *words: str) -> str:
    """`adapter page-certificate …`: what it says, or the code with which it refuses."""
    done = CliRunner().invoke(cli.app, ["page-certificate", *words, "-d", str(folder)])
    if isinstance(done.exception, YunhuobanError):
        return done.exception.code.code
    assert done.exception is None
    return done.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A county that has its page authority."""
    made = county(tmp_path / "county")
    run(made, "new", *LIMITS, "--out", str(tmp_path / "out"))
    return made


def test_new_makes_everything_and_says_what_to_compare(tmp_path: Path):
    """One command: authority, certificate, and a folder for the hall's computers whose fingerprint is on the screen."""
    folder, out = county(tmp_path / "county"), tmp_path / "out"
    said = run(folder, "new", *LIMITS, "--out", str(out))
    root = keys.certificate_from_der((out / "hall-root.crt").read_bytes())
    digits = keys.thumbprint(root).hex()
    assert digits in said.replace(" ", "")
    assert keys.load_certificates(out / "hall-root.pem") == [root]
    sheet = (out / "install.html").read_text(encoding="utf-8")
    for part in (
        digits[:4],
        NAME,
        "127.0.0.0/16",
        "certutil -addstore -f Root",
        "update-ca-certificates",
        'lang="en">Firefox',
    ):
        assert part in sheet
    assert "PRIVATE" not in sheet
    shown = run(folder, "show")
    for part in (digits[-4:], NAME, "wuqiao.example.cn, 127.0.0.0/16"):
        assert part in shown
    assert run(folder, "new", *LIMITS) == "E-CERT-112"
    before = (folder / "certs" / "hall" / "page.pem").read_bytes()
    assert NAME in run(folder, "renew")
    assert (folder / "certs" / "hall" / "page.pem").read_bytes() != before


def test_what_cannot_be_issued_is_a_sentence(tmp_path: Path):
    """No authority, no [hall_page], a name beyond the limits, limits that are none, the hall's own certificate."""
    folder = county(tmp_path / "county")
    for command in ("issue", "renew", "show"):
        assert run(folder, command) == "E-CERT-113"
    assert run(folder, "new", "--dns", "gov.cn") == "E-CERT-110"
    assert run(folder, "new", "--range", "127.0.0.0/16", "--out", str(tmp_path / "out")) == "E-CERT-114"
    assert run(folder, "issue") == "E-CERT-114"
    own = county(tmp_path / "own", 'certificate = "hall.crt"\nkey = "hall.key"')
    assert run(own, "issue") == "E-PAGE-101"
    (folder / "county.toml").write_text(TOML, encoding="utf-8")
    assert run(folder, "issue") == "E-PAGE-100"
    assert "[hall_page]" in run(folder, "show")


@pytest.mark.parametrize(
    ("changed", "into", "said"),
    [
        ('address = "127.0.0.1"', 'address = "hall"', "hall_page.address"),
        ("names = [", "name = [", "hall_page.names"),
        ("[hall_page]", "[hall_page]\ntls = false", "hall_page.tls"),
        ("[hall_page]", '[hall_page]\nscheme = "http"', "hall_page.scheme"),
        ("[hall_page]", '[hall_page]\nkey = "x"', "hall_page"),
    ],
)
def test_settings_that_would_be_half_of_one_are_refused(tmp_path: Path, changed: str, into: str, said: str):
    """Nothing switches TLS off; a key without its certificate, and a misspelt name, are named."""
    file = county(tmp_path / "county") / "county.toml"
    file.write_text(file.read_text("utf-8").replace(changed, into), "utf-8")
    with pytest.raises(YunhuobanError, match="E-CONF-002") as refused:
        CountySettings.load(file.parent)
    assert refused.value.place.startswith(f"county.toml: {said}")


def test_the_two_listeners_have_ports_of_their_own(tmp_path: Path):
    """One port for both would be plain and TLS in turn, as they happen to start."""
    file = county(tmp_path / "county") / "county.toml"
    port = CountySettings.load(file.parent).hall_page.port
    file.write_text(f"page_port = {port}\n{file.read_text('utf-8')}", "utf-8")
    with pytest.raises(YunhuobanError, match="E-CONF-002") as refused:
        CountySettings.load(file.parent)
    assert "two listeners" in refused.value.expected


@contextmanager
def listening(folder: Path, clock: Callable[[], datetime] = hall_tls.now) -> Iterator[HallListener]:
    """The listener of a node with these settings."""
    page = certificate.of_hall(CountySettings.load(folder))
    listener = HallListener(Frame(name="", access=Access(), packages=[]).application(), page, clock=clock)
    try:
        yield listener
    finally:
        listener.stop()


def served(folder: Path) -> bytes:
    """The certificate that a browser of the hall is shown."""
    settings = CountySettings.load(folder)
    with connected(HallAuthority.open(folder / "certs" / "hall"), settings.hall_page.port) as connection:
        return connection.getpeercert(binary_form=True)


def page_of(folder: Path) -> bytes:
    """The certificate that lies there."""
    return keys.der(keys.load_certificates(folder / "certs" / "hall" / "page.pem")[0])


def test_the_node_renews_in_time_and_goes_on(folder: Path):
    """With 99 of 397 days left the next is there and in use; who is connected stays; nothing before that day."""
    own = certificate.of_hall(CountySettings.load(folder))
    HallAuthority.open(own.folder).issue(own.county, own.names, now=hall_tls.now() - timedelta(days=298))
    now = [hall_tls.now() - timedelta(days=1)]
    with listening(folder, lambda: now[0]) as listener:
        listener.run_once()
        first = served(folder)
        assert first == page_of(folder)
        assert served(folder) == first
        with connected(HallAuthority.open(folder / "certs" / "hall"), listener._certificate.hall.port) as before:
            now[0] += timedelta(days=1)
            listener.run_once()
            assert served(folder) == page_of(folder) != first
            before.sendall(f"GET / HTTP/1.1\r\nHost: {NAME}:{listener._certificate.hall.port}\r\n\r\n".encode())
            assert before.recv(4096).startswith(b"HTTP/1.1 403")
        assert listener._certificate.attention(now[0]) == []


def test_a_renewal_that_fails_shuts_nothing(folder: Path):
    """What lies there is served while it holds; the trouble is in the log once, and goes with its cause."""
    own = certificate.of_hall(CountySettings.load(folder))
    HallAuthority.open(own.folder).issue(own.county, own.names, now=hall_tls.now() - timedelta(days=300))
    key = own.folder / "authority.key"
    key.rename(own.folder / "away")
    with listening(folder) as listener, structlog.testing.capture_logs() as logs:
        for _ in range(2):
            listener.run_once()
        first = served(folder)
        assert first == page_of(folder)
        assert [each["code"] for each in logs] == ["E-CERT-001"]
        (own.folder / "away").rename(key)
        listener.run_once()
        assert served(folder) == page_of(folder) != first


def test_a_bad_certificate_keeps_only_the_halls_page_shut(folder: Path, tmp_path: Path):
    """Said once; nothing is served until it is right, then at once; a bad one never replaces one that is in use."""
    page = folder / "certs" / "hall" / "page.pem"
    good = page.read_bytes()
    page.write_bytes(b"")
    with listening(folder) as listener, structlog.testing.capture_logs() as logs:
        for _ in range(3):
            assert listener.run_once() == 0
        assert not listener.is_open
        assert [(each["event"], each["code"]) for each in logs] == [("hall_page.trouble", "E-CERT-003")]
        page.write_bytes(good)
        page.chmod(0o600)
        listener.run_once()
        assert listener.is_open
        first = served(folder)
        shutil.copy(page, tmp_path / "kept.pem")
        page.write_bytes(good[:900])
        listener.run_once()
        assert served(folder) == first
        run(folder, "issue")
        listener.run_once()
        assert served(folder) == page_of(folder) != first


def test_a_port_in_use_is_tried_again(folder: Path):
    """E-PAGE-010 in the log, and the page as soon as the port is free."""
    with listening(folder) as first, listening(folder) as second, structlog.testing.capture_logs() as logs:
        first.run_once()
        second.run_once()
        assert [each["code"] for each in logs] == ["E-PAGE-010"]
        assert not second.is_open
        first.stop()
        second.run_once()
        assert second.is_open


def test_the_halls_own_files_are_taken_up_when_they_change(tmp_path: Path):
    """A certificate from elsewhere, replaced by the hall's people: in use within one step, and only when it is good."""
    folder = county(tmp_path / "county", 'certificate = "hall.crt"\nkey = "hall.key"')
    issuer = HallAuthority.create(
        tmp_path / "elsewhere", "130928", Scope.parse(["wuqiao.example.cn"], ["127.0.0.0/16"]), now=hall_tls.now()
    )

    def put(*, days: int = 100) -> None:
        key = keys.generate_key()
        leaf = building.sign(
            PROFILES[Role.HALL_PAGE], "130928", key.public_key(), issuer.issuing,
            keys.load_private_key(issuer.folder / "authority.key"), now=hall_tls.now(), trial=False, days=days,
            alternatives=building.names([NAME], ["127.0.0.1"]),
        )  # fmt: skip
        keys.save_private_key(key, folder / "hall.key")
        keys.save_certificates([leaf, issuer.issuing], folder / "hall.crt")

    def shown() -> str:
        with connected(issuer, CountySettings.load(folder).hall_page.port) as connection:
            return str(connection.getpeercert()["notAfter"])

    put()
    with listening(folder) as listener:
        listener.run_once()
        first = shown()
        put(days=20)
        listener.run_once()
        assert shown() != first
        last = shown()
        keys.save_private_key(keys.generate_key(), folder / "hall.key")
        listener.run_once()
        assert shown() == last
        assert [each.code.code for each in listener._certificate.attention(hall_tls.now())] == ["E-CERT-116"]
        put(days=20)
        assert [each.code.code for each in listener._certificate.attention(hall_tls.now())] == ["E-PAGE-098"]
    with suppress(ssl.SSLError):
        assert listener.is_open


def test_the_authoritys_own_end_is_told_half_a_year_before(folder: Path):
    """E-PAGE-099 while there is time to go to every browser; a certificate that cannot be renewed any more says so."""
    page = certificate.of_hall(CountySettings.load(folder))
    for years_and_days, codes in (((9, 100), []), ((9, 200), ["E-PAGE-099"]), ((9, 350), ["E-PAGE-098", "E-PAGE-099"])):
        years, days = years_and_days
        later = datetime.now(UTC) + timedelta(days=365 * years + days)
        HallAuthority.open(page.folder).issue(page.county, page.names, now=later)
        assert [each.code.code for each in page.attention(later + timedelta(minutes=1))] == codes
        assert page.renew_when_due(later + timedelta(days=300)) is None or not codes


def codes(folder: Path) -> list[str]:
    """What `adapter doctor` says of the hall's page: `passed`, `not_reached`, or the code of what is wrong."""
    found = hall.examine(CountySettings.load(folder), hall_tls.now())
    return [each.problem.code.code if each.problem else each.outcome.value for _step, each in found]


def running(folder: Path) -> None:
    """The node's word that it runs."""
    Heart(folder, {}, clock=hall_tls.now).turn()


def test_the_doctor_looks_at_the_halls_page(folder: Path, tmp_path: Path):
    """Certificate and answer; a node that does not run is no fault; none for a county without such a page."""
    assert codes(folder) == ["passed", "not_reached"]
    running(folder)
    assert codes(folder) == ["passed", "E-PAGE-102"]
    with listening(folder) as listener:
        listener.run_once()
        assert codes(folder) == ["passed", "passed"]
        run(folder, "issue")
        assert codes(folder) == ["passed", "E-PAGE-103"]
        (folder / "certs" / "hall" / "page.pem").unlink()
        assert codes(folder) == ["E-CERT-001", "E-PAGE-103"]
    file = folder / "county.toml"
    file.write_text(file.read_text("utf-8").replace(f'"{NAME}"', '"https://hall"'), "utf-8")
    assert codes(folder) == ["E-CERT-111"]
    file.write_text(TOML, "utf-8")
    assert codes(folder) == []


def test_the_status_says_how_long_it_holds_and_what_is_wrong(folder: Path):
    """A line beside the county's other certificates, and what a person has to do; both from the files."""
    settings = CountySettings.load(folder)
    lines = {each.role: each for each in gathering._certificates(settings, hall_tls.now())}
    assert (lines["hall"].file, lines["hall"].days_left) == ("hall/page.pem", 396)
    assert gathering._hall_page(settings, hall_tls.now()) == []
    later = hall_tls.now() + timedelta(days=398)
    (ended,) = gathering._hall_page(settings, later)
    assert ended.code.code == "E-CERT-052"
    assert attention.HALL in words.ROLES
    over = replace(lines["hall"], ends_at=status_report.AT - timedelta(days=1), days_left=-1)
    report = status_report.report(certificates=[over])
    assert attention.needed(report) == (), "said once, by who knows its remedy"


def test_the_firewall_sheet_asks_for_the_one_way_in(folder: Path, tmp_path: Path):
    """From the hall to the one port, under its names; a county without such a page asks for no port in."""
    out = tmp_path / "request.html"
    for text, there in ((None, True), (TOML, False)):
        if text is not None:
            (folder / "county.toml").write_text(text, "utf-8")
        done = CliRunner().invoke(cli.app, ["firewall", "-d", str(folder), "-o", str(out)])
        assert done.exit_code == 0
        sheet = out.read_text("utf-8")
        assert (NAME in sheet, "县内：大厅打开县节点的页面" in sheet) == (there, there)
        assert ("不需要任何入站端口，也不需要" in sheet) is not there
