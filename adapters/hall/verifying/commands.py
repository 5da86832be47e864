"""`adapter verify FILE.pdf`: whether a license file is good, without a network; exit 1 when not, 2 for no file."""

from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.text import Text

from pages import labels, wording
from pages.wording import mark as _

_NO_FILE: Final = 2


def verify(
    file: Annotated[Path, typer.Argument(help="证照文件 / the license file", metavar="FILE.pdf")],
    folder: Annotated[
        Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
    ] = Path("var/county"),
    anchors: Annotated[
        Path | None,
        typer.Option(
            help="放印章根证书（.pem）和吊销列表（.crl）的文件夹 / folder of seal roots and lists", metavar="DIR"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="供程序读取 / for programs")] = False,
) -> None:
    """离线核验证照文件；有问题以 1 退出，无此文件以 2 退出 / check a license file offline; exit 1 bad, 2 no file."""
    if not file.is_file():
        for language in wording.LANGUAGES:
            said = wording.say(_("没有这个文件：{file}。"), language, file=file.name)
            Console(stderr=True, highlight=False).print(said, markup=False)
        raise typer.Exit(_NO_FILE)
    checked = _checked(file, folder, anchors)
    if as_json:
        typer.echo(checked.to_json())
    else:
        _show(checked)
    if not checked.good:
        raise typer.Exit(1)


def _checked(file: Path, folder: Path, anchors: Path | None) -> Any:
    """With the county's store where there is one; with the folder of anchors alone where there is none."""
    from adapters.hall.verifying import checking, holding  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415 -- all of this is loaded only where a file is checked

    moment = now()
    with file.open("rb") as opened:
        if not (folder / "county.toml").exists():
            return checking.check(opened, holding.of_folder(anchors or folder, trial=None, now=moment), _knows_nothing)
        from adapters.directory.directories import CurrentDirectory  # noqa: PLC0415
        from adapters.identity import Identity  # noqa: PLC0415
        from adapters.settings import CountySettings  # noqa: PLC0415
        from adapters.store import exists, open_store  # noqa: PLC0415

        settings = CountySettings.load(folder)
        if not exists(settings.database):  # not joined, or never run: looking must not make a store
            roots = holding.of_folder(anchors or settings.certificates, trial=settings.trial, now=moment)
            return checking.check(opened, roots, _knows_nothing)
        identity = Identity.load(settings)
        with closing(open_store(settings.database)) as store:
            directory = CurrentDirectory(identity, trial=settings.trial)
            verifier, ask = holding.of_county(store, identity, directory, trial=settings.trial, now=moment)
            if anchors is not None:
                verifier = holding.instead(verifier, holding.of_folder(anchors, trial=settings.trial, now=moment))
            return checking.check(opened, verifier, ask)


def _knows_nothing(_identifier: str) -> None:
    """There is no store to ask."""


def _show(checked: Any) -> None:
    """Chinese first: the verdict, what to do, the two lines, whose license it says it is, then every check."""
    from adapters.hall.verifying import words  # noqa: PLC0415

    out = Console(highlight=False, soft_wrap=True)
    tone = "bold green" if checked.good else "bold red"
    for language in wording.LANGUAGES:
        opening = wording.say(words.OPENING[checked.good], language)
        out.print(Text.assemble((f"{opening}  ", tone), words.sentence(checked, language)))
        out.print(Text.assemble("  ", words.remedy(checked, language), (f"  {checked.verdict.code}", "dim")))
        for at in range(1, len(checked.findings)):
            said = words.sentence(checked, language, at)
            out.print(Text.assemble("  + ", said, (f"  {checked.findings[at].code}", "dim")))
        out.print(Text.assemble((wording.say(_("盖章："), language), "bold"), words.sealed(checked, language)))
        out.print(Text.assemble((wording.say(_("现在："), language), "bold"), words.state_now(checked, language)))
        out.print()
    seen = checked.examination
    if seen.identifier:
        for label, value in (
            (_("文件所称的电子证照标识"), seen.identifier),
            (_("文件所称的发证机关"), f"{seen.issuing_authority} {seen.issuing_authority_code}"),
        ):
            out.print(Text(f"{wording.say(label)} / {wording.say(label, 'en')}: {words.claimed(value)}"))
    for line in checked.lines:
        shown = labels.CHECK_STATES[line.standing]
        both = " / ".join(wording.say(shown.text, language) for language in wording.LANGUAGES)
        out.print(Text.assemble(f"{shown.icon} {both}  {wording.say(line.sentence)}", (f"  {line.detail}", "dim")))
