"""`alerts.toml`: what is wrong is named, and no address of it is repeated."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.alerting.plan import FILE, Plan, Quiet
from schemas.errors import YunhuobanError

STEP = '[[step]]\nname = "a"\nurls = ["json://user:secret@127.0.0.1/x"]\n'


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    """The folder with this plan."""
    (folder / FILE).write_text(text, encoding="utf-8")
    (folder / FILE).chmod(mode)
    return folder


@pytest.mark.parametrize(
    ("text", "mode", "code", "place"),
    [
        (STEP, 0o640, "E-NOTE-002", FILE),
        ("[[step]\n", 0o600, "E-NOTE-001", FILE),
        (STEP.replace("json:", "nonsense:"), 0o600, "E-NOTE-003", FILE),
        (STEP.replace("urls", "addresses"), 0o600, "E-ALERT-001", "step.0.urls"),
        (STEP + STEP, 0o600, "E-ALERT-001", "step.name"),
        ('[quiet]\nfrom = "25:00"\nuntil = "07:00"\n', 0o600, "E-ALERT-001", "quiet.from"),
        ("[limits]\nwaiting_minutes = 0\n", 0o600, "E-ALERT-001", "limits.waiting_minutes"),
        ("[limit]\n", 0o600, "E-ALERT-001", "limit"),
    ],
)
def test_a_wrong_plan_is_refused_by_name(tmp_path: Path, text: str, mode: int, code: str, place: str) -> None:
    """With what is wrong and where; secrets stay in the file."""
    with pytest.raises(YunhuobanError, match=code) as refused:
        Plan.load(written(tmp_path, text, mode))
    assert place in refused.value.place
    assert "secret" not in f"{refused.value.found} {refused.value.place} {refused.value.expected}"


def test_without_a_file_nobody_is_told(tmp_path: Path) -> None:
    """And the limits are the usual ones."""
    assert not Plan.load(tmp_path).steps


@pytest.mark.parametrize(
    ("begins", "ends", "quiet"),
    [("21:00", "07:00", (22, 23, 0, 6)), ("12:00", "14:00", (12, 13))],
)
def test_quiet_hours_are_those_of_beijing(begins: str, ends: str, quiet: tuple[int, ...]) -> None:
    """Also over midnight; the end is no longer quiet."""
    hours = Quiet.model_validate({"from": begins, "until": ends})
    found = {hour for hour in (22, 23, 0, 6, 7, 11, 12, 13, 14, 20) if hours.holds(_at(hour))}
    assert found == set(quiet)


def _at(hour: int) -> datetime:
    return datetime(2026, 11, 22, (hour - 8) % 24, tzinfo=UTC)
