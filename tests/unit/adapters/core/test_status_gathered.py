"""The report that a node's store gives, over real cases between real nodes."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters import cli
from adapters.countyit.status import gathering
from adapters.countyit.status.report import Report, Weather
from adapters.local.mapping import load_mapping
from schemas import releases
from schemas.errors import YunhuobanError
from tests import status_report
from tests.county_doubles import UNMAPPABLE as UNWRITABLE
from tests.county_records import COMPANY, IDENTITY_NO, NAME, application
from tests.county_world import ISSUING, World

COUNTIES = Path(cli.__file__).parent / "counties"


def reported(world: World, county: Any = None) -> Report:
    """What the window county's node says of itself now, or another's."""
    county = county or world.window
    settings = county.settings.model_copy(update={"store_url": f"sqlite:///{county.folder / county.code}.sqlite"})
    with county.store.read() as tx:
        pulse = replace(status_report.pulse(), at=world.now)
        return gathering.gather(tx, settings, county.directory(tx), pulse, world.now)


def apply(world: World) -> None:
    """An application is read at the window."""
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.read()


def test_the_numbers_follow_a_message(world: World) -> None:
    """Read; with the hub; signed for by the other county: in one place at a time, and nowhere in the end."""
    before = reported(world).traffic
    assert (before.last_read_at, before.unsent, before.unsent_since) == (None, 0, None)
    read_at = world.now
    apply(world)
    found = reported(world).traffic
    assert (found.last_read_at, found.unsent, found.unsent_since, found.unsigned) == (read_at, 1, read_at, 0)
    world.later(minutes=1)
    world.carry(world.window)
    world.window.handle()
    found = reported(world).traffic
    assert (found.unsent, found.unsent_since, found.unsigned, found.last_arrived_at) == (0, None, 1, world.now)
    assert reported(world, world.issuing).traffic.unopened == 1
    world.settle()
    found = reported(world).traffic
    assert (found.unsent, found.unsigned, found.unopened, found.refused) == (0, 0, 0, 0)
    report = reported(world)
    assert report.machine.store_bytes > 10_000
    assert [(each.kind, each.age_hours) for each in report.lists] == [("transport", 0.0)] * 2 + [("seal", 0.0)] * 2


def test_the_weather_at_a_partner(world: World) -> None:
    """Unknown at first; silent after half an hour without its word; clear with it; quiet a day later."""
    assert reported(world).partners == []
    apply(world)
    world.carry(world.window, deliver=False)
    assert [(each.code, each.weather) for each in reported(world).partners] == [(ISSUING, Weather.QUIET)]
    world.later(minutes=31)
    (partner,) = reported(world).partners
    assert (partner.weather, partner.waiting, partner.heard_at) == (Weather.SLOW, 1, None)
    assert "E-NODE-004" in [each.code.code for each in reported(world).attention]
    world.deliver()
    world.settle()
    (partner,) = reported(world).partners
    assert (partner.weather, partner.waiting, partner.heard_at) == (Weather.CLEAR, 0, world.now)
    assert partner.contract == releases.current()
    world.later(days=2)
    assert [each.weather for each in reported(world).partners] == [Weather.QUIET]


def test_a_partner_that_was_suspended_is_named_with_the_reason(world: World) -> None:
    """The directory says so: nothing can be sent, and the code says why."""
    apply(world)
    counties = [
        world.hub.county(each, now=world.now, **({"state": "suspended"} if each == ISSUING else {}))
        for each in world.counties
    ]
    world.window.arrive_directory(*world.hub.directory(now=world.now, counties=counties))
    world.window.handle()
    (partner,) = reported(world).partners
    assert (partner.weather, partner.why) == (Weather.BARRED, "E-LINK-103")


def test_the_clock_lies_between_what_the_ways_there_and_back_say(world: World) -> None:
    """Ours is ninety seconds ahead of the hub's, and a way takes two: between 88 and 92 ahead, and told to a person."""
    assert reported(world).clock == replace(status_report.report().clock, least=None, most=None)
    world.up_to("application.accepted")
    exact = reported(world).clock
    assert (exact.least, exact.most) == (0.0, 0.0)
    ahead, way = timedelta(seconds=90), timedelta(seconds=2)
    for number in range(2, 7):
        world.window.source.add("application.submitted", f"WQ{number}", application())
        world.window.read()
        for row in world.window.due():
            at = world.now - ahead + way
            receipt = world.hub.receipt(row.body, row.signature, at=at, message_id=row.message_id)
            world.window.arrive_receipt(receipt)
        world.window.handle()
    found = reported(world)
    assert found.clock.least == 88.0
    assert "E-NODE-012" in [each.code.code for each in found.attention]


def test_a_person_is_called_for_a_days_troubles_and_for_writes_that_fail(world: World) -> None:
    """E-NODE-014 for a record that nobody can translate, for a day; E-NODE-015 while the local system takes nothing."""
    world.window.source.add("application.submitted", "WQ1", None)
    world.window.read()
    traffic = reported(world).traffic
    assert (traffic.troubles, traffic.troubles_lately) == (1, 1)
    assert "E-NODE-014" in [each.code.code for each in reported(world).attention]
    world.later(hours=25)
    assert reported(world).traffic.troubles_lately == 0
    world.issuing.sink.fails = lambda _: YunhuobanError(UNWRITABLE, place="表 t")
    apply(world)
    world.carry(world.window)
    world.issuing.handle()
    assert reported(world, world.issuing).traffic.unwritten_failed == 0
    world.issuing.write()
    report = reported(world, world.issuing)
    assert (report.traffic.unwritten_failed, report.traffic.troubles_lately) == (1, 0)  # told once
    codes = [each.code.code for each in report.attention]
    assert codes[-1] == "E-NODE-015"


def test_status_and_desk_show_one_version_of_the_mapping(tmp_path: Path) -> None:
    """What `status` reads from the files is the version that translations bear; the county's own functions count."""
    for county in ("wuqiao_130928", "lankao_410225"):
        shutil.copytree(COUNTIES / county, tmp_path / county)
        shown, _ = gathering._mapping(tmp_path / county)
        assert shown == load_mapping(tmp_path / county).version[:12]
    (tmp_path / "lankao_410225" / "overrides.py").open("a", encoding="utf-8").write("# another\n")
    assert gathering._mapping(tmp_path / county)[0] not in ("", shown)
    (tmp_path / "wuqiao_130928" / "mapping.toml").write_text("no TOML", encoding="utf-8")
    assert len(gathering._mapping(tmp_path / "wuqiao_130928")[0]) == 12
    assert gathering._mapping(tmp_path / "nowhere") == ("", None)


@pytest.fixture
def folder(world: World) -> Any:
    """The window county's folder as it lies on its machine, after a case."""
    world.up_to("application.accepted")
    made = world.folder / "machine"
    shutil.copytree(world.window.settings.certificates, made / "certs")
    made.joinpath("mapping.toml").write_text("# ours", encoding="utf-8")
    made.joinpath("county.toml").write_text(
        f'division_code = "{world.window.code}"\nname = "吴桥县"\nmapping = "{made}"\nlocal_read = ""\n'
        f'local_write = ""\nstore_url = "sqlite:///{world.folder / world.window.code}.sqlite"\n'
        '[authority]\nname = "局"\ncode = "11140881MB0000000U"\n',
        encoding="utf-8",
    )
    return made


def test_the_commands_say_the_same_and_nothing_of_a_person(folder: Any) -> None:
    """For a person and for monitoring, exit 1 with the codes of what to do; no name, number or company in either."""
    shown = CliRunner().invoke(cli.app, ["status", "-d", str(folder)])
    plain = CliRunner().invoke(cli.app, ["status", "--json", "-d", str(folder)])
    assert (shown.exit_code, plain.exit_code) == (1, 1)
    said = json.loads(plain.stdout)
    assert said["well"] is False
    codes = {each["code"] for each in said["attention"]}
    assert {"E-NODE-001", "E-CERT-001"} <= codes  # no node runs, and there is no connection certificate
    assert all(code in shown.output for code in codes)
    assert said["pulse"] is None
    assert len(said["machine"]["mapping"]) == 12
    assert [each["code"] for each in said["partners"]] == [ISSUING]
    for text in (shown.output, plain.output):
        assert not [each for each in (NAME, IDENTITY_NO, COMPANY) if each in text]


def test_a_node_that_never_ran_has_nothing_to_tell(folder: Any) -> None:
    """E-NODE-009, and no store is made by looking: it would belong to whoever looked."""
    toml = folder / "county.toml"
    lines = [each for each in toml.read_text(encoding="utf-8").splitlines() if not each.startswith("store_url")]
    toml.write_text("\n".join(lines), encoding="utf-8")
    found = CliRunner().invoke(cli.app, ["status", "-d", str(folder)])
    assert found.exception.code.code == "E-NODE-009"
    assert not folder.joinpath("county.sqlite").exists()
