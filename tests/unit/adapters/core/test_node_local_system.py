"""A node that is run over a local system that does not fit its mapping: it runs, and its people are told."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.node import Node
from adapters.settings import CountySettings
from adapters.store import tables
from deploy.demo.wuqiao_register import TABLES
from tests.awaiting import until
from tests.brokers import free_port
from tests.county_world import WINDOW, Network

COUNTIES = Path(__file__).parents[4] / "adapters" / "counties"


@pytest.mark.long
def test_it_is_told_before_the_first_record_meets_it(county_network: Network, tmp_path: Path) -> None:
    """E-SRC-023 is among the troubles as soon as the node runs, though nothing was written yet: no stop."""
    folder = tmp_path / "node"
    shutil.copytree(county_network.folder / WINDOW / "certs", folder / "certs")
    with closing(sqlite3.connect(tmp_path / "hall.sqlite")) as hall:
        hall.executescript(TABLES)
        hall.execute("ALTER TABLE up_pro_result RENAME COLUMN row_guid TO guid")
    (folder / "county.toml").write_text(
        f'division_code = "{WINDOW}"\nname = "吴桥县"\nmapping = "{COUNTIES / "wuqiao_130928"}"\n'
        f'local_read = "sqlite:///{tmp_path}/hall.sqlite"\nlocal_write = "sqlite:///{tmp_path}/hall.sqlite"\n'
        f'page_port = {free_port()}\n[hub]\nurls = ["127.0.0.1:{free_port()}"]\n'
        '[authority]\nname = "局"\ncode = "11130928MB00000005"\n',
        encoding="utf-8",
    )
    node = Node(CountySettings.load(folder))
    node.start()
    try:

        def told() -> bool:
            with node.store.read() as tx:
                return "E-SRC-023" in tx.execute(select(tables.troubles.c.code)).scalars()

        until(told)
    finally:
        node.stop()
