"""`hub.toml`: unknown keys, wrong values and broken files are one clear sentence; the environment stands above it."""

from pathlib import Path

import pytest

from hub.bootstrap import management, node_settings
from hub.settings import BAD_SETTINGS, HubSettings
from schemas.errors import YunhuobanError


def test_a_missing_file_means_the_defaults(tmp_path: Path) -> None:
    """A hub needs no settings file to start with a private broker."""
    settings = HubSettings.load(tmp_path)
    assert settings.broker.private
    assert settings.database == f"sqlite:///{tmp_path.resolve() / 'hub.sqlite'}"
    assert node_settings(settings).data_folder == tmp_path.resolve() / "broker"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("colour = 'red'", "colour"),
        ("[broker]\namqps_port = 70000", "broker.amqps_port"),
        ("[broker]\nprivat = true", "broker.privat"),
        ("[worker]\nbatch_messages = 0", "worker.batch_messages"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, place: str) -> None:
    """An unknown key or an impossible value is refused by its name."""
    (tmp_path / "hub.toml").write_text(text)
    with pytest.raises(YunhuobanError) as caught:
        HubSettings.load(tmp_path)
    assert caught.value.code is BAD_SETTINGS
    assert place in caught.value.place


def test_a_file_that_is_no_toml_is_one_error(tmp_path: Path) -> None:
    """A broken file is said to be broken."""
    (tmp_path / "hub.toml").write_text("[broker")
    with pytest.raises(YunhuobanError) as caught:
        HubSettings.load(tmp_path)
    assert caught.value.code is BAD_SETTINGS


def test_the_environment_stands_above_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value from the environment wins."""
    (tmp_path / "hub.toml").write_text("web_port = 1234")
    monkeypatch.setenv("YHB_HUB_WEB_PORT", "4321")
    assert HubSettings.load(tmp_path).web_port == 4321


def test_an_external_broker_needs_its_password_file(tmp_path: Path) -> None:
    """With `broker.private = false` the hub starts nothing of its own and asks for the management password's file."""
    file = tmp_path / "hub.toml"
    file.write_text("[broker]\nprivate = false\nhost = 'mq.example'\nmanagement_password_file = '/nowhere/password'")
    with pytest.raises(YunhuobanError, match="E-CERT-001 password"):
        management(HubSettings.load(tmp_path))
    file.write_text("[broker]\nprivate = false\nhost = 'mq.example'")
    with pytest.raises(YunhuobanError) as caught:
        management(HubSettings.load(tmp_path))
    assert (caught.value.code.code, caught.value.place) == ("E-CONF-003", "broker.management_password_file")
