"""What goes to the hall's computers: the root certificate in both forms, and a sheet that says how it is put in.

Nothing of it is secret. Whoever puts the root into a browser compares the fingerprint with the one that the node's
screen shows: a file may be exchanged on its way, a sheet as well.
"""

from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from adapters.settings import CountySettings
from certs import files, keys
from certs.hallauthority import HallAuthority
from pages.frame import BEIJING
from pages.wording import say

ROOT: Final = "hall-root.crt"
ROOT_PEM: Final = "hall-root.pem"
SHEET: Final = "install.html"


def fingerprint(authority: HallAuthority) -> str:
    """SHA-256 of the root's file, as `sha256sum` and `certutil -hashfile` print it: groups of four are easier read."""
    digits = keys.thumbprint(authority.root).hex()
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def write(settings: CountySettings, authority: HallAuthority, folder: Path) -> None:
    """Write the three files. Raises E-CERT-002."""
    folder.mkdir(parents=True, exist_ok=True)
    files.write_atomically(folder / ROOT, keys.der(authority.root))
    files.write_atomically(folder / ROOT_PEM, keys.pem(authority.root).encode())
    files.write_atomically(folder / SHEET, sheet(settings, authority).encode())


def sheet(settings: CountySettings, authority: HallAuthority) -> str:
    """One page, Chinese with the English below each sentence; it needs no other file."""
    environment = Environment(
        loader=PackageLoader("adapters.hall.hallpage"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(SHEET).render(
        county=f"{settings.name} {settings.division_code}",
        scope=list(authority.scope),
        fingerprint=fingerprint(authority),
        subject=keys.subject(authority.root),
        ends=authority.root.not_valid_after_utc.astimezone(BEIJING).date(),
        address=_address(settings),
        file=ROOT,
        pem=ROOT_PEM,
        nickname=f"yunhuoban-{settings.division_code}",
        _=_both,
        plain=say,
    )


def _address(settings: CountySettings) -> str:
    hall = settings.hall_page
    if hall is None:
        return ""
    name = f"[{hall.names[0]}]" if ":" in hall.names[0] else hall.names[0]
    return f"https://{name}/" if hall.port == 443 else f"https://{name}:{hall.port}/"


def _both(text: str, **params: str) -> Markup:
    """A sentence in both languages, the English set apart."""
    return Markup('{}<span lang="en">{}</span>').format(say(text, "zh", **params), say(text, "en", **params))
