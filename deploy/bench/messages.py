"""The load factory: validly signed envelopes of whole cases, each body padded to one size, made before any clock runs.

A case is opened at a window county and goes one to five rungs far, each equally often: 申请, 受理, 决定, 制证,
打印授权. Each message is followed by its destination's signed *received*, as in earnest, so a half of the load are
receipts of counties and about a sixth opens a case. Cases are interleaved at random and spread evenly over the
sixteen shards; within a case the order is the senders' order. `data` is random: the hub cannot read it anyway.
"""

import hashlib
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from certs import signing
from deploy.bench.counties import ITEM, BenchCounty
from schemas import shapes, topology
from schemas.envelope import Envelope, new_id
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import DivisionCode
from schemas.identifiers.license import LicenseIdentifier
from schemas.messages import TYPES

KIB: Final = 1024
_RUNGS: Final = (
    "application.submitted",
    "application.accepted",
    "decision.made",
    "license.issued",
    "print.authorised",
)
FLOODED_SHARD: Final = 0
_LICENSE_TYPE: Final = "11100000MB0143028R001"
_LICENSE_ISSUER: Final = "11140881MB0000000U"
_FLOOD_DAYS_AGO: Final = 1000
_LIFE: Final = timedelta(days=20)
_ROOM: Final[dict[tuple[str, bool, int], int]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One message as a county puts it on the broker."""

    message_id: str
    type: str
    source: str
    destination: str
    case_no: str
    body: bytes
    signature: str

    @property
    def key(self) -> str:
        """Its key on the exchange `submit`."""
        return topology.submit_key(self.source, self.case_no, self.type)


def make_load(
    counties: Mapping[str, BenchCounty], *, count: int, size_bytes: int, now: datetime, days_ago: int = 0
) -> list[Wire]:
    """`count` messages of cases between these counties (two at least), each body of `size_bytes`.

    `days_ago` dates the case numbers, so that two loads in one store do not open the same case.
    """
    chance = random.Random(1)
    numbers = _case_numbers(sorted(counties), (now - timedelta(days=days_ago)).date(), chance)
    load: list[Wire] = []
    open_cases: list[Iterator[Wire]] = []
    opened = 0
    while len(load) < count:
        while len(open_cases) < topology.SHARDS * 4:
            window, case_no = next(numbers)
            issuing = chance.choice([code for code in counties if code != window])
            rungs = _RUNGS[: 1 + opened // topology.SHARDS % len(_RUNGS)]  # each length on each shard equally often
            opened += 1
            case = _Case(counties[window], counties[issuing], case_no, size_bytes, now)
            open_cases.append(case.messages(rungs))
        at = chance.randrange(len(open_cases))
        message = next(open_cases[at], None)
        if message is None:
            open_cases.pop(at)
        else:
            load.append(message)
    return load


def make_flood(
    counties: Mapping[str, BenchCounty], *, flooder: str, count: int, size_bytes: int, now: datetime
) -> list[Wire]:
    """`count` applications of one county whose cases all fall on one shard: the worst that a flooder can do."""
    issuing = next(code for code in counties if code != flooder)
    day = (now - timedelta(days=_FLOOD_DAYS_AGO)).date()
    load: list[Wire] = []
    serial = 0
    while len(load) < count:
        serial += 1
        case_no = str(CaseNo.mint(DivisionCode.parse(flooder), day, serial))
        if topology.shard(case_no) == FLOODED_SHARD:
            case = _Case(counties[flooder], counties[issuing], case_no, size_bytes, now)
            load.append(next(case.messages(_RUNGS[:1])))
    return load


def _case_numbers(codes: Sequence[str], day: date, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Window counties at random with their next number of the day that falls on the next shard."""
    serials = dict.fromkeys(codes, 0)
    shard = 0
    while True:
        window = chance.choice(codes)
        while True:
            serials[window] += 1
            case_no = str(CaseNo.mint(DivisionCode.parse(window), day, serials[window]))
            if topology.shard(case_no) == shard:
                break
        yield window, case_no
        shard = (shard + 1) % topology.SHARDS


class _Case:
    """Writes one case's messages as the outboxes of its two counties would."""

    def __init__(self, window: BenchCounty, issuing: BenchCounty, case_no: str, size_bytes: int, now: datetime) -> None:
        self._window, self._issuing = window, issuing
        self._case_no, self._size_bytes, self._now = case_no, size_bytes, now
        self._last: dict[str, str] = {}

    def messages(self, rungs: Sequence[str]) -> Iterator[Wire]:
        """Each rung and its *received*."""
        for kind in rungs:
            opens = TYPES[kind].opens
            source, destination = (self._window, self._issuing) if opens else (self._issuing, self._window)
            sent = self._message(kind, source, destination, self._facts(kind), prev=self._last.get(source.code))
            self._last[source.code] = sent.message_id
            yield sent
            facts = {"envelope_sha256": hashlib.sha256(sent.body).digest()}
            yield self._message("message.received", destination, source, facts, in_reply_to=sent.message_id)

    def _facts(self, kind: str) -> Mapping[str, Any] | None:
        serial = self._case_no.replace("-", "")
        identifier = str(LicenseIdentifier.build(_LICENSE_TYPE, _LICENSE_ISSUER, serial))
        match kind:
            case "application.submitted":
                return {"mode": "relayed", "alliance": "", "material_codes": [], "named_licenses": []}
            case "application.accepted":
                return {"promised_on": (self._now + timedelta(days=10)).date()}
            case "decision.made":
                return {"outcome": "granted"}
            case "license.issued":
                return {"license_identifier": identifier, "license_state": "valid", "sealed_sha256": [bytes(32)]}
            case "print.authorised":
                return {
                    "authorisation_no": f"A-{self._case_no}",
                    "license_identifier": identifier,
                    "copy_kind": "duplicate",
                    "copy_no": 1,
                    "stock_kind": "specimen-a4",
                    "target_county": self._window.code,
                    "target_hall": f"{self._window.code}-01",
                    "expires_at": self._now + timedelta(days=10),
                    "replaces": None,
                }
        return None

    def _room(self, clear: Mapping[str, Any]) -> int:
        """Bytes of `data` that fill the envelope to its size: the clear fields of one kind are equally long."""
        shape = (clear["type"], clear["prev"] is None, self._size_bytes)
        if shape not in _ROOM:
            longer = len(Envelope(**clear, data=bytes(self._size_bytes)).to_bytes()) - self._size_bytes
            if longer >= self._size_bytes:
                raise ValueError(f"the clear fields alone take {longer} bytes")
            _ROOM[shape] = self._size_bytes - longer
        return _ROOM[shape]

    def _message(
        self,
        kind: str,
        source: BenchCounty,
        destination: BenchCounty,
        facts: Mapping[str, Any] | None,
        *,
        prev: str | None = None,
        in_reply_to: str | None = None,
    ) -> Wire:
        clear: dict[str, Any] = {
            "id": new_id(),
            "source": source.code,
            "destination": destination.code,
            "type": kind,
            "case_no": self._case_no,
            "service_item": ITEM,
            "prev": prev,
            "in_reply_to": in_reply_to,
            "time": self._now,
            "expires": self._now + _LIFE,
            "trial": True,
            "dataschema": shapes.dataschema(TYPES[kind].record),
            "facts": facts,
            "encrypted_for": destination.encrypted_for,
            "data_commitment": os.urandom(32),
        }
        body = Envelope(**clear, data=os.urandom(self._room(clear))).to_bytes()
        signature = signing.sign(body, key=source.signing_key, certificate=source.signing, typ=signing.Typ.ENVELOPE)
        return Wire(
            message_id=clear["id"],
            type=kind,
            source=source.code,
            destination=destination.code,
            case_no=self._case_no,
            body=body,
            signature=signature,
        )
