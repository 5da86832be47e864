"""A county joins by itself, in an afternoon: every step by the command that a person types."""

import json
import tomllib
from pathlib import Path

import pytest

from adapters import identity
from adapters.identity import Identity
from adapters.instants import now
from adapters.settings import CountySettings
from tests.databases import Databases
from tests.joining_world import COUNTY, ROLES, Joining, done


def state(joining: Joining) -> str:
    """The county's line in `hub county requests`."""
    said = done(joining.at_hub("requests"))
    return next(line for line in said.splitlines() if COUNTY in line)


@pytest.mark.both_stores
def test_the_whole_afternoon(fresh: Joining, databases: Databases, tmp_path: Path):
    """Invited, requested, approved by two, answered, accepted, active: both sides can see where it stands."""
    url, settings_file = databases.make(tmp_path), fresh.world.hub / "hub.toml"
    settings_file.write_text(f'store_url = "{url}"\n{settings_file.read_text("utf-8")}', "utf-8")
    fresh.invite()
    assert "invited" in state(fresh)
    fresh.ask()
    assert fresh.code not in fresh.request.read_text("utf-8")
    assert fresh.code.replace("-", "") not in fresh.request.read_text("utf-8")
    assert "等待中枢答复" in done(fresh.at_county())
    fresh.hand_in()
    assert "requested" in state(fresh)
    fresh.approve("王敏")
    assert "approved_once" in state(fresh)
    fresh.approve("李强")
    done(fresh.at_hub("certificates", COUNTY, *fresh.certify()))
    fresh.answer()
    fresh.accept()
    assert "已批准" in done(fresh.at_county())
    settings = CountySettings.load(fresh.county)
    assert settings.hub.urls == (f"localhost:{fresh.world.amqps_port}",)
    assert Identity.load(settings).seal_anchors
    done(fresh.at_hub("add", str(fresh.card)))
    assert "active" in state(fresh)
    done(fresh.at_hub("state", COUNTY, "suspended"))
    assert "suspended" in state(fresh)


def test_the_private_keys_never_leave_their_folder(answered: Joining):
    """They are made where they stay, for their owner alone, and installing certificates does not touch them."""
    assert "hub" not in tomllib.loads((answered.county / "county.toml").read_text("utf-8"))
    before = {role: (answered.county / "certs" / f"{role}.key").read_bytes() for role in ROLES}
    answered.accept()
    for role, key in before.items():
        path = answered.county / "certs" / f"{role}.key"
        assert path.read_bytes() == key
        assert path.stat().st_mode & 0o077 == 0
    assert "PRIVATE KEY" not in answered.request.read_text("utf-8") + answered.card.read_text("utf-8")


def test_settings_that_say_where_the_hub_is_are_left_alone(answered: Joining):
    """What differs is shown; a person's file is not rewritten."""
    file = answered.county / "county.toml"
    file.write_text(f'{file.read_text("utf-8")}\n[hub]\nurls = ["gateway.example:5671"]\n', "utf-8")
    before = file.read_bytes()
    assert f"localhost:{answered.world.amqps_port}" in answered.accept()
    assert file.read_bytes() == before
    assert tomllib.loads(before.decode())["hub"]["urls"] == ["gateway.example:5671"]


def test_the_answer_names_the_address_that_counties_reach(answered: Joining):
    """What the hub calls localhost is nobody else's."""
    words = ("--url", "hub.example:5671", "--url", "hub2.example:5671", "--server-hostname", "hub.example")
    done(answered.at_hub("answer", COUNTY, "--out", str(answered.answered), *words))
    answered.accept()
    hub = CountySettings.load(answered.county).hub
    assert hub.urls == ("hub.example:5671", "hub2.example:5671")
    assert hub.server_hostname == "hub.example"


def test_a_county_never_invited_is_enrolled_by_its_card_alone(fresh: Joining):
    """As the demonstration does: whoever runs the command vouches for it."""
    settings = CountySettings.load(fresh.world.county("140881"))
    fresh.card.write_text(identity.card(settings, Identity.load(settings), now=now()), "utf-8")
    assert "challenge" not in json.loads(fresh.card.read_text("utf-8"))
    done(fresh.at_hub("add", str(fresh.card)))
