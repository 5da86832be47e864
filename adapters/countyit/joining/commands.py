"""`adapter join`: ask to join with the invitation, wait for the hub's people or carry files, and see how it stands."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from adapters.countyit.joining import telling
from adapters.settings import CountySettings
from pages import wording
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

LINE_FOR_ANOTHER: Final = declare(
    "E-JOIN-060", "这份邀请是给另一个县的。", "请核对 county.toml 的 division_code；代码没错的，请中枢重发本县的邀请。"
)
console = Console()
_HERE: Final = Path("var/county")
Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]


def join(
    code: Annotated[
        str, typer.Argument(help="邀请串或邀请码；不写则接着等，或显示现状 / the invitation; go on without")
    ] = "",
    fingerprint: Annotated[str, typer.Option(help="邀请中的中枢指纹 / the hub's fingerprint")] = "",
    hub: Annotated[str, typer.Option(help="加入页面 https://主机:端口 / the hub's joining page")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="写到哪个文件 / where the request or the card goes")
    ] = None,
    answer: Annotated[Path | None, typer.Option(help="中枢的答复文件 / the hub's answer")] = None,
    wait: Annotated[bool, typer.Option("--wait/--once", help="等到有结果，或只问一次 / wait, or ask once")] = True,
    folder: Folder = _HERE,
) -> None:
    """凭邀请加入：连得上的等到生效，连不上的写申请、读答复 / join by invitation, over the network or by files."""
    settings = CountySettings.load(folder)
    if answer is not None:
        _accept(settings, answer, out)
    elif code:
        _begin(settings, code, fingerprint, hub, out, wait=wait)
    else:
        _go_on(settings, hub, wait=wait)


def _begin(settings: CountySettings, typed: str, fingerprint: str, hub: str, out: Path | None, *, wait: bool) -> None:
    from adapters.countyit.joining import asking, memory  # noqa: PLC0415
    from adapters.countyit.joining.online import steps  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415 -- keys and certificates are loaded only where they are used
    from certs import files  # noqa: PLC0415
    from schemas.joining import codes  # noqa: PLC0415
    from schemas.joining.line import Line, is_line, read_address  # noqa: PLC0415

    if is_line(typed):
        line = Line.read(typed)
        if line.county != settings.division_code:
            raise YunhuobanError(LINE_FOR_ANOTHER, found=line.county, expected=settings.division_code)
        typed, fingerprint, hub = codes.write_code(line.secret), line.fingerprint, hub or line.address
    if not fingerprint:
        raise typer.BadParameter("--fingerprint")
    address = read_address(hub) if hub and out is None else ""
    if address and memory.begun(settings.certificates) and steps.is_from(settings, codes.read_code(typed)):
        _go_on(settings, hub, wait=wait)
        return
    asked = asking.ask(settings, code=typed, hub_fingerprint=fingerprint, now=now(), address=address)
    if not address:
        place = out or settings.folder / "request.json"
        files.write_atomically(place, asked.file)
        _say(_("申请已写入 {file}；请带给中枢。邀请码不在其中。"), file=place)
    _say(_("县密钥指纹（中枢打电话来时读给对方）：{fingerprint}"), fingerprint=asked.keys_fingerprint)
    if address and not telling.converse(settings, console, to_the_end=wait):
        raise typer.Exit(1)


def _accept(settings: CountySettings, answer: Path, out: Path | None) -> None:
    from adapters.countyit.joining import finishing  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415
    from certs import files  # noqa: PLC0415

    place = out or finishing.card_place(settings)
    finishing.finish(settings, files.read(answer), out=place, now=now())
    _say(_("答复无误，证书已装好。登记卡已写入 {file}；请带给中枢。"), file=place)
    telling.show_section(console, settings)


def _go_on(settings: CountySettings, hub: str, *, wait: bool) -> None:
    from dataclasses import replace  # noqa: PLC0415

    from adapters.countyit.joining.memory import Joining  # noqa: PLC0415
    from schemas.joining.line import read_address  # noqa: PLC0415

    known = Joining.load(settings.certificates)
    if hub:
        known = replace(known, address=read_address(hub))
        known.save(settings.certificates)
    _say(_("县密钥指纹（中枢打电话来时读给对方）：{fingerprint}"), fingerprint=known.keys_fingerprint)
    if known.address and known.state != "refused":
        # The page may be off for who has joined: then it is not waited for.
        if not telling.converse(settings, console, to_the_end=wait and known.state != "active"):
            raise typer.Exit(1)
    else:
        telling.show_state(console, known)


def _say(text: str, **params: object) -> None:
    for language in wording.LANGUAGES:
        console.print(wording.say(text, language, **params), soft_wrap=True, markup=False, highlight=False)
