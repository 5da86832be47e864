"""The SQL source over real PostgreSQL and MariaDB: nothing is lost, whatever the server makes of times and texts."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.local.mapping.functions import BEIJING
from adapters.local.mapping.functions.times import moment
from adapters.local.mapping.strict import Problems, Section
from adapters.local.sources.sql import SqlSource
from schemas.errors import YunhuobanError
from tests.integration.local.served_hall import ServedHall

NOW = datetime(2026, 11, 22, 12, tzinfo=BEIJING).astimezone(UTC)
CASES = {"key": ["id"], "order": "t", "skip": {"who": "yunhuoban"}}

SOON = ["mariadb", pytest.param("postgresql", marks=pytest.mark.long)]
"""Where the two servers differ in nothing that this program could see, the second one has its turn with LONG=1."""


@pytest.fixture(params=["postgresql", "mariadb"])
def hall(request: pytest.FixtureRequest):
    """An empty database of the local system."""
    node = request.getfixturevalue("county_mariadb" if request.param == "mariadb" else "postgres")
    made = ServedHall(node=node, name=node.create())
    yield made
    made.close()


@pytest.fixture
def cases(hall: ServedHall) -> ServedHall:
    """A table of cases with a time to the microsecond."""
    kind = "DATETIME(6)" if hall.is_mariadb else "TIMESTAMP"
    hall.says(f"CREATE TABLE cases (id VARCHAR(20), t {kind}, who VARCHAR(20), 名 VARCHAR(40), no DECIMAL(20,0))")
    return hall


def source(url: str, tables: dict[str, object], **more: object) -> SqlSource:
    """Open a database as `[source]` of a mapping says."""
    problems = Problems()
    opened = SqlSource.from_settings(Section({"type": "sql", "tables": tables} | more, "source", problems), url, now)
    assert problems.found == []
    return opened


def now() -> datetime:
    """Noon in Beijing."""
    return NOW


def drain(given: SqlSource, cursor: str | None, limit: int = 10) -> tuple[list[str], str | None, list[str]]:
    """Poll until nothing is new; keys, cursor, and the codes of what could not be read."""
    keys: list[str] = []
    codes: list[str] = []
    while True:
        batch = given.poll(cursor, limit)
        codes += [each.code.code for each in batch.failures]
        keys += [each.key for each in batch.records]
        if batch.cursor == cursor:
            return keys, cursor, codes
        cursor = batch.cursor


def insert(name: str, at: str, text: str = "", table: str = "cases") -> str:
    """One row of the local system's."""
    return f"INSERT INTO {table} (id, t, 名) VALUES ('{name}', '{at}', '{text}')"


@pytest.mark.parametrize("hall", SOON, indirect=True)
def test_an_account_that_may_only_read_reads_everything(cases):
    """Rare characters, NULL, microseconds and ties come as they are, each row once; ours stay out."""
    cases.says(
        insert("1", "2026-11-22 10:00:00.000001", "𠮷〇㐂"),
        "INSERT INTO cases VALUES ('2', '2026-11-22 10:00:00.000001', NULL, NULL, 18446744073709551615)",
        "INSERT INTO cases VALUES ('ours', '2026-11-22 10:00:00', 'yunhuoban', '', 1)",
        *(insert(f"tie{n:02}", "2026-11-22 10:00:00.999999") for n in range(15)),
    )
    opened = source(cases.reading_url, {"cases": CASES})
    first, second = opened.poll(None, 2).records
    assert (first.row["名"], second.row["名"], second.row["who"]) == ("𠮷〇㐂", None, None)
    assert str(second.row["no"]) == "18446744073709551615"
    assert str(first.row["t"]) == "2026-11-22 10:00:00.000001"
    keys, cursor, codes = drain(opened, None, limit=4)
    assert keys[:2] == ["1", "2"]
    assert sorted(keys) == ["1", "2", *(f"tie{n:02}" for n in range(15))]
    assert codes == []
    assert drain(opened, cursor) == ([], cursor, [])
    opened.close()


@pytest.mark.parametrize("hall", SOON, indirect=True)
def test_late_commit_with_an_earlier_time(cases):
    """A transaction that began first and commits last is read, although its row lies before what was read already."""
    opened = source(cases.reading_url, {"cases": CASES})
    with cases.speaking() as slow:
        slow.exec_driver_sql(insert("slow", "2026-11-22 10:00:00"))
        cases.says(insert("fast", "2026-11-22 10:05:00"))
        keys, cursor, _ = drain(opened, None)
        assert keys == ["fast"]
        slow.commit()
    assert drain(opened, cursor)[0] == ["slow"]
    opened.close()


def test_outbox_table_that_a_trigger_fills(cases):
    """The events of an outbox table come in the order of their numbers, a lower number that commits late, too."""
    if cases.is_mariadb:
        cases.says(
            "CREATE TABLE events (n BIGINT AUTO_INCREMENT PRIMARY KEY, id VARCHAR(20), 名 VARCHAR(40))",
            "CREATE TRIGGER tell AFTER INSERT ON cases FOR EACH ROW"
            " INSERT INTO events (id, 名) VALUES (NEW.id, NEW.名)",
        )
    else:
        cases.says(
            "CREATE TABLE events (n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id VARCHAR(20), 名 VARCHAR(40))",
            "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN INSERT INTO events (id, 名) VALUES (NEW.id, NEW.名); RETURN NULL; END $$",
            "CREATE TRIGGER tell AFTER INSERT ON cases FOR EACH ROW EXECUTE FUNCTION tell()",
        )
    opened = source(cases.reading_url, {"events": {"key": ["n"], "order": "n"}}, order_kind="number")
    with cases.speaking() as slow:
        slow.exec_driver_sql(insert("slow", "2026-11-22 10:00:00"))
        cases.says(insert("fast", "2026-11-22 10:00:00", "𠮷"))
        first = opened.poll(None, 10)
        assert [(each.row["id"], each.row["名"]) for each in first.records] == [("fast", "𠮷")]
        slow.commit()
    second = opened.poll(first.cursor, 10)
    assert [each.row["id"] for each in second.records] == ["slow"]
    assert not opened.poll(second.cursor, 10).records
    opened.close()


@pytest.mark.parametrize("hall", SOON, indirect=True)
def test_decimal_numbers_order_rows(cases):
    """A number kept as DECIMAL(20,0), as Oracle and many halls do, is a number."""
    cases.says("INSERT INTO cases (id, no) VALUES ('b', 2), ('a', 1), ('c', NULL)")
    opened = source(cases.url, {"cases": CASES | {"order": "no"}}, order_kind="number")
    keys, _cursor, codes = drain(opened, None)
    assert (keys, codes) == (["a", "b"], ["E-SRC-012"])
    opened.close()


def test_times_with_a_zone_on_a_server_in_utc(hall):
    """A column that keeps a moment (timestamptz, TIMESTAMP) is read as that moment, and what is new is not missed."""
    kind = "TIMESTAMP(6)" if hall.is_mariadb else "TIMESTAMPTZ"
    hall.says(f"CREATE TABLE cases (id VARCHAR(20), t {kind} NULL, 名 VARCHAR(9))")
    noon_in_utc = NOW.replace(tzinfo=None)
    hall.says("SET time_zone = '+00:00'" if hall.is_mariadb else "SET TIME ZONE 'UTC'", insert("1", f"{noon_in_utc}"))
    opened = source(hall.reading_url, {"cases": {"key": ["id"], "order": "t"}})
    batch = opened.poll(None, 10)
    assert moment(batch.records[0].row["t"]) == NOW
    hall.says(
        "SET time_zone = '+00:00'" if hall.is_mariadb else "SET TIME ZONE 'UTC'",
        insert("2", f"{noon_in_utc + timedelta(seconds=1)}"),
        insert("long ago", f"{noon_in_utc - timedelta(hours=4)}"),
    )
    assert drain(opened, batch.cursor)[0] == ["2"]
    opened.close()


def test_times_kept_as_text(hall):
    """A column of text that holds times orders rows; what is no time there is told once and blocks nothing."""
    hall.says(
        "CREATE TABLE cases (id VARCHAR(20), t VARCHAR(30), 名 VARCHAR(9))",
        insert("1", "2026-11-22 10:00:00"),
        insert("bad", "昨天"),
    )
    opened = source(hall.reading_url, {"cases": {"key": ["id"], "order": "t"}})
    keys, cursor, codes = drain(opened, None)
    assert (keys, codes) == (["1"], ["E-SRC-012"])
    hall.says(insert("2", "2026-11-22 09:55:00"), insert("worse", "-"))
    keys, cursor, codes = drain(opened, cursor)
    assert (keys, codes) == (["2"], ["E-SRC-012"])
    assert drain(opened, cursor) == ([], cursor, [])
    opened.close()


def test_times_that_are_none(cases):
    """MariaDB's 0000-00-00 and PostgreSQL's infinity spoil their own row only."""
    cases.says(
        insert("bad", "0000-00-00 00:00:00" if cases.is_mariadb else "infinity"), insert("1", "2026-11-22 10:00:00")
    )
    opened = source(cases.url, {"cases": CASES})
    keys, cursor, codes = drain(opened, None)
    assert (keys, codes) == (["1"], ["E-SRC-012"])
    assert drain(opened, cursor) == ([], cursor, [])
    opened.close()


def test_identifiers_and_times_of_day_that_the_server_types(hall):
    """What a server has a type of its own for comes as the text that a mapping can read."""
    kind = "UUID" if not hall.is_mariadb else "CHAR(36)"
    guid = "3f0e6a1c-9c4b-4c39-9a54-0242ac120002"
    hall.says(
        f"CREATE TABLE cases (id {kind} PRIMARY KEY, t DATE, clock TIME, fee DECIMAL(12,2))",
        f"CREATE TABLE papers (id {kind}, 名 VARCHAR(9))",
        f"INSERT INTO cases VALUES ('{guid}', '2026-11-22', '09:30:00', 12.50)",
        f"INSERT INTO papers VALUES ('{guid}', '身份证')",
    )
    opened = source(hall.url, {"cases": {"key": ["id"], "order": "t", "children": {"papers": "id"}}})
    (record,) = opened.poll(None, 10).records
    assert record.key == record.row["id"] == guid
    assert str(record.row["clock"]).lstrip("0") == "9:30:00"
    assert str(record.row["fee"]) == "12.50"
    assert record.children["papers"] == [{"id": guid, "名": "身份证"}]
    opened.close()


@pytest.mark.parametrize("hall", SOON, indirect=True)
def test_reading_goes_on_after_the_server_was_killed(cases):
    """While the server is away the source says so and nothing moves; after its restart it goes on where it was."""
    opened = source(cases.url, {"cases": CASES})
    cases.says(insert("1", "2026-11-22 10:00:00"))
    _, cursor, _ = drain(opened, None)
    cases.node.kill()
    with pytest.raises(YunhuobanError) as failed:
        opened.poll(cursor, 10)
    assert failed.value.code.code == "E-SRC-011"
    cases.node.start()
    cases.says(insert("2", "2026-11-22 10:00:01"))
    assert drain(opened, cursor)[0] == ["2"]
    opened.close()
