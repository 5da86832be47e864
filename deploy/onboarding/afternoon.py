"""One county's information centre on the afternoon it joins: each command it types, each file it writes by hand.

It has its old database, an invitation in one line, and the documentation; nothing else of ours is in its folder. What
it types and how long it waits for the machine is written down.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from deploy.demo.stage import ROOT, NotReadyError, Stage
from deploy.demo.world import ITEM_NAME
from deploy.onboarding.dialects import Dialect

T = TypeVar("T")
PATIENCE_SECONDS: Final = float(os.environ.get("PATIENCE_SECONDS", "180"))
_LOOK_SECONDS: Final = 0.2
_COMMAND_SECONDS: Final = 240
_KEY_FINGERPRINT: Final = re.compile(r"(?:[0-9]{4,6}[ -]){9,}[0-9]{4,6}|[0-9]{60}")
_MODULES: Final = {"adapter": "adapters", "certs": "certs"}


@dataclass
class Afternoon:
    """What one county does, and what it costs."""

    stage: Stage
    dialect: Dialect
    folder: Path
    """The county's own folder on its own machine; empty at the beginning."""
    desk_port: int
    say: Callable[[str], None]
    typed: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)
    seconds_waited: float = 0.0

    def type(self, *words: str, accepts: tuple[int, ...] = (0,)) -> str:
        """Type one command and wait for it; returns what it said. Raises NotReadyError when it ends otherwise."""
        self._note(words)
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", _MODULES[words[0]], *words[1:]],
            cwd=ROOT, capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=False,
        )  # fmt: skip
        self.seconds_waited += time.monotonic() - began
        if done.returncode not in accepts:
            raise NotReadyError(f"{' '.join(words)}: {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done.stdout + done.stderr

    def leave_running(self, name: str, *words: str) -> "subprocess.Popen[Any]":
        """Type a command that goes on by itself; its words go into a log of the stage."""
        self._note(words)
        log = self.log(name).open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", _MODULES[words[0]], *words[1:]],
                cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )  # fmt: skip

    def log(self, name: str) -> Path:
        """Where the words of a command go that is left running."""
        return self.stage.world.folder / "logs" / f"{self.dialect.plan.code}-{name}.log"

    def wait(self, what: str, look: Callable[[], T]) -> T:
        """Wait until there is something to see, and return it. Raises NotReadyError."""
        began = time.monotonic()
        while not (found := look()):
            if time.monotonic() - began > PATIENCE_SECONDS:
                raise NotReadyError(f"{self.dialect.plan.name}: {what} ({PATIENCE_SECONDS:.0f} s)")
            time.sleep(_LOOK_SECONDS)
        self.seconds_waited += time.monotonic() - began
        return found

    def write_mapping(self) -> None:
        """The mapping by hand: here, what the example county's people wrote."""
        self.dialect.write_by_hand(self.folder)
        self.by_hand += [str(each) for each in self.dialect.by_hand]

    def fill_in_settings(self, printer_port: int) -> None:
        """`county.toml` by hand: every 待填, the offered item, the printer."""
        plan, file = self.dialect.plan, self.folder / "county.toml"
        text = file.read_text(encoding="utf-8")
        for setting, value in (
            ("contact", "县信息中心（演示）"),
            ("telephone", plan.telephone),
            ("name", plan.authority_name),
            ("code", plan.authority_code),
        ):
            text = re.sub(rf'^{setting} = "待填"', f'{setting} = "{value}"', text, count=1, flags=re.MULTILINE)
        offer = f'[[offers]]\nservice_item = "{plan.item}"\nname = "{ITEM_NAME}"\n\n'
        station = f'printer_url = "ipp://localhost:{printer_port}/ipp/print"\nstock_ready = "specimen-a4"\n'
        head, _, rest = text.partition("# 大厅和打印机\n")
        head = head.replace("# page_port = 28090", f"page_port = {self.desk_port}\npoll_seconds = 0.2\n#")
        rest = re.sub(r"^# (printer_url|stock_ready) = .*\n", "", rest, flags=re.MULTILINE)
        rest = rest.replace("\n\n# [hub]", f"\n{station}\n# [hub]", 1)
        file.write_text(f"{head}{offer}# 大厅和打印机\n{rest}", encoding="utf-8")
        self.by_hand.append(file.name)

    def key_fingerprint(self) -> str:
        """Sixty digits, as `adapter join` shows them, to be read out over the telephone."""
        said = self.log("join").read_text(encoding="utf-8", errors="replace")
        found = _KEY_FINGERPRINT.search(said)
        return found[0] if found else ""

    def _note(self, words: tuple[str, ...]) -> None:
        said = " ".join(each if " " not in each else f"'{each}'" for each in words)
        said = re.sub(r"YHB1[A-Z2-7]+", "YHB1…", said).replace(str(self.folder), "FOLDER")
        self.typed.append(said)
        self.say(f"  {self.dialect.plan.name} $ {said}")
