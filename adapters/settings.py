"""The county node's settings: `county.toml` in its folder, each value overridable by `YHB_COUNTY_…`."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, IPvAnyAddress, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from schemas.errors import YunhuobanError, declare

BAD_SETTINGS = declare("E-CONF-002", "县节点的设置文件有误。", "请按提示修改 county.toml 中所指的设置项后重试。")

UNSET_HOST: Final = "verify.example"
"""Stands in the QR codes of a county that was not told where the hub's public pages are: nobody has such a host."""
UNFILLED: Final = "待填"
"""Stands where only the county's people know what belongs there; nothing starts with it."""

Port = Annotated[int, Field(ge=1, le=65535)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HubSettings(_Part):
    """Where the hub's broker is: one outgoing port for everything."""

    urls: tuple[str, ...] = ("localhost:25671",)
    server_hostname: str = "localhost"
    vhost: str = "yunhuoban"
    resend_seconds: Annotated[float, Field(gt=0)] = 30.0


class OfferSettings(_Part):
    """A service item that this county decides."""

    service_item: str
    name: str


class LicenseSettings(_Part):
    """Which license a service item leads to."""

    service_item: str
    license: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]
    """As `adapter template list` names it; which of its templates is taken depends on the kind of body."""
    type_code: Annotated[str, Field(pattern=r"^([0-9A-Z]{21})?$")] = ""
    """证照类型代码, where the template has none: from the province's catalogue of licenses."""


class AuthoritySettings(_Part):
    """The county as the place that decides: its issuing authority and how its licenses are printed elsewhere."""

    name: str
    code: str
    verify_host: str = UNSET_HOST
    authorise_copies: tuple[str, ...] = ("duplicate",)
    replacements: Annotated[int, Field(ge=0, le=9)] = 1
    remedies: str = ""
    """救济途径 that the approval desk proposes for every decision against the applicant."""
    authorisation_days: Annotated[int, Field(ge=1, le=30)] = 7
    complaint_phone: Annotated[str, Field(max_length=20)] = ""
    """投诉举报电话 that a food license bears."""
    licenses: tuple[LicenseSettings, ...] = ()
    """By item; a county that lists none issues business licenses."""

    @property
    def license_by_item(self) -> dict[str, str]:
        """What `choosing.templates_for` asks."""
        return {each.service_item: each.license for each in self.licenses}

    def type_code(self, service_item: str) -> str:
        """The 证照类型代码 that the county states for an item's license; empty where it states none."""
        return next((each.type_code for each in self.licenses if each.service_item == service_item), "")


class StationSettings(_Part):
    """The print station of one hall."""

    hall: str = "hall-1"
    station: str = "station-1"
    printer_url: str = ""
    stock_ready: str = ""
    print_complete: bool = True
    """Whether complete pages marked 样张 are printed here, on white paper; false: this station holds stock only."""


class HallPageSettings(_Part):
    """Where the hall's browsers reach this county's pages: over TLS, or not at all."""

    address: IPvAnyAddress
    """Of this machine in the hall's network; 0.0.0.0 or :: for all its networks."""
    port: Port = 443
    names: Annotated[tuple[str, ...], Field(min_length=1)]
    """What stands in the browsers' address bar: host names, addresses."""
    certificate: Path | None = None
    """The hall's own chain, PEM; without it the county's page authority issues (`adapter page-certificate`)."""
    key: Path | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key: both or neither")
        return self


class SignInSettings(_Part):
    """How people sign in to the county's pages."""

    idle_minutes: Annotated[int, Field(ge=1, le=60)] = 15
    """After so long without a touch one has to sign in again."""


class TakingSettings(_Part):
    """Applications that clerks take at the node's own pages."""

    draft_days: Annotated[int, Field(ge=1, le=180)] = 30
    """How long a draft that nobody touches is kept."""
    ended_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """How long text and scans of a taken application are kept after its case has ended."""


class RetentionSettings(_Part):
    """For how long what is personal stays readable here, in days (domain.md §8.2, P9)."""

    messages_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Contents of a case's messages, after the case has ended."""
    licenses_days: Annotated[int, Field(ge=1, le=36500)] = 1095
    """Licenses among them: a further copy, or the check of one, is asked for long after the end."""
    signatures_days: Annotated[int, Field(ge=1, le=36500)] = 1095
    """Signatures drawn by hand."""
    audit_days: Annotated[int, Field(ge=183, le=36500)] = 1095
    """The book of looks and the record of accounts: six months at least, by law."""
    names_days: Annotated[int, Field(ge=1, le=36500)] = 1095
    """Names in ledgers that stay for ever: of accounts that left, of who brought blank stock."""
    recordings_days: Annotated[int, Field(ge=1, le=36500)] = 3650
    """For how long the recordings of expert reviews stay in the archive; told in each report."""
    exports_days: Annotated[int, Field(ge=1, le=30)] = 3
    """A request that nobody decides, and a file that nobody takes."""


class ReminderSettings(_Part):
    """到期提醒: a word to a holder's window before a license ends."""

    by_node: bool = False
    """Whether the node itself sends what is due, 60 and 30 days before the end; otherwise an approver presses."""


class CountySettings(BaseSettings):
    """All of it. `folder` holds keys, store and, unless `mapping` names another place, the mapping."""

    model_config = SettingsConfigDict(env_prefix="YHB_COUNTY_", env_nested_delimiter="__", extra="forbid", frozen=True)

    folder: Path
    division_code: str
    name: str
    mapping: Path
    local_read: str
    local_write: str
    trial: bool = True
    contact: str = ""
    telephone: str = ""
    page_port: Port = 28090
    hall_page: HallPageSettings | None = None
    """Absent: the pages are on this machine only."""
    poll_seconds: Annotated[float, Field(gt=0)] = 1.0
    store_url: str = ""
    time_servers: tuple[str, ...] = ()
    """Where this machine has its time from: only the firewall request names them."""
    hub: HubSettings = HubSettings()
    authority: AuthoritySettings
    offers: tuple[OfferSettings, ...] = ()
    station: StationSettings = StationSettings()
    taking: TakingSettings = TakingSettings()
    sign_in: SignInSettings = SignInSettings()
    retention: RetentionSettings = RetentionSettings()
    reminders: ReminderSettings = ReminderSettings()

    @model_validator(mode="after")
    def _ports_apart(self) -> Self:
        if self.hall_page is not None and self.hall_page.port == self.page_port:
            raise ValueError("hall_page.port and page_port: two listeners, two ports")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 -- pydantic-settings' signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- the same
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment stands above the file."""
        return env_settings, init_settings

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read `county.toml`. Raises E-CONF-002 naming the setting, or all that are not filled in yet."""
        file = folder / "county.toml"
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
            if "folder" in values:
                raise YunhuobanError(BAD_SETTINGS, place="county.toml: folder", expected="adapter … -d")
            if unfilled := list(_unfilled(values)):
                raise YunhuobanError(BAD_SETTINGS, place=f"county.toml: {', '.join(unfilled)}", found=UNFILLED)
            values["mapping"] = folder.resolve() / str(values.get("mapping", "."))
            return cls(folder=folder.resolve(), **values)
        except FileNotFoundError as error:
            raise YunhuobanError(BAD_SETTINGS, place=file.name, found="-", expected="county.toml") from error
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])[:100]
            raise YunhuobanError(BAD_SETTINGS, place=f"county.toml: {place}", expected=first["msg"]) from error
        except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, a number of thousands of digits
            raise YunhuobanError(BAD_SETTINGS, place="county.toml", found=str(error)[:200]) from error

    @property
    def database(self) -> str:
        """The store's URL; SQLite in the folder unless told otherwise."""
        return self.store_url or f"sqlite:///{self.folder / 'county.sqlite'}"

    @property
    def certificates(self) -> Path:
        """Folder of this county's keys and certificates, the anchors and lists."""
        return self.folder / "certs"

    @property
    def renewal(self) -> Path:
        """Folder of what is carried when certificates are renewed: nothing in it is secret."""
        return self.folder / "renewal"


def _unfilled(value: Any, name: str = "") -> Iterator[str]:
    """Where 待填 still stands."""
    if value == UNFILLED:
        yield name
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _unfilled(each, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for number, each in enumerate(value, 1):
            yield from _unfilled(each, f"{name}.{number}")
