"""Security decides at the pages which county takes part: invite, approve, refuse, suspend, resume, revoke.

Each with a reason, under the account that has signed in, once for each press. Approving takes two accounts; each types
the fingerprint that was read over the telephone, which no page shows before.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from certs import keys
from hub import bootstrap
from hub.broker.management import Management
from hub.instants import from_millis
from hub.joining import approving, decisions, invitations
from hub.joining.answering import issuer
from hub.joining.decisions import Decision
from hub.record.acts import Act
from hub.record.noting import Actor, note
from hub.registry import county, cutting
from hub.registry.cutting import Told
from hub.settings import HubSettings
from hub.store import Store
from hub.web.decidingview import DecisionRow, Invited
from schemas.joining import codes, line

STATES: Final = {"suspend": "suspended", "resume": "active", "revoke": "revoked"}
"""What a press leads to, by its name."""
_RECORDED: Final = {"invite": Act.COUNTY_INVITED, "refuse": Act.COUNTY_REFUSED}
"""How the operators' record calls it; the others change the county's state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """The decisions of one hub's security, over its store and its broker."""

    store: Store
    settings: HubSettings
    clock: Callable[[], datetime]

    def invite(self, press: str, division_code: str, *, by: str, reason: str) -> Invited:
        """Invite a county. Raises E-ID-001 to -005, E-JOIN-010, E-JOIN-032, E-JOIN-046 or E-CERT-001."""
        now, why = self.clock(), approving.said(reason, "reason")
        root = codes.write_root(keys.der(self._root()))
        told = self.settings.joining.address
        address = line.read_address(told) if told else ""
        with self.store.write() as tx:
            self._keep(tx, press, division_code, "invite", by, why, now)
            code = invitations.invite(tx, division_code, fingerprint=root, now=now, by=by, note=why)
        whole = line.Line(secret=codes.read_code(code), fingerprint=root, county=division_code, address=address)
        return Invited(
            county=division_code,
            code=code,
            fingerprint=root,
            line=whole.write() if address else "",
            until_at=now + invitations.LIFE,
        )

    def approve(self, press: str, division_code: str, *, by: str, reason: str, read_aloud: str) -> None:
        """One person's approval. Raises E-JOIN-002, -011, -030 (which is written down), -031, -032, -045 or -046."""
        now, why, typed = self.clock(), approving.said(reason, "reason"), codes.read_keys(read_aloud)
        with self.store.write() as tx:
            self._keep(tx, press, division_code, decisions.APPROVE, by, why, now)
            state = approving.approve_in(tx, division_code, by=by, typed=typed, now=now, account=True)
            if state is not None:
                note(tx, Actor(account=by), Act.COUNTY_APPROVED, at=now, about=division_code, reason=why)
        approving.demand_right(state)

    def refuse(self, press: str, division_code: str, *, by: str, reason: str) -> None:
        """Refuse a request; the county reads the reason. Raises E-JOIN-011, E-JOIN-032 or E-JOIN-046."""
        now, why = self.clock(), approving.said(reason, "reason")
        with self.store.write() as tx:
            self._keep(tx, press, division_code, "refuse", by, why, now)
            approving.refuse(tx, division_code, by=by, reason=why, now=now)

    def change(self, press: str, division_code: str, act: str, *, by: str, reason: str) -> Told:
        """Suspend, resume or revoke. Raises E-CONF-011, E-JOIN-032, E-JOIN-036, E-JOIN-046 or E-BROKER-….

        Where the broker cannot be told, the store counts all the same, and the keeper tells it within a minute.
        """
        now, why = self.clock(), approving.said(reason, "reason")
        return cutting.change_state(
            self.store,
            division_code,
            STATES[act],
            management=self._broker(),
            vhost=self.settings.broker.vhost,
            hub_user=bootstrap.HUB_USER,
            first=lambda tx: self._keep(tx, press, division_code, act, by, why, now),
        )

    def state(self, division_code: str) -> str:
        """A county's own state; empty for one that never joined."""
        with self.store.read() as tx:
            states = [row.state for row in county.listed(tx) if row.division_code == division_code]
        return str(states[0]) if states else ""

    def decided(self, division_code: str) -> Sequence[DecisionRow]:
        """What was decided at the pages about a county, the newest first."""
        with self.store.read() as tx:
            rows = decisions.of_county(tx, division_code)
        return [
            DecisionRow(act=row.act, account=row.account, reason=row.reason, at=from_millis(row.decided_at))
            for row in rows
        ]

    def _keep(self, tx: Any, press: str, division_code: str, act: str, by: str, reason: str, now: datetime) -> None:
        said = Decision(press=press, county=division_code, act=act, account=by, reason=reason)
        decisions.keep(tx, said, now=now)
        if act != decisions.APPROVE:  # which is one only if the fingerprint was right
            what = _RECORDED.get(act, Act.COUNTY_STATE)
            note(tx, Actor(account=by), what, at=now, about=division_code, reason=reason)

    def _root(self) -> keys.Certificate:
        """The root over our own certificates; none of our private keys is needed for it."""
        folder = self.settings.certificates
        leaf = keys.load_certificates(folder / "signing.pem")[0]
        issuing = issuer(leaf, keys.load_certificates(folder / "issuing.pem"))
        return issuer(issuing, keys.load_certificates(folder / "anchors.pem"))

    def _broker(self) -> Callable[[], AbstractContextManager[Management]] | None:
        """None while our own broker does not run: its next start does the rest."""
        settings = self.settings
        if settings.broker.private and not bootstrap.node(settings).status().ready:
            return None
        return lambda: bootstrap.management(settings)
