"""What the hub says itself: the kind of signature on each word, by which of its certificates, and on which queue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from certs.profiles import Role
from certs.signing import Typ
from schemas import asyncapi
from schemas.messages import HUB_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """How one word of the hub is signed; `typ` and `role` are None for a receipt, which proves itself."""

    name: str
    typ: Typ | None
    role: Role | None

    @property
    def record(self) -> str:
        """Its record."""
        return HUB_TYPES[self.name]

    @property
    def queues(self) -> tuple[str, ...]:
        """The county's queues on which it comes."""
        found = [("inbox", asyncapi.INBOX_WORDS), ("express", asyncapi.EXPRESS_WORDS)]
        return tuple(queue for queue, words in found if self.name in words)


WORDS: Final[Mapping[str, Word]] = {
    each.name: each
    for each in (
        Word(name="admission.receipt", typ=None, role=None),
        Word(name="print.granted", typ=Typ.GRANT, role=Role.HUB_SIGNING),
        Word(name="directory.published", typ=Typ.DIRECTORY, role=Role.HUB_SIGNING),
        Word(name="checkpoint.published", typ=Typ.PUBLICATION, role=Role.HUB_SIGNING),
        Word(name="epoch.opened", typ=Typ.EPOCH, role=Role.HUB_CHECKPOINT),
    )
}
