"""`adapter user` and `adapter organisation`, as county IT types them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.cli import app
from schemas.errors import YunhuobanError
from tests.people_world import PASSWORD


@pytest.fixture
def folder(tmp_path: Path, quick_passwords: None) -> Path:
    """A county's folder, before it has joined."""
    (tmp_path / "county.toml").write_text(
        'division_code = "130928"\nname = "吴桥县"\nlocal_read = "x"\nlocal_write = "x"\n'
        '[authority]\nname = "局"\ncode = "11130928MB00000005"\n',
        encoding="utf-8",
    )
    (tmp_path / "secret").write_text(f"{PASSWORD}\n", encoding="utf-8")
    return tmp_path


def run(folder: Path, *words: str, typed: str = "") -> Result:
    """Type a command."""
    return CliRunner().invoke(app, [*words, "-d", str(folder)], input=typed)


def test_an_account_from_its_first_to_its_last_day(folder: Path) -> None:
    """Unit, account, roles, password, lock and leave; the table says where it stands, in Chinese."""
    assert run(folder, "organisation", "add", "town-3", "--kind", "town", "--name", "铁城镇").exit_code == 0
    assert (
        run(
            folder, "organisation", "add", "v-7", "--kind", "village", "--name", "范屯村", "--parent", "town-3"
        ).exit_code
        == 0
    )
    given = ("--name", "张三", "-r", "窗口人员", "--unit", "v-7")
    made = run(folder, "user", "add", "zhang.san", *given, typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    assert PASSWORD not in made.output
    shown = run(folder, "user", "list").output
    assert [
        each for each in ("zhang.san", "张三", "窗口人员", "范屯村 v-7", "在用", "未绑定") if each not in shown
    ] == []
    file = ("--password-file", str(folder / "secret"))
    for words in (
        ("roles", "zhang.san", "-r", "approver", "-r", "clerk"),
        ("password", "zhang.san", *file),
        ("reset-second-factor", "zhang.san"),
        ("move", "zhang.san", "-"),
        ("lock", "zhang.san"),
    ):
        assert run(folder, "user", *words).exit_code == 0, words
    assert "已锁定" in run(folder, "user", "list").output
    assert run(folder, "user", "unlock", "zhang.san").exit_code == 0
    assert run(folder, "user", "leave", "zhang.san").exit_code == 0
    assert "已离岗" in run(folder, "user", "list").output
    assert run(folder, "organisation", "move", "v-7", "--parent", "-").exit_code == 0
    assert "　范屯村" not in run(folder, "organisation", "list").output


@pytest.mark.parametrize(
    ("words", "typed", "code"),
    [
        (("user", "add", "a.b", "--name", "张三", "-r", "clerk"), f"{PASSWORD}\nanother\n", "E-PAGE-065"),
        (("user", "add", "a.b", "--name", "张三", "-r", "clerk", "--password-file", "nowhere"), "", "E-USER-013"),
        (("user", "add", "a.b", "--name", "张三", "-r", "clerk", "--password-file", "/dev/null"), "", "E-USER-013"),
        (("user", "lock", "nobody"), "", "E-USER-003"),
        (("organisation", "move", "nowhere", "--parent", "-"), "", "E-USER-009"),
    ],
)
def test_what_is_wrong_is_told(folder: Path, words: tuple[str, ...], typed: str, code: str) -> None:
    """Two passwords that differ, a file that is not there or empty, names that nobody has."""
    with pytest.raises(YunhuobanError, match=code):
        raise run(folder, *words, typed=typed).exception or AssertionError(words)
