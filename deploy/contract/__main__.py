"""`python -m deploy.contract`: write AsyncAPI, test vectors and the specification's tables anew.

`--check` writes nothing and ends with 1 when a file is not as it must be. `--new-certificates` draws the throw-away
certificates of the vectors anew, after a change of the certificates' profiles; everything signed changes with them.
"""

import sys

from deploy.contract import published
from deploy.contract.throwaway import Network


def main(arguments: list[str]) -> int:
    """0 when everything is as it must be, or was made so."""
    fresh = "--new-certificates" in arguments or not published.KEYS.exists()
    wanted = published.files(Network.make() if fresh else published.network())
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(path.relative_to(published.CHECKOUT))
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
