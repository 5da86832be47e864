"""`adapter subject` and `adapter retention`: what they say, and what they never say."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.cli import app
from adapters.countyit.status.commands import NEVER_RAN
from adapters.hall.privacy.retaining.keeper import Keeper
from adapters.hall.privacy.retaining.rules import rules_of
from adapters.hall.revealing.book import looks
from adapters.settings import RetentionSettings
from schemas.errors import YunhuobanError
from tests.county_records import IDENTITY_NO, NAME
from tests.county_world import WINDOW, World
from tests.privacy_world import AUDITOR, IT, begin, exports_of


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    """The window's folder, as the commands find it."""
    place = tmp_path / "county"
    place.mkdir()
    (place / "certs").symlink_to(world.network.folder / WINDOW / "certs")
    (place / "county.toml").write_text(
        f'division_code = "{WINDOW}"\nname = "吴桥县"\nlocal_read = ""\nlocal_write = ""\n'
        '[retention]\nmessages_days = 31\n[authority]\nname = "局"\ncode = "11130928MB00000005"\n',
        encoding="utf-8",
    )
    begin(world)
    return place


def run(*words: str, typed: str = "") -> str:
    """A command; what it raises is raised."""
    done = CliRunner().invoke(app, list(words), input=typed)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def stored(world: World, folder: Path) -> None:
    """The store, where the folder has it."""
    world.window.store.clear_deleted()
    shutil.copy(world.folder / f"{WINDOW}.sqlite", folder / "county.sqlite")


def test_a_search_in_the_terminal_is_masked_and_written_down(world: World, folder: Path, tmp_path: Path) -> None:
    """The number comes from a prompt that shows nothing, or a file; never as an argument, never in what is said."""
    with pytest.raises(YunhuobanError, match=NEVER_RAN.code):
        run("subject", "--purpose", "subject", "-d", str(folder))
    stored(world, folder)
    said = run("subject", "--purpose", "subject", "-d", str(folder), typed=f"{IDENTITY_NO}\n")
    assert "130928********4511" in said
    assert "license.issued" in said
    assert [word for word in (IDENTITY_NO, NAME) if word in said] == []
    (tmp_path / "number").write_text(f"{IDENTITY_NO}\n", encoding="utf-8")
    by_file = "subject", "--purpose", "audit", "--number-file", str(tmp_path / "number"), "-d", str(folder)
    assert "os:" in run(*by_file)
    (tmp_path / "number").write_text("", encoding="utf-8")
    with pytest.raises(YunhuobanError, match="E-SUBJ-002"):
        run(*by_file)
    with world.window.store.read() as tx:
        assert [each.account for each in looks(tx)] == ["li"]  # of the copy the search was


def test_periods_and_the_chain_are_shown(world: World, folder: Path) -> None:
    """Each rule with its period and what was erased by it; the chain with its last hash, which `--holds` finds."""
    stored(world, folder)
    assert "还没有清除过" in run("retention", "prove", "-d", str(folder))
    keeper = Keeper(world.window.store, rules_of(RetentionSettings()), lambda: world.now + timedelta(days=40))
    while keeper.run_once():
        pass
    stored(world, folder)
    shown = run("retention", "show", "-d", str(folder))
    assert all(word in shown for word in ("messages", "31", "1095", "looks"))
    proven = run("retention", "prove", "-d", str(folder))
    head = proven.strip().rpartition("：")[2].strip() if "：" in proven else proven.split()[-1]
    assert len(head) == 64
    assert head in run("retention", "prove", "--holds", head, "-d", str(folder))
    with pytest.raises(YunhuobanError, match="E-KEEP-003"):
        run("retention", "prove", "--holds", "0" * 64, "-d", str(folder))


def test_whom_a_misused_account_concerns(world: World, folder: Path) -> None:
    """One command: the cases it looked at with the persons in them, masked, and the files it took; nobody else's."""
    desk = exports_of(world)
    export = desk.ask(kind="looks", form="xlsx", purpose="audit", about="", person=IT)
    desk.approve(export, person=AUDITOR)
    desk.take(export, person=IT)
    stored(world, folder)
    day = (world.now - timedelta(days=1)).strftime("%Y-%m-%d")
    said = run("breach", "li", "--since", day, "-d", str(folder))
    assert all(word in said for word in ("130928********4511", "䶮**", "核验身份", world.case_no()))
    assert [word for word in (IDENTITY_NO, NAME, "EX-000001") if word in said] == []
    assert "EX-000001" in run("breach", "it01", "--since", day, "-d", str(folder))
    assert "4511" not in run("breach", "it01", "--since", day, "-d", str(folder))
    assert "4511" not in run("breach", "li", "--since", "2020-01-01", "--until", "2020-01-02", "-d", str(folder))
