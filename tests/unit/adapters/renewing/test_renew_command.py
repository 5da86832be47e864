"""`adapter renew` as county IT types it: where it stands, ask, give up, take the answer in; the next step is said."""

from pathlib import Path

from typer.testing import CliRunner, Result

from adapters.cli import app as adapter
from adapters.countyit.renewing import nextkeys
from adapters.countyit.renewing.request import ANSWER, CARD, REQUEST
from certs import renewal
from schemas.errors import YunhuobanError
from schemas.renewing.files import ROLES
from tests.renewing_world import Renewing


def typed(renewing: Renewing, *words: str) -> Result:
    """The command."""
    folder = str(renewing.settings.folder)
    return CliRunner().invoke(adapter, ["renew", *words, "-d", folder], env={"COLUMNS": "200"})


def test_by_hand_from_the_first_word_to_the_card(renewing: Renewing, tmp_path: Path):
    """Nothing is due; asked all the same; given up, with new keys; answered; each time the next step is said."""
    said = typed(renewing)
    assert said.exit_code == 0, said.output
    assert all(name in said.output for name in ROLES)
    assert "到时自动申请" in said.output
    assert not renewing.carried.exists()
    assert str(renewing.carried / REQUEST) in typed(renewing, "--now").output
    first = (renewing.carried / REQUEST).read_bytes()
    assert typed(renewing, "--now").exit_code == 0
    assert (renewing.carried / REQUEST).read_bytes() == first, "one request until it is answered"
    assert typed(renewing, "--anew").exit_code == 0
    assert (renewing.carried / REQUEST).read_bytes() != first
    answer = tmp_path / "answer.json"
    answer.write_bytes(
        renewal.answer(renewing.authority, (renewing.carried / REQUEST).read_bytes(), now=renewing.now).write()
    )
    said = typed(renewing, "--answer", str(answer))
    assert said.exit_code == 0, said.output
    assert str(renewing.carried / CARD) in said.output
    assert (renewing.carried / CARD).exists()
    assert not (renewing.carried / ANSWER).exists()
    assert typed(renewing, "--anew").exit_code == 0
    assert nextkeys.installed(renewing.settings.certificates), "what was answered is not given up"


def test_the_running_node_takes_up_what_the_command_did(renewing: Renewing, tmp_path: Path):
    """The command installs the answer in a process of its own: the node opens for the new key with its next step."""
    typed(renewing, "--now")
    answer = tmp_path / "answer.json"
    answer.write_bytes(
        renewal.answer(renewing.authority, (renewing.carried / REQUEST).read_bytes(), now=renewing.now).write()
    )
    before = set(renewing.identity.encryption_keys)
    typed(renewing, "--answer", str(answer))
    renewing.step()
    assert len(set(renewing.identity.encryption_keys) - before) == 1


def test_a_wrong_file_is_said_and_changes_nothing(renewing: Renewing, tmp_path: Path):
    """E-RENEW-001 for a file that is none; E-CERT-001 for none at all."""
    typed(renewing, "--now")
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}", "utf-8")
    for path, code in ((wrong, "E-RENEW-001"), (tmp_path / "nothing", "E-CERT-001")):
        said = typed(renewing, "--answer", str(path))
        assert isinstance(said.exception, YunhuobanError)
        assert said.exception.code.code == code
    assert not nextkeys.installed(renewing.settings.certificates)
