"""`python -m tests.chaos.sabotage NAME[,NAME…] hub|adapters …`: the real command with these functions in place.

The first name is the innermost: what comes later sees what it does. Children of `hub up` are started the same way.
"""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.chaos.sabotage.patches import sabotaged
from tests.chaos.sabotage.provoked import PROVOKED


def main() -> None:
    """Put the functions in place and run the command."""
    names, module, *arguments = sys.argv[1:]
    sys.argv = [module, *arguments]
    if module == "hub":
        from hub.commands import running

        def spawn(command: list[str], folder: Path) -> subprocess.Popen[Any]:
            own = [sys.executable, "-m", "tests.chaos.sabotage", names, "hub", *command]
            return subprocess.Popen([*own, "--attached", "--folder", str(folder)])

        patch.object(running, "_spawn", spawn).start()
    for name in names.split(","):
        if name in PROVOKED:
            PROVOKED[name](lambda where, attribute, value: patch.object(where, attribute, value).start())
        else:
            sabotaged(name).__enter__()
    import_module(f"{module}.cli").main()


if __name__ == "__main__":
    main()
