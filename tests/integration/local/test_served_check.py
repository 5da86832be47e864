"""The check of the local system over real PostgreSQL and MariaDB: what an account may do; no row is written."""

from collections.abc import Iterator, Sequence

import pytest

from adapters.local.localsystem import databases
from adapters.local.localsystem.findings import Looked, Way
from tests.integration.local.served_hall import ServedHall
from tests.mariadb import MariaNode

NEEDS = {"reply": ["row_guid", "名"], "part": ["row_guid", "名"]}


@pytest.fixture(params=["postgresql", "mariadb"])
def hall(request: pytest.FixtureRequest) -> Iterator[ServedHall]:
    """A local system with two tables and a view that takes no row."""
    node = request.getfixturevalue("county_mariadb" if request.param == "mariadb" else "postgres")
    made = ServedHall(node=node, name=node.create())
    guid = "CHAR(32)" if made.is_mariadb else "UUID"
    made.says(
        f"CREATE TABLE reply (row_guid {guid} PRIMARY KEY, 名 VARCHAR(4) NOT NULL, n INTEGER NOT NULL)",
        f"CREATE TABLE part (row_guid {guid} PRIMARY KEY, 名 VARCHAR(4) NOT NULL, kept INTEGER)",
        "CREATE VIEW counted AS SELECT 名, count(*) AS row_guid FROM reply GROUP BY 名",
    )
    yield made
    made.close()


def seen(found: Iterator[Looked]) -> dict[str, Sequence[str]]:
    """The codes at each table."""
    return {each.what: [problem.code.code for problem in each.problems] for each in found}


def account(hall: ServedHall, *grants: str) -> str:
    """The URL of an account with these rights, each with {who} in it."""
    name = f"clerk_{hall.name[-6:]}"
    if isinstance(hall.node, MariaNode):
        whos = [f"{name}@localhost", f"{name}@127.0.0.1"]
        hall.says(*(f"CREATE USER {who}" for who in whos), *(each.format(who=who) for who in whos for each in grants))
        return hall.node.url(hall.name, name)
    hall.says(f"CREATE ROLE {name} LOGIN", *(each.format(who=name) for each in grants))
    return hall.url.replace("postgres@", f"{name}@")


def test_the_owner_may_everything_but_write_into_a_view(hall: ServedHall) -> None:
    """A column that must not be empty is no hindrance to the check; the view is E-SRC-026; no row is left."""
    needs = NEEDS | {"counted": ["row_guid", "名"], "replies": ["a"], "part": ["row_guid", "nam", "kept"]}
    assert seen(databases.look(hall.url, Way.WRITE, needs)) == {
        "表 reply": [], "表 counted": ["E-SRC-026"], "表 replies": ["E-SRC-022"], "表 part": ["E-SRC-023"],
    }  # fmt: skip
    assert seen(databases.look(hall.url, Way.READ, {"counted": ["名"]})) == {"表 counted": []}
    assert hall.says("SELECT count(*) FROM reply") == [(0,)]


def test_an_account_that_may_only_read(hall: ServedHall) -> None:
    """In order as a source; as a sink each table is E-SRC-026, with what the server calls it."""
    url = hall.reading_url
    assert seen(databases.look(url, Way.READ, NEEDS)) == {"表 reply": [], "表 part": []}
    found = list(databases.look(url, Way.WRITE, NEEDS))
    assert seen(iter(found)) == {"表 reply": ["E-SRC-026"], "表 part": ["E-SRC-026"]}
    assert found[0].problems[0].found == ("OperationalError 1142" if hall.is_mariadb else "InsufficientPrivilege 42501")


def test_rights_on_single_tables_and_columns(hall: ServedHall) -> None:
    """Inserting the columns that the mapping writes and asking for the key is enough; reading needs the whole row."""
    rest = "SELECT ON part TO {who}" if hall.is_mariadb else "SELECT (row_guid) ON part TO {who}"
    url = account(hall, "GRANT INSERT (row_guid, 名) ON part TO {who}", f"GRANT {rest}")
    assert seen(databases.look(url, Way.WRITE, NEEDS)) == {"表 reply": ["E-SRC-026"], "表 part": []}
    assert seen(databases.look(url, Way.WRITE, {"part": ["row_guid", "kept"]})) == {"表 part": ["E-SRC-026"]}
    assert seen(databases.look(url, Way.READ, NEEDS))["表 reply"] == ["E-SRC-027"]
    assert hall.says("SELECT count(*) FROM part") == [(0,)]


@pytest.mark.parametrize("hall", ["postgresql"], indirect=True)
def test_a_replica_takes_no_row(hall: ServedHall) -> None:
    """PostgreSQL says that it is read-only; the rights alone would not show it."""
    hall.says(f"ALTER DATABASE {hall.name} SET default_transaction_read_only = on")
    assert seen(databases.look(hall.url, Way.WRITE, NEEDS)) == {"表 reply": ["E-SRC-026"], "表 part": ["E-SRC-026"]}


def test_an_account_that_is_not_let_in(hall: ServedHall) -> None:
    """E-SRC-011 or E-SRC-021, without the account's name or password in it."""
    url = hall.url.replace("root@" if hall.is_mariadb else "postgres@", "nobody:secret@")
    for way, code in ((Way.READ, "E-SRC-011"), (Way.WRITE, "E-SRC-021")):
        (found,) = databases.look(url, way, NEEDS)
        (problem,) = found.problems
        assert problem.code.code == code
        assert "secret" not in f"{found.what} {problem.place} {problem.found} {problem.params}"
