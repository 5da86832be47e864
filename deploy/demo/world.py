"""Builds the demonstration's world in one folder: authorities, the hub, two counties, all with keys of their own.

On one machine for the demonstration only: in earnest the authority is on a medium of its own under another person,
the hub on one machine and each county on its own. Everything is made anew at each run, with free ports.
"""

import shutil
import socket
import tomllib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from certs import keys
from certs.authority import Authority
from certs.keys import Certificate
from certs.profiles import Role

COUNTIES_FOLDER: Final = Path(__file__).resolve().parents[2] / "adapters" / "counties"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyPlan:
    """One county of the world."""

    code: str
    name: str
    folder_name: str
    authority_name: str
    authority_code: str
    item: str
    telephone: str


WUQIAO: Final = CountyPlan(
    code="130928",
    name="吴桥县",
    folder_name="wuqiao_130928",
    authority_name="吴桥县行政审批局（演示）",
    authority_code="11130928MB00000005",
    item="11130928MB000000054000131127004",
    telephone="0317-0000000",
)
YONGJI: Final = CountyPlan(
    code="140881",
    name="永济市",
    folder_name="yongji_140881",
    authority_name="永济市行政审批服务管理局（演示）",
    authority_code="11140881MB0000000U",
    item="11140881MB0000000U4000131127004",
    telephone="0359-0000000",
)
ITEM_NAME: Final = "公司登记注册（设立）"
SECOND_ITEM: Final = "11140881MB0000001Y4000131127004"
"""Of another authority of 永济, for the groups; its name leaves the case to a person there (`paperwork.BY_HAND`)."""
SECOND_NAME: Final = "分公司登记注册（专人办理）"
THIRD_ITEM: Final = "11140881MB000000224000131127004"
"""Left to a person, too: for what is around a case, because where powers are stated originals go before a decision."""
THIRD_NAME: Final = "变更登记注册（专人办理）"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where everything is, and on which ports."""

    folder: Path
    amqps_port: int
    hub_page_port: int
    desk_ports: dict[str, int]
    printer_port: int

    @property
    def hub(self) -> Path:
        """The hub's data folder."""
        return self.folder / "hub"

    def county(self, code: str) -> Path:
        """A county node's folder."""
        return self.folder / code

    @property
    def wuqiao_database(self) -> Path:
        """吴桥's own database."""
        return self.folder / "local" / "wuqiao.sqlite"

    @property
    def yongji_folder(self) -> Path:
        """永济's own exchange folder."""
        return self.folder / "local" / "yongji"

    @property
    def printed(self) -> Path:
        """Where the printer lays its sheets."""
        return self.folder / "printed"

    @property
    def transport(self) -> Authority:
        """The authority of every transport certificate."""
        return Authority.open(self.folder / "authority" / "transport")

    @property
    def seals(self) -> Authority:
        """The authority of every seal."""
        return Authority.open(self.folder / "authority" / "seal")


def build(folder: Path, *, authorise_copies: Sequence[str] = ("duplicate",), more_items: bool = False) -> World:
    """Make the world anew, if wanted with more items of 永济. Whatever was in the folder is removed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    now = datetime.now(UTC)
    transport = Authority.create(
        folder / "authority" / "transport", kind="transport", trial=True, now=now, name="Yunhuoban demo transport"
    )
    seals = Authority.create(
        folder / "authority" / "seal", kind="seal", trial=True, now=now, name="Yunhuoban demo seal"
    )
    ports = free_ports(8)
    world = World(
        folder=folder,
        amqps_port=ports[0],
        hub_page_port=ports[4],
        desk_ports={WUQIAO.code: ports[5], YONGJI.code: ports[6]},
        printer_port=ports[7],
    )
    _make_hub(world, transport, seals, ports, now)
    world.wuqiao_database.parent.mkdir(parents=True)
    world.yongji_folder.mkdir(parents=True)
    places = {WUQIAO.code: f"sqlite:///{world.wuqiao_database}", YONGJI.code: str(world.yongji_folder)}
    for plan in (WUQIAO, YONGJI):
        make_county(world, plan, places[plan.code], transport, seals, now, authorise_copies)
    if more_items:
        settings = world.county(YONGJI.code) / "county.toml"
        more = ((SECOND_ITEM, SECOND_NAME), (THIRD_ITEM, THIRD_NAME))
        offers = "".join(f'[[offers]]\nservice_item = "{item}"\nname = "{name}"\n\n' for item, name in more)
        said = settings.read_text(encoding="utf-8").replace("[station]", f"{offers}[station]")
        settings.write_text(said, encoding="utf-8")
    return world


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    with_sockets = [socket.socket() for _ in range(count)]
    for each in with_sockets:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in with_sockets]
    for each in with_sockets:
        with closing(each):
            pass
    return ports


def _make_hub(world: World, transport: Authority, seals: Authority, ports: Sequence[int], now: datetime) -> None:
    certificates = world.hub / "certs"
    (certificates / "crl").mkdir(parents=True)
    (certificates / "seal-crl").mkdir()
    keys.save_certificates([transport.root], certificates / "anchors.pem")
    keys.save_certificates([transport.issuing], certificates / "issuing.pem")
    keys.save_certificates([transport.root, transport.issuing], certificates / "broker-ca.pem")
    keys.save_certificates([seals.root, seals.issuing], certificates / "seal-certificates.pem")
    for role, name, subject in (
        (Role.BROKER, "broker", "hub"),
        (Role.HUB_CONNECTION, "connection", "hub"),
        (Role.HUB_CHECKPOINT, "checkpoint", "hub"),
        (Role.HUB_SIGNING, "signing", "hub"),
    ):
        certify(transport, role, certificates, name, subject, now)
    publish_lists(world, transport)
    for i, each in enumerate(seals.publish_crls(now=now)):
        (certificates / "seal-crl" / f"{i}.crl").write_bytes(keys.crl_der(each))
    (world.hub / "hub.toml").write_text(
        f"""# 演示用中枢设置 / the demonstration's hub
web_port = {world.hub_page_port}

[broker]
amqps_port = {ports[0]}
management_port = {ports[1]}
distribution_port = {ports[2]}
epmd_port = {ports[3]}
""",
        encoding="utf-8",
    )


def publish_lists(world: World, transport: Authority, *, now: datetime | None = None, days: int = 14) -> None:
    """Publish new revocation lists and carry them to the hub, as the authority's person does every day."""
    for i, each in enumerate(transport.publish_crls(now=now or datetime.now(UTC), days=days)):
        target = world.hub / "certs" / "crl" / f"{i}.crl"
        temporary = target.with_suffix(".tmp")
        temporary.write_bytes(keys.crl_der(each))
        temporary.replace(target)


def make_county(
    world: World,
    plan: CountyPlan,
    place: str,
    transport: Authority,
    seals: Authority,
    now: datetime,
    authorise_copies: Sequence[str] = ("duplicate",),
) -> None:
    """Make the folder of a county's node: keys, certificates and settings. Its desk's port stands in the world."""
    folder = world.county(plan.code)
    certificates = folder / "certs"
    (certificates / "seal").mkdir(parents=True)
    keys.save_certificates([transport.root], certificates / "anchors.pem")
    keys.save_certificates([seals.root], certificates / "seal-anchors.pem")
    for role, name in (
        (Role.COUNTY_CONNECTION, "connection"),
        (Role.COUNTY_SIGNING, "signing"),
        (Role.COUNTY_ENCRYPTION, "encryption"),
    ):
        certify(transport, role, certificates, name, plan.code, now)
    certify(seals, Role.SEAL, certificates / "seal", "seal", plan.authority_code, now)
    copies = ", ".join(f'"{each}"' for each in authorise_copies)
    (folder / "county.toml").write_text(
        f"""# {plan.name} 县节点设置（演示） / settings of this county's node (demonstration)
division_code = "{plan.code}"
name = "{plan.name}"
mapping = "{COUNTIES_FOLDER / plan.folder_name}"
local_read = "{place}"
local_write = "{place}"
contact = "县信息中心（演示）"
telephone = "{plan.telephone}"
page_port = {world.desk_ports[plan.code]}
poll_seconds = 0.2

[hub]
urls = ["localhost:{world.amqps_port}"]
server_hostname = "localhost"

[authority]
name = "{plan.authority_name}"
code = "{plan.authority_code}"
authorise_copies = [{copies}]

[[offers]]
service_item = "{plan.item}"
name = "{ITEM_NAME}"

[station]
hall = "{plan.code}-01"
station = "{plan.code}-01-1"
printer_url = "ipp://localhost:{world.printer_port}/ipp/print"
stock_ready = "specimen-a4"
""",
        encoding="utf-8",
    )
    tomllib.loads((folder / "county.toml").read_text(encoding="utf-8"))


def certify(authority: Authority, role: Role, folder: Path, name: str, subject: str, now: datetime) -> Certificate:
    """Make a key and its certificate, and lay both into a folder. Servers are called localhost."""
    key = keys.generate_key()
    dns, addresses = (("localhost",), ("127.0.0.1",)) if role in (Role.BROKER, Role.PAGE) else ((), ())
    certificate = authority.issue(role, subject, key.public_key(), now=now, dns=dns, addresses=addresses)
    keys.save_private_key(key, folder / f"{name}.key")
    keys.save_certificates(authority.chain(certificate), folder / f"{name}.pem")
    return certificate
