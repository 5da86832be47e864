"""Every alert has its section in the runbook, in both languages, and what it says to type can be typed."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from typer import Context
from typer.main import get_command
from typer.testing import CliRunner

from certs.cli import app as certs
from deploy.demo import world as demo
from hub.alerting.kinds import KINDS
from hub.cli import app as hub
from schemas.errors import YunhuobanError

CHECKOUT = Path(__file__).resolve().parents[4]
PAGES = {"zh": CHECKOUT / "docs/zh-CN/runbooks.md", "en": CHECKOUT / "docs/en/runbooks.md"}
HEADING = re.compile(r'^## <a id="([a-z-]+)"></a>.+$', re.MULTILINE)
BLOCK = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAMS = {"hub": hub, "certs": certs}
OF_THE_MACHINE = {"df", "journalctl", "systemctl", "timedatectl"}
FILLED = {"NUMBER": "none", "REASON": "mended", "CASE": "140881-20261122-999999-0"}


def commands() -> list[list[str]]:
    """Everything that the runbook says to type, once each."""
    lines = "".join(BLOCK.findall(PAGES["en"].read_text(encoding="utf-8"))).splitlines()
    return [shlex.split(line) for line in dict.fromkeys(lines)]


@pytest.mark.parametrize("language", PAGES)
def test_every_alert_has_its_section(language: str) -> None:
    """In the order of urgency, under the anchor that the notice names, and there is no section without an alert."""
    text = PAGES[language].read_text(encoding="utf-8")
    assert HEADING.findall(text) == list(KINDS)
    assert len(BLOCK.findall(text)) == len(KINDS)
    for kind in KINDS.values():
        page, _, anchor = kind.runbook(language).partition("#")
        assert CHECKOUT / page == PAGES[language]
        assert anchor == kind.name


def test_its_commands_are_there() -> None:
    """The hub and the authority know each of them, and each of their options."""
    for program, *rest in commands():
        if program not in PROGRAMS:
            assert program in OF_THE_MACHINE
            continue
        command = get_command(PROGRAMS[program])
        while hasattr(command, "get_command"):
            found = command.get_command(Context(command), rest.pop(0))
            assert found is not None, (program, rest)
            command = found
        options = {each for parameter in command.params for each in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= options


@pytest.mark.long
def test_its_commands_do_what_they_say(tmp_path: Path) -> None:
    """Each is typed at a hub that has just been made: it answers, or refuses by a code; none is misspelt."""
    folder = demo.build(tmp_path / "world").hub
    for program, *words in commands():
        rest = [FILLED.get(word, word) for word in words]
        if program == "hub":
            tail = [] if rest[0] == "explain" else ["-d", str(folder)]
            done = CliRunner().invoke(hub, [*rest, *tail], env={"COLUMNS": "200"})
            assert done.exit_code != 2, (rest, done.output)
            assert done.exception is None or isinstance(done.exception, YunhuobanError | SystemExit), rest
        elif shutil.which(program):
            line = [str(shutil.which(program)), *rest]
            assert (
                subprocess.run(line, check=False, capture_output=True, timeout=60).stderr.count(b"invalid option") == 0
            )
