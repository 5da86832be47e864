"""A county's certificate is revoked while it works. Last of the journeys: 永济 signs nothing more on this road."""

import time
from datetime import UTC, datetime

import pytest

from certs import keys
from deploy.demo.world import YONGJI, publish_lists
from tests.journey.road import Road, until

pytestmark = pytest.mark.timeout(300)

REVOCATION_SECONDS = 4.0
"""One second in admission once the list is known, and the keeper looks once a second; the rest is for the machine."""


def test_a_revoked_signing_certificate_ends_admission_within_seconds(road: Road, record_property):
    """140881's signing certificate is revoked: what it signs then is refused, and its own desk says so."""
    certificate = keys.load_certificates(road.world.county(YONGJI.code) / "certs" / "signing.pem")[0]
    transport = road.world.transport
    transport.revoke(certificate.serial_number, now=datetime.now(UTC), reason="key_compromise")
    publish_lists(road.world, transport)
    published_at = time.time()

    # One application after the other until one is refused, because none says by itself when the list counts.
    numbers: list[str] = []
    refused: list[tuple[str, int, str]] = []

    since = "SELECT * FROM messages WHERE source = ? AND state = 'refused' AND admitted_at >= ?"

    def look() -> bool:
        numbers.extend(road.submit(YONGJI.code))
        refused[:] = [
            (row["case_no"], row["admitted_at"], row["verdict"])
            for row in road.hub(since, YONGJI.code, int(published_at * 1000))
        ]
        return bool(refused)

    until(look, "a message of 永济 refused")
    first_at = min(at for _, at, _ in refused) / 1000
    record_property("seconds_published_to_first_refusal", round(first_at - published_at, 2))
    assert first_at - published_at < REVOCATION_SECONDS
    assert {verdict[:7] for _, _, verdict in refused} == {"E-CERT-"}

    (after,) = road.cases(YONGJI.code, road.submit(YONGJI.code))
    until(lambda: road.hub("SELECT 1 FROM messages WHERE case_no = ?", after), "the next one at the hub")
    (row,) = road.hub("SELECT state, verdict FROM messages WHERE case_no = ?", after)
    assert row["state"] == "refused"
    late = road.hub(
        "SELECT type FROM messages WHERE source = ? AND state = 'admitted' AND admitted_at > ?",
        YONGJI.code, int((published_at + REVOCATION_SECONDS) * 1000),
    )  # fmt: skip
    assert late == []

    window = road.windows[YONGJI.code]
    page = until(lambda: after in (text := window.get("/")) and text, "the refusal on 永济's desk")
    assert row["verdict"] in page
    assert "怎么办" in page
    # What was refused is no case at the hub and nothing arrived at the other county.
    assert road.state(after) == ""
