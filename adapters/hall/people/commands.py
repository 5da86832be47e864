"""`adapter user` and `adapter organisation`: the county's accounts and units."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pages.people.terminal import PeopleCommands

if TYPE_CHECKING:
    from adapters.hall.people.opening import CountyPeople

_HERE: Final = Path("var/county")


@contextmanager
def _opened(folder: Path) -> Iterator["CountyPeople"]:
    from adapters.hall.people.opening import opened  # noqa: PLC0415 -- SQLAlchemy is loaded only where it is used

    with opened(folder) as people:
        yield people


_commands: Final = PeopleCommands(_opened, here=_HERE, variable="YHB_COUNTY_FOLDER", of_units=True)
user = _commands.user()
organisation = _commands.organisation()
