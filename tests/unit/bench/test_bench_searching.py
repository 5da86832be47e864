"""The measurement of searching, on a small store: every kind is measured, and what was measured is said."""

import json
from pathlib import Path

import pytest

from deploy.bench import searching


@pytest.mark.long
def test_every_kind_is_measured_and_the_rows_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Whole cases of ten messages; the file says how many there really were, and the store is gone afterwards."""
    monkeypatch.setattr(searching, "FOLDER", tmp_path)
    monkeypatch.setattr(searching, "_CHUNK", 50)
    monkeypatch.setattr(searching, "_TRIES", 2)
    monkeypatch.setenv("MESSAGES", "1000")
    assert searching.main() == 0
    said = json.loads((tmp_path / "search.json").read_text("utf-8"))
    assert said["rows"] == {"cases": 100, "messages": 1000}
    assert {"whole number", "item, page 5", "day", "timeline of a case"} <= set(said["milliseconds"])
    assert all(0 < each["p50"] <= each["worst"] for each in said["milliseconds"].values())
    assert [each.name for each in tmp_path.iterdir()] == ["search.json"]
