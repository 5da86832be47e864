"""In the place of what has tests of its own: local system, printer, pages and seal; and a store whose power fails."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from adapters.local.mapping import MappingFailed, Translation, WriteContext
from adapters.local.sinks import LocalWrite
from adapters.local.sources import Batch, LocalRecord
from adapters.printing.ipp import Activity, Job, JobId, JobState, PrinterState
from adapters.printing.media import Media
from adapters.store import Store
from schemas.errors import YunhuobanError, declare
from tests.county_records import ITEM

UNMAPPABLE = declare("E-TEST-001", "测试用的映射错误。", "请改正。")
ISSUING = "140881"


class ScriptedSource:
    """A local system as a list: records appended by a test, read once each, in order."""

    name = "test"

    def __init__(self) -> None:
        """Nothing to read."""
        self.records: list[LocalRecord] = []
        self.failures: list[YunhuobanError] = []

    def add(self, message_type: str, local_case: str, canonical: dict[str, Any] | None, **more: Any) -> None:
        """One record; without a canonical form it cannot be mapped. `key` as a real system has it."""
        key = more.pop("key", f"{local_case}/{message_type}")
        row = {"type": message_type, "case": local_case, "canonical": canonical} | more
        place = f"表 t 行 {len(self.records) + 1}"
        self.records.append(LocalRecord(kind="t", key=key, row=row, place=place))

    def poll(self, cursor: str | None, limit: int) -> Batch:
        """What comes after the cursor."""
        at = int(cursor or 0)
        failures, self.failures = self.failures, []
        found = self.records[at : at + limit]
        return Batch(records=found, cursor=str(at + len(found)), failures=failures)


class ScriptedMapping:
    """Records carry their canonical form; a message leaves one local row that names it."""

    def read(self, record: LocalRecord) -> Translation | None:
        """The record's own canonical form."""
        row = record.row
        if row["canonical"] is None:
            problem = YunhuobanError(UNMAPPABLE, place=f"{record.place} 列 证件号码", found="x", expected="18")
            raise MappingFailed([problem], place=record.place)
        return Translation(
            message_type=str(row["type"]),
            canonical=dict(row["canonical"]),  # type: ignore[call-overload]
            local_case=str(row["case"]),
            destination=str(row.get("destination", ISSUING)),
            service_item=str(row.get("item", ITEM)),
            trial=bool(row.get("trial", False)),
            lineage=(),
        )

    def write(self, message_type: str, _canonical: Mapping[str, Any], context: WriteContext) -> Sequence[LocalWrite]:
        """One row per message."""
        case = context.local_case or context.case_no
        return [LocalWrite(kind=message_type, key=f"{case}/{message_type}", row={"case": case})]


class ScriptedSink:
    """The local system's side of what we write; idempotent by kind and key, as sinks promise."""

    def __init__(self) -> None:
        """Empty."""
        self.rows: dict[tuple[str, str], LocalWrite] = {}
        self.order: list[str] = []
        self.fails: Callable[[Sequence[LocalWrite]], Exception | None] = lambda _: None

    def write(self, writes: Sequence[LocalWrite]) -> None:
        """Keep each once."""
        error = self.fails(writes)
        if error is not None:
            raise error
        for each in writes:
            if (each.kind, each.key) not in self.rows:
                self.rows[(each.kind, each.key)] = each
                self.order.append(each.kind)


class ScriptedPrinter:
    """A printer that finishes at once; `refuses` and `forgets` make trouble. The real one has tests of its own."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """No sheet yet."""
        self.url = ""
        self.sheets: list[str] = []
        self.reasons: frozenset[str] = frozenset()
        self.loses_jobs = False
        self._clock = clock

    def state(self) -> PrinterState:
        """Idle."""
        media = frozenset(Media)
        return PrinterState(
            activity=Activity.IDLE, reasons=self.reasons, is_accepting=True, media_supported=media, media_ready=media
        )

    def print_document(self, _pdf: bytes, *, job_name: str, media: Media, source: str = "") -> JobId:
        """A sheet falls out."""
        assert (media in Media, source) == (True, "")
        self.sheets.append(job_name)
        return JobId(number=len(self.sheets), uuid=f"uuid-{len(self.sheets)}")

    def jobs_named(self, name: str) -> list[Job]:
        """The jobs of that name."""
        if self.loses_jobs:
            return []
        return [
            Job(
                id=JobId(number=i, uuid=f"uuid-{i}"), name=name, state=JobState.COMPLETED, reasons=frozenset(),
                impressions=1, created_at=self._clock(),
            )
            for i, each in enumerate(self.sheets, 1)
            if each == name
        ]  # fmt: skip


class PlainRenderer:
    """Pages of a few bytes, for tests that are not about pages."""

    def render_complete(self, face: Any, template: Any) -> bytes:
        """Enough to differ between copies and licenses."""
        return f"%PDF complete {face.identifier} {template.id}".encode()

    def render_fill(self, face: Any, template: Any) -> bytes:
        """The same for the fill layer."""
        return f"%PDF fill {face.identifier} {template.id}".encode()


class PlainSealer:
    """Seals with a word, and counts."""

    def __init__(self) -> None:
        """Nothing sealed."""
        self.requests: list[Any] = []

    def seal(self, pdf: bytes, request: Any) -> bytes:
        """The page and the word."""
        self.requests.append(request)
        return pdf + b" sealed"


class PowerCut(BaseException):
    """The process is gone; nothing may catch it."""


class CrashingStore(Store):
    """A store under which the power fails before or after the n-th commit."""

    def __init__(self, store: Store) -> None:
        """Counts commits; fails never until told."""
        super().__init__(store._engine)
        self.commits = 0
        self.fail_before = 0
        self.fail_after = 0

    @contextmanager
    def write(self) -> Iterator[Any]:
        """As the real one, with the cut around its commit."""
        with super().write() as tx:
            yield tx
            self.commits += 1
            if self.commits == self.fail_before:
                raise PowerCut
        if self.commits == self.fail_after:
            raise PowerCut
