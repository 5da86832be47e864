"""The hub's settings: `hub.toml` in its data folder, each value overridable by an environment variable `YHB_HUB_…`.

An external broker or cluster is a setting, not another code path: with `broker.private = false` the hub connects to
`broker.host` and starts no node of its own.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, IPvAnyAddress, IPvAnyNetwork, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from schemas.codec import CAPS_BYTES
from schemas.errors import YunhuobanError, declare

BAD_SETTINGS: Final = declare("E-CONF-001", "设置文件有误。", "请按提示修改所指的设置项后重试。")

Port = Annotated[int, Field(ge=1, le=65535)]


class BrokerSettings(BaseModel):
    """Where RabbitMQ is, and whether the hub starts it itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    private: bool = True
    host: str = "localhost"
    vhost: str = "yunhuoban"
    amqps_port: Port = 25671
    management_port: Port = 25672
    distribution_port: Port = 25673
    epmd_port: Port = 25674
    management_user: str = "hub-management"
    management_password_file: Path | None = None


class WorkerSettings(BaseModel):
    """How admission works; the defaults are what the tests measure."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    batch_messages: Annotated[int, Field(ge=1, le=500)] = 500
    prefetch: Annotated[int, Field(ge=1, le=1000)] = 200
    confirm_seconds: Annotated[float, Field(gt=0)] = 5.0
    foreign_shards_after_seconds: Annotated[float, Field(ge=0)] = 10.0
    parked_seconds: Annotated[float, Field(gt=0)] = 3600.0
    sweep_seconds: Annotated[float, Field(gt=0)] = 5.0
    publish_seconds: Annotated[float, Field(ge=1)] = 60.0


class QuotaSettings(BaseModel):
    """What one county may send to one admission worker; beyond it, the county's messages take its slow queue.

    The slow lane admits at `messages_per_second` and `bytes_per_second`. A burst must hold the largest message.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    messages_per_second: Annotated[float, Field(gt=0)] = 100.0
    burst_messages: Annotated[int, Field(ge=1)] = 400
    bytes_per_second: Annotated[int, Field(ge=1)] = 4 * 2**20
    burst_bytes: Annotated[int, Field(ge=CAPS_BYTES["Envelope"])] = 64 * 2**20


class JoiningSettings(BaseModel):
    """The joining page for counties that can reach it; without a port there is none, and files are carried by hand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    port: Port | None = None
    host: str = "0.0.0.0"  # noqa: S104 -- the one page that is meant for others; it is off unless a port is set
    address: str = ""
    """What invitations say, `https://host:port`; the host is in the page's certificate."""
    urls: tuple[str, ...] = ()
    """Where counties reach the broker, `host:port`; the hub's own way to it unless told otherwise."""
    server_hostname: str = ""
    proxies: tuple[IPvAnyNetwork, ...] = ()
    """Who stands before the page and tells the visitor's address in `X-Forwarded-For`."""


class ScanningSettings(BaseModel):
    """The public pages behind the QR codes of licenses and receipts; without a port there are none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    port: Port | None = None
    host: str = "0.0.0.0"  # noqa: S104 -- meant for everybody; it is off unless a port is set
    certificate: Path = Path("certs/scanning.pem")
    """Chain of a public authority for the host that counties name as `verify_host`; relative to the data folder."""
    key: Path = Path("certs/scanning.key")
    proxies: tuple[IPvAnyNetwork, ...] = ()
    """Who stands before the pages and tells the visitor's address in `X-Forwarded-For`."""


class WebSettings(BaseModel):
    """The operations pages: on this machine always, for other machines over TLS if an address is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    idle_minutes: Annotated[int, Field(ge=1, le=60)] = 15
    """After so long without a touch one has to sign in again."""
    address: IPvAnyAddress | None = None
    """Of this machine in the operators' network; none: the pages are this machine's only."""
    port: Port = 8443
    names: tuple[str, ...] = ()
    """What stands in the browsers' address bar: host names, addresses; all in the certificate."""
    certificate: Path = Path("certs/web.pem")
    """Chain, PEM; relative to the data folder."""
    key: Path = Path("certs/web.key")

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.address is not None and not self.names:
            raise ValueError("names: at least one")
        return self


class MetricsSettings(BaseModel):
    """What a Prometheus asks: on this machine, or over TLS and with a token; without a port there is nothing to ask."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    port: Port | None = None
    broker_port: Port | None = None
    """Of the private RabbitMQ's own metrics, on this machine always."""
    address: IPvAnyAddress | None = None
    """Of this machine in the network of who watches it; none: `port` is this machine's only."""
    names: tuple[str, ...] = ()
    """By what Prometheus calls this machine; all in the certificate."""
    token_file: Path | None = None
    """What Prometheus has to show (`Authorization: Bearer`); relative to the data folder."""
    certificate: Path = Path("certs/web.pem")
    key: Path = Path("certs/web.key")

    @model_validator(mode="after")
    def _closed(self) -> Self:
        if self.address is not None and not (self.names and self.token_file):
            raise ValueError("names and token_file: both, where an address is told")
        return self


class HubSettings(BaseSettings):
    """All of it. `folder` is the data folder that everything relative refers to."""

    model_config = SettingsConfigDict(env_prefix="YHB_HUB_", env_nested_delimiter="__", extra="forbid", frozen=True)

    folder: Path
    origin: str = "yunhuoban"
    trial: bool = True
    web_port: Port = 28080
    store_url: str = ""
    time_servers: tuple[str, ...] = ()
    """What `hub doctor` compares this machine's clock with, `host` or `host:port`; none: the kernel's word counts."""
    broker: BrokerSettings = BrokerSettings()
    worker: WorkerSettings = WorkerSettings()
    quota: QuotaSettings = QuotaSettings()
    joining: JoiningSettings = JoiningSettings()
    scanning: ScanningSettings = ScanningSettings()
    web: WebSettings = WebSettings()
    metrics: MetricsSettings = MetricsSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment stands above the file."""
        _ = settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read `hub.toml` from the data folder; a missing file means the defaults. Raises E-CONF-001."""
        file = folder / "hub.toml"
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
            if "folder" in values:
                raise YunhuobanError(BAD_SETTINGS, place="hub.toml: folder", expected="hub … -d")
            return cls(folder=folder.resolve(), **values)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])[:100]
            raise YunhuobanError(BAD_SETTINGS, place=f"hub.toml: {place}", expected=first["msg"]) from error
        except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, a number of thousands of digits
            raise YunhuobanError(BAD_SETTINGS, place="hub.toml", found=str(error)[:200]) from error

    @property
    def database(self) -> str:
        """The store's URL; SQLite in the data folder unless told otherwise."""
        return self.store_url or f"sqlite:///{self.folder / 'hub.sqlite'}"

    @property
    def certificates(self) -> Path:
        """Folder of the hub's own keys and certificates, the anchors and the CRLs."""
        return self.folder / "certs"
