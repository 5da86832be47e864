"""Where a case stands, admitted message by admitted message in the order of the journal; a refused step is taken back.

A step that its destination has refused moved nothing, although the hub had admitted it before: the case stands as if it
had never been sent, at the hub as at both counties. Only what could not be opened for its key stands: its second form
carries the same step again. Pure.
"""

from typing import Final

from schemas.envelope import KEY_BURNT, Envelope
from schemas.errors import YunhuobanError
from schemas.lifecycle import CaseState, advance

Key = tuple[str, str]
"""Source and id of a message."""
_REFUSED: Final = "message.refused"


def refused_for_good(word: Envelope) -> bool:
    """Whether this is a destination's word that takes a step back."""
    return word.type == _REFUSED and (word.facts or {}).get("code") != KEY_BURNT.code


class Standing:
    """One case, from its opening on."""

    def __init__(self) -> None:
        """Nothing was admitted yet."""
        self.state: CaseState | None = None
        self._steps: dict[Key, Envelope] = {}
        self._first: dict[Key, Key] = {}
        """Of each second form, and of each step, the step that it says."""

    def take(self, envelope: Envelope) -> None:
        """The next admitted message. Raises E-ADM-102 for a step out of turn, which then counts for nothing."""
        if refused_for_good(envelope):
            self._take_back((envelope.destination, envelope.in_reply_to or ""))
        elif envelope.kind.chained:
            self._step(envelope)

    def _step(self, envelope: Envelope) -> None:
        key = envelope.source, envelope.id
        first = self._first.get((envelope.source, envelope.supersedes or ""))
        if first in self._steps:  # it says again what stands
            self._first[key] = first
            return
        self.state = advance(self.state, envelope.type, envelope.facts)
        self._steps[key], self._first[key] = envelope, key

    def _take_back(self, key: Key) -> None:
        if self._steps.pop(self._first.get(key, key), None) is None:
            return
        self.state = None
        for each in self._steps.values():
            try:
                self.state = advance(self.state, each.type, each.facts)
            except YunhuobanError:
                continue  # it hung on what is taken back: its destination cannot apply it either, and will say so
