"""`adapter user`, `hub user`, `adapter organisation`: the first account, and all that is done with accounts and units.

Whoever may read the folder may do this; the record names the operating system's account. A running process knows each
change at once, because all of it is in the store.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from pages import oslogin, wording
from pages.people.words import FACTORS, STATES, role_named, said_roles
from pages.terminal import show_table
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

if TYPE_CHECKING:
    from pages.people.keeping import People

NO_FILE: Final = declare(
    "E-USER-013",
    "密码文件读不出来，或者里面没有密码。",
    "请检查 --password-file 所指的文件：第一行是密码，只有您能读。",
)

Folder = Annotated[Path | None, typer.Option("--folder", "-d", help="数据文件夹 / the data folder")]
Account = Annotated[str, typer.Argument(help="账号名 / account name")]
Roles = Annotated[
    list[str],
    typer.Option("--role", "-r", help="角色，可多个 / role, several allowed; a wrong one lists them"),
]
PasswordFile = Annotated[
    Path | None, typer.Option(help="第一行是密码的文件 / file whose first line is the password, for scripts")
]
console: Final = Console(highlight=False)


class PeopleCommands:
    """The commands over the accounts of one side."""

    def __init__(
        self, opened: Callable[[Path], AbstractContextManager["People"]], *, here: Path, variable: str, of_units: bool
    ) -> None:
        """`opened` opens the accounts in a folder: as told, or as the environment's `variable` says, or `here`."""
        self._opened = opened
        self._here = here
        self._variable = variable
        self._of_units = of_units

    def user(self) -> typer.Typer:
        """`… user`."""
        app = typer.Typer(no_args_is_help=True, help="登录账号 / the accounts that sign in to the pages")
        add = self.add_to_unit if self._of_units else self.add
        app.command("add")(add)
        for command in (self.roles, self.password, self.lock, self.unlock, self.leave):
            app.command()(command)
        app.command("list")(self.list_users)
        app.command("reset-second-factor")(self.reset_second_factor)
        if self._of_units:
            app.command("move")(self.move_user)
        return app

    def organisation(self) -> typer.Typer:
        """`… organisation`."""
        app = typer.Typer(no_args_is_help=True, help="县以下的单位 / the units below the county")
        app.command("add")(self.add_unit)
        app.command("list")(self.list_units)
        app.command("move")(self.move_unit)
        return app

    def add(
        self,
        account: Account,
        name: Annotated[str, typer.Option(help="姓名 / the person's name")],
        role: Roles,
        password_file: PasswordFile = None,
        folder: Folder = None,
    ) -> None:
        """新建账号，密码只用于首次登录 / open an account; its password is for the first sign-in only."""
        self._add(account, name, role, password_file, folder)
        _say(_("账号 {account} 已建立。首次登录时绑定手机验证器，并改成自己的密码。"), account=account)

    def add_to_unit(
        self,
        account: Account,
        name: Annotated[str, typer.Option(help="姓名 / the person's name")],
        role: Roles,
        unit: Annotated[str, typer.Option(help="所属单位代码 / code of the unit")] = "",
        password_file: PasswordFile = None,
        folder: Folder = None,
    ) -> None:
        """新建账号，密码只用于首次登录 / open an account; its password is for the first sign-in only."""
        self._add(account, name, role, password_file, folder, unit)
        _say(_("账号 {account} 已建立。首次登录时绑定手机验证器，并改成自己的密码。"), account=account)

    def list_users(self, folder: Folder = None) -> None:
        """列出账号 / list the accounts."""
        heads = (_("账号"), _("姓名"), _("角色"), _("单位"), _("状态"), _("第二因素"))
        table = Table(*map(wording.say, heads))
        with self._people(folder) as people:
            units = people.organisation.names()
            for each in people.accounts.accounts():
                person = each.person
                unit = f"{units[person.unit]} {person.unit}" if person.unit else "—"
                state, factor = wording.say(STATES[each.state]), wording.say(FACTORS[each.enrolled])
                table.add_row(person.account, person.name, said_roles(person.roles), unit, state, factor)
        show_table(table)

    def roles(self, account: Account, role: Roles, folder: Folder = None) -> None:
        """换成这些角色，并退出该账号的登录 / give these roles instead; the account is signed out everywhere."""
        with self._people(folder) as people:
            people.accounts.set_roles(account, [role_named(each) for each in role], by=_who())
        _done(account)

    def password(self, account: Account, password_file: PasswordFile = None, folder: Folder = None) -> None:
        """重设密码，首次登录时再改 / give a new password, to be changed at the next sign-in."""
        with self._people(folder) as people:
            people.accounts.set_password(account, _typed(password_file), by=_who())
        _done(account)

    def lock(self, account: Account, folder: Folder = None) -> None:
        """锁定账号，立即退出 / lock an account; it is signed out at once."""
        with self._people(folder) as people:
            people.accounts.lock(account, by=_who())
        _done(account)

    def unlock(self, account: Account, folder: Folder = None) -> None:
        """解锁账号，失败次数清零 / unlock an account and forget its failures."""
        with self._people(folder) as people:
            people.accounts.unlock(account, by=_who())
        _done(account)

    def leave(self, account: Account, folder: Folder = None) -> None:
        """人员离岗，账号永久停用 / its person has left: the account is closed for ever, its name is kept."""
        with self._people(folder) as people:
            people.accounts.leave(account, by=_who())
        _done(account)

    def move_user(
        self,
        account: Account,
        unit: Annotated[str, typer.Argument(help="单位代码，- 表示县本级 / code of the unit; - for the county itself")],
        folder: Folder = None,
    ) -> None:
        """调整所属单位 / put an account into another unit."""
        with self._people(folder) as people:
            people.accounts.move(account, "" if unit == "-" else unit, by=_who())
        _done(account)

    def reset_second_factor(self, account: Account, folder: Folder = None) -> None:
        """手机丢失：重新绑定第二因素 / the telephone is lost: both factors are set up anew at the next sign-in."""
        with self._people(folder) as people:
            people.accounts.reset_second_factor(account, by=_who())
        _done(account)

    def add_unit(
        self,
        unit: Annotated[str, typer.Argument(help="单位代码 / code of the unit")],
        name: Annotated[str, typer.Option(help="名称 / name")],
        kind: Annotated[str, typer.Option(help="hall、town、village、helper、bank")],
        parent: Annotated[str, typer.Option(help="上级单位代码 / code of the unit above")] = "",
        folder: Folder = None,
    ) -> None:
        """增加单位：大厅、乡镇、村、帮办点、银行代办点 / add a hall, town, village, helper or bank."""
        with self._people(folder) as people:
            people.organisation.add(unit, kind=kind, name=name, by=_who(), parent=parent)
        _say(_("单位 {unit} 已增加。"), unit=unit)

    def list_units(self, folder: Folder = None) -> None:
        """列出单位 / list the units, each below the one above it."""
        from pages.people.organisation import KINDS  # noqa: PLC0415

        table = Table(*(wording.say(each) for each in (_("单位"), _("代码"), _("类别"))))
        with self._people(folder) as people:
            for each in people.organisation.units():
                table.add_row(f"{'　' * each.depth}{each.name}", each.unit, wording.say(KINDS[each.kind]))
        show_table(table)

    def move_unit(
        self,
        unit: Annotated[str, typer.Argument(help="单位代码 / code of the unit")],
        parent: Annotated[str, typer.Option(help="新的上级，- 表示县本级 / the unit above; - for the county itself")],
        folder: Folder = None,
    ) -> None:
        """把单位连同下级移到另一个上级之下 / put a unit, with all below it, under another."""
        with self._people(folder) as people:
            people.organisation.move(unit, parent="" if parent == "-" else parent, by=_who())
        _done(unit)

    def _add(
        self, account: str, name: str, role: list[str], file: Path | None, folder: Path | None, unit: str = ""
    ) -> None:
        with self._people(folder) as people:
            given = [role_named(each) for each in role]
            people.accounts.add(account, name=name, roles=given, password=_typed(file), by=_who(), unit=unit)

    @contextmanager
    def _people(self, folder: Path | None) -> Iterator["People"]:
        told = os.environ.get(self._variable, "")
        with self._opened(folder or (Path(told) if told else self._here)) as people:
            yield people


def _typed(file: Path | None) -> str:
    """A password from a file, or typed twice without being shown. Raises E-USER-013, E-PAGE-065."""
    if file is not None:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError) as error:
            raise YunhuobanError(NO_FILE, place=file.name, found=type(error).__name__) from error
        if not lines or not lines[0]:
            raise YunhuobanError(NO_FILE, place=file.name)
        return lines[0]
    from pages.people.signin import NOT_THE_SAME  # noqa: PLC0415

    first: str = typer.prompt("密码 / password", hide_input=True)
    if first != typer.prompt("再输一遍 / again", hide_input=True):
        raise YunhuobanError(NOT_THE_SAME, place="password")
    return first


def _who() -> str:
    return oslogin.account()[:32]


def _done(name: str) -> None:
    _say(_("已完成：{name}"), name=name)


def _say(text: str, **params: object) -> None:
    for language in wording.LANGUAGES:
        console.print(wording.say(text, language, **params), soft_wrap=True, markup=False)
