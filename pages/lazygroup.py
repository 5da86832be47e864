"""A group of commands that imports each command's module when it is called for, and all of them only for the help.

Every worker of the hub and every step of a script is a process of its own; what it does not use it should not wait for.
Click describes the pattern under "Lazily Loading Subcommands".
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup


class LazyGroup(TyperGroup):
    """Subclass it with `places`, and give the subclass to `typer.Typer` as `cls`, with a callback of its own."""

    places: ClassVar[Mapping[str, str]] = {}
    """By the command's name where it stands, `package.module:attribute`: a function, or a `typer.Typer` of its own."""

    def __init__(self, **given: Any) -> None:
        """Know the names; nothing is imported."""
        super().__init__(**given | {"commands": dict.fromkeys(self.places)})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name, loaded at the first question; None when there is none."""
        if cmd_name in self.places and self.commands.get(cmd_name) is None:
            self.commands[cmd_name] = _load(cmd_name, self.places[cmd_name])
        return super().get_command(ctx, cmd_name)


def _load(name: str, place: str) -> Any:
    module, _, attribute = place.partition(":")
    found = getattr(import_module(module), attribute)
    holder = typer.Typer(add_completion=False)
    holder.callback()(lambda: None)  # a holder of one command without it would be that command
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=name)
    else:
        holder.command(name)(found)
    return typer.main.get_group(holder).commands[name]
