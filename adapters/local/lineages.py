"""Where each canonical value of a message came from: kept when it was read, asked for when it was refused.

A refusal names a field of the canonical record (`applicant.document_no`) that nobody at the county has seen. What
is shown is the county's own column, the rule that was applied and the version of the mapping that held it: the mapping
may be another one by then. Columns and rules are no personal data; no value is kept here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select

from adapters.local.mapping import Lineage, Translation
from adapters.local.mapping.named import spoken
from adapters.store import tables
from pages import wording
from pages.wording import mark as _

_MOST_FORMS: Final = 20  # of one message, written anew again and again
_MOST_FIELDS: Final = 5  # named of a part of the record
_NUMBER: Final = re.compile(r"\[\d+\]|\.\d+(?=\.|$)| 第 \d+ 条")
_SHORT: Final = 12

_KNOWN: Final = (
    select(tables.mapping_lineage.c.mapping)
    .where(tables.mapping_lineage.c.mapping == bindparam("version"), tables.mapping_lineage.c.type == bindparam("kind"))
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The county's own side of a canonical field."""

    local_field: str = ""
    """The column, several joined by 、, or empty for a constant of the mapping."""
    rule: str = ""
    """In the mapping's own words; empty when nothing is known."""
    mapping: str = ""
    """The version of the mapping."""
    record_place: str = ""
    """Where the local record was read."""

    def said(self, language: str = wording.SOURCE_LANGUAGE) -> str:
        """As a sentence: 您的字段 SFZHM（规则：身份证号）; empty when nothing is known."""
        if not self.rule:
            return ""
        if not self.local_field:
            return wording.say(_("这一项不取自您的字段，是映射中写定的。"), language)
        rule = spoken(self.rule) if language == wording.SOURCE_LANGUAGE else self.rule
        return wording.say(_("您的字段 {field}（规则：{rule}）"), language, field=self.local_field, rule=rule)

    @property
    def version(self) -> str:
        """The version as it is shown."""
        return self.mapping[:_SHORT]


def remember(tx: Connection, translation: Translation) -> None:
    """Keep the lineage of a type of message under a version of the mapping, once for all its messages."""
    known = {"version": translation.mapping, "kind": translation.message_type}
    if not translation.mapping or not translation.lineage or tx.execute(_KNOWN, known).first() is not None:
        return
    rows = {each.canonical_field[:200]: each for each in translation.lineage}
    tx.execute(
        insert(tables.mapping_lineage),
        [
            {
                "mapping": translation.mapping,
                "type": translation.message_type,
                "canonical_field": field,
                "local_field": each.local_field[:300],
                "rule": each.rule[:400],
            }
            for field, each in rows.items()
        ],
    )


def made(tx: Connection, message_id: str, translation: Translation, place: str) -> None:
    """A message was made of a local record."""
    if not translation.mapping:
        return
    remember(tx, translation)
    known = select(tables.message_lineage.c.message_id).where(tables.message_lineage.c.message_id == message_id)
    if tx.execute(known).first() is None:
        row = {"message_id": message_id, "mapping": translation.mapping, "record_place": place[:300]}
        tx.execute(insert(tables.message_lineage).values(**row))


def origin(tx: Connection, message_id: str, field: str) -> Origin:
    """The county's own side of a field of one of its messages, as a refusal names the field.

    What was written anew has the lineage of what it stands for; a message that no local record caused has none.
    """
    made_from, kind = _made_from(tx, message_id)
    if made_from is None:
        return Origin()
    columns = tables.mapping_lineage.c
    here = (columns.mapping == made_from.mapping) & (columns.type == kind)
    rows = tx.execute(select(tables.mapping_lineage).where(here).order_by(columns.canonical_field))
    found = _about(field, [Lineage(row.canonical_field, row.local_field, row.rule) for row in rows])
    if not found:
        return Origin(mapping=made_from.mapping, record_place=made_from.record_place)
    local = dict.fromkeys(each.local_field for each in found if each.local_field)
    return Origin(
        local_field="、".join(local),
        rule=" / ".join(dict.fromkeys(each.rule for each in found if each.local_field or not local)),
        mapping=made_from.mapping,
        record_place=made_from.record_place,
    )


def _made_from(tx: Connection, message_id: str) -> tuple[Any, str]:
    kind = ""
    asked: str | None = message_id
    for _turn in range(_MOST_FORMS):
        if asked is None:
            break
        sent = tx.execute(
            select(tables.outbox.c.type, tables.outbox.c.supersedes).where(tables.outbox.c.message_id == asked)
        ).one_or_none()
        kind = kind or (sent.type if sent is not None else "")
        row = tx.execute(
            select(tables.message_lineage).where(tables.message_lineage.c.message_id == asked)
        ).one_or_none()
        if row is not None:
            return row, kind
        asked = sent.supersedes if sent is not None else None
    return None, kind


def _about(field: str, lineage: Sequence[Lineage]) -> Sequence[Lineage]:
    """The lines that a place in the record is about: the field itself, what lies in it, or what it lies in."""
    path = _NUMBER.sub("[]", field.strip().removeprefix("facts.")).replace("[].[]", "[]")
    while path:
        exact = [each for each in lineage if each.canonical_field in (path, f"{path}[]")]
        inner = [each for each in lineage if each.canonical_field.startswith((f"{path}.", f"{path}[]."))]
        if exact or inner:
            return exact or inner[:_MOST_FIELDS]
        path = path.rpartition(".")[0]
    return ()
