"""What a real broker refuses silently, explained: each cause made real against RabbitMQ with TLS 1.3 and its lists."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from adapters.countyit.doctor import examining
from adapters.countyit.doctor.findings import Step
from certs import keys
from certs.profiles import Role
from hub.broker import provision
from tests import doctoring, links
from tests.brokers import WINDOW_COUNTY, TestTrust, TestVhost, now

NEVER_RAN = {Step.CLOCK: "not_reached", Step.CONTRACT: "not_reached"}
"""A county without a store has nothing of the hub's to judge these two by."""

Told = Callable[..., dict[Step, str]]


@pytest.fixture
def told(vhost: TestVhost, tmp_path: Path) -> Told:
    """What the doctor says of each step, for a county with such a certificate and such settings."""

    def tell(
        role: Role = Role.COUNTY_CONNECTION, *, hub: dict[str, str] | None = None, **given: Any
    ) -> dict[Step, str]:
        county = doctoring.folder(tmp_path / "county", vhost.broker.trust, role, **given)
        return at_broker(vhost, county, hub or {})

    return tell


def at_broker(vhost: TestVhost, county: Path, hub: Mapping[str, str] = MappingProxyType({})) -> dict[Step, str]:
    """What is said of a county's folder; `hub` changes its settings."""
    address = f"127.0.0.1:{vhost.broker.node.settings.amqps_port}"
    settings = doctoring.settings(county, address, **{"vhost": vhost.name} | hub)
    return doctoring.outcomes(examining.examine(settings))


def test_a_county_in_order(vhost: TestVhost, told: Told):
    """Every step that can be judged passes."""
    assert told() == dict.fromkeys(Step, "passed") | NEVER_RAN


def test_a_certificate_that_the_broker_knows_as_revoked(vhost: TestVhost, tmp_path: Path):
    """E-CERT-053 by the broker's own list, which the county does not have: what it hears is an alert, not a guess."""
    trust = vhost.broker.trust
    county = doctoring.folder(tmp_path / "county", trust)
    (own, *_) = keys.load_certificates(county / "certs" / "connection.pem")
    trust.authority.revoke(own.serial_number, now=now(), reason="superseded")
    trust.publish_crls()
    found = at_broker(vhost, county)
    assert (found[Step.SERVER], found[Step.OWN], found[Step.LOGIN]) == ("passed", "E-CERT-053", "not_reached")


def test_a_certificate_of_another_role(told: Told):
    """E-CERT-055: the broker would only say that the certificate is bad."""
    found = told(Role.COUNTY_SIGNING)
    assert (found[Step.SERVER], found[Step.OWN], found[Step.LOGIN]) == ("passed", "E-CERT-055", "not_reached")


def test_an_expired_certificate_is_named_before_the_broker_is_asked_to_let_it_in(told: Told):
    """E-CERT-052; the way to the broker is shown as being in order."""
    found = told(age_days=20, days=10)
    assert (found[Step.TLS], found[Step.SERVER], found[Step.OWN]) == ("passed", "passed", "E-CERT-052")


def test_a_certificate_that_does_not_hold_yet(told: Told):
    """E-CERT-051: renewed too early, or by an authority whose clock is ahead; the broker would only say "bad"."""
    found = told(age_days=-2)
    assert (found[Step.TLS], found[Step.SERVER], found[Step.OWN]) == ("passed", "passed", "E-CERT-051")


def test_a_county_that_the_hub_has_suspended(vhost: TestVhost, told: Told):
    """E-LINK-034: its user is there and may not enter; the certificate is in order, and said to be."""
    provision.cut_off(vhost.broker.management, vhost=vhost.name, county=WINDOW_COUNTY)
    found = told()
    assert (found[Step.OWN], found[Step.LOGIN], found[Step.ALARM]) == ("passed", "E-LINK-034", "not_reached")


def test_a_root_that_is_not_the_brokers(vhost: TestVhost, tmp_path: Path):
    """E-LINK-025: the county was given the root of another network, and its certificate with it."""
    county = doctoring.folder(tmp_path / "county", TestTrust.make(tmp_path / "other", name="Somebody else"))
    found = at_broker(vhost, county)
    assert (found[Step.SERVER], found[Step.OWN], found[Step.LOGIN]) == ("E-LINK-025", "passed", "not_reached")


def test_a_county_that_was_not_enrolled(vhost: TestVhost, told: Told, monkeypatch: pytest.MonkeyPatch):
    """E-LINK-033: a good certificate, and no user of that name at the broker."""
    monkeypatch.setattr(doctoring, "WINDOW_COUNTY", "510107")
    found = told(subject="510107")
    assert (found[Step.OWN], found[Step.LOGIN], found[Step.ALARM]) == ("passed", "E-LINK-033", "not_reached")


def test_a_county_without_permission_on_the_virtual_host(vhost: TestVhost, told: Told):
    """E-LINK-034, told apart from the unknown user: the user is there, the virtual host is not its own."""
    other = f"{vhost.name}-other"
    vhost.broker.management.create_vhost(other)
    try:
        found = told(hub={"vhost": other})
    finally:
        vhost.broker.management.delete_vhost(other)
    assert (found[Step.LOGIN], found[Step.ALARM]) == ("E-LINK-034", "not_reached")
    assert told(hub={"vhost": "nothing"})[Step.LOGIN] == "E-LINK-034"


@pytest.mark.long
def test_a_broker_that_is_short_of_memory(vhost: TestVhost, told: Told):
    """E-LINK-009: it says so only to those who publish, and nothing was published to hear it."""
    with links.short_of_memory(vhost):
        found = told()
        assert (found[Step.LOGIN], found[Step.ALARM]) == ("passed", "E-LINK-009")
    assert told()[Step.ALARM] == "passed"
