"""The loop of attachments: one link of its own, by which parts come and go, so that no message waits behind them.

A part that came is committed and then acknowledged. A request is acknowledged when its last part was sent: a process
that is killed in between is asked again, and what it sent twice is dropped on the way. At most what the broker may hand
over at once lies in memory, and one part on its way out.
"""

import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog

from adapters.attachments import receiving, sealing, serving
from adapters.attachments.asking import Asker
from adapters.attachments.serving import GONE, FindFile, Reply
from adapters.journal import forkalarm
from adapters.link.messages import Arrival, SendOutcome, Submission
from adapters.link.renewal import RenewingLink
from adapters.store import Store
from certs.atrest import AtRest
from schemas import codec, privacy, topology
from schemas.attachments import CREDIT, PART, RECORDS, REFUSED, REQUESTED
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)
CONFIRM_SECONDS: Final = 60.0
"""A part may take a slow line longer than a message may: half a megabyte at 100 kbit/s is forty seconds."""
_IN_ONE_COMMIT: Final = 4
"""Two megabytes: who else writes waits for it."""
_SENT_AT_ONCE: Final = 4
_WAIT_SECONDS: Final = 0.5


@dataclass(slots=True)
class _Asked:
    """A request that another county made, as far as it is not answered."""

    arrival: Arrival
    record: dict[str, Any]
    parts: deque[int] = field(default_factory=deque)


class AttachmentRoad:
    """One node's parts, both ways; used by one thread."""

    def __init__(
        self,
        *,
        store: Store,
        storage: AtRest,
        link: RenewingLink,
        county: str,
        find: FindFile,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`link` is used for nothing else; `find` says where a file lies that a message of ours announced."""
        self._store = store
        self._storage = storage
        self._link = link
        self._county = county
        self._find = find
        self._clock = clock
        self._asker = Asker(monotonic)
        self._asked: deque[_Asked] = deque()
        self._listening = False
        self._opened = 0

    def run_once(self) -> int:
        """Send a little, take what has come, ask for more; 0 while a fork alarm is open, when nothing passes.

        Raises E-STORE-002.
        """
        with self._store.read() as tx:
            stopped = forkalarm.stopped(tx)
        if stopped:
            self._link.keep_alive()
            return 0
        if not self._listening:
            self._link.listen([topology.county_parts(self._county)], CREDIT)
            self._listening = True
        sent = self._answer()
        arrivals = self._link.receive(0.0 if self._asked and sent else _WAIT_SECONDS)
        if self._link.opened != self._opened:  # what was in hand before comes again over the new connection
            self._opened = self._link.opened
            self._asked.clear()
        self._take(arrivals)
        self._finish()
        self._ask()
        return 1  # the wait was in `receive`; go on at once

    def _answer(self) -> int:
        """Send what others asked for; stops at the first that the broker does not take."""
        sent = 0
        while self._asked and sent < _SENT_AT_ONCE:
            asked = self._asked[0]
            with self._store.read() as tx:
                reply = serving.reply(tx, asked.record, asked.parts[0], self._find)
            if reply is None:
                _log.warning("attachment.not_ours", message_id=asked.record["message_id"])
                asked.parts.clear()
            elif not self._send(reply):
                return sent
            else:
                sent += 1
                asked.parts.popleft() if reply.word == PART else asked.parts.clear()
            if not asked.parts:
                self._asked.popleft()
                self._link.ack([asked.arrival])
        return sent

    def _take(self, arrivals: Sequence[Arrival]) -> None:
        came: list[tuple[Arrival, dict[str, Any]]] = []
        for arrival in arrivals:
            record = _read(arrival)
            if record is None:
                _log.warning("attachment.unfit", message_id=arrival.message_id)
                self._link.ack([arrival])
            elif arrival.type == PART:
                came.append((arrival, record))
            elif arrival.type == REFUSED:
                self._refused(record)
                self._link.ack([arrival])
            elif record["source"] == self._county and record["parts"]:
                self._asked.append(_Asked(arrival, record, deque(record["parts"])))
            else:
                self._link.ack([arrival])
        try:
            for at in range(0, len(came), _IN_ONE_COMMIT):
                self._keep(came[at : at + _IN_ONE_COMMIT])
        except BaseException:
            self._link.close()  # what was not stored is delivered again, which only a new connection makes it
            raise

    def _keep(self, some: Sequence[tuple[Arrival, dict[str, Any]]]) -> None:
        heard = []
        with self._store.write() as tx:
            for _, record in some:
                found = receiving.find(tx, self._storage, record["source"], record["message_id"], record["attachment"])
                if found is None:
                    continue
                try:
                    receiving.take(tx, found, record["part"], record["data"], self._clock())
                except YunhuobanError as error:
                    _log.warning("attachment.part_refused", message_id=found.message_id, code=error.code.code)
                    continue  # it stays open, and is asked for again
                heard.append((found, record["part"]))
        for found, part in heard:
            self._asker.came(found, part)
        self._link.ack([arrival for arrival, _ in some])

    def _refused(self, record: dict[str, Any]) -> None:
        """Somebody says that something of ours did not pass; only what is gone at its source is over."""
        source, code = record["source"], record["code"]
        _log.warning("attachment.refused", source=source, message_id=record["message_id"], code=code)
        if code != GONE.code or source == self._county:
            return
        with self._store.write() as tx:
            found = receiving.find(tx, self._storage, record["source"], record["message_id"], record["attachment"])
            if found is not None:
                receiving.settle(tx, found.file_id, GONE.code, self._clock())
        if found is not None:
            self._asker.failed(found)

    def _finish(self) -> None:
        """Judge what is complete; a reading transaction, for it takes as long as the file is large."""
        with self._store.read() as tx:
            whole = [
                (each, receiving.judge(tx, each))
                for each in receiving.coming(tx, self._storage)
                if each.here_bytes == each.ciphertext_bytes
            ]
        for each, code in whole:
            with self._store.write() as tx:
                receiving.settle(tx, each.file_id, code.code if code is not None else None, self._clock())
            about = {"case_no": each.case_no, "message_id": each.message_id}
            if code is not None:
                _log.warning("attachment.not_whole", code=code.code, **about)
            else:
                _log.info("attachment.here", size_bytes=each.size_bytes, **about)

    def _ask(self) -> None:
        with self._store.read() as tx:
            rows = receiving.coming(tx, self._storage)
            wanted = [(each, sealing.held(tx, each.file_id)) for each in rows]
        wishes = self._asker.next(wanted)
        for number, wish in enumerate(wishes):
            coming = wish.coming
            record = {
                "source": coming.source, "message_id": coming.message_id, "attachment": coming.attachment,
                "parts": list(wish.parts),
            }  # fmt: skip
            body = codec.encode("AttachmentRequest", record)
            if not self._send(Reply(word=REQUESTED, case_no=coming.case_no, body=body)):
                for left in wishes[number:]:
                    self._asker.unsent(left)
                return

    def _send(self, reply: Reply) -> bool:
        """Whether the broker has it; the link's own pause is the back-off."""
        submission = Submission(
            exchange=topology.PARTS,
            routing_key=topology.parts_key(self._county, reply.case_no, reply.word),
            body=reply.body,
            message_id=str(uuid.uuid4()),
            type=reply.word,
            signatures=[],
            persistent=False,
        )
        return self._link.send(submission) is SendOutcome.CONFIRMED


def _read(arrival: Arrival) -> dict[str, Any] | None:
    """The record of an arrival; None for what is none of this road."""
    name = RECORDS.get(arrival.type)
    try:
        record = codec.decode(arrival.body, name) if name is not None else None
    except YunhuobanError:
        return None
    return record if record is not None and privacy.is_clear(record) else None
