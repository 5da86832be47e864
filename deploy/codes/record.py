"""A pytest plugin that keeps, for each code, an example of what came out of the tests: place, found, expected.

`python -m pytest -p deploy.codes.record TESTS` adds to `deploy/codes/examples.json` what it does not hold yet; what is
there stays, so that the pages do not change with every run. Take a line out of the file to have it made anew.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from pages import wording
from pages.codes.book import Example
from schemas.errors import YunhuobanError

FILE: Final = Path(__file__).parent / "examples.json"
_SEEN: Final[defaultdict[str, set[tuple[str, str, str]]]] = defaultdict(set)
_TESTS_OWN: Final = frozenset({"TEST"})  # the area of codes that tests make up
_MOST: Final = 400  # of one code: enough to choose from, whatever a property test makes up
_LONGEST: Final = 160
# A folder or a port of the machine that ran the tests, and what a property test makes up, help nobody.
_OF_THE_RUN: Final = re.compile(
    r"/tmp/|test_|pytest|127\.0\.0\.1|\\|[^ -~\u3000-\u303f\u4e00-\u9fff\uff00-\uffef…—“”·→≤×]"
)
_original: Final = YunhuobanError.__init__


def read() -> dict[str, Example]:
    """The examples kept, by code."""
    kept = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    return {code: Example(**each) for code, each in kept.items()}


def pytest_configure() -> None:
    """Listen to every error that is made from now on."""

    def listening(self: YunhuobanError, *arguments: Any, **keywords: Any) -> None:
        _original(self, *arguments, **keywords)
        if len(_SEEN[self.code.code]) < _MOST:
            said = wording.sentence(self)
            _SEEN[self.code.code].add((said.place, said.found, said.expected))

    YunhuobanError.__init__ = listening  # type: ignore[method-assign]


def pytest_unconfigure() -> None:
    """Write down what is new."""
    YunhuobanError.__init__ = _original  # type: ignore[method-assign]
    kept = {code: vars_of(each) for code, each in read().items()}
    for code, seen in _SEEN.items():
        chosen = choose(seen)
        if code not in kept and code.split("-")[1] not in _TESTS_OWN and chosen is not None:
            kept[code] = vars_of(chosen)
    lines = [f"{json.dumps(code)}: {json.dumps(each, ensure_ascii=False)}" for code, each in sorted(kept.items())]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def choose(seen: Iterable[tuple[str, str, str]]) -> Example | None:
    """The one that says most, and of those the shortest; None when none may be shown.

    A place of one letter is a test's own.
    """
    fit = [each for each in seen if any(each) and not any(map(_unfit, each)) and len(each[0]) != 1]
    if not fit:
        return None
    place, found, expected = min(fit, key=lambda each: (-sum(map(bool, each)), len("".join(each)), each))
    return Example(place=place, found=found, expected=expected)


def vars_of(example: Example) -> dict[str, str]:
    """An example as its file keeps it."""
    return {"place": example.place, "found": example.found, "expected": example.expected}


def _unfit(text: str) -> bool:
    return len(text) > _LONGEST or bool(_OF_THE_RUN.search(text))
