"""`adapter user` and `adapter organisation`: the first account, and everything county IT does with accounts and units.

Whoever may read the county's folder may do this; the record names the operating system's account. A running node knows
each change at once, because all of it is in the store.
"""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from adapters.settings import CountySettings
from pages import wording
from pages.people.words import FACTORS, SPOKEN, STATES, role_named, said_roles
from pages.terminal import show_table
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

if TYPE_CHECKING:
    from adapters.hall.people.opening import CountyPeople

NO_FILE: Final = declare(
    "E-USER-013",
    "密码文件读不出来，或者里面没有密码。",
    "请检查 --password-file 所指的文件：第一行是密码，只有您能读。",
)

Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]
Account = Annotated[str, typer.Argument(help="账号名 / account name")]
Roles = Annotated[
    list[str], typer.Option("--role", "-r", help=f"角色，可多个 / role, several allowed: {', '.join(SPOKEN)}")
]
PasswordFile = Annotated[
    Path | None, typer.Option(help="第一行是密码的文件 / file whose first line is the password, for scripts")
]
_HERE: Final = Path("var/county")
console = Console(highlight=False)


def attach(app: typer.Typer) -> None:
    """Give the commands to `adapter`."""
    user = typer.Typer(no_args_is_help=True, help="登录账号 / the accounts that sign in to the county's pages")
    for command in (add, roles, password, lock, unlock, leave):
        user.command()(command)
    user.command("list")(list_users)
    user.command("move")(move_user)
    user.command("reset-second-factor")(reset_second_factor)
    app.add_typer(user, name="user")
    organisation = typer.Typer(no_args_is_help=True, help="县以下的单位 / the units below the county")
    organisation.command("add")(add_unit)
    organisation.command("list")(list_units)
    organisation.command("move")(move_unit)
    app.add_typer(organisation, name="organisation")


def add(
    account: Account,
    name: Annotated[str, typer.Option(help="姓名 / the person's name")],
    role: Roles,
    unit: Annotated[str, typer.Option(help="所属单位代码 / code of the unit")] = "",
    password_file: PasswordFile = None,
    folder: Folder = _HERE,
) -> None:
    """新建账号，密码只用于首次登录 / open an account; its password is for the first sign-in only."""
    with _people(folder) as people:
        given = [role_named(each) for each in role]
        people.accounts.add(account, name=name, roles=given, password=_typed(password_file), by=_who(), unit=unit)
    _say(_("账号 {account} 已建立。首次登录时绑定手机验证器，并改成自己的密码。"), account=account)


def list_users(folder: Folder = _HERE) -> None:
    """列出账号 / list the accounts."""
    heads = (_("账号"), _("姓名"), _("角色"), _("单位"), _("状态"), _("第二因素"))
    table = Table(*map(wording.say, heads))
    with _people(folder) as people:
        units = people.organisation.names()
        for each in people.accounts.accounts():
            person = each.person
            unit = f"{units[person.unit]} {person.unit}" if person.unit else "—"
            state, factor = wording.say(STATES[each.state]), wording.say(FACTORS[each.enrolled])
            table.add_row(person.account, person.name, said_roles(person.roles), unit, state, factor)
    show_table(table)


def roles(account: Account, role: Roles, folder: Folder = _HERE) -> None:
    """换成这些角色，并退出该账号的登录 / give these roles instead; the account is signed out everywhere."""
    with _people(folder) as people:
        people.accounts.set_roles(account, [role_named(each) for each in role], by=_who())
    _done(account)


def password(account: Account, password_file: PasswordFile = None, folder: Folder = _HERE) -> None:
    """重设密码，首次登录时再改 / give a new password, to be changed at the next sign-in."""
    with _people(folder) as people:
        people.accounts.set_password(account, _typed(password_file), by=_who())
    _done(account)


def lock(account: Account, folder: Folder = _HERE) -> None:
    """锁定账号，立即退出 / lock an account; it is signed out at once."""
    with _people(folder) as people:
        people.accounts.lock(account, by=_who())
    _done(account)


def unlock(account: Account, folder: Folder = _HERE) -> None:
    """解锁账号，失败次数清零 / unlock an account and forget its failures."""
    with _people(folder) as people:
        people.accounts.unlock(account, by=_who())
    _done(account)


def leave(account: Account, folder: Folder = _HERE) -> None:
    """人员离岗，账号永久停用 / its person has left: the account is closed for ever, its name is kept."""
    with _people(folder) as people:
        people.accounts.leave(account, by=_who())
    _done(account)


def move_user(
    account: Account,
    unit: Annotated[str, typer.Argument(help="单位代码，- 表示县本级 / code of the unit; - for the county itself")],
    folder: Folder = _HERE,
) -> None:
    """调整所属单位 / put an account into another unit."""
    with _people(folder) as people:
        people.accounts.move(account, "" if unit == "-" else unit, by=_who())
    _done(account)


def reset_second_factor(account: Account, folder: Folder = _HERE) -> None:
    """手机丢失：重新绑定第二因素 / the telephone is lost: both factors are set up anew at the next sign-in."""
    with _people(folder) as people:
        people.accounts.reset_second_factor(account, by=_who())
    _done(account)


def add_unit(
    unit: Annotated[str, typer.Argument(help="单位代码 / code of the unit")],
    name: Annotated[str, typer.Option(help="名称 / name")],
    kind: Annotated[str, typer.Option(help="hall、town、village、helper、bank")],
    parent: Annotated[str, typer.Option(help="上级单位代码 / code of the unit above")] = "",
    folder: Folder = _HERE,
) -> None:
    """增加单位：大厅、乡镇、村、帮办点、银行代办点 / add a hall, town, village, helper or bank."""
    with _people(folder) as people:
        people.organisation.add(unit, kind=kind, name=name, by=_who(), parent=parent)
    _say(_("单位 {unit} 已增加。"), unit=unit)


def list_units(folder: Folder = _HERE) -> None:
    """列出单位 / list the units, each below the one above it."""
    from pages.people.organisation import KINDS  # noqa: PLC0415

    table = Table(*(wording.say(each) for each in (_("单位"), _("代码"), _("类别"))))
    with _people(folder) as people:
        for each in people.organisation.units():
            table.add_row(f"{'　' * each.depth}{each.name}", each.unit, wording.say(KINDS[each.kind]))
    show_table(table)


def move_unit(
    unit: Annotated[str, typer.Argument(help="单位代码 / code of the unit")],
    parent: Annotated[str, typer.Option(help="新的上级，- 表示县本级 / the unit above; - for the county itself")],
    folder: Folder = _HERE,
) -> None:
    """把单位连同下级移到另一个上级之下 / put a unit, with all below it, under another."""
    with _people(folder) as people:
        people.organisation.move(unit, parent="" if parent == "-" else parent, by=_who())
    _done(unit)


@contextmanager
def _people(folder: Path) -> Iterator["CountyPeople"]:
    from adapters.hall.people.opening import opened  # noqa: PLC0415 -- SQLAlchemy is loaded only where it is used

    with opened(CountySettings.load(folder)) as people:
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
    return f"os:{getpass.getuser()}"[:32]


def _done(name: str) -> None:
    _say(_("已完成：{name}"), name=name)


def _say(text: str, **params: object) -> None:
    for language in wording.LANGUAGES:
        console.print(wording.say(text, language, **params), soft_wrap=True, markup=False)
