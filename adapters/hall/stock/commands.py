"""`adapter stock`: the book of blank stock in the terminal, for halls without the pages open and for county IT."""

import typer

from adapters.hall.stock.terminal import acting, showing

app = typer.Typer(no_args_is_help=True, help="空白证照：入库到销毁 / blank stock, from the box to its end")
acting.attach(app)
showing.attach(app)
