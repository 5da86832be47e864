"""The three dialects that a county's own system may speak, each with the example county that speaks it.

Sources and what was invented: the README of each county's folder. The county node's mapping is written by hand by
county IT; whoever plays the afternoon takes the example county's files for it. As a command it makes the database of
one of them: `python -m deploy.onboarding.dialects zhejiang var/anji_330523`.
"""

import argparse
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from deploy.demo.world import COUNTIES_FOLDER, CountyPlan
from deploy.onboarding.epoint import EpointHall
from deploy.onboarding.hall import Hall, load
from deploy.onboarding.national import NationalHall
from deploy.onboarding.zhejiang import ZhejiangHall

_DATABASE: Final = "hall.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One dialect and its county."""

    name: str
    plan: CountyPlan
    """A real division with invented people: code, name, folder, authority, item."""
    hall: type[Hall]
    views: bool = False
    """Whether county IT makes views in its own database before the county node can read it."""

    @property
    def folder(self) -> Path:
        """The example county's folder."""
        return COUNTIES_FOLDER / self.plan.folder_name

    @property
    def by_hand(self) -> tuple[Path, ...]:
        """What county IT writes by hand, relative to the example county's folder; views are for its own database."""
        names = ("mapping.toml", "overrides.py", "samples/records.json", "samples/expected.json", "views.sql")
        return tuple(Path(name) for name in names if (self.folder / name).exists())

    def write_by_hand(self, county: Path) -> None:
        """Put that into a county's folder, over what `adapter new` began it with."""
        for each in self.by_hand:
            (county / each.parent).mkdir(parents=True, exist_ok=True)
            shutil.copy(self.folder / each, county / each)

    def make(self, folder: Path) -> str:
        """Make the county's database in a folder, as it was before the county node; returns its URL."""
        folder.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{folder / _DATABASE}"
        self.fill(url)
        return url

    def fill(self, url: str) -> None:
        """The same in an empty database that is there."""
        load(url, self.folder / "local.sql")

    def open_to_us(self, url: str) -> None:
        """What county IT does in its own database: the views of `views.sql`, in the dialect that needs them."""
        if self.views:
            load(url, self.folder / "views.sql")


DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {
        "national": Dialect(
            name="national",
            plan=CountyPlan(
                code="410225",
                name="兰考县",
                folder_name="lankao_410225",
                authority_name="兰考县行政审批局（演示）",
                authority_code="11410225MB0000000H",
                item="11410225MB0000000H4000131127004",
                telephone="0371-0000000",
            ),
            hall=NationalHall,
        ),
        "zhejiang": Dialect(
            name="zhejiang",
            plan=CountyPlan(
                code="330523",
                name="安吉县",
                folder_name="anji_330523",
                authority_name="安吉县行政审批局（演示）",
                authority_code="11330523MB0000000M",
                item="11330523MB0000000M4000131127004",
                telephone="0572-0000000",
            ),
            hall=ZhejiangHall,
        ),
        "epoint": Dialect(
            name="epoint",
            plan=CountyPlan(
                code="320322",
                name="沛县",
                folder_name="peixian_320322",
                authority_name="沛县行政审批局（演示）",
                authority_code="11320322MB0000000Q",
                item="11320322MB0000000Q4000131127004",
                telephone="0516-0000000",
            ),
            hall=EpointHall,
            views=True,
        ),
    }
)


def main() -> None:
    """Make one county's database and print its URL."""
    parser = argparse.ArgumentParser(description="建样例县的本地数据库 / make an example county's database")
    parser.add_argument("dialect", choices=list(DIALECTS))
    parser.add_argument("folder", type=Path, help="新文件夹 / a new folder")
    given = parser.parse_args()
    if (given.folder / _DATABASE).exists():
        parser.error(f"{given.folder / _DATABASE} 已经有了 / is there already")
    dialect = DIALECTS[given.dialect]
    url = dialect.make(given.folder)
    dialect.open_to_us(url)
    print(url)


if __name__ == "__main__":
    main()
