"""`hub trace|status|proof|verify|journal`: look at a case, at the hub, and prove what happened."""

from pathlib import Path
from typing import Annotated

import typer

from certs import files, keys
from hub import bootstrap
from hub.commands.shared import HERE, Folder, console, opened
from hub.evidence import journalcheck
from hub.evidence import proof as proving
from hub.evidence import verify as verifying
from hub.evidence.forkverify import verify_fork
from hub.history import witnessing
from hub.instants import now
from hub.registry import calendars
from hub.views import status as standing
from hub.views import trace as tracing
from pages import wording
from pages.wording import mark as _
from schemas.forkfile import is_fork_file


def trace(case_no: str, folder: Folder = HERE) -> None:
    """一件办件的全程 / the whole ladder of one case, with the seconds between rungs."""
    with opened(folder) as hub, hub.store.read() as tx:
        found = tracing.trace(tx, case_no, calendar=calendars.calendar(tx), now=now())
        console.print(tracing.render(found))


def status(folder: Folder = HERE) -> None:
    """中枢现状 / how the hub stands."""
    with opened(folder) as hub, bootstrap.management(hub.settings) as management, hub.store.read() as tx:
        console.print(standing.render(standing.status(tx, management, settings=hub.settings, now=now())))


def proof(
    case_no: str,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="存为文件 / write to this file")] = None,
    trust_out: Annotated[
        Path | None,
        typer.Option(help="另存信任文件，须经别的途径交付 / the trust file, to be handed over by another way"),
    ] = None,
    folder: Folder = HERE,
) -> None:
    """一件办件的存证文件 / one file that proves what happened in a case."""
    with opened(folder) as hub, hub.store.read() as tx:
        target = out or Path(f"{case_no}.proof.json")
        target.parent.mkdir(parents=True, exist_ok=True)
        files.write_atomically(target, proving.make_proof(tx, case_no, keys=hub.keys))
        if trust_out is not None:
            witnesses = [keys.certificate_from_der(der) for der in witnessing.certificates(tx)]
            verifying.write_trust(trust_out, keys=hub.keys, trial=hub.settings.trial, witnesses=witnesses)
    console.print(str(target))


def verify(file: Path, trust: Annotated[Path, typer.Option("--trust", help="信任文件 / the trust file")]) -> None:
    """不联网核验存证文件或分叉证据 / verify a proof or a fork's evidence offline; exit 1 when it proves nothing."""
    data, trusted = files.read(file), verifying.parse_trust(files.read(trust))
    fork = is_fork_file(data)
    found = verify_fork(data, trusted) if fork else verifying.verify_proof(data, trusted)
    console.print(verifying.render(found, fork=fork))
    if not found.good:
        raise typer.Exit(1)


def journal(folder: Folder = HERE) -> None:
    """通查存证账本 / check the whole journal; exit 1 when anything is not in order."""
    with opened(folder) as hub, hub.store.read() as tx:
        findings = list(journalcheck.check_journal(tx, keys=hub.keys, trial=hub.settings.trial))
    for finding in findings:
        console.print(str(finding))
    if findings:
        raise typer.Exit(1)
    console.print(wording.say(_("存证账本完整。")), "/ the journal is whole.")
