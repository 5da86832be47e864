"""`python -m tests.chaos.sabotage NAME[,NAME…] hub|adapters …`: the real command with these functions in place.

The first name is the innermost: what comes later sees what it does. Children of `hub up` are started the same way.
"""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from adapters.link.connection import Link
from hub.broker import BrokerLink
from tests.chaos.sabotage.patches import SABOTAGES
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

        _put(running, "_spawn", spawn)
    for name in names.split(","):
        (PROVOKED | SABOTAGES)[name](_put, hub_link=BrokerLink, county_link=Link)
    import_module(f"{module}.cli").main()


def _put(where: Any, attribute: str, value: Any) -> None:
    """For as long as this process lives."""
    setattr(where, attribute, value)


if __name__ == "__main__":
    main()
