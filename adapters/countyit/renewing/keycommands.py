"""`adapter card` and `adapter key`: what a county hands to the hub, and its encryption keys from one to the next."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from adapters.settings import CountySettings
from pages import wording
from pages.wording import mark as _

Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]
_HERE: Final = Path("var/county")
console = Console()
key_app = typer.Typer(no_args_is_help=True, help="本县的加密密钥 / the county's encryption keys")


def card(
    folder: Folder = _HERE,
    out: Annotated[Path | None, typer.Option("--out", "-o")] = None,
    renews: Annotated[
        Path | None, typer.Option(help="放旧签名密钥的文件夹，换签名密钥时用 / folder of the signing key it replaces")
    ] = None,
) -> None:
    """生成本县登记卡，交给中枢登记 / make this county's card, to be enrolled at the hub. Nothing in it is secret."""
    from adapters.countyit.renewing import cards  # noqa: PLC0415
    from adapters.identity import Identity  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415
    from certs import files  # noqa: PLC0415

    settings = CountySettings.load(folder)
    text = cards.current(settings, Identity.load(settings), now=now(), renews=renews)
    if out is None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)  # a long line broken is no JSON
    else:
        files.write_atomically(out, text.encode())


@key_app.command("list")
def key_list(folder: Folder = _HERE) -> None:
    """列出本机的加密密钥 / the encryption keys that are here, the present one first."""
    from adapters import keyring  # noqa: PLC0415

    for path, thumbprint in keyring.held(CountySettings.load(folder).certificates).items():
        console.print(f"{thumbprint.hex()}  {path.name}", soft_wrap=True)  # one line each: it is copied into `burn`


@key_app.command("new")
def key_new(
    out: Annotated[Path, typer.Option("--out", "-o", help="证书申请 / the certificate request")],
    folder: Folder = _HERE,
) -> None:
    """生成下一把加密密钥和证书申请 / make the next encryption key and a request for the authority."""
    from adapters import keyring  # noqa: PLC0415
    from certs import files  # noqa: PLC0415

    settings = CountySettings.load(folder)
    files.write_atomically(out, keyring.begin(settings.certificates, settings.division_code))
    console.print(wording.say(_("申请已写入 {file}；请交给发证机构，再用 adapter key take 装入证书。"), file=str(out)))


@key_app.command("take")
def key_take(
    certificate: Annotated[Path, typer.Argument(help="新证书（PEM）/ the new certificate")], folder: Folder = _HERE
) -> None:
    """启用新密钥，旧密钥保留备用 / use the new key; the old one is kept for what still comes."""
    from adapters import keyring  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415
    from certs import keys  # noqa: PLC0415

    settings = CountySettings.load(folder)
    new = keys.load_certificates(certificate)[0]
    keyring.take(settings.certificates, new, settings.division_code, now())
    console.print(wording.say(_("新密钥已启用，运行中的县节点几秒内换用。请把新的登记卡（adapter card）交给中枢。")))


@key_app.command("burn")
def key_burn(
    thumbprint: Annotated[str, typer.Argument(help="指纹，至少 8 位 / thumbprint, 8 characters at least")],
    folder: Folder = _HERE,
) -> None:
    """销毁一把泄露的旧密钥 / destroy an old key that was stolen; what comes for it is asked for anew."""
    from adapters import keyring  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415

    keyring.burn(CountySettings.load(folder).certificates, thumbprint, now())
    console.print(wording.say(_("密钥已销毁，运行中的县节点几秒内放弃它。请发证机构吊销它的证书。")))
