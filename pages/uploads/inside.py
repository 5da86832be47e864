"""The child of `jail.run_task`: imports one function, gives up everything else, and lets it look at the file.

`python -m pages.uploads.inside LIMITS package.module:name NUMBER`: the file is on standard input, what the function is
given on the descriptor of that number, its answer goes to standard output.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Final

from pages.uploads.confinement import SYSTEM, Limits, confine

LARGEST_FILE_BYTES: Final = 64 * 1024 * 1024
_LARGEST_GIVEN_BYTES: Final = 8 * 1024 * 1024
_PACKAGES: Final = ("schemas", "certs", "pages", "adapters", "hub")


def main(limits: str, task: str, number: str) -> None:
    """Import, confine, look, answer."""
    module, _, name = task.partition(":")
    function = getattr(import_module(module), name)
    with os.fdopen(int(number), "rb") as passed:
        given = passed.read(_LARGEST_GIVEN_BYTES)
    # What a library imports late; never the folder that everything lies in: a county's keys may lie there, too.
    root = Path(__file__).parents[2]
    readable = [place for place in sys.path if place and Path(place) != root]
    readable += [str(root / package) for package in _PACKAGES]
    confine(Limits(**json.loads(limits)), readable=(*SYSTEM, *readable))
    answer = function(sys.stdin.buffer.read(LARGEST_FILE_BYTES), given)
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
