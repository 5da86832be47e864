"""`adapter explain`: what a code, a canonical field or a message type means."""

from typing import Annotated

import typer
from rich.console import Console

from pages import wording
from pages.terminal import show_explanation

console = Console()


def explain(
    words: Annotated[
        str, typer.Argument(help="代码、标准字段或报文 / a code, a canonical field or a message type", metavar="CODE")
    ],
) -> None:
    """解释一个代码；或一个标准字段怎样填、一种报文有哪些字段 / explain a code, a canonical field, a message type."""
    from adapters.countyit.describing import fields  # noqa: PLC0415 -- the schemas are loaded only where they are asked

    found = fields.named(words)
    if not found:
        show_explanation(words)
        return
    for language in wording.LANGUAGES:
        for line in fields.said(found, language):
            console.print(line, soft_wrap=True, markup=False, highlight=False)
