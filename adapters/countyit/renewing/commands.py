"""`adapter renew`: where the renewal of this county's certificates stands, and its steps by hand."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from adapters.settings import CountySettings
from pages import frame, wording
from pages.wording import mark as _

console = Console()
_HERE: Final = Path("var/county")
_STAGES: Final = {
    "resting": _("证书都还早，到时自动申请续期。"),
    "due": _("该续期了：县节点运行时会自动写出申请；也可用 adapter renew --now。"),
    "asked": _("申请已写入 {request}；请送发证机构，把答复放到 {answer}。"),
    "answered": _("新证书已装好。请把 {card} 交给中枢登记；目录更新后自动换用。"),
}
_UNPOSTED: Final = _("最近一次没有交成中枢的加入页面（{code}），县节点会再试；急的可以带文件。")
Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]


def renew(
    now_: Annotated[bool, typer.Option("--now", help="不等到期限，现在就申请 / ask now, before it is time")] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="丢弃未答复的申请，换新密钥重新申请 / give the request up, with its keys")
    ] = False,
    answer: Annotated[Path | None, typer.Option(help="发证机构的答复文件 / the authority's answer")] = None,
    folder: Folder = _HERE,
) -> None:
    """证书续期：现状、申请、装入答复 / renewal: where it stands, ask, take the answer in."""
    from adapters.countyit.renewing import nextkeys, request  # noqa: PLC0415
    from adapters.countyit.renewing.renewer import Renewer, Stage, standing  # noqa: PLC0415
    from adapters.identity import Identity  # noqa: PLC0415 -- keys and store are loaded only where they are used
    from adapters.instants import now  # noqa: PLC0415
    from adapters.store import open_store  # noqa: PLC0415
    from certs import files  # noqa: PLC0415

    settings = CountySettings.load(folder)
    nextkeys.settle(settings.certificates)
    identity = Identity.load(settings)
    stage = standing(settings, now()).stage
    if anew and stage is Stage.ASKED:
        nextkeys.forget(settings.certificates)
    if stage is Stage.DUE or ((now_ or anew) and stage is not Stage.ANSWERED):
        request.ask(settings, identity, now())
    if answer is not None:
        settings.renewal.mkdir(exist_ok=True)
        files.write_atomically(settings.renewal / request.ANSWER, files.read(answer))
        store = open_store(settings.database)
        try:
            Renewer(settings=settings, identity=identity, store=store, clock=now).run_once(None)
        finally:
            store.close()
    _show(settings)


def _show(settings: CountySettings) -> None:
    from adapters.countyit.renewing.looking import progress  # noqa: PLC0415
    from adapters.countyit.renewing.progress import WORDS, Next  # noqa: PLC0415
    from adapters.countyit.renewing.renewer import standing  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415

    found, at = standing(settings, now()), now()
    table = Table("证书 certificate", "到期 ends", "还有 days left", "申请续期 asks from")
    for name, each in found.spans.items():
        days = f"[red]{each.days_left(at)}[/]" if each.warns(at) else str(each.days_left(at))
        table.add_row(name, f"{each.ends_at:%Y-%m-%d}", days, f"{each.renew_at:%Y-%m-%d}")
    console.print(table)
    places: dict[str, object] = {name: settings.renewal / f"{name}.json" for name in ("request", "answer", "card")}
    going = progress(settings, at)
    said = _STAGES[found.stage]
    if going is not None and going.next in {Next.AUTHORITY, Next.DIRECTORY}:  # nothing is to be carried
        said, places = WORDS[going.next], {"since": frame.moment(going.since)}
    _say(said, **places)
    if going is not None and going.trouble:
        _say(_UNPOSTED, code=going.trouble)


def _say(text: str, **params: object) -> None:
    for language in wording.LANGUAGES:
        console.print(wording.say(text, language, **params), soft_wrap=True, markup=False, highlight=False)
