"""`adapter stock`: the book of blank stock in the terminal, for halls without the pages open and for county IT."""

import typer

from adapters.hall.stock.terminal import acting, showing


def attach(app: typer.Typer) -> None:
    """Give the commands to `adapter`."""
    stock = typer.Typer(no_args_is_help=True, help="空白证照：入库到销毁 / blank stock, from the box to its end")
    acting.attach(stock)
    showing.attach(stock)
    app.add_typer(stock, name="stock")
