"""`hub`: the commands of the people who run the hub. Chinese first, English beside it."""

import sys
from typing import ClassVar

import typer

from pages import collecting
from pages.lazygroup import LazyGroup
from pages.terminal import show_error
from schemas.errors import YunhuobanError


class HubCommands(LazyGroup):
    """Where each command stands; `hub run` starts in half the time when it is not followed by all the others."""

    places: ClassVar = {
        "up": "hub.commands.running:up",
        "run": "hub.commands.running:run",
        "unit": "hub.commands.service:unit",
        "web": "hub.commands.running:web",
        "page": "hub.commands.running:page",
        "joining": "hub.commands.running:joining",
        "scanning": "hub.commands.running:scanning",
        "trace": "hub.commands.evidence:trace",
        "status": "hub.commands.evidence:status",
        "doctor": "hub.commands.doctor:doctor",
        "proof": "hub.commands.evidence:proof",
        "verify": "hub.commands.evidence:verify",
        "journal": "hub.commands.evidence:journal",
        "codes": "pages.codes.commands:codes",
        "explain": "hub.commands.explaining:explain",
        "broker": "hub.commands.running:broker_app",
        "backup": "hub.commands.backups:app",
        "restore": "hub.commands.backups:restore_app",
        "county": "hub.commands.counties:app",
        "calendar": "hub.commands.calendars:app",
        "catalogue": "hub.commands.catalogue:app",
        "alerts": "hub.commands.alerts:app",
        "dead": "hub.commands.dead:app",
        "user": "hub.commands.people:app",
        "record": "hub.commands.record:app",
        "announce": "hub.commands.announcing:announce",
        "renew": "hub.commands.renewing:app",
        "supervision": "hub.commands.supervision:app",
        "report": "hub.commands.reports:report",
        "review": "hub.commands.reviews:app",
        "contract": "hub.commands.contract:app",
    }


app = typer.Typer(cls=HubCommands, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback(help="云伙伴中枢 / the Yunhuoban hub")
def hub() -> None:
    """Nothing of its own: every command stands for itself."""


def main() -> None:
    """Run a command; an error is one sentence in each language and what to do about it."""
    collecting.seldom()
    try:
        app()
    except YunhuobanError as error:
        show_error(error)
        sys.exit(1)
