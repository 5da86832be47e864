"""The child of `jail.run_task`: imports one function, gives up everything else, and lets it look at the file.

`python -m pages.uploads.inside LIMITS package.module:name NUMBER`: the file is on standard input, what the function is
given on the descriptor of that number, its answer goes to standard output.
"""

import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from pages.uploads.confinement import SYSTEM, Limits, confine

LARGEST_FILE_BYTES: Final = 64 * 1024 * 1024
_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})
_LARGEST_GIVEN_BYTES: Final = 8 * 1024 * 1024
_PACKAGES: Final = ("schemas", "certs", "pages", "adapters", "hub")


def main(limits: str, task: str, number: str) -> None:
    """Import, confine, look, answer."""
    module, _, name = task.partition(":")
    function = getattr(import_module(module), name)
    with os.fdopen(int(number), "rb") as passed:
        given = passed.read(_LARGEST_GIVEN_BYTES)
    readable = libraries(Path(__file__).parents[2], sys.path)
    confine(Limits(**json.loads(limits)), readable=(*SYSTEM, *readable))
    answer = function(sys.stdin.buffer.read(LARGEST_FILE_BYTES), given)
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()


def libraries(root: Path, places: Sequence[str]) -> list[str]:
    """Where a library may still import from: not the whole of a checkout, in which a county's keys may lie, too."""
    installed = root.name in _INSTALLED
    kept = [place for place in places if place and (installed or Path(place) != root)]
    return kept + [str(root / package) for package in _PACKAGES]


if __name__ == "__main__":
    main(*sys.argv[1:])
