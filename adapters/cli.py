"""`adapter`: the commands of a county's people. Chinese first, English beside it."""

import sys
from typing import ClassVar

import typer

from pages import collecting
from pages.lazygroup import LazyGroup
from pages.terminal import show_error
from schemas.errors import YunhuobanError


class CountyCommands(LazyGroup):
    """Where each command stands: a step of a script is not followed by all the others, nor is the node's own start."""

    places: ClassVar = {
        "up": "adapters.countyit.service.commands:up",
        "page": "adapters.countyit.service.commands:page",
        "card": "adapters.countyit.renewing.keycommands:card",
        "new": "adapters.countyit.describing.commands:new",
        "suggest": "adapters.countyit.describing.commands:suggest",
        "test": "adapters.countyit.conformance.commands:try_all",
        "items": "adapters.countyit.conformance.commands:items",
        "doctor": "adapters.countyit.doctor.commands:doctor",
        "firewall": "adapters.countyit.firewall.commands:firewall",
        "join": "adapters.countyit.joining.commands:join",
        "translate": "adapters.countyit.translating.commands:translate",
        "renew": "adapters.countyit.renewing.commands:renew",
        "unit": "adapters.countyit.service.commands:unit",
        "status": "adapters.countyit.status.commands:status",
        "record": "adapters.countyit.recording.commands:record_traffic",
        "replay": "adapters.countyit.recording.commands:replay_traffic",
        "verify": "adapters.hall.verifying.commands:verify",
        "subject": "adapters.hall.privacy.subject.commands:subject",
        "breach": "adapters.hall.privacy.subject.commands:breach",
        "codes": "pages.codes.commands:codes",
        "explain": "adapters.countyit.describing.asking:explain",
        "fork": "adapters.journal.commands:fork",
        "page-certificate": "adapters.hall.hallpage.commands:app",
        "printer": "adapters.hall.printers.commands:printer_app",
        "user": "adapters.hall.people.commands:user",
        "organisation": "adapters.hall.people.commands:organisation",
        "template": "adapters.licenses.previewing.commands:template_app",
        "stock": "adapters.hall.stock.commands:app",
        "review": "adapters.hall.reviewing.commands:app",
        "retention": "adapters.hall.privacy.retaining.commands:app",
        "key": "adapters.countyit.renewing.keycommands:key_app",
    }


app = typer.Typer(cls=CountyCommands, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback(help="云伙伴县节点 / a county's node")
def county() -> None:
    """Nothing of its own: every command stands for itself."""


def main() -> None:
    """Run a command; an error is one sentence in each language and what to do about it."""
    collecting.seldom()
    try:
        app()
    except YunhuobanError as error:
        show_error(error)
        sys.exit(1)
