"""The hub's own names are no passwords at the hub."""

from pathlib import Path

import pytest

from hub.people.opening import HubPeople
from hub.settings import HubSettings
from hub.store import open_store
from schemas.errors import YunhuobanError


def test_what_the_hub_is_called_is_no_password(tmp_path: Path, quick_passwords: None) -> None:
    """Its name as others know it, the host names of its pages and every part of them."""
    (tmp_path / "hub.toml").write_text('origin = "cangzhou"\n[web]\nnames = ["kuasheng.cangzhou.gov.cn"]\n')
    settings = HubSettings.load(tmp_path)
    store = open_store(settings.database)
    accounts = HubPeople.over(store, settings).accounts
    for password in ("Cangzhou-2026", "kuasheng@20261126", "kuasheng.cangzhou.gov.cn"):
        with pytest.raises(YunhuobanError, match="E-USER-005"):
            accounts.add("wang.sec", name="王某某", roles=["security"], password=password, by="desk")
    accounts.add("wang.sec", name="王某某", roles=["security"], password="Qing-he 2026 first", by="desk")
    store.close()
