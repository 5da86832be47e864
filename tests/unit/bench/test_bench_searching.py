"""The measurement of searching, on a small store: every kind is measured, and what was measured is said."""

import json
from pathlib import Path

import pytest
from sqlalchemy import inspect

from deploy.bench import casestore, indexcost, searching
from hub.store import Store, open_store, tables


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few cases, a few tries, one short round of admission."""
    monkeypatch.setattr(casestore, "CHUNK", 50)
    monkeypatch.setattr(searching, "_TRIES", 2)
    monkeypatch.setattr(indexcost, "_ROUNDS", 1)
    monkeypatch.setattr(indexcost, "_MESSAGES", 60)
    monkeypatch.setenv("MESSAGES", "1000")


@pytest.mark.long
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.usefixtures("small")
def test_every_kind_is_measured_and_the_rows_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, kind: str
):
    """Whole cases of ten messages, on either database; the file says how many there were, and nothing else stays.

    Admission is measured with the indexes of searching and without; afterwards they are all there.
    """
    monkeypatch.setattr(searching, "FOLDER", tmp_path)
    if kind == "postgresql":
        node = request.getfixturevalue("postgres")
        monkeypatch.setenv("STORE_URL", node.url(node.create()))
    assert searching.main() == 0
    said = json.loads((tmp_path / f"search-{kind}.json").read_text("utf-8"))
    assert (said["store"], said["rows"]) == (kind, {"cases": 100, "messages": 1000})
    for name in ("milliseconds", "cold_milliseconds") if kind == "sqlite" else ("milliseconds",):
        assert {"whole number", "item, page 5", "day", "timeline of a case"} <= set(said[name])
        assert all(0 < each["p50"] <= each["worst"] for each in said[name].values())
    assert all(each > 0 for each in said["admission"]["with_per_second"] + said["admission"]["without_per_second"])
    assert [each.name for each in tmp_path.iterdir()] == [f"search-{kind}.json"]


def test_the_indexes_that_are_measured_are_those_of_searching(tmp_path: Path):
    """Taken away and made again, all but the one by state, which is there without any search."""
    store = open_store(f"sqlite:///{tmp_path}/hub.sqlite")
    try:
        before = _indexes(store)
        indexcost._have_indexes(store, wanted=False)
        assert _indexes(store) == {indexcost.BY_STATE}
        indexcost._have_indexes(store, wanted=True)
        assert _indexes(store) == before
    finally:
        store.close()
    assert {"cases_by_opening", "cases_by_item", "cases_by_window", "cases_by_issuing", "cases_by_pair"} < before


def _indexes(store: Store) -> set[str]:
    with store.read() as tx:
        return {str(each["name"]) for each in inspect(tx).get_indexes(tables.cases.name)}
