"""Where a person's data is, and where it must not be: every byte on disk and on screen is searched after a whole case.

Words of one application, unlike anything else on this machine, are looked for in the encodings that programs here use.
Both counties' own systems hold them, and the sheet on paper does: there the same search has to find them.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from certs import keys
from deploy.demo.world import WUQIAO, YONGJI
from deploy.jscounty import CODE as JS_COUNTY
from hub import bootstrap
from hub.backup import reading
from hub.settings import HubSettings
from pages import addresses
from pages.access import LANGUAGE_COOKIE
from tests.journey.real_stage import Words, flawed, write_application
from tests.journey.road import Road, processes, text_of, until

pytestmark = pytest.mark.timeout(300)

WORDS = Words()
NUMBER, FLAWED = "WQ19990101000001", "WQ19990101000002"
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
PRIVATE = b"PRIVATE KEY"


@pytest.fixture(scope="module")
def case_no(road: Road) -> str:
    """A whole case of this person, printed and handed over, and a record of the same person that cannot be mapped."""
    write_application(road, NUMBER, WORDS)
    (found,) = road.cases(WUQIAO.code, [NUMBER])
    write_application(road, FLAWED, flawed(WORDS))
    road.finish(WUQIAO.code, [found])
    until(lambda: road.county(WUQIAO.code, "SELECT 1 FROM troubles WHERE place LIKE ?", f"%{FLAWED}%"), "noted")
    return found


def test_the_search_finds_what_is_there(road: Road, case_no):
    """The two counties' own systems hold everything, the paper what a license shows: the search itself is proven."""
    ours = hits(files(road.world.wuqiao_database.parent, "wuqiao.sqlite*"), WORDS.personal())
    assert set(ours) == set(WORDS.personal())
    theirs = hits(files(road.world.yongji_folder, "*.csv"), [WORDS.applicant, WORDS.company, WORDS.address])
    assert set(theirs) == {WORDS.applicant, WORDS.company, WORDS.address}
    (sheet,) = road.sheets(case_no)
    paper = text_of(road.sheet_file(sheet))
    assert all(word in paper for word in (WORDS.company, WORDS.representative, WORDS.address))
    assert WORDS.number not in paper
    assert WORDS.mobile not in paper


def test_no_log_of_any_process_names_a_person(road: Road, case_no):
    """Every line of every process, the broker's and the printer's among them."""
    printer = road.stage.printer.folder
    logs = [*files(road.world.folder / "logs"), *files(road.world.hub / "broker" / "log"), printer / "printer.log"]
    assert len(logs) >= 7
    assert all(each.stat().st_size for each in logs if each.parent.name == "logs")
    assert hits(logs, secrets()) == {}


def test_no_log_opens_a_page(road: Road):
    """A one-time address stands in its private file only: whoever reads a log or the journal cannot use it."""
    addresses = [road.world.county(WUQIAO.code) / "page.address", road.world.hub / "web.address"]
    assert hits(addresses, ["token="]) != {}
    assert hits(files(road.world.folder / "logs"), ["token="]) == {}
    assert {each.stat().st_mode & 0o077 for each in addresses} == {0}


def test_the_hub_cannot_read_a_case(road: Road, case_no):
    """Neither its store with all that is beside it, nor the broker's whole folder, holds a word of it in clear."""
    everything = files(road.world.hub)
    assert {"hub.sqlite", "hub.sqlite-wal", "rabbitmq.conf"} <= {each.name for each in everything}
    assert any("quorum" in each.parts for each in everything)
    assert hits(everything, secrets()) == {}


@pytest.mark.parametrize("code", [WUQIAO.code, YONGJI.code])
def test_a_county_node_keeps_a_case_encrypted(road: Road, case_no, code):
    """Node's store, seal register and settings: what is personal is encrypted, also in what could not be mapped."""
    everything = files(road.world.county(code))
    assert {"county.sqlite", "county.sqlite-wal"} <= {each.name for each in everything}
    assert hits(everything, secrets()) == {}


def test_a_backup_holds_nobody_in_clear(road: Road, case_no, tmp_path):
    """Neither the file as it lies on the disk, nor what the recovery key opens: the hub itself never had more."""
    key, backup = tmp_path / "recovery.key", tmp_path / "hub.yhb"
    public = road.world.hub / "certs" / "recovery.pub"
    if not public.exists():
        road.stage.command("hub", "backup", "key", str(key), "-d", str(road.world.hub))
    else:  # another journey keeps the private half of the one that is there
        pair = keys.generate_key()
        keys.save_private_key(pair, key)
        keys.save_public_key(pair.public_key(), public)
    road.stage.command("hub", "backup", str(backup), "-d", str(road.world.hub))
    assert hits([backup], secrets()) == {}
    opened = 0
    for _head, what in reading.contents(backup, keys.load_private_key(key)):
        data = what if isinstance(what, bytes) else repr(what).encode() + b"".join(_octets(what))
        assert found_in(data, secrets()) == []
        opened += 1
    assert opened > 10


def _octets(rows: list[dict[str, object]]) -> Iterator[bytes]:
    """The bytes in some rows, as they are."""
    return (value for row in rows for value in row.values() if isinstance(value, bytes))


def test_names_at_the_broker_hold_no_person(road: Road, case_no):
    """Queues, exchanges, bindings, users, connections and channels, as the management API shows them."""
    with bootstrap.management(HubSettings.load(road.world.hub)) as management:
        for kind in ("definitions", "queues", "exchanges", "bindings", "connections", "channels", "consumers"):
            answer = management._client.get(f"/api/{kind}")
            assert answer.status_code == 200, kind
            assert found_in(answer.content, secrets()) == [], kind


def test_the_hubs_pages_name_nobody(road: Road, case_no):
    """Overview with its live stream, lists, case, queue, county: masked or absent, in both languages."""
    with httpx.Client(follow_redirects=True, timeout=30, trust_env=False) as browser:
        first = browser.get(addresses.ask(road.world.hub / "web.address"))
        base = str(first.url).rstrip("/")
        paths = [
            "/", "/cases", f"/cases/{case_no}", "/prints/printed", "/prints/authorised", "/refusals",
            "/dead", "/replays", "/record", f"/cases?number={case_no}",
            f"/queues/county.{YONGJI.code}.inbox", f"/queues/county.{WUQIAO.code}.hold", "/queues/dead.letters",
            f"/counties/{WUQIAO.code}", f"/counties/{YONGJI.code}",
        ]  # fmt: skip
        for language in ("zh", "en"):
            browser.cookies.set(LANGUAGE_COOKIE, language)
            for path in paths:
                answer = browser.get(base + path)
                assert answer.status_code == 200, path
                assert found_in(answer.content, secrets()) == [], path
        with browser.stream("GET", f"{base}/events") as stream:
            assert found_in(next(stream.iter_bytes()), secrets()) == []


def test_the_desk_masks_what_went_wrong(road: Road, case_no):
    """The desk's list, `/status`, `adapter status`: of a record that cannot be mapped place and rule, no person."""
    window = road.windows[WUQIAO.code]
    shown = window.get("/")
    assert FLAWED in shown
    person = [each for each in secrets() if each != WORDS.company]  # a company's name is public
    assert found_in(shown.encode(), person) == []
    assert found_in(window.get("/status").encode(), secrets()) == []
    folder = str(road.world.county(WUQIAO.code))
    said = road.stage.command("adapters", "status", "-d", folder, accepts=(1,))  # a person has to act
    assert found_in(said.encode(), secrets()) == []


def test_what_commands_say_names_nobody(road: Road, case_no):
    """`hub trace`, `status`, `county list`, `dead list`; the command lines and environments of all processes."""
    hub = str(road.world.hub)
    for words in (("trace", case_no), ("status",), ("county", "list"), ("dead", "list")):
        assert found_in(road.stage.command("hub", *words, "-d", hub).encode(), secrets()) == [], words
    mark = str(road.world.folder).encode()
    lines = [place_bytes(place, "cmdline") for pid, place in processes() if pid != os.getpid()]
    ours = [line for line in lines if mark in line]
    assert len(ours) >= 8
    assert found_in(b"".join(ours), secrets()) == []


def test_a_job_at_the_printer_is_named_by_its_authorisation(road: Road, case_no):
    """Job name, URL and file name at the printer say the authorisation, never the holder."""
    (sheet,) = road.sheets(case_no)
    assert sheet["job_name"] == f"{case_no}-D1-1"
    assert hits([road.stage.printer.folder / "sheets.jsonl"], secrets()) == {}
    names = "\n".join(str(each) for each in files(road.world.folder))
    assert found_in(names.encode(), secrets()) == []


def test_private_keys_lie_only_where_keys_belong_and_open_for_their_owner_alone(road: Road, case_no):
    """PEM private keys and storage keys: under `certs` and the authority's folder, mode 0600, nowhere else."""
    world = road.world.folder
    held = [each for each in files(world) if PRIVATE in content(each)]
    kept = [each for each in files(world) if each.parent.name == "storage" and each.suffix == ".key"]
    places = {each.relative_to(world).parts[0] for each in held}
    assert places - {JS_COUNTY} == {"authority", "hub", WUQIAO.code, YONGJI.code}
    assert kept
    for key in [*held, *kept]:
        inside = key.relative_to(world).parts
        assert inside[0] == "authority" or inside[1] == "certs", key
        assert key.stat().st_mode & 0o777 == 0o600, key


def secrets() -> list[str]:
    """Everything personal, and what an identity number with a wrong last character still tells."""
    return [*WORDS.personal(), WORDS.representative_number[:17]]


def files(folder: Path, pattern: str = "*") -> list[Path]:
    """Every file under a folder now."""
    return sorted(each for each in folder.rglob(pattern) if each.is_file() and not each.is_symlink())


def content(file: Path) -> bytes:
    """Its bytes; nothing when the process it belongs to has just removed it."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def place_bytes(place: Path, name: str) -> bytes:
    """Command line of a process; nothing when it has just ended."""
    try:
        return (place / name).read_bytes()
    except OSError:
        return b""


def found_in(data: bytes, words: Iterable[str]) -> list[str]:
    """The words that stand in these bytes, in any encoding a program here might have written them in."""
    return [word for word in words if any(form in data for form in forms(word))]


def forms(word: str) -> Iterator[bytes]:
    """A word as bytes: plain in each encoding, and as JSON and Erlang escape it."""
    yield from (word.encode(each) for each in ENCODINGS)
    if not word.isascii():
        yield word.encode("ascii", "backslashreplace")
        yield json.dumps(word)[1:-1].encode()
        yield ",".join(str(byte) for byte in word.encode()).encode()


def hits(where: Iterable[Path], words: Iterable[str]) -> Mapping[str, list[str]]:
    """Word to the files that hold it."""
    wanted, found = list(words), dict[str, list[str]]()
    for file in where:
        for word in found_in(content(file), wanted):
            found.setdefault(word, []).append(str(file))
    return found
