"""`hub explain`: what a code means to its three readers."""

from typing import Annotated

import typer

from pages.terminal import show_explanation


def explain(
    code: Annotated[str, typer.Argument(help="代码 / the code")],
) -> None:
    """解释一个代码：窗口人员看到什么、信息中心看到什么、日志留下什么 / explain a code for its three readers."""
    show_explanation(code)
