"""Files that a command is given: what cannot be read is a sentence with its code, not a traceback."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.cli import app
from schemas.errors import YunhuobanError


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["verify", "nowhere.proof.json", "--trust", "nowhere.trust.json"], "E-CERT-001"),
        (["verify", ".", "--trust", "."], "E-CERT-001"),
        (["backup", "check", "nowhere.yhb"], "E-BACKUP-001"),
        (["county", "add", "nowhere.json"], "E-CONF-012"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: str):
    """A missing file, and a folder in its place."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, arguments)
    assert isinstance(done.exception, YunhuobanError)
    assert done.exception.code.code == code
