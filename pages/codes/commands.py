"""`hub codes` and `adapter codes`: what a code means, for whoever read it in a receipt, on a page or in a log."""

from typing import Annotated

import typer

from pages.terminal import show_codes


def codes(
    words: Annotated[
        str, typer.Argument(help="代码或其一部分，不写则列出全部 / a code or part of it; all without")
    ] = "",
) -> None:
    """查代码：含义、怎么办、出处 / look up a code: what it means, what to do, where it is raised."""
    show_codes(words)
