"""Whose certificate ends soon: the hub's own, and of each active county the newest of each role. By the profiles' days.

A county renews by itself long before (`adapters.countyit.renewing`); what is listed here has got stuck
somewhere on its way.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from certs import keys
from certs.renewal import Span, span
from hub.store import tables

OWN: Final = ("broker", "connection", "checkpoint", "signing")
"""The hub's certificates, by the names of their files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One certificate that a person is to be told of."""

    holder: str
    """A division code; empty for the hub itself."""
    name: str
    """The role, by the name of its file: `connection`, `signing`, …"""
    ends_at: datetime
    days_left: int


def ending(tx: Connection, folder: Path, now: datetime) -> list[Ending]:
    """Everything that ends soon, the first to end first; `folder` holds the hub's own certificates."""
    found = [*_own(folder), *_counties(tx)]
    soon = [
        Ending(holder=holder, name=name, ends_at=each.ends_at, days_left=each.days_left(now))
        for holder, name, each in found
        if each.warns(now)
    ]
    return sorted(soon, key=lambda each: (each.ends_at, each.holder, each.name))


def _own(folder: Path) -> Iterator[tuple[str, str, Span]]:
    """A file that is not there is said by whoever needs it: a hub with a broker elsewhere has no broker certificate."""
    for name in OWN:
        path = folder / f"{name}.pem"
        if path.exists():
            yield "", name, span(keys.load_certificates(path)[0])


def _counties(tx: Connection) -> Iterator[tuple[str, str, Span]]:
    certificates, counties = tables.county_certificates.c, tables.counties.c
    enrolled = select(certificates.division_code, certificates.role, certificates.der)
    active = select(counties.division_code).where(counties.state == "active")
    newest: dict[tuple[str, str], Span] = {}
    for code, role, der in tx.execute(enrolled.where(certificates.division_code.in_(active))):
        each, key = _span(bytes(der)), (code, role.removeprefix("county_"))
        if key not in newest or newest[key].ends_at < each.ends_at:
            newest[key] = each
    for (code, name), each in newest.items():
        yield code, name, each


@lru_cache(maxsize=20_000)
def _span(der: bytes) -> Span:
    """Some 6,000 are looked at whenever a page is opened, and they never change."""
    return span(keys.certificate_from_der(der))
