"""`adapter page-certificate`: the county's page authority and the certificate of the hall's pages."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from adapters.settings import CountySettings
from pages import wording
from pages.terminal import show_error
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

if TYPE_CHECKING:
    from adapters.hall.hallpage.certificate import HallCertificate
    from certs.hallauthority import HallAuthority
    from certs.keys import Certificate

NO_HALL_PAGE: Final = declare(
    "E-PAGE-100",
    "county.toml 里没有 [hall_page]，不知道页面叫什么名称。",
    "请写上 [hall_page] 的 address、port 和 names，再做这一步。",
)
NOT_OURS: Final = declare(
    "E-PAGE-101",
    "county.toml 的 [hall_page] 指定了大厅自己的证书，不由本县的机构签发。",
    "请向签发它的机构续期，把新文件放到原处，县节点几秒内换用；想改用本县的机构，请删去 certificate 和 key 两项。",
)
console = Console(highlight=False)
app = typer.Typer(no_args_is_help=True, help="大厅页面的证书 / the certificate of the hall's pages")
Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="根证书和安装说明写到哪个文件夹 / where root and instructions go"),
]
_HERE: Final = Path("var/county")


@app.command()
def new(
    dns: Annotated[
        list[str] | None, typer.Option(help="大厅的域名，含其下各级，可多次 / a domain of the hall, repeatable")
    ] = None,
    network: Annotated[
        list[str] | None, typer.Option("--range", help="大厅的网段，可多次 / a network of the hall, e.g. 10.1.2.0/24")
    ] = None,
    out: Out = Path("hall-root"),
    folder: Folder = _HERE,
) -> None:
    """建立本县的大厅页面机构，只对给出的域名和网段有效 / make the authority, good for these and nothing else."""
    from adapters.hall.hallpage import certificate, handing  # noqa: PLC0415 -- keys are loaded only where they are used
    from adapters.instants import now  # noqa: PLC0415
    from certs.hallauthority import HallAuthority  # noqa: PLC0415
    from certs.hallscope import Scope  # noqa: PLC0415

    settings = CountySettings.load(folder)
    scope, place = Scope.parse(dns or [], network or []), certificate.folder_of(settings)
    authority = HallAuthority.create(place, settings.division_code, scope, now=now())
    handing.write(settings, authority, out or Path())
    hall = certificate.of_hall(settings)
    if hall is not None and hall.is_own:
        _tell_issued(authority.issue(settings.division_code, hall.names, now=now()))
    _tell(_("已建立，根证书指纹 SHA-256：{fingerprint}"), fingerprint=handing.fingerprint(authority))
    _tell(_("根证书和安装说明在 {folder}；请装进大厅的浏览器，装前核对指纹。"), folder=str(out))


@app.command()
def issue(folder: Folder = _HERE) -> None:
    """按 county.toml 的 names 签发页面证书 / issue the page's certificate for the names of county.toml."""
    from adapters.instants import now  # noqa: PLC0415

    hall, authority = _own(folder)
    _tell_issued(authority.issue(hall.county, hall.names, now=now()))


@app.command()
def renew(folder: Folder = _HERE) -> None:
    """名称不变，现在就换一张 / the same names, a new key and certificate, now. A running node does it in time."""
    from adapters.instants import now  # noqa: PLC0415
    from certs import keys  # noqa: PLC0415
    from certs.hallscope import HostNames  # noqa: PLC0415

    hall, authority = _own(folder)
    dns, addresses = keys.hosts(keys.load_certificates(hall.files[0])[0])
    _tell_issued(authority.issue(hall.county, HostNames.parse([*dns, *addresses]), now=now()))


@app.command()
def show(out: Out = None, folder: Folder = _HERE) -> None:
    """机构、指纹、页面证书；有问题则以 1 退出 / authority, fingerprint, the page's certificate; exit 1 if not well."""
    from adapters.hall.hallpage import certificate, handing  # noqa: PLC0415 -- as above
    from adapters.instants import now  # noqa: PLC0415
    from certs.hallauthority import HallAuthority  # noqa: PLC0415

    settings = CountySettings.load(folder)
    hall, place = certificate.of_hall(settings), certificate.folder_of(settings)
    if hall is None or hall.is_own or place.exists():
        authority = HallAuthority.open(place)
        ends = authority.root.not_valid_after_utc.date().isoformat()
        _tell(_("本县机构，至 {ends}，只对这些名称有效：{scope}"), ends=ends, scope=", ".join(authority.scope))
        _tell(_("根证书指纹 SHA-256：{fingerprint}"), fingerprint=handing.fingerprint(authority))
        if out is not None:
            handing.write(settings, authority, out)
            _tell(_("根证书和安装说明在 {folder}；请装进大厅的浏览器，装前核对指纹。"), folder=str(out))
    if hall is None:
        _tell(_("county.toml 里没有 [hall_page]，页面只在本机。"))
        return
    examined = hall.examine(now())
    if examined.chain:
        _tell_issued(examined.chain[0])
    faults = hall.attention(now())
    for each in faults:
        show_error(each)
    if faults:
        raise typer.Exit(1)


def _own(folder: Path) -> "tuple[HallCertificate, HallAuthority]":
    """The hall's page and the county's authority for it. Raises E-PAGE-100, -101 or E-CERT-113."""
    from adapters.hall.hallpage import certificate  # noqa: PLC0415 -- as above
    from certs.hallauthority import HallAuthority  # noqa: PLC0415

    hall = certificate.of_hall(CountySettings.load(folder))
    if hall is None:
        raise YunhuobanError(NO_HALL_PAGE, place="county.toml")
    if not hall.is_own:
        raise YunhuobanError(NOT_OURS, place="county.toml: hall_page.certificate")
    return hall, HallAuthority.open(hall.folder)


def _tell_issued(issued: "Certificate") -> None:
    from certs import keys  # noqa: PLC0415

    dns, addresses = keys.hosts(issued)
    ends = issued.not_valid_after_utc.date().isoformat()
    _tell(_("页面证书：{names}，至 {ends}"), names=", ".join((*dns, *addresses)), ends=ends)


def _tell(text: str, **params: str) -> None:
    for language in wording.LANGUAGES:
        console.print(wording.say(text, language, **params), soft_wrap=True, markup=False)
