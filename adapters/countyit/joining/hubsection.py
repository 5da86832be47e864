"""Where the hub is, from the answer into `county.toml`: written where nothing stands yet, otherwise only shown."""

import json
import tomllib
from typing import Final

from adapters.settings import CountySettings
from certs import files
from schemas.joining.files import Answer

_NAMES: Final = ("urls", "server_hostname", "vhost")


def write(settings: CountySettings, answer: Answer) -> str:
    """Write where the hub is into `county.toml` if it says nothing of it yet; else what it should say, if it differs.

    Returns the section that a person has to put there, empty when nothing is left to do. Raises E-CERT-001 or -002.
    """
    wanted = {"urls": list(answer.urls), "server_hostname": answer.server_hostname, "vhost": answer.vhost}
    file = settings.folder / "county.toml"
    text = files.read(file).decode()
    lines = "\n".join(f"{name} = {_toml(value)}" for name, value in wanted.items())
    section = f"[hub]\n{lines}\n"
    if "hub" not in tomllib.loads(text):
        files.write_atomically(file, f"{text.rstrip()}\n\n{section}".encode())
        return ""
    same = settings.hub.model_dump(include=set(_NAMES), mode="json") == wanted
    return "" if same else section


def lacks(settings: CountySettings, section: str) -> bool:
    """Whether `county.toml` still says something else than a section that `write` returned."""
    return bool(section) and settings.hub.model_dump(include=set(_NAMES), mode="json") != tomllib.loads(section)["hub"]


def _toml(value: object) -> str:
    """JSON's strings and lists of strings are TOML's, too."""
    return json.dumps(value, ensure_ascii=False)
