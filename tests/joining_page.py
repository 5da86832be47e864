"""The hub's joining page as it is served in earnest: TLS, a port of its own, the hub's store; only no broker."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from adapters.countyit.joining.memory import Joining as Known
from adapters.countyit.joining.online.door import Door
from certs import invitation, keys
from certs.authority import Authority
from certs.profiles import Role
from deploy.demo.world import free_ports
from hub.joining.online import serving
from hub.settings import HubSettings
from hub.store import open_store
from schemas import strictjson
from schemas.joining import codes
from schemas.joining.files import Sealed
from tests.joining_world import COUNTY, Joining, done


@dataclass
class Page:
    """A page that runs, and whom it has provided for."""

    address: str
    provided: list[str] = field(default_factory=list)

    def post(self, place: str, data: bytes) -> httpx.Response:
        """As a stranger would: trusting whoever answers."""
        return httpx.post(f"{self.address}/{place}", content=data, verify=False, trust_env=False, timeout=30)


def set_up(joining: Joining, *, subject: str = "hub", host: str = "localhost") -> str:
    """Give the hub a page certificate and the settings; returns the address."""
    (port,) = free_ports(1)
    authority = Authority.open(joining.world.folder / "authority" / "transport")
    key = keys.generate_key()
    names = {"dns": [host]}
    certificate = authority.issue(Role.PAGE, subject, key.public_key(), now=datetime.now(UTC), **names)
    folder = joining.world.hub / "certs"
    (folder / "page.key").unlink(missing_ok=True)
    keys.save_private_key(key, folder / "page.key")
    keys.save_certificates(authority.chain(certificate), folder / "page.pem")
    address = f"https://localhost:{port}"
    settings = joining.world.hub / "hub.toml"
    text = settings.read_text("utf-8").partition("\n[joining]")[0]
    settings.write_text(f'{text}\n[joining]\nport = {port}\nhost = "127.0.0.1"\naddress = "{address}"\n', "utf-8")
    return address


@contextmanager
def served(joining: Joining, provide: Callable[[str], None] | None = None) -> Iterator[Page]:
    """The page, running; `provide` stands where the broker is provisioned."""
    settings = HubSettings.load(joining.world.hub)
    page = Page(settings.joining.address)
    store = open_store(settings.database)
    before = serving.provide
    serving.provide = lambda _settings, county: (provide or page.provided.append)(county)
    try:
        with serving.serve(settings, store):
            yield page
    finally:
        serving.provide = before
        store.close()


def changed(joining: Joining, *, code: bytes = b"", **changes: object) -> bytes:
    """The county's request with something changed, authenticated by whoever has the code, or by another code."""
    raw = strictjson.load(Sealed.read(joining.request.read_bytes(), "mac").body)
    body = strictjson.dump(raw | changes)
    return Sealed(body, invitation.mac(invitation.derive(code or codes.read_code(joining.code)), body)).write("mac")


def asks(joining: Joining, *words: str) -> str:
    """`adapter join` once, and what it says; whether it says so by its exit status too."""
    result = joining.at_county(*words, "--once")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    well = any(each in result.output for each in ("…", "→", "✓"))
    assert result.exit_code == (0 if well and "✕" not in result.output and "‖" not in result.output else 1)
    return str(result.output)


def at_door(joining: Joining) -> Door:
    """The county's way to the page."""
    known = Known.load(joining.county / "certs")
    return Door(known.address, known.hub_fingerprint)


def approved(joining: Joining) -> None:
    """Two persons were read the fingerprint, and the certificates are there."""
    joining.spoken = Known.load(joining.county / "certs").keys_fingerprint
    joining.approve("王敏")
    joining.approve("李强")
    done(joining.at_hub("certificates", COUNTY, *joining.certify()))


def until_active(joining: Joining) -> None:
    """From the invitation to the end, by the commands; the page runs."""
    asks(joining, joining.line)
    approved(joining)
    assert "已加入，正常" in asks(joining)
