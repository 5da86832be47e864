"""The check before going live: what a mapping names and the local system lacks is told at once; nothing is written."""

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import select
from typer.testing import CliRunner

from adapters import cli
from adapters.instants import now
from adapters.local.localsystem import checking
from adapters.local.localsystem.findings import LocalSystem, Way
from adapters.local.localsystem.watching import LocalWatch
from adapters.local.sources import engines
from adapters.settings import CountySettings
from adapters.store import open_store, tables
from deploy.onboarding.dialects import DIALECTS, Dialect
from pages import wording
from tests import doctoring
from tests.brokers import TestTrust, free_port

COUNTIES = Path(__file__).parents[4] / "adapters" / "counties"
NATIONAL = DIALECTS["national"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of each dialect's county; to be copied."""
    folder = tmp_path_factory.mktemp("local")
    for name, dialect in DIALECTS.items():
        dialect.open_to_us(dialect.make(folder / name))
    return folder


def database(made: Path, dialect: Dialect, folder: Path) -> Path:
    """A copy of a county's own database."""
    (file,) = (made / dialect.name).iterdir()
    return Path(shutil.copy(file, folder / "hall.sqlite"))


def settings(folder: Path, mapping: Path, read: object, write: object) -> CountySettings:
    """A county over this local system."""
    made = doctoring.settings(folder, "127.0.0.1:1")
    return made.model_copy(update={"mapping": mapping, "local_read": str(read), "local_write": str(write)})


def over(file: Path, mapping: Path = NATIONAL.folder) -> LocalSystem:
    """What is found of a county over this database."""
    return checking.check(settings(file.parent, mapping, f"sqlite:///{file}", f"sqlite:///{file}"))


def codes(local: LocalSystem, way: Way) -> dict[str, list[str]]:
    """Of each table or folder that is not in order: what is wrong."""
    return {
        each.what: [problem.code.code for problem in each.problems]
        for each in local.looked
        if each.way is way and each.problems
    }


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_the_example_counties_fit(dialect: Dialect, made: Path, tmp_path: Path) -> None:
    """Nothing is wrong, nothing is left untested, and the database is as it was to the byte."""
    file = database(made, dialect, tmp_path)
    before = file.read_bytes()
    local = over(file, dialect.folder)
    assert local.well
    assert {each.way for each in local.looked} == set(Way)
    assert not any(each.untested for each in local.looked)
    assert file.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["hall.sqlite"]


def test_all_that_is_missing_is_told_at_once(made: Path, tmp_path: Path) -> None:
    """Of a table all missing columns in one E-SRC-023, with near names and all columns; E-SRC-022 with near tables."""
    file = database(made, NATIONAL, tmp_path)
    with sqlite3.connect(file) as hall:
        hall.execute("ALTER TABLE up_lic_data RENAME COLUMN row_guid TO rowguid")  # the key column
        hall.execute("ALTER TABLE up_lic_data RENAME COLUMN certificate_number TO cert_number")
        hall.execute("ALTER TABLE ext_notice RENAME TO ext_notices")
        hall.execute("ALTER TABLE up_pro_process RENAME COLUMN cd_time TO cdtime")  # what it is read by
        hall.execute("ALTER TABLE ext_form RENAME COLUMN project_no TO projectno")  # what joins it to its parent
    hall.close()
    local = over(file)
    assert codes(local, Way.WRITE)["表 up_lic_data"] == ["E-SRC-023"]
    assert codes(local, Way.WRITE)["表 ext_notice"] == ["E-SRC-022"]
    assert codes(local, Way.READ) == {"表 up_pro_process": ["E-SRC-023"], "表 ext_form": ["E-SRC-023"]}
    told = {each.place: each for each in local.problems}
    lacking = told["表 up_lic_data"]
    assert lacking.params["column"] == "row_guid、certificate_number"
    assert "row_guid → rowguid" in lacking.params["nearest"]
    assert {"rowguid", "cert_number"} < set(lacking.params["columns"].split("、"))
    assert "cert_number" in wording.sentence(lacking, "zh").remedy
    assert told["表 ext_notice"].params["nearest"].startswith("ext_notices")


def test_columns_of_records_and_of_the_tables_below_them(made: Path, tmp_path: Path) -> None:
    """What only [[read]] names is looked for, too, in the table that it says."""
    file = database(made, NATIONAL, tmp_path)
    mapping = Path(shutil.copytree(NATIONAL.folder, tmp_path / "mapping")) / "mapping.toml"
    text = mapping.read_text(encoding="utf-8")
    joined = 'ext_form = { column = "projectno", of = "accept_no" }'
    for old, new in (
        ('= "applyer_name"', '= "aplyer_name"'), ("ext_form.", "ext_form.x_"), ('ext_form = "project_no"', joined),
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, new, 1)
    mapping.write_text(text, encoding="utf-8")
    told = {each.place: each.params["column"] for each in over(file, mapping.parent).problems}
    assert told["表 up_pro_accept"] == "accept_no、aplyer_name"
    assert told["表 ext_form"].startswith("projectno、x_")


def test_a_view_takes_no_row(made: Path, tmp_path: Path) -> None:
    """E-SRC-026 for what has every column and cannot be inserted into."""
    file = database(made, NATIONAL, tmp_path)
    with sqlite3.connect(file) as hall:
        hall.execute("ALTER TABLE ext_notice RENAME TO notice_rows")
        hall.execute("CREATE VIEW ext_notice AS SELECT * FROM notice_rows")
    hall.close()
    assert codes(over(file), Way.WRITE) == {"表 ext_notice": ["E-SRC-026"]}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else for a moment")
@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o444, 0o777), (0o666, 0o555)], ids=["file", "folder"])
def test_a_database_file_that_may_only_be_read(made: Path, file_mode: int, folder_mode: int) -> None:
    """E-SRC-026 when the file is not the node's to write, or its folder, where SQLite's journal has to stand."""
    folder = Path(tempfile.mkdtemp(prefix="yhb-hall-"))
    folder.chmod(0o755)  # whoever reads there may not reach the checkout, which can lie in a private folder
    county = Path(shutil.copytree(NATIONAL.folder, folder / "county"))
    hall = folder / "hall"
    hall.mkdir()
    file = database(made, NATIONAL, hall)
    file.chmod(file_mode)
    hall.chmod(folder_mode)
    over(file, county)  # everything is imported before
    os.seteuid(65534)
    try:
        local = over(file, county)
    finally:
        os.seteuid(0)
        shutil.rmtree(folder)
    assert codes(local, Way.READ) == {}
    assert {"E-SRC-026"} == {each for several in codes(local, Way.WRITE).values() for each in several}


def test_a_database_that_is_busy_says_nothing_of_the_account(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody else has the file to himself, it is not reached, and nobody is sent to ask for rights."""
    monkeypatch.setattr(engines, "_WAIT_SECONDS", 0.01)
    file = database(made, NATIONAL, tmp_path)
    hall = sqlite3.connect(file, isolation_level=None)
    hall.execute("BEGIN EXCLUSIVE")
    local = over(file)
    hall.close()
    assert [each.code.code for each in local.problems] == ["E-SRC-011", "E-SRC-021"]
    assert over(file).well


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    """E-SRC-011 and E-SRC-021, and no empty database made; an address that is none is a finding, not a crash."""
    file = tmp_path / "hall.sqlite"
    local = over(file)
    assert [each.code.code for each in local.problems] == ["E-SRC-011", "E-SRC-021"]
    assert not file.exists()
    nowhere = checking.check(settings(tmp_path, NATIONAL.folder, "", "nodriver://x"))
    assert [each.code.code for each in nowhere.problems] == ["E-SRC-011", "E-SRC-011"]
    nothing = checking.check(settings(tmp_path, tmp_path, "", ""))
    assert [each.code.code for each in nothing.problems] == ["E-MAP-051"]


def test_folders(tmp_path: Path) -> None:
    """A folder that is there and takes files leaves no trace; one that is missing or none is E-SRC-031, E-SRC-041."""
    yongji = COUNTIES / "yongji_140881"
    (tmp_path / "去件").mkdir()
    assert checking.check(settings(tmp_path, yongji, tmp_path, tmp_path)).well  # 来件 is made with the first file
    assert [each.name for each in tmp_path.iterdir()] == ["去件"]
    share = tmp_path / "not mounted"
    gone = checking.check(settings(tmp_path, yongji, share, share))
    assert [each.code.code for each in gone.problems] == ["E-SRC-031", "E-SRC-041"]
    assert not share.exists()
    file = tmp_path / "file"
    file.touch()
    none = checking.check(settings(tmp_path, yongji, tmp_path, file))
    assert [(each.code.code, each.found) for each in none.problems] == [("E-SRC-041", "NotADirectoryError")]


def test_a_kind_of_file_that_the_sink_says_nothing_of(tmp_path: Path) -> None:
    """E-SRC-042 before the first such message comes."""
    mapping = Path(shutil.copytree(COUNTIES / "yongji_140881", tmp_path / "mapping")) / "mapping.toml"
    text = mapping.read_text(encoding="utf-8")
    assert '[sink.files."跨省申请"]' in text
    mapping.write_text(text.replace('[sink.files."跨省申请"]', '[sink.files."别的"]'), encoding="utf-8")
    (tmp_path / "去件").mkdir()
    local = checking.check(settings(tmp_path, mapping.parent, tmp_path, tmp_path))
    assert [(each.code.code, each.params["kind"]) for each in local.problems] == [("E-SRC-042", "跨省申请")]


def test_the_doctor_looks_before_the_network(made: Path, tmp_path: Path) -> None:
    """The missing column stands on the screen and in the file, beside what is wrong on the way to the hub; exit 1."""
    file = database(made, NATIONAL, tmp_path)
    with sqlite3.connect(file) as hall:
        hall.execute("ALTER TABLE up_lic_data RENAME COLUMN certificate_number TO cert_number")
    hall.close()
    county = doctoring.folder(tmp_path / "county", TestTrust.make(tmp_path / "trust"))
    (county / "county.toml").write_text(
        f'division_code = "410225"\nname = "兰考县"\nmapping = "{NATIONAL.folder}"\nlocal_read = "sqlite:///{file}"\n'
        f'local_write = "sqlite:///{file}"\n[hub]\nurls = ["127.0.0.1:{free_port()}"]\n'
        '[authority]\nname = "局"\ncode = "11140881MB0000000U"\n',
        encoding="utf-8",
    )
    kept = tmp_path / "doctor.json"
    result = CliRunner().invoke(cli.app, ["doctor", "-d", str(county), "--json", str(kept)])
    assert result.exit_code == 1
    assert result.stdout.index("本地系统核对") < result.stdout.index("解析主机名")
    assert "E-SRC-023" in result.stderr
    assert "cert_number" in result.stderr
    found = json.loads(kept.read_text(encoding="utf-8"))["local_system"]
    (wrong,) = [each for each in found if not each["well"]]
    assert (wrong["way"], wrong["what"], wrong["problems"][0]["code"]) == ("write", "表 up_lic_data", "E-SRC-023")
    (county / "certs" / "anchors.pem").unlink()  # a county that has not joined yet: its local system is looked at
    result = CliRunner().invoke(cli.app, ["doctor", "-d", str(county)])
    assert result.exit_code == 1
    assert "E-SRC-023" in result.stderr


@pytest.fixture
def watched(made: Path, tmp_path: Path) -> Iterator[tuple[LocalWatch, Path, list[float], sa.Engine]]:
    """The check of a node over a database, with a clock of its own and the store that keeps the trouble."""
    file = database(made, NATIONAL, tmp_path)
    store = open_store(f"sqlite:///{tmp_path / 'county.sqlite'}")
    seconds = [0.0]
    yield LocalWatch(store, lambda: over(file), clock=lambda: seconds[0]), file, seconds, store
    store.close()


def test_a_running_node_tells_it_until_it_is_mended(watched) -> None:
    """A trouble, not a stop; looked at again each minute while it stands, and never again once all was well."""
    watch, file, seconds, store = watched

    def troubles() -> list[str]:
        with store.read() as tx:
            return list(tx.execute(select(tables.troubles.c.code)).scalars())

    def rename(old: str, new: str) -> None:
        with sqlite3.connect(file) as hall:
            hall.execute(f"ALTER TABLE {old} RENAME TO {new}")
        hall.close()

    rename("ext_notice", "gone")
    assert watch.run_once(now()) == 0
    assert troubles() == ["E-SRC-022"]
    rename("gone", "ext_notice")
    seconds[0] = 59.0
    watch.run_once(now())
    assert troubles() == ["E-SRC-022"]
    seconds[0] = 60.0
    watch.run_once(now())
    assert troubles() == []
    rename("ext_notice", "gone")
    seconds[0] = 1000.0
    watch.run_once(now())
    assert troubles() == []
