"""A license that real counties issued through a real hub, its QR code's token, and the hub's public pages over it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from certs import keys
from certs.authority import Authority
from certs.profiles import Role
from hub.listening.pagecertificate import PageCertificate
from hub.listening.rates import Rates
from hub.listening.visitors import Visitors
from hub.scanning.answering import Answering
from hub.scanning.counts import Counts
from hub.scanning.endpoint import build_app
from pages.access import Access
from pages.frame import Frame
from pages.serving import Serving
from tests.county_doubles import PlainRenderer
from tests.county_records import acceptance, decision, license_state_change
from tests.witness_world import Stage


@dataclass
class Watched(PlainRenderer):
    """A renderer that remembers the addresses in the QR codes it was given to draw."""

    addresses: list[str] = field(default_factory=list)

    def render_complete(self, face: Any, template: Any) -> bytes:
        """As the plain one."""
        self.addresses.append(face.verification_url)
        return super().render_complete(face, template)


@dataclass
class Scanned:
    """One license, and what its paper leads to."""

    stage: Stage
    case_no: str
    address: str
    identifier: str
    logged: str = ""
    """What was logged on its way."""

    @property
    def token(self) -> bytes:
        """What the QR code holds after the `#`."""
        return bytes.fromhex(self.address.partition("#")[2])

    def say(self, state: str, **changes: Any) -> None:
        """The issuing county's system changes the license's state."""
        record = license_state_change(license_identifier=self.identifier, license_state=state, **changes)
        self.stage.counties.issuing.source.add("license.state_changed", self.case_no, record)
        self.stage.settle()


def watch(stage: Stage, *, trial: bool) -> Watched:
    """Put the watching renderer into the issuing county, which issues specimens only if told to."""
    county = stage.counties.issuing
    county.renderer = Watched()
    authority = county.settings.authority.model_copy(update={"verify_host": "verify.example.cn"})
    county.settings = county.settings.model_copy(update={"trial": trial, "authority": authority})
    county.start()
    return county.renderer


def licensed(stage: Stage, *, trial: bool = False) -> Scanned:
    """A case brought to its license."""
    issuing, watched = stage.counties.issuing, watch(stage, trial=trial)
    case_no = stage.application()
    issuing.source.add("application.accepted", case_no, acceptance())
    stage.settle()
    issuing.source.add("decision.made", case_no, decision())
    stage.settle()
    assert issuing.issue() == 1
    stage.settle()
    from sqlalchemy import select

    from hub.store import tables

    mine = select(tables.licenses.c.license_identifier).where(tables.licenses.c.case_no == case_no)
    ((identifier,),) = stage.hub.world.rows(mine)
    original, duplicate = watched.addresses
    assert original == duplicate
    return Scanned(stage, case_no, original, identifier)


def answering(stage: Stage, counts: Counts | None = None) -> Answering:
    """The public pages' doings over the stage's hub."""
    world = stage.hub.world
    return Answering(
        store=world.store,
        chains=stage.network.chains,
        clock=lambda: world.now,
        frame=Frame(name="扫码核验", access=Access(), packages=["hub.scanning"]),
        counts=counts or Counts(),
    )


@contextmanager
def served(stage: Stage, folder: Path, burst: int = 1000) -> Iterator[str]:
    """The pages on a port of their own, with TLS; gives their address."""
    chain, key = page_certificate(stage.counties.network.transport, folder, now=stage.counties.now)
    app = build_app(answering(stage), Rates(burst=burst), Visitors())
    shown = PageCertificate(chain, key)
    with Serving(app, tls=lambda: shown.context) as serving:
        yield f"https://localhost:{serving.port}"


def page_certificate(authority: Authority, folder: Path, *, now: datetime) -> tuple[Path, Path]:
    """Files as a public authority would give them, for `localhost`: chain and key."""
    chain, path, key = folder / "scanning.pem", folder / "scanning.key", keys.generate_key()
    path.unlink(missing_ok=True)
    certificate = authority.issue(Role.PAGE, "hub", key.public_key(), now=now, dns=["localhost"])
    keys.save_private_key(key, path)
    keys.save_certificates(authority.chain(certificate), chain)
    return chain, path


def opened(token: bytes, sealed: bytes) -> dict[str, Any]:
    """A face opened by the words of the specification (14.5), with nothing of ours."""
    locator = digest_of(b"yhb-scan-locator-v1\0" + token)
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=b"", info=b"yhb-scan-key-v1").derive(token)
    face: dict[str, Any] = json.loads(AESGCM(key).decrypt(sealed[:12], sealed[12:], locator))
    return face


def digest_of(data: bytes) -> bytes:
    """SHA-256."""
    made = hashes.Hash(hashes.SHA256())
    made.update(data)
    return made.finalize()


def locator_of(token: bytes) -> bytes:
    """What the browser sends, in hexadecimal digits."""
    return digest_of(b"yhb-scan-locator-v1\0" + token).hex().encode()
