"""What the private RabbitMQ node reads: settings, environment, `rabbitmq.conf`, `advanced.config`, first user.

Sources: RabbitMQ's configuration schema (3.10.8), `rabbitmq-env`, Erlang's `ssl` options. Several of these switches
close a hole that the default leaves open; the reason stands beside each.
"""

import base64
import hashlib
import json
import os
import secrets
import string
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROGRAM: Final = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
# No certificate ever bears this name, so nobody reaches this user over AMQP.
MANAGEMENT_USER: Final = "hub@management"
PLUGINS: Final = ("rabbitmq_management", "rabbitmq_auth_mechanism_ssl")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerNodeSettings:
    """Where one private node lives, on which ports, and with which certificate files (PEM)."""

    data_folder: Path
    amqps_port: int
    management_port: int
    distribution_port: int
    epmd_port: int
    ca_bundle: Path
    certificate_chain: Path
    private_key: Path
    crl_folder: Path
    node_name: str = "yunhuoban"
    amqps_address: str = "127.0.0.1"
    disk_free_limit_bytes: int = 2 * 1024**3
    metrics_port: int | None = None
    program: Path = PROGRAM


def log_file(settings: BrokerNodeSettings) -> Path:
    """Return the node's own log."""
    return settings.data_folder / "log" / f"{settings.node_name}@localhost.log"


def startup_log(settings: BrokerNodeSettings) -> Path:
    """Return what the node says before its own log is open."""
    return settings.data_folder / "startup.log"


def password(settings: BrokerNodeSettings) -> str:
    """Password of the management user, readable by the owner only; made when it is not there yet."""
    path = settings.data_folder / "management.password"
    if not path.exists():
        _write_private(path, secrets.token_urlsafe(32))
    return path.read_text()


def write(settings: BrokerNodeSettings) -> None:
    """Write every file the node reads. Raises OSError when the folder cannot be written."""
    folder = settings.data_folder
    (folder / "home").mkdir(exist_ok=True)
    (folder / "conf.d").mkdir(exist_ok=True)
    (folder / "rabbitmq.conf").write_text(_conf(settings))
    (folder / "advanced.config").write_text(_advanced(settings))
    plugins = PLUGINS if settings.metrics_port is None else (*PLUGINS, "rabbitmq_prometheus")
    (folder / "enabled_plugins").write_text(f"[{','.join(plugins)}].\n")
    _write_private(folder / "definitions.json", first_user(password(settings)))
    cookie = folder / "home" / ".erlang.cookie"
    if not cookie.exists():
        _write_private(cookie, secrets.token_hex(20))


def environment(settings: BrokerNodeSettings) -> dict[str, str]:
    """Return the node's whole environment: nothing is inherited, and nothing of /etc/rabbitmq is read."""
    folder = settings.data_folder
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(folder / "home"),
        "LANG": "C",  # file names are bytes: with UTF-8, 3.10's management plugin dies of a folder named in Chinese
        "detached": "true",  # the script replaces itself by the Erlang process, so that its pid is the node's
        "ERL_CRASH_DUMP": str(folder / "log" / "erl_crash.dump"),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(settings.epmd_port),
        # Also for the short-lived Erlang that starts epmd: without it its port is open on every address.
        "ERL_AFLAGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_NODENAME": f"{settings.node_name}@localhost",
        "RABBITMQ_DIST_PORT": str(settings.distribution_port),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
        "RABBITMQ_PLUGINS_EXPAND_DIR": str(folder / "plugins"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "no-rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILES": str(folder / "conf.d"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),  # any other ending is silently not read
    }


def _conf(settings: BrokerNodeSettings) -> str:
    lines = [
        "listeners.tcp = none",
        f"listeners.ssl.default = {_bracketed(settings.amqps_address)}:{settings.amqps_port}",
        "auth_mechanisms.1 = EXTERNAL",  # and no PLAIN: a password opens nothing over AMQP
        "ssl_cert_login_from = common_name",
        "management.tcp.ip = 127.0.0.1",
        f"management.tcp.port = {settings.management_port}",
        # Per queue how often it handed over again (`hub.observing.redelivering`): without it no interface tells that on
        # 3.10. Measured with 3,020 queues, and by messages: processor and memory are the same as with `none`.
        "management.rates_mode = basic",
        # Nobody looks at the broker's own history: five seconds of each minute is the least it keeps.
        *(f"management.sample_retention_policies.{each}.minute = 5" for each in ("global", "basic", "detailed")),
        "collect_statistics_interval = 2000",  # milliseconds: the age of every queue depth the pages show
        "heartbeat = 30",
        "max_message_size = 8388608",  # 4.x allows 16 MiB, 3.10 128 MiB
        f"disk_free_limit.absolute = {settings.disk_free_limit_bytes}",  # the default is 50 MB: too late
        "vm_memory_high_watermark.relative = 0.4",
        "raft.wal_max_size_bytes = 134217728",
        "log.console = false",
        "log.file.level = info",
        "log.file.rotation.size = 10485760",
        "log.file.rotation.count = 5",
    ]
    if settings.metrics_port is not None:
        lines += ["prometheus.tcp.ip = 127.0.0.1", f"prometheus.tcp.port = {settings.metrics_port}"]
    return "\n".join(lines) + "\n"


def _advanced(settings: BrokerNodeSettings) -> str:
    """Return the TLS options as one Erlang term; with `crl_check`, a missing or stale list refuses everybody.

    TLS 1.3 only: a resumed 1.2 session would skip the certificate, and with it the list.
    """
    return f"""[{{rabbit, [
  {{load_definitions, {_erlang(settings.data_folder / "definitions.json")}}},
  {{ssl_options, [
    {{cacertfile, {_erlang(settings.ca_bundle)}}},
    {{certfile, {_erlang(settings.certificate_chain)}}},
    {{keyfile, {_erlang(settings.private_key)}}},
    {{versions, ['tlsv1.3']}},
    {{verify, verify_peer}},
    {{fail_if_no_peer_cert, true}},
    {{depth, 2}},
    {{crl_check, true}},
    {{crl_cache, {{ssl_crl_hash_dir, {{internal, [{{dir, {_erlang(settings.crl_folder)}}}]}}}}}}
  ]}}
]}}].
"""


def first_user(secret: str) -> str:
    """Definitions with the management user alone; because they exist, RabbitMQ makes no `guest`.

    The hash is RabbitMQ's: base64 of a four byte salt and SHA-256(salt ‖ password).
    """
    salt = os.urandom(4)
    digest = base64.b64encode(salt + hashlib.sha256(salt + secret.encode()).digest()).decode()
    user = {
        "name": MANAGEMENT_USER,
        "password_hash": digest,
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "administrator",
    }
    return json.dumps({"users": [user]})


def _erlang(path: Path) -> str:
    """Return a path as an Erlang string of its bytes (see LANG)."""
    plain = frozenset(string.ascii_letters + string.digits + "/._-@ ")
    octets = os.fsencode(path.absolute())
    return '"' + "".join(chr(octet) if chr(octet) in plain else f"\\x{{{octet:02X}}}" for octet in octets) + '"'


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone can read from the first byte on, also over a read-only one."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
