"""The public pages as they are served: off unless set, with a certificate that is taken up anew by itself."""

import os
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from certs.authority import Authority
from hub.listening.pagecertificate import RENEWED, PageCertificate
from hub.scanning import serving
from hub.scanning.counts import Counts
from hub.settings import HubSettings
from hub.store import open_store
from schemas.errors import YunhuobanError
from tests.scanning_world import page_certificate


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Stands for a public one."""
    return Authority.create(
        tmp_path_factory.mktemp("ca"), kind="transport", trial=True, now=datetime.now(UTC), name="P"
    )


def test_without_a_port_there_is_no_page_and_without_a_certificate_no_start(authority: Authority, tmp_path: Path):
    """E-VIEW-004 and E-CERT-090, before anybody scans; a key of another certificate is E-CERT-090 too."""
    settings = HubSettings.load(tmp_path)
    with pytest.raises(YunhuobanError) as raised:
        serving.certificate(settings)
    assert (raised.value.code.code, raised.value.place) == ("E-CERT-090", "scanning.pem")
    (tmp_path / "certs").mkdir()
    page_certificate(authority, tmp_path / "certs", now=datetime.now(UTC))
    shown, store = serving.certificate(settings), open_store(settings.database)
    with pytest.raises(YunhuobanError) as raised:
        serving.serve(settings, store, shown, Counts())
    assert raised.value.code.code == "E-VIEW-004"
    store.close()


def test_a_renewed_certificate_is_used_without_a_restart(authority: Authority, tmp_path: Path):
    """Chain before key, as renewing tools write them: nothing is taken up until both fit, and it is said once."""
    old = page_certificate(authority, tmp_path, now=datetime.now(UTC))
    shown = PageCertificate(*old)
    assert serial(shown.context) == serial(shown.context)
    before, key = serial(shown.context), old[1].read_bytes()
    page_certificate(authority, tmp_path, now=datetime.now(UTC))
    new_key = old[1].read_bytes()
    with structlog.testing.capture_logs() as lines:
        old[1].write_bytes(key)
        later(old[1], 10)
        shown.look()
        shown.look()
        assert serial(shown.context) == before
        old[1].write_bytes(new_key)
        later(old[1], 20)
        shown.look()
        shown.look()
    assert serial(shown.context) != before
    assert [each["event"] for each in lines] == ["page.certificate_unusable", RENEWED]


def later(path: Path, seconds: int) -> None:
    """As if it had been written so much later."""
    then = path.stat().st_mtime_ns + seconds * 10**9
    os.utime(path, ns=(then, then))


def serial(context: ssl.SSLContext) -> bytes:
    """The certificate that a visitor is shown."""
    arriving, leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(arriving, leaving, server_side=True)
    asking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asking.check_hostname, asking.verify_mode = False, ssl.CERT_NONE
    client = asking.wrap_bio(leaving, arriving, server_hostname="localhost")
    for side in (client, server, client):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    shown = client.getpeercert(binary_form=True)
    assert shown is not None
    return shown
