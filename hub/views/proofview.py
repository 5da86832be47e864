"""A case's proof for its page: what `hub proof` writes, and a line of the operators' record that it was given out."""

from collections.abc import Callable
from datetime import datetime

from hub import instants
from hub.bootstrap import Keys
from hub.evidence.proof import make_proof
from hub.record.acts import Act
from hub.record.noting import Actor, note
from hub.store import Store


class StoreProofs:
    """`hub.web.proof.Proofs` over the real store and the hub's keys."""

    def __init__(self, store: Store, keys: Keys, clock: Callable[[], datetime] = instants.now) -> None:
        """Asks nothing yet."""
        self._store = store
        self._keys = keys
        self._now = clock

    def proof(self, case_no: str, who: Actor) -> bytes:
        """The file. Raises E-JRNL-002, -010, -011, -012 or E-VERIFY-002."""
        with self._store.read() as tx:  # it may take a while: nobody waits for it
            made = make_proof(tx, case_no, keys=self._keys)
        with self._store.write() as tx:
            note(tx, who, Act.PROOF_TAKEN, at=self._now(), about=case_no)
        return made
