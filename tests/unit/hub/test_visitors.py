"""Whose knock is counted at a page for strangers that stands behind a proxy: the visitor's, and nobody's invention."""

import ipaddress

import pytest
from fastapi import Request

from hub.listening.visitors import Visitors

PROXIES = (ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("2001:db8:1::/64"))


def asked(connects: str, *said: str) -> Request:
    """A request as it arrives, with these lines of `X-Forwarded-For`."""
    headers = [(b"x-forwarded-for", line.encode("latin-1")) for line in said]
    return Request({"type": "http", "client": (connects, 4711), "headers": headers})


@pytest.mark.parametrize(
    ("connects", "said", "counted"),
    [
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.1.0.2", [], "10.1.0.2"),
        ("10.1.0.2", ["203.0.113.9"], "203.0.113.9"),
        ("10.1.0.2", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        ("10.1.0.2", ["198.51.100.1", "203.0.113.9, 10.1.0.3"], "203.0.113.9"),
        ("::ffff:10.1.0.2", ["203.0.113.9"], "203.0.113.9"),
        ("2001:db8:1::5", ["[2001:db8:77::1]:50000"], "2001:db8:77::1"),
        ("10.1.0.2", ["203.0.113.9:50000"], "203.0.113.9"),
        ("10.1.0.2", ["203.0.113.9, unknown"], "10.1.0.2"),
        ("10.1.0.2", ["203.0.113.9, , 10.1.0.3"], "10.1.0.3"),
        ("testclient", ["203.0.113.9"], "testclient"),
    ],
)
def test_only_our_own_proxies_are_believed(connects: str, said: list[str], counted: str) -> None:
    """The first address from the end that is no proxy of ours; what a visitor writes before it counts for nothing."""
    assert Visitors(PROXIES).address(asked(connects, *said)) == counted


def test_without_proxies_whoever_connects_is_counted() -> None:
    """The header of a stranger changes nothing."""
    assert Visitors().address(asked("10.1.0.2", "203.0.113.9")) == "10.1.0.2"
