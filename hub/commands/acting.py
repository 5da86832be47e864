"""Who acts at the terminal: who signed in at this machine, and from where they came in."""

import os
import sys
from collections.abc import Callable
from typing import Final

import typer

from hub.people.opening import HubPeople
from hub.people.second import OF_MACHINE, Signature, Two
from hub.record.noting import Actor
from hub.settings import HubSettings
from hub.store import Store
from pages import oslogin

_REMOTE: Final = "SSH_CONNECTION"
"""Its first word is the address from which somebody came in by ssh."""


def at_terminal() -> Actor:
    """Whoever typed the command, for the operators' record."""
    came = os.environ.get(_REMOTE, "").split()
    return Actor(account=oslogin.account(), address=came[0] if came else "")


def two_sign(
    store: Store, settings: HubSettings, *, ask: Callable[[str], Signature] | None = None
) -> tuple[Actor, str]:
    """Two persons with accounts sign here, one after the other; on trial whoever holds the machine stands for both.

    Returns the first one and the second one's account. Raises E-PAGE-061, -062, -063, -066 or E-CERT-085.
    """
    here = at_terminal()
    if settings.trial:
        return here, OF_MACHINE
    ask = ask or _typed
    two = Two(people=HubPeople.over(store, settings).sign_in, trial=settings.trial)
    first = two.signed(ask("第一人 first person"), first="", address=here.address)
    second = two.signed(ask("第二人 second person"), first=first, address=here.address)
    return Actor(account=first, address=here.address), second


def _typed(who: str) -> Signature:
    """Asked for at the terminal, the password unseen; a script gives each on a line of its own."""
    unseen = sys.stdin.isatty()
    account = typer.prompt(f"{who}: 账号 account")
    password = typer.prompt("密码 password", hide_input=unseen)
    return Signature(account=account, password=password, code=typer.prompt("验证码 code"))
