"""A broker that others run is a setting: the same commands enrol, provision, suspend and revive a county on it."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.demo.world import WUQIAO, YONGJI, World, build
from hub import bootstrap
from hub.broker import handles, provision
from hub.cli import app
from hub.commands.shared import opened
from hub.record import listing
from hub.registry import county
from hub.registry.upkeep import EVERY_SECONDS, Upkeep
from hub.settings import HubSettings
from pages.oslogin import account
from schemas import topology
from schemas.errors import YunhuobanError
from tests.brokers import RunningBroker

runner = CliRunner()


@pytest.fixture
def world(tmp_path: Path, broker: RunningBroker) -> Iterator[World]:
    """The demonstration's folders, with a hub that is told of the run's broker instead of starting one."""
    made = build(tmp_path / "world")
    vhost = f"external-{uuid.uuid4().hex[:8]}"
    password = made.hub / "management.password"
    password.write_text(broker.node.management_password())
    settings = broker.node.settings
    (made.hub / "hub.toml").write_text(
        f"""
[broker]
private = false
vhost = "{vhost}"
amqps_port = {settings.amqps_port}
management_port = {settings.management_port}
management_user = "hub@management"
management_password_file = "{password}"
"""
    )
    yield made
    broker.management.delete_vhost(vhost)


def test_commands_work_on_an_external_broker(world: World, broker: RunningBroker) -> None:
    """`hub county add` provisions at once; suspending takes the permissions away, reviving gives them back."""
    vhost = HubSettings.load(world.hub).broker.vhost
    for plan in (WUQIAO, YONGJI):
        card = world.folder / f"{plan.code}.json"
        assert _adapter("card", "-d", str(world.county(plan.code)), "-o", str(card)) == 0
        added = runner.invoke(app, ["county", "add", str(card), "-d", str(world.hub)])
        assert added.exit_code == 0, added.output
    assert {each.name for each in broker.management.queues(vhost)} >= {"county.130928.inbox", "county.140881.hold"}

    assert runner.invoke(app, ["county", "state", "130928", "suspended", "-d", str(world.hub)]).exit_code == 0
    with opened(world.hub) as hub, hub.store.read() as tx:
        assert {row.division_code: row.state for row in county.listed(tx)} == {
            "130928": "suspended",
            "140881": "active",
        }
    with bootstrap.management(HubSettings.load(world.hub)) as management, pytest.raises(YunhuobanError):
        provision.provision(management, vhost=vhost, hub_user="hub", counties=["140881", "999999x"])
    revived = runner.invoke(app, ["county", "state", "130928", "active", "-d", str(world.hub)])
    assert revived.exit_code == 0, revived.output


def test_what_the_broker_could_not_be_told_is_made_up_for(world: World, broker: RunningBroker) -> None:
    """A county is suspended while the broker refuses: the store counts, and the next start or the keeper does the rest.

    So it is for one that is active again, and for a queue that somebody has deleted.
    """
    settings = HubSettings.load(world.hub)
    vhost, password = settings.broker.vhost, world.hub / "management.password"
    card = world.folder / "130928.json"
    assert _adapter("card", "-d", str(world.county("130928")), "-o", str(card)) == 0
    assert runner.invoke(app, ["county", "add", str(card), "-d", str(world.hub)]).exit_code == 0

    def allowed() -> bool:
        return any(each["vhost"] == vhost for each in broker.management.call("GET", "/api/users/130928/permissions"))

    def half(state: str) -> None:
        password.write_text("wrong")
        told = runner.invoke(app, ["county", "state", "130928", state, "-d", str(world.hub)])
        assert isinstance(told.exception, YunhuobanError)
        password.write_text(broker.node.management_password())

    half("suspended")
    assert allowed()
    started = runner.invoke(app, ["broker", "start", "-d", str(world.hub)])
    assert started.exit_code == 0, started.exception
    assert not allowed()

    half("active")
    broker.management.call("DELETE", f"/api/queues/{vhost}/county.130928.inbox")
    moment = 0.0
    with opened(world.hub) as hub:
        keeper = Upkeep(
            hub.store,
            lambda: bootstrap.management(settings),
            vhost=vhost,
            hub_user=bootstrap.HUB_USER,
            monotonic=lambda: moment,
        )
        moment = EVERY_SECONDS
        keeper.run_once()
    assert allowed()
    place = f"/api/bindings/{vhost}/e/{topology.COUNTY}/q/county.130928.inbox"
    assert [each["routing_key"] for each in broker.management.call("GET", place)] == ["county.130928.inbox"]


def test_a_county_is_suspended_while_the_broker_does_not_run(tmp_path: Path) -> None:
    """The hub's own node is stopped: what is entered counts, and its start does the rest."""
    made = build(tmp_path / "world")
    card = made.folder / "130928.json"
    assert _adapter("card", "-d", str(made.county("130928")), "-o", str(card)) == 0
    for command in (["add", str(card)], ["state", "130928", "suspended"]):
        done = runner.invoke(app, ["county", *command, "-d", str(made.hub)])
        assert done.exit_code == 0, done.exception
    with opened(made.hub) as hub, hub.store.read() as tx:
        assert county.barred(tx) == ["130928"]
        (suspended, entered) = listing.lines(tx, about="130928")
    assert (suspended.who, suspended.reason, entered.who) == (account(), "suspended", account())


def test_a_card_that_was_touched_is_refused(world: World) -> None:
    """A card whose key statement is another county's is refused, and nothing is entered."""
    cards = {}
    for plan in (WUQIAO, YONGJI):
        file = world.folder / f"{plan.code}.json"
        _adapter("card", "-d", str(world.county(plan.code)), "-o", str(file))
        cards[plan.code] = file
    text = cards["130928"].read_text().replace('"division_code": "130928"', '"division_code": "140881"')
    cards["130928"].write_text(text)
    refused = runner.invoke(app, ["county", "add", str(cards["130928"]), "-d", str(world.hub)])
    assert isinstance(refused.exception, YunhuobanError)
    with opened(world.hub) as hub, hub.store.read() as tx:
        assert list(county.listed(tx)) == []


def test_a_county_without_room_on_the_broker_is_not_entered(
    world: World, broker: RunningBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entered without queues, it would stop the hub's next start for everybody."""
    card = world.folder / "130928.json"
    assert _adapter("card", "-d", str(world.county("130928")), "-o", str(card)) == 0
    handles.demand(broker.management, 21)  # as for many counties: waits until the broker has counted its files
    monkeypatch.setattr(handles, "_OF_THE_HUB", 10_000_000)
    refused = runner.invoke(app, ["county", "add", str(card), "-d", str(world.hub)])
    assert isinstance(refused.exception, YunhuobanError), refused.output
    assert refused.exception.code is handles.TOO_FEW_HANDLES
    with opened(world.hub) as hub, hub.store.read() as tx:
        assert list(county.listed(tx)) == []


def _adapter(*arguments: str) -> int:
    from adapters.cli import app as adapter

    return runner.invoke(adapter, list(arguments)).exit_code
