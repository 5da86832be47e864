"""`adapter join`: ask to join with the invitation code, then read the hub's answer in."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from adapters.settings import CountySettings
from pages import wording
from pages.wording import mark as _

console = Console()
_HERE: Final = Path("var/county")
_STATES: Final = {
    "requested": _("已生成申请，等待中枢答复。"),
    "approved": _("中枢已批准，证书已装好；把登记卡交给中枢后生效。"),
    "refused": _("中枢退回了申请，理由：{reason}"),
}
Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]


def attach(app: typer.Typer) -> None:
    """Give the command to `adapter`."""
    app.command()(join)


def join(
    code: Annotated[str, typer.Argument(help="邀请码；不写则显示现状 / the code; the state without")] = "",
    fingerprint: Annotated[str, typer.Option(help="邀请中的中枢指纹 / the hub's fingerprint")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="写到哪个文件 / where the request or the card goes")
    ] = None,
    answer: Annotated[Path | None, typer.Option(help="中枢的答复文件 / the hub's answer")] = None,
    folder: Folder = _HERE,
) -> None:
    """凭邀请码加入：先写申请，再读答复 / join by invitation: write the request, then read the answer in."""
    settings = CountySettings.load(folder)
    if answer is not None:
        _accept(settings, answer, out or folder / "card.json")
    elif code:
        if not fingerprint:
            raise typer.BadParameter("--fingerprint")
        _ask(settings, code, fingerprint, out or folder / "request.json")
    else:
        _state(settings)


def _ask(settings: CountySettings, code: str, fingerprint: str, out: Path) -> None:
    from adapters.instants import now  # noqa: PLC0415 -- keys and certificates are loaded only where they are used
    from adapters.joining import asking  # noqa: PLC0415
    from certs import files  # noqa: PLC0415

    asked = asking.ask(settings, code=code, hub_fingerprint=fingerprint, now=now())
    files.write_atomically(out, asked.file)
    _say(_("申请已写入 {file}；请带给中枢。邀请码不在其中。"), file=out)
    _say(_("县密钥指纹（中枢打电话来时读给对方）：{fingerprint}"), fingerprint=asked.keys_fingerprint)


def _accept(settings: CountySettings, answer: Path, out: Path) -> None:
    from adapters.identity import Identity, card  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415
    from adapters.joining import accepting, hubsection  # noqa: PLC0415
    from certs import files  # noqa: PLC0415

    accepted = accepting.accept(settings, files.read(answer), now=now())
    section = hubsection.write(settings, accepted.answer)
    text = card(settings, Identity.load(settings), now=now(), challenge=accepted.challenge)
    files.write_atomically(out, text.encode())
    _say(_("答复无误，证书已装好。登记卡已写入 {file}；请带给中枢。"), file=out)
    if section:
        _say(_("county.toml 里的 [hub] 与答复不同，没有改动；请核对后改为："))
        console.print(section, soft_wrap=True, markup=False, highlight=False)


def _state(settings: CountySettings) -> None:
    from adapters.joining.memory import Joining  # noqa: PLC0415

    known = Joining.load(settings.certificates)
    _say(_STATES[known.state], reason=known.reason)
    _say(_("县密钥指纹（中枢打电话来时读给对方）：{fingerprint}"), fingerprint=known.keys_fingerprint)


def _say(text: str, **params: object) -> None:
    for language in wording.LANGUAGES:
        console.print(wording.say(text, language, **params), soft_wrap=True, markup=False, highlight=False)
