"""Where a county's link may connect: what is refused before anything is opened."""

from pathlib import Path

import pytest

from adapters.link.messages import Arrival, LinkParameters, Submission
from schemas.errors import YunhuobanError


def parameters(**changes) -> LinkParameters:
    """Return parameters with these changes."""
    values = {
        "urls": ["hub.example"],
        "vhost": "/",
        "user": "130928",
        "anchors": Path("a"),
        "chain": Path("c"),
        "key": Path("k"),
        "server_hostname": "hub.example",
    }
    return LinkParameters(**values | changes)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("hub.example", "hub.example:5671"),
        ("hub.example:25671", "hub.example:25671"),
        ("amqps://10.0.0.1:5671/", "10.0.0.1:5671"),
        ("[fd00::1]:5671", "[fd00::1]:5671"),
    ],
)
def test_an_address_may_be_written_in_these_ways(url: str, address: str):
    """Host, host and port, with or without the scheme of AMQP over TLS."""
    assert parameters(urls=[url]).addresses == (address,)


@pytest.mark.parametrize(
    "url",
    [
        "amqp://hub.example",
        "http://hub.example",
        "amqps://guest:guest@hub.example",
        "amqps://@hub.example",
        "amqps://hub.example/vhost",
        "amqps://hub.example?ssl_cert_reqs=none",
        "hub.example:port",
        "hub.example:99999",
        "",
        "hub.example;evil.example",
        "hub.example#x",
    ],
)
def test_what_kombu_would_take_at_its_word_is_refused(url: str):
    """No plain connection, no password, no options that switch checks off, no second list inside an address."""
    with pytest.raises(YunhuobanError, match="E-LINK-001"):
        parameters(urls=["hub.example", url])


@pytest.mark.parametrize(
    "changes",
    [
        {"urls": []},
        {"server_hostname": ""},
        {"urls": ["memory://", "hub.example"]},
        {"confirm_seconds": 0},
        {"heartbeat_seconds": 10, "connect_seconds": 5.0},
        {"connect_seconds": 0},
    ],
)
def test_what_could_wait_for_ever_or_trust_anybody_is_refused(changes: dict[str, object]):
    """No name to check, no time-out, or a time-out that heartbeats would prolong."""
    with pytest.raises(YunhuobanError, match="E-LINK-001"):
        parameters(**changes)


def test_bodies_headers_and_signatures_are_not_shown():
    """A log line or a traceback that shows a message shows its id and type only."""
    submission = Submission(
        exchange="submit", routing_key="k", body=b"secret", message_id="id", type="t", signatures=["secret"]
    )
    arrival = Arrival(
        queue="q",
        body=b"secret",
        message_id="id",
        type="t",
        headers={"x": "secret"},
        redelivered=False,
        tag=1,
        generation=1,
    )
    assert "secret" not in repr(submission) + repr(arrival)
