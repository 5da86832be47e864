"""The containers as `deploy/compose` describes them: no secret, no right too many, nothing open that need not be.

Whether Docker itself reads the file is asked where Docker Compose is installed.
"""

import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.compose import __main__ as preparing
from hub.bootstrap import node_settings
from hub.broker import node_files
from hub.settings import HubSettings

FOLDER = Path(__file__).resolve().parents[4] / "deploy" / "compose"
TOLD = {
    "YHB_VERSION": "0.1.0",
    "YHB_FOLDER": "/srv/yunhuoban",
    "YHB_ADDRESS": "192.0.2.4",
    "YHB_OPERATORS_ADDRESS": "10.8.0.4",
    "YHB_WEB_NAME": "hub.example.cn",
}
"""What whoever starts it has to say; there is no default for where a port is opened."""


def services() -> dict[str, dict[str, Any]]:
    """Every service with what it extends, as Compose merges them: lists together, mappings over one another."""
    whole = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
    made = {}
    for name, own in whole["services"].items():
        base: dict[str, Any] = {}
        if extended := own.pop("extends", None):
            base = yaml.safe_load((FOLDER / extended["file"]).read_text(encoding="utf-8"))["services"][
                extended["service"]
            ]
        made[name] = base | own
        for key in ("volumes", "environment"):
            if key in base and key in own:
                made[name][key] = base[key] + own[key] if isinstance(own[key], list) else base[key] | own[key]
    return made


def test_what_runs_is_the_hub_its_broker_of_three_and_what_watches_them() -> None:
    """A service that somebody adds or leaves out is seen here."""
    brokers = {f"broker-{number}" for number in (1, 2, 3)}
    assert services().keys() == brokers | {"postgresql", "hub", "web", "prometheus", "grafana"}


@pytest.mark.parametrize("name", sorted(services()))
def test_every_container_has_as_little_as_it_can(name: str) -> None:
    """An ordinary user, no capability, a file system that cannot be written, an image that is named by its version."""
    service = services()[name]
    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] > 0
    assert not {"privileged", "cap_add", "network_mode", "pid", "devices"} & service.keys()
    assert not any("docker.sock" in each for each in service.get("volumes", ()))
    assert re.fullmatch(r"[a-z./]+:(\$\{YHB_VERSION:\?\}|v?\d[\w.-]*)", service["image"])


def test_no_secret_stands_in_any_file() -> None:
    """Passwords, cookie and keys are files of the host; nothing of them is in the repository or in an environment."""
    for file in (each for each in FOLDER.rglob("*") if each.is_file() and each.suffix != ".pyc"):
        assert not re.search(r"BEGIN [A-Z ]*PRIVATE KEY|password_hash\":", file.read_text(encoding="utf-8")), file
    for name, service in services().items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASS|SECRET|TOKEN|COOKIE", variable):
                assert str(value).startswith("/run/secrets/"), (name, variable)
    for text in (each.read_text(encoding="utf-8") for each in FOLDER.rglob("*.yaml")):
        assert not re.search(r"\$\{\w*(PASS|SECRET|TOKEN)\w*", text)


def test_only_what_others_need_is_opened_and_only_where_it_is_said() -> None:
    """Brokers for the counties, pages for the operators; database, management and metrics have no port at all."""
    opened = {name: service["ports"] for name, service in services().items() if service.get("ports")}
    assert opened == {
        "broker-1": ["${YHB_ADDRESS:?}:5671:5671"],
        "broker-2": ["${YHB_ADDRESS:?}:5681:5671"],
        "broker-3": ["${YHB_ADDRESS:?}:5691:5671"],
        "web": ["${YHB_OPERATORS_ADDRESS:?}:8443:8443"],
        "grafana": ["127.0.0.1:3000:3000"],
    }
    whole = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
    assert whole["networks"]["inside"] == {"internal": True}
    assert [name for name in ("postgresql", "hub", "prometheus") if services()[name]["networks"] != ["inside"]] == []


@pytest.mark.parametrize("name", ["hub", "web"])
def test_the_hub_reads_the_settings_that_the_containers_give_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each variable is a setting that exists, with a value that it takes."""
    for variable, value in services()[name]["environment"].items():
        monkeypatch.setenv(variable, str(value).replace("${YHB_WEB_NAME:?}", TOLD["YHB_WEB_NAME"]))
    settings = HubSettings.load(tmp_path)
    known = {f"YHB_HUB_{field}".upper() for field in HubSettings.model_fields}
    for variable in services()[name]["environment"]:
        assert variable.partition("__")[0] in known | {"PGPASSFILE"}
    assert settings.database == "postgresql+psycopg://hub@postgresql/yunhuoban"
    assert (settings.broker.private, settings.broker.host, settings.broker.amqps_port) == (False, "broker", 5671)
    assert settings.broker.management_user == node_files.MANAGEMENT_USER
    assert settings.web.names == (("hub.example.cn",) if name == "web" else ())


def test_the_brokers_are_as_closed_as_the_hubs_own(tmp_path: Path) -> None:
    """Every line of the private node's configuration stands in the cluster's, but for those that a cluster changes."""
    private = node_settings(HubSettings(folder=tmp_path))
    private.data_folder.mkdir(parents=True)
    node_files.write(private)
    conf = (FOLDER / "broker" / "rabbitmq.conf").read_text(encoding="utf-8").splitlines()
    changed = {"listeners.ssl.default", "management.tcp.ip", "management.tcp.port", "vm_memory_high_watermark.relative"}
    changed |= {"log.console", "log.file.level", "log.file.rotation.size", "log.file.rotation.count"}
    for line in (private.data_folder / "rabbitmq.conf").read_text().splitlines():
        assert line in conf or line.partition(" = ")[0] in changed, line

    def terms(text: str) -> str:
        return re.sub(r'"[^"]*"', '"…"', text)

    assert terms((FOLDER / "broker" / "advanced.config").read_text()) == terms(
        (private.data_folder / "advanced.config").read_text()
    )
    plugins = (FOLDER / "broker" / "enabled_plugins").read_text()
    assert all(each in plugins for each in node_files.PLUGINS)


def test_each_file_that_is_brought_in_is_there_or_is_prepared(tmp_path: Path) -> None:
    """Docker would make a folder, owned by root, of a name that is missing."""
    preparing.make(tmp_path)
    by_hand = {f"hub/certs/{name}" for name in ("broker-ca.pem", "broker.pem", "broker.key", "web-ca.pem")}
    for name, service in services().items():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0] if not volume.startswith("${") else volume.split(":?}/")[1].split(":")[0]
            if volume.startswith("${"):
                assert source in by_hand or (tmp_path / source).exists(), (name, volume)
            elif volume.startswith("./"):
                place = FOLDER / "broker" if name.startswith("broker") else FOLDER
                assert (place / source).is_file(), (name, volume)


def test_the_secrets_are_new_private_and_made_once(tmp_path: Path) -> None:
    """Readable by their owner only, different each time, and never overwritten by a second run."""
    made = preparing.make(tmp_path / "a")
    before = {file: file.read_bytes() for file in made}
    assert {file.name for file in made} >= {"management_password", "pgpass", "erlang_cookie", "definitions.json"}
    assert len((tmp_path / "a" / "secrets" / "metrics_token").read_text()) >= 32
    assert {stat.S_IMODE(file.stat().st_mode) for file in made} == {0o600}
    assert preparing.make(tmp_path / "a") == []
    assert {file: file.read_bytes() for file in made} == before
    preparing.make(tmp_path / "b")
    other = [(tmp_path / "b" / "secrets" / file.name).read_bytes() for file in made]
    assert not set(before.values()) & set(other)
    user = json.loads((tmp_path / "a" / "secrets" / "definitions.json").read_text())["users"]
    assert [each["name"] for each in user] == [node_files.MANAGEMENT_USER]


def test_prometheus_asks_the_hub_as_the_hub_wants_to_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job of the rules, under a name the hub answers to, over TLS, with the token that both are given."""
    web, prometheus = services()["web"], services()["prometheus"]
    for variable, value in web["environment"].items():
        monkeypatch.setenv(variable, str(value).replace("${YHB_WEB_NAME:?}", TOLD["YHB_WEB_NAME"]))
    told = HubSettings.load(tmp_path).metrics
    jobs = yaml.safe_load((FOLDER / "monitoring" / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    job = next(each for each in jobs if each["job_name"] == "yunhuoban-hub")
    assert job["static_configs"] == [{"targets": [f"{name}:{told.port}" for name in told.names]}]
    assert told.names == ("web",)
    assert job["scheme"] == "https"
    assert job["authorization"] == {"credentials_file": str(told.token_file)}
    places = {each.split(":")[-2] for each in prometheus["volumes"]}
    assert job["tls_config"]["ca_file"] in places
    assert all("metrics_token" in each["secrets"] for each in (web, prometheus))


def test_docker_compose_reads_it(tmp_path: Path) -> None:
    """`docker compose config` where it is installed: every reference is resolved, every key is known."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker Compose")
    preparing.make(tmp_path)
    read = subprocess.run(
        [docker, "compose", "--file", str(FOLDER / "compose.yaml"), "config", "--quiet"],
        env=os.environ | TOLD | {"YHB_FOLDER": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (read.returncode, read.stderr) == (0, "")
