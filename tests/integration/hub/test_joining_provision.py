"""A county that joins is provided for at a real broker, read back, and not called active before it is as it must be."""

from pathlib import Path
from urllib.parse import quote

import pytest

from hub import bootstrap
from hub.broker import provision
from hub.broker.management import Management
from hub.broker.node_files import MANAGEMENT_USER
from hub.settings import HubSettings
from schemas import topology
from schemas.errors import YunhuobanError
from tests.brokers import TestVhost
from tests.joining_page import approved, asks, served, set_up
from tests.joining_world import COUNTY, Joining

NEW = "130927"
"""A county that nothing was declared for."""


@pytest.fixture
def settings(vhost: TestVhost, tmp_path: Path) -> HubSettings:
    """A hub whose external broker is the test's virtual host."""
    password = tmp_path / "password"
    password.write_text(vhost.broker.node.management_password())
    port = int(vhost.broker.node.management_url.rpartition(":")[2].strip("/"))
    broker = {
        "private": False,
        "vhost": vhost.name,
        "management_port": port,
        "management_user": MANAGEMENT_USER,
        "management_password_file": password,
        "host": "127.0.0.1",
    }
    return HubSettings.model_validate({"folder": tmp_path, "broker": broker})


def provide(settings: HubSettings, county: str) -> None:
    """What the joining page and `hub county add` do at the broker."""
    with bootstrap.management(settings) as management:
        provision.admit(management, vhost=settings.broker.vhost, hub_user=bootstrap.HUB_USER, counties=[county])


def refused(settings: HubSettings) -> YunhuobanError:
    """What providing for the new county ends with."""
    with pytest.raises(YunhuobanError) as raised:
        provide(settings, NEW)
    return raised.value


def declare(management: Management, vhost: str, queue: str, most: int) -> None:
    """A queue that somebody made by hand, with a limit of his own."""
    arguments = {"x-queue-type": "quorum", "x-max-length-bytes": most}
    management.call("PUT", f"/api/queues/{quote(vhost, safe='')}/{queue}", {"durable": True, "arguments": arguments})


def remove(management: Management, vhost: str, queue: str) -> None:
    """Away with it."""
    management.call("DELETE", f"/api/queues/{quote(vhost, safe='')}/{queue}", missing_is_fine=True)


def test_each_thing_that_does_not_read_back_is_named(settings: HubSettings, vhost: TestVhost):
    """An inbox with another limit, a policy over it, a password, a missing route; put right, all is well."""
    management = vhost.broker.management
    inbox, place = topology.county_inbox(NEW), quote(vhost.name, safe="")
    wanted, own = topology.permissions(NEW), topology.county_declarations([NEW])
    declare(management, vhost.name, inbox, 1)
    error = refused(settings)
    assert (error.code.code, error.params.get("name")) == ("E-BROKER-022", inbox), (error, error.found)
    remove(management, vhost.name, inbox)
    policy = f"/api/policies/{place}/small"
    pattern = inbox.replace(".", r"\.")
    management.call("PUT", policy, {"pattern": pattern, "apply-to": "queues", "definition": {"max-length": 3}})
    error = refused(settings)
    assert error.code.code == "E-BROKER-023"
    assert (error.params["name"], error.params["policy"], error.found) == (inbox, "small", "max-length")
    management.call("DELETE", policy)
    provide(settings, NEW)
    assert management.verify_county(vhost.name, wanted, own)
    management.call("PUT", f"/api/users/{NEW}", {"password": "secret", "tags": ""})
    assert not management.verify_county(vhost.name, wanted, own)
    provide(settings, NEW)
    management.call("DELETE", f"/api/bindings/{place}/e/{topology.COUNTY}/q/{inbox}/{inbox}")
    with pytest.raises(YunhuobanError, match="E-BROKER-022"):
        management.verify_county(vhost.name, wanted, own)
    provide(settings, NEW)
    management.revoke(vhost.name, NEW)


@pytest.mark.long
def test_a_county_hears_what_is_wrong_at_the_broker(settings: HubSettings, vhost: TestVhost, tmp_path: Path):
    """Over the joining page: told the broker's code and the queue, and active at its next question once it is right."""
    management, inbox = vhost.broker.management, topology.county_inbox(COUNTY)
    remove(management, vhost.name, inbox)
    declare(management, vhost.name, inbox, 1)
    management.revoke(vhost.name, COUNTY)
    joining = Joining.make(tmp_path / "world")
    set_up(joining)
    joining.invite()
    with served(joining, lambda county: provide(settings, county)):
        asks(joining, joining.line)
        approved(joining)
        said = asks(joining)
        assert "E-BROKER-022" in said
        assert inbox in said
        remove(management, vhost.name, inbox)
        assert "已加入，正常" in asks(joining)
    wanted, own = topology.permissions(COUNTY), topology.county_declarations([COUNTY])
    assert management.verify_county(vhost.name, wanted, own)
