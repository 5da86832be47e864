"""What the pages of security's decisions show and ask for, as frozen records and one protocol."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """A new invitation, as it is shown this once. Code and line are secrets, kept nowhere."""

    county: str
    code: str
    fingerprint: str  # of our root
    line: str  # code, fingerprint, county and address in one; empty without a joining page
    until_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One decision that was made at the pages."""

    act: str
    account: str
    reason: str
    at: datetime


class Decider(Protocol):
    """Who decides. Every act has a reason, is made under an account, and is done once for each press."""

    def invite(self, press: str, division_code: str, *, by: str, reason: str) -> Invited:
        """Invite a county. Raises E-ID-001 to -005, E-JOIN-010, E-JOIN-032 or E-JOIN-046."""

    def approve(self, press: str, division_code: str, *, by: str, reason: str, read_aloud: str) -> None:
        """One person's approval. Raises E-JOIN-002, -011, -030, -031, -032, -045 or -046."""

    def refuse(self, press: str, division_code: str, *, by: str, reason: str) -> None:
        """Refuse a request. Raises E-JOIN-011, E-JOIN-032 or E-JOIN-046."""

    def change(self, press: str, division_code: str, act: str, *, by: str, reason: str) -> object:
        """`suspend`, `resume` or `revoke`. Raises E-CONF-011, E-JOIN-032, E-JOIN-036, E-JOIN-046 or E-BROKER-…."""

    def state(self, division_code: str) -> str:
        """A county's own state; empty for one that never joined."""

    def decided(self, division_code: str) -> Sequence[DecisionRow]:
        """What was decided about a county, the newest first."""
