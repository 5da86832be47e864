"""Chains: which certificate may act in which role at a time, and when nobody can say."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from certs.profiles import Role
from deploy.contract import values
from deploy.contract.throwaway import MADE_AT, REVOKED_AT, Network
from deploy.contract.values import NOW, Json

_SECOND: Final = timedelta(seconds=1)


def vectors(network: Network) -> Json:
    """The file `certificates.json`."""
    return {
        "about": "Judge `certificate` under the anchor `root`, a trial, with `issuing` and the revocation lists named.",
        "vectors": [_judged(network, *each) for each in _questions()],
    }


def _questions() -> Iterator[tuple[str, Role, datetime, tuple[str, ...]]]:
    """Certificate, role, time, lists."""
    fresh = ("root", "issuing")
    for name, role in (
        ("broker", Role.BROKER),
        ("hub_checkpoint", Role.HUB_CHECKPOINT),
        ("hub_signing", Role.HUB_SIGNING),
        ("window_connection", Role.COUNTY_CONNECTION),
        ("window_signing", Role.COUNTY_SIGNING),
        ("window_encryption", Role.COUNTY_ENCRYPTION),
        ("hub_signing", Role.HUB_CHECKPOINT),
        ("window_signing", Role.COUNTY_CONNECTION),
        ("window_encryption", Role.COUNTY_SIGNING),
        ("revoked_signing", Role.COUNTY_SIGNING),
        ("expired_signing", Role.COUNTY_SIGNING),
        ("production_signing", Role.COUNTY_SIGNING),
        ("foreign_signing", Role.COUNTY_SIGNING),
        ("issuing", Role.COUNTY_SIGNING),
    ):
        yield name, role, NOW, fresh
    yield "window_signing", Role.COUNTY_SIGNING, MADE_AT - timedelta(days=1), fresh
    yield "window_signing", Role.COUNTY_SIGNING, NOW, ("issuing",)
    yield "window_signing", Role.COUNTY_SIGNING, NOW + timedelta(days=15), fresh
    yield "revoked_signing", Role.COUNTY_SIGNING, REVOKED_AT - _SECOND, fresh
    yield "revoked_signing", Role.COUNTY_SIGNING, REVOKED_AT, fresh
    yield "revoked_signing", Role.COUNTY_SIGNING, NOW + timedelta(days=15), fresh
    yield "revoked_signing", Role.COUNTY_SIGNING, NOW, ("root", "issuing_before")


def _judged(network: Network, name: str, role: Role, at: datetime, lists: tuple[str, ...]) -> Json:
    facts = network.chains(*lists).facts([network.certificates[name]], at=at)
    code = facts.reason_for(role)
    return {
        "certificate": name,
        "role": role.value,
        "at": values.millis(at),
        "revocation_lists": list(lists),
        "standing": facts.standing(role),
        "code": code.code if code else None,
    }
