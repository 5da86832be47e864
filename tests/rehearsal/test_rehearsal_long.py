"""The rehearsal with a real broker and real processes, in short: fewer counties, and the troubles that pass soon."""

import json
from pathlib import Path

import pytest

from tests.brokers import require_broker
from tests.rehearsal.__main__ import rehearse

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]
COUNTIES = 60
SOON = ["late-case", "revocation-list", "broker-memory"]


def test_troubles_in_a_running_hub_are_said(tmp_path: Path, record_property):
    """Each on the open page and to whoever is on call, and so is its end; the figures are kept."""
    require_broker()
    courses = rehearse(tmp_path, SOON, pictures=False, count=COUNTIES)
    assert [each.trouble.name for each in courses] == SOON
    assert all(each.said for each in courses), [each.record() for each in courses]
    for row in json.loads((tmp_path / "latest.json").read_text(encoding="utf-8")):
        record_property(row["trouble"], f"{row['seconds_to_page']} {row['seconds_to_alert']}")
