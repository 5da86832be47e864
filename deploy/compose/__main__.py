"""`python -m deploy.compose FOLDER`: the folders and secrets that the containers of `compose.yaml` find on the host.

Every secret is new, random and readable by its owner only; what is there stays. Nothing is printed but names.
"""

import os
import secrets
import sys
from pathlib import Path
from typing import Final

from hub.broker import node_files

FOLDERS: Final = ("hub/certs/crl", "hub/broker-crls", "postgresql", "prometheus", "grafana", "secrets")
_BYTES: Final = 32


def make(folder: Path) -> list[Path]:
    """Make what is missing; the files that were made. Raises OSError when the folder cannot be written."""
    for each in FOLDERS:
        folder.joinpath(each).mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / "secrets"
    made = [
        _once(place / name, secrets.token_urlsafe(_BYTES)) for name in ("management_password", "postgresql_password")
    ]
    others = ("grafana_password", "erlang_cookie", "metrics_token")
    made += [_once(place / name, secrets.token_urlsafe(_BYTES)) for name in others]
    user = node_files.first_user(place.joinpath("management_password").read_text(encoding="ascii"))
    password = place.joinpath("postgresql_password").read_text(encoding="ascii")
    made.append(_once(place / "definitions.json", user))
    made.append(_once(place / "pgpass", f"postgresql:5432:yunhuoban:hub:{password}\n"))
    return [each for each in made if each is not None]


def _once(file: Path, text: str) -> Path | None:
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return None
    with os.fdopen(opened, "w", encoding="ascii") as writing:
        writing.write(text)
    return file


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python -m deploy.compose FOLDER")
    os.umask(0o077)
    for new in make(Path(sys.argv[1])):
        print(new)
