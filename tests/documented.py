"""The commands that stand in the fenced blocks of the documentation, one line each, in their order."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
OURS = ("hub", "adapter", "certs")
_FENCE = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CHECKOUT_FORM = re.compile(r"^\.venv/bin/python -m (hub|adapters|certs)(?= |$)")


@dataclass(frozen=True, kw_only=True)
class Documented:
    """One line of a page."""

    page: str
    line: str

    @property
    def words(self) -> list[str]:
        """As a shell splits it, up to where its output is led elsewhere, in the installed form."""
        said = _CHECKOUT_FORM.sub(lambda found: found[1].replace("adapters", "adapter"), self.line)
        words = shlex.split(said, comments=True)
        return words[: next((at for at, word in enumerate(words) if word in {">", "|", "&&", ";"}), len(words))]


def commands(page: Path) -> list[Documented]:
    """Every line of every plain fenced block of one page, the continued ones joined."""
    name = str(page.relative_to(CHECKOUT))
    blocks = _FENCE.findall(page.read_text(encoding="utf-8"))
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()]
    return [Documented(page=name, line=line) for line in lines]


def of_ours(page: Path) -> list[Documented]:
    """Those of them that call one of our programs."""
    called = re.compile(rf"^(?:\.venv/bin/python -m (?:hub|adapters|certs)|{'|'.join(OURS)}) [^=…]*")
    return [each for each in commands(page) if called.match(each.line)]
