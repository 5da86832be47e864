"""The counties of the three dialects over databases in their dialect: whole cases as window and as issuer."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from adapters.cli import app
from adapters.local.mapping import WriteContext, load_mapping
from adapters.local.mapping.document.directions import WRITABLE
from adapters.local.mapping.samples import sample_records
from adapters.local.sinks.opening import open_sink
from adapters.local.sources.opening import open_source
from adapters.settings import CountySettings
from deploy.onboarding.dialects import DIALECTS, Dialect
from deploy.onboarding.hall import now, stamp
from tests.county_records import ITEM, acceptance, decision, hand_over, review_step, special_procedure
from tests.county_world import Network
from tests.unit.adapters.counties import dialecttable
from tests.unit.adapters.counties.dialectworld import DialectWorld
from tests.unit.adapters.counties.everymessage import RECORDS

LONG = pytest.mark.long


def places(*short: str) -> list[Any]:
    """Each dialect over SQLite and over PostgreSQL; all but these only in the long run."""
    names = [f"{name}-{where}" for name in DIALECTS for where in ("sqlite", "postgresql")]
    return [pytest.param(name, marks=() if name in short else LONG) for name in names]


SQLITE = ("national-sqlite", "zhejiang-sqlite", "epoint-sqlite")
REPORTED = (
    "up_pro_accept", "up_pro_material", "up_pro_process", "up_pro_special_procedure", "up_pro_result", "up_lic_data",
)  # fmt: skip
# How a clerk mistypes the applicant's number in place, and puts it right.
CORRECTION = {
    "national": "UPDATE up_pro_accept SET applyer_page_code = :given, cd_time = :moment WHERE project_no = :number",
    "zhejiang": "UPDATE pre_apasinfo SET apply_cardnumber = :given, create_time = :moment WHERE projid = :number",
    "epoint": "UPDATE audit_project SET certnum = :given, operatedate = :moment WHERE flowsn = :number",
}


@pytest.fixture(scope="session")
def halls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each county's database as it was before us, opened to us by its own people; to be copied."""
    folder = tmp_path_factory.mktemp("halls")
    for name, dialect in DIALECTS.items():
        dialect.open_to_us(dialect.make(folder / name))
    return folder


@pytest.fixture
def place(request: pytest.FixtureRequest, halls: Path, tmp_path: Path) -> tuple[Dialect, str]:
    """The dialect and the database that the test names."""
    name, _, where = request.param.partition("-")
    dialect = DIALECTS[name]
    if where == "sqlite":
        return dialect, copied(halls, name, tmp_path)
    node = request.getfixturevalue("postgres")
    url = node.url(node.create())
    dialect.fill(url)
    dialect.open_to_us(url)
    return dialect, url


def copied(halls: Path, name: str, folder: Path) -> str:
    """A copy of a county's database; returns its URL."""
    shutil.copytree(halls / name, folder / "hall")
    (file,) = (folder / "hall").iterdir()
    return f"sqlite:///{file}"


@pytest.fixture
def world(place: tuple[Dialect, str], dialect_network: Network, tmp_path: Path) -> Iterator[DialectWorld]:
    """A node over it, beside the scripted counties."""
    found = DialectWorld(dialect_network, tmp_path, *place)
    yield found
    found.close()


@pytest.fixture
def national(dialect_network: Network, halls: Path, tmp_path: Path) -> Iterator[DialectWorld]:
    """The county that reports to its province."""
    found = DialectWorld(dialect_network, tmp_path, DIALECTS["national"], copied(halls, "national", tmp_path))
    yield found
    found.close()


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_a_database_as_it_was_sends_nothing(dialect: Dialect, halls: Path, tmp_path: Path) -> None:
    """The county's own cases from before are none of ours: joining reports no old case to anybody."""
    url = copied(halls, dialect.name, tmp_path)
    mapping = load_mapping(dialect.folder)
    batch = open_source(mapping, url).poll(None, 1000)
    assert batch.failures == []
    assert [mapping.read(each) for each in batch.records] == [None] * len(batch.records)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        columns = [
            name for name in sa.inspect(connection).get_table_names() if name.startswith(("up_", "pre_", "audit"))
        ]
    engine.dispose()
    assert len(columns) >= 6


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_the_settings_load(dialect: Dialect) -> None:
    """The example of county.toml is a county's settings, and names this county and its own mapping."""
    settings = CountySettings.load(dialect.folder)
    assert (settings.division_code, settings.name) == (dialect.plan.code, dialect.plan.name)
    assert settings.authority.code == dialect.plan.authority_code
    assert [each.service_item for each in settings.offers] == [dialect.plan.item]
    assert settings.mapping.name == dialect.folder.name


def test_one_application_is_the_same_in_every_dialect() -> None:
    """What the halls keep under different names and codes becomes one canonical record."""
    county = Path(__file__).parents[4] / "adapters" / "counties"
    found = []
    for name in ("wuqiao_130928", *(each.plan.folder_name for each in DIALECTS.values())):
        expected = json.loads((county / name / "samples" / "expected.json").read_text(encoding="utf-8"))
        record = expected["申请-寻常"]
        for own in ("project_no", "clerk"):
            del record["canonical"][own]
        found.append({key: record[key] for key in ("destination", "service_item", "canonical")})
    assert all(each == found[0] for each in found)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_page_says_what_the_mappings_say(language: str) -> None:
    """Each row of the page's two tables is what the mappings do; `dialecttable` makes the rows."""
    page = (Path(__file__).parents[4] / "docs" / language / "dialects.md").read_text(encoding="utf-8")
    rows_there = [line for line in page.splitlines() if line.startswith(("| `", "| **`"))]
    assert rows_there == [*dialecttable.table(), *dialecttable.written()]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_what_is_read_is_there(dialect: Dialect, halls: Path, tmp_path: Path) -> None:
    """Every table and column that the mapping or a sample names is one of the database's own."""
    engine = sa.create_engine(copied(halls, dialect.name, tmp_path))
    inspector = sa.inspect(engine)
    names = [*inspector.get_table_names(), *inspector.get_view_names()]
    there = {(name, each["name"]) for name in names for each in inspector.get_columns(name)}
    engine.dispose()
    mapping = load_mapping(dialect.folder)
    named: set[tuple[str, str]] = set()
    for record in sample_records(dialect.folder):
        named |= {(record.kind, column) for column in record.row}
        named |= {(table, column) for table, rows_ in record.children.items() for row in rows_ for column in row}
    for rule in mapping.rules.reads:
        cells = [*rule.cells.values(), rule.case, *filter(None, (rule.destination, rule.service_item, rule.trial))]
        columns = [each.column for each in (*cells, *rule.when) if each.column]
        named |= {tuple(each.split(".")) if "." in each else (rule.kind, each) for each in columns}
        named |= {(each.source, cell.column) for each in rule.lists for cell in each.cells.values() if cell.column}
    named |= {(each.kind, condition.column) for each in mapping.rules.ignores for condition in each.when}
    for table, said in mapping.rules.source["tables"].items():
        named |= {(table, column) for column in (*said["key"], said["order"], *said.get("skip", {}))}
        named |= {(each, column) for child, column in said.get("children", {}).items() for each in (table, child)}
    assert named - there == set()


@pytest.mark.parametrize("place", places(), indirect=True)
def test_a_folder_begun_from_the_database_is_finished_by_hand(place: tuple[Dialect, str], tmp_path: Path) -> None:
    """`adapter new` reads the county's database; with what county IT writes by hand its test is green."""
    dialect, url = place
    folder = tmp_path / "county"
    for arguments in (["new", dialect.plan.code, "--source", url, "--out", str(folder)], ["test", str(folder)]):
        assert CliRunner().invoke(app, arguments).exit_code == 0
    dialect.write_by_hand(folder)
    done = CliRunner().invoke(app, ["test", str(folder)])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("place", places(*SQLITE), indirect=True)
def test_every_message_fits_the_database(place: tuple[Dialect, str]) -> None:
    """Each message is written into the real tables, twice as after a crash: once there, and never read back."""
    dialect, url = place
    mapping = load_mapping(dialect.folder)
    sink, source = open_sink(mapping, url), open_source(mapping, url)
    before = source.poll(None, 1000)
    counts = []
    for _ in range(2):
        for message_type in WRITABLE:
            context = WriteContext(
                case_no="140881-20261122-000001-X", local_case=None, source="140881", source_name="永济市",
                written_at=datetime.now(UTC), trial=True,
            )  # fmt: skip
            sink.write(mapping.write(message_type, RECORDS[message_type], context))
        counts.append(rows(url))
    assert counts[0] == counts[1]
    written = source.poll(before.cursor, 1000)
    assert (written.records, written.failures) == ([], [])


def rows(url: str) -> dict[str, int]:
    """How many rows each table has."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        found = {name: connection.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar_one() for name in names}
    engine.dispose()
    return found


@pytest.mark.parametrize("place", places("national-postgresql", *SQLITE[1:]), indirect=True)
def test_a_whole_case_from_this_window(world: DialectWorld) -> None:
    """Taken at the window, accepted, decided and authorised elsewhere, printed here, handed over: each side knows."""
    number = world.hall.take(ITEM, "永济市", Random(4))
    world.settle()
    case_no = world.case_of(world.node)
    (application,) = world.sent(world.node, "application.submitted")
    assert application["project_no"] == number
    assert len(application["materials"]) == 3
    for message_type, record in (
        ("application.accepted", acceptance()),
        ("review.advanced", review_step()),
        ("decision.made", decision()),
    ):
        world.issuing.source.add(message_type, case_no, record)
        world.settle()
    authorisation = f"{case_no}-D1-1"
    world.node.room.ask(authorisation)
    world.settle()
    world.node.sheets.confirm(authorisation, stock_serial="S1", by="desk")
    world.settle()

    steps = [(each.step, each.number) for each in world.hall.came_back(number)]
    (license_,) = world.sent(world.issuing, "license.issued")
    assert license_["identifier"] in [name for _, name in steps]
    assert authorisation in [name for _, name in steps]
    identifier = world.hall.hand_over(number)
    assert identifier == license_["identifier"]
    world.settle()
    assert [each["license_identifier"] for each in world.sent(world.node, "case.handed_over")] == [identifier]
    assert world.issuing.sink.order[-1] == "case.handed_over"
    assert world.troubles(world.node) == []


@pytest.mark.parametrize("place", places(*SQLITE[1:]), indirect=True)
def test_a_whole_case_decided_here(world: DialectWorld) -> None:
    """Applied for elsewhere, accepted, reviewed and decided in the hall, printed there: each side knows."""
    case_no = world.apply_at_window()
    assert world.hall.received() == [case_no]
    notice = world.hall.accept(case_no)
    world.settle()
    assert world.hall.received() == []
    number = world.hall.decide(case_no)
    world.settle()
    (accepted,), (decided,) = (
        world.sent(world.node, "application.accepted"),
        world.sent(world.node, "decision.made"),
    )
    assert (accepted["accept_doc_no"], decided["decision_no"], decided["outcome"]) == (notice, number, "granted")
    assert accepted["promised_on"] > accepted["accepted_at"].date()
    assert [each["stage"] for each in world.sent(world.node, "review.advanced")] == ["first_review"]
    (license_,) = world.sent(world.node, "license.issued")
    assert license_["issuing_authority_code"] == world.dialect.plan.authority_code
    authorisation = f"{case_no}-D1-1"
    world.window.room.ask(authorisation)
    world.settle()
    world.window.sheets.confirm(authorisation, stock_serial="S1", by="desk")
    world.window.source.add("case.handed_over", "W1", hand_over(license_identifier=license_["identifier"]))
    world.settle()

    written = rows(world.url)
    assert any(count for name, count in written.items() if "deliver" in name or name == "audit_union_record")
    came = {each.number for each in world.hall.came_back(case_no)}
    assert license_["identifier"] in came
    assert authorisation in came
    assert world.troubles(world.node) == []
    kinds = [kind for kind in world.window.sink.order if kind != "application.submitted"]
    assert kinds[:3] == ["application.accepted", "review.advanced", "decision.made"]


@pytest.mark.parametrize("place", places(), indirect=True)
def test_a_denial_carries_its_reasons(world: DialectWorld) -> None:
    """Without articles of association it is denied: reasons, remedies, no number and no license."""
    case_no = world.apply_at_window(materials=[])
    world.hall.accept(case_no)
    world.settle()
    world.hall.decide(case_no, "申请材料缺少公司章程。")
    world.settle()
    (decided,) = world.sent(world.node, "decision.made")
    assert (decided["outcome"], decided["license_number"], decided["established_on"]) == ("denied", "", None)
    assert decided["reasons"] == "申请材料缺少公司章程。"
    assert "行政复议" in decided["remedies"]
    assert world.sent(world.node, "license.issued") == []


@pytest.mark.parametrize("place", places("epoint-sqlite"), indirect=True)
def test_a_wrong_row_waits_for_its_clerk(world: DialectWorld) -> None:
    """A mistyped number is told with its column, blocks nothing else, and goes as soon as it was put right in place."""
    hall = world.hall
    wrong, right = hall.take(ITEM, "永济市", Random(5)), hall.take(ITEM, "永济市", Random(6), trial=True, flawed=True)
    statement = sa.text(CORRECTION[world.dialect.name])
    with hall.transaction() as tx:
        tx.execute(statement, {"given": "410225198502310014", "moment": stamp(now()), "number": wrong})
    world.settle()
    assert [each["project_no"] for each in world.sent(world.node, "application.submitted")] == [right]
    ((code, told),) = world.troubles(world.node)
    assert code == "E-ID-023"
    assert "410225198502310014" not in told
    with hall.transaction() as tx:
        tx.execute(statement, {"given": "130928198501010014", "moment": stamp(now()), "number": wrong})
    world.settle()
    assert [each["project_no"] for each in world.sent(world.node, "application.submitted")] == [right, wrong]
    assert world.troubles(world.node) == []


def reported(world: DialectWorld, number: str, license_identifier: str) -> dict[str, list[dict[str, object]]]:
    """What the province finds of one case when it collects: what has no batch yet."""
    found: dict[str, list[dict[str, object]]] = {}
    with world.hall.transaction() as tx:
        for name in REPORTED:
            key = "certificate_source_id" if name == "up_lic_data" else "project_no"
            value = license_identifier if name == "up_lic_data" else number
            query = sa.text(
                f"SELECT * FROM {name} WHERE {key} = :value AND cd_batch IS NULL ORDER BY cd_operation, cd_time"
            )
            found[name] = [dict(each) for each in tx.execute(query, {"value": value}).mappings()]
    return found


def collect(world: DialectWorld) -> None:
    """The province collects."""
    with world.hall.transaction() as tx:
        for name in REPORTED:
            tx.execute(sa.text(f"UPDATE {name} SET cd_batch = 'P1' WHERE cd_batch IS NULL"))


def test_the_window_reports_to_its_province(national: DialectWorld) -> None:
    """Of a case decided elsewhere the province collects acceptance, process, special procedure, result and license."""
    number = national.hall.take(ITEM, "永济市", Random(7))
    national.settle()
    case_no = national.case_of(national.node)
    for message_type, record in (
        ("application.accepted", acceptance()),
        ("procedure.opened", special_procedure()),
    ):
        national.issuing.source.add(message_type, case_no, record)
        national.settle()
    collect(national)
    national.later(minutes=1)
    for message_type, record in (
        ("procedure.closed", RECORDS["procedure.closed"]),
        ("review.advanced", review_step()),
        ("decision.made", decision(decided_at=national.now)),
    ):
        national.issuing.source.add(message_type, case_no, record)
        national.settle()
    (license_,) = national.sent(national.issuing, "license.issued")
    after = reported(national, number, license_["identifier"])
    assert {name: len(found) for name, found in after.items()} == {
        "up_pro_accept": 0, "up_pro_material": 0, "up_pro_process": 2, "up_pro_special_procedure": 1,
        "up_pro_result": 1, "up_lic_data": 1,
    }  # fmt: skip
    assert [each["event_name"] for each in after["up_pro_process"]] == ["60", "70"]
    (result,), (license_row,) = after["up_pro_result"], after["up_lic_data"]
    assert (result["result_type"], result["result_cetr_no"]) == ("10", decision()["license_number"])
    assert license_row["certificate_holder_type"] == "001"
    assert all(value is not None for name, value in license_row.items() if name != "cd_batch")
    with national.hall.transaction() as tx:
        query = sa.text("SELECT * FROM up_pro_accept WHERE project_no = :number ORDER BY cd_time")
        first, second = (dict(each) for each in tx.execute(query, {"number": number}).mappings())
    assert (first["cd_operation"], second["cd_operation"]) == ("I", "U")
    assert second["accept_doc_no"] == acceptance()["accept_doc_no"]
    assert second["accept_date"] is not None
    assert (first["cd_batch"], second["cd_batch"]) == ("P1", "P1")


def test_the_issuer_reports_to_its_province(national: DialectWorld) -> None:
    """An application from elsewhere is reported whole, with the codes that the province asks for, and its license."""
    case_no = national.apply_at_window()
    national.hall.accept(case_no)
    national.settle()
    national.hall.decide(case_no)
    national.settle()
    (license_,) = national.sent(national.node, "license.issued")
    found = reported(national, case_no, license_["identifier"])
    first, second = found["up_pro_accept"]
    assert (first["catalog_code"], first["org_code"], first["cd_operation"]) == (
        "000131127004", national.dialect.plan.authority_code, "I",
    )  # fmt: skip
    needed = ("project_name", "task_code", "applyer_name", "applyer_page_type", "applyer_page_code", "apply_date")
    assert all(first[name] for name in needed)
    assert second["accept_date"]
    assert len(found["up_pro_material"]) == 1
    assert len(found["up_pro_result"]) == 1
    assert [each["certificate_area_code"] for each in found["up_lic_data"]] == ["410225"]
