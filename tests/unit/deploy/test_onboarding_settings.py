"""The afternoon of `make onboarding`: what it writes by hand is what a county's people would write, and is counted."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.countyit.describing.trying import try_samples
from adapters.settings import CountySettings
from deploy.onboarding.afternoon import Afternoon
from deploy.onboarding.dialects import DIALECTS
from tests.unit.adapters.describing.test_describing import run


@pytest.mark.parametrize("name", DIALECTS)
def test_a_folder_begun_and_filled_in_is_a_countys(tmp_path: Path, name: str) -> None:
    """From the old database: no 待填 is left, the offer, the desk and the printer stand there, the samples pass."""
    dialect, said = DIALECTS[name], list[str]()
    stage: Any = SimpleNamespace(world=SimpleNamespace(folder=tmp_path))
    county = Afternoon(stage=stage, dialect=dialect, folder=tmp_path / "county", desk_port=28091, say=said.append)
    url = dialect.make(tmp_path / "local")
    dialect.open_to_us(url)
    run("new", dialect.plan.code, "--source", url, "--out", county.folder)
    county.write_mapping()
    county.fill_in_settings(28092)
    settings = CountySettings.load(county.folder)
    assert (settings.division_code, settings.page_port, settings.local_read) == (dialect.plan.code, 28091, url)
    assert [each.service_item for each in settings.offers] == [dialect.plan.item]
    assert settings.station.printer_url == "ipp://localhost:28092/ipp/print"
    assert try_samples(county.folder).passed
    assert county.by_hand[0] == "mapping.toml"
    assert county.by_hand[-1] == "county.toml"
