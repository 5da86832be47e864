"""Pushes records to a county's own HTTP interface: one POST of JSON each, with a key that stays the same.

`Idempotency-Key` (IETF draft-ietf-httpapi-idempotency-key-header) is the key of the write, 32 digits, the same at every
repetition: an interface that keeps it, or the column `key_column`, takes a record once however often it comes. Taken is
what is answered by 2xx and, where the mapping says so, by certain values in the answer (`accepted`): many systems of
halls answer 200 whatever they thought of it. 5xx, 408, 409, 425 and 429 mean later; anything else is a refusal.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.local.mapping.functions.plain import text_of
from adapters.local.mapping.strict import Section
from adapters.local.sinks import LocalWrite
from adapters.local.sinks.fileforms import plain_json
from adapters.local.sinks.sql import row_guid
from adapters.local.sources.json_rows import tree_of
from adapters.local.sources.nested import at_path
from adapters.local.sources.web import access
from adapters.local.sources.web.client import NO_JSON, REFUSED, Answer, Client
from schemas.errors import YunhuobanError, declare

NO_KIND = declare("E-SRC-088", "映射没有说明“{kind}”推送到哪里。", "请在 mapping.toml 的 [sink.records] 中补充。")
_SHOWN: Final = re.compile(r"[0-9A-Za-z_.\-]{0,10}")
"""What of an answer may be shown: a code. Anything longer might name the applicant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushRule:
    """How one kind of record is pushed."""

    path: str
    columns: Sequence[str]
    accepted: Mapping[str, Sequence[str]]
    """Path within the answer to the values that mean it was taken."""


class HttpSink:
    """A `Sink` into one interface."""

    def __init__(self, client: Client, kinds: Mapping[str, PushRule], key_column: str) -> None:
        """Send nothing yet. `key_column` is the name of the key within the record; empty: in the header only."""
        self._client = client
        self._kinds = kinds
        self._key_column = key_column
        self._taken: set[str] = set()

    @classmethod
    def from_settings(cls, section: Section, location: str) -> "HttpSink":
        """Read `[sink]`; problems are noted in the section. Raises E-SRC-081."""
        section.only("type", "access", "key_column", "records")
        client = Client(access.read(section.inner("access"), location))
        kinds = {name: _rule(inner) for name, inner in section.inner("records").sections()}
        return cls(client, kinds, section.text("key_column", ""))

    def write(self, writes: Sequence[LocalWrite]) -> None:
        """Push all records in order; what was taken before one failed is not pushed again by the same call repeated.

        Raises E-SRC-075, E-SRC-082 to -088.
        """
        ready = [(each, self._rule(each)) for each in writes]
        for each, rule in ready:
            key = row_guid(each)
            if key not in self._taken:
                self._push(each, rule, key)
                self._taken.add(key)
        self._taken.clear()

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _rule(self, write: LocalWrite) -> PushRule:
        rule = self._kinds.get(write.kind)
        if rule is None:
            raise YunhuobanError(NO_KIND, place=write.kind, kind=write.kind)
        return rule

    def _push(self, write: LocalWrite, rule: PushRule, key: str) -> None:
        record: dict[str, object] = {self._key_column: key} if self._key_column else {}
        record |= {column: plain_json(write.row.get(column)) for column in rule.columns}
        body = json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")
        try:
            answer = self._client.post(rule.path, body, {"Idempotency-Key": key})
            _check(answer, rule)
        except YunhuobanError as error:
            error.place = f"接口 {rule.path} 记录 {write.kind} {key}"
            raise


def _rule(section: Section) -> PushRule:
    section.only("path", "columns", "accepted")
    accepted = section.inner("accepted")
    return PushRule(
        path=access.path_of(section),
        columns=section.texts("columns"),
        accepted={path: accepted.texts(path) for path in accepted.data},
    )


def _check(answer: Answer, rule: PushRule) -> None:
    """Whether the answer says that it was taken. Raises E-SRC-086 or E-SRC-087."""
    if not 200 <= answer.status < 300:
        raise YunhuobanError(REFUSED, found=f"HTTP {answer.status}", expected="HTTP 200")
    if not rule.accepted:
        return
    try:
        tree, _encoding = tree_of(answer.body, answer.encoding)
    except (json.JSONDecodeError, RecursionError) as error:
        raise YunhuobanError(NO_JSON, found=type(error).__name__) from None
    for path, good in rule.accepted.items():
        found = [_said(each) for each in at_path(tree, path)]
        if len(found) != 1 or found[0] not in good:
            shown = "、".join(each if _SHOWN.fullmatch(each) else "…" for each in found[:3])
            raise YunhuobanError(REFUSED, found=f"{path} = {shown}", expected=f"{path} = {' / '.join(good)}")


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        return text_of(value)
    except YunhuobanError:
        return "…"
