"""What a mapping may say of a canonical field, as `adapter explain` tells it: kind of value, cap, codes, privacy.

All of it is the contract's (`schemas/avro`); nothing is said twice in a document that could go stale.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.local.mapping import canonical
from adapters.local.mapping.canonical import Leaf
from adapters.local.mapping.document.directions import READABLE, WRITABLE
from pages import wording
from pages.wording import mark as _

_FORMS: Final = {
    "string": _("文字"),
    "int": _("整数"),
    "long": _("整数"),
    "date": _("日期"),
    "timestamp-millis": _("时间"),
    "enum": _("代码"),
    "bytes": _("文件内容"),
    "fixed": _("散列"),
    "boolean": _("是或否"),
}
_PRIVACY: Final = {
    "none": _("不是个人信息"),
    "basic": _("一般个人信息"),
    "sensitive": _("敏感个人信息"),
}
_BYTES_PER_CHARACTER: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One field of one message."""

    message_type: str
    name: str
    """As a person asks for it: `applicant.kind`, or `materials.taken_as` of a list."""
    leaf: Leaf
    required: bool


def named(words: str) -> Sequence[Found]:
    """The fields that a person asks for by name, in every message that has one, or all of one message; else none.

    `message field`, a field, a part (`applicant`), a list (`materials`) and a message type are understood.
    """
    *kind, path = words.strip().replace("[]", "").rsplit(None, 1) or [""]
    every = [each for message_type in WRITABLE for each in _fields(message_type)]
    if kind:
        every = [each for each in every if each.message_type == kind[0]]
    if path in WRITABLE:
        return [each for each in every if each.message_type == path]
    exact = [each for each in every if each.name == path]
    return exact or [each for each in every if path and each.name.startswith(f"{path}.")]


def said(found: Sequence[Found], language: str) -> Iterator[str]:
    """One line to each field; the same field of several messages once, with all of them."""
    lines: dict[str, list[str]] = {}
    for each in found:
        lines.setdefault(_line(each, language), []).append(each.message_type)
    for line, messages in lines.items():
        yield f"{line} · {', '.join(messages)}"


def _fields(message_type: str) -> Iterator[Found]:
    shape = canonical.shape(message_type)
    asked = canonical.said(message_type) if message_type in READABLE else {}
    for path, leaf in shape.leaves.items():
        required = path in asked and not asked[path].nullable
        yield Found(message_type=message_type, name=path, leaf=leaf, required=required)
    for repeated in shape.repeated.values():
        for path, leaf in repeated.leaves.items():
            required = message_type in READABLE and not leaf.nullable
            yield Found(message_type=message_type, name=f"{repeated.path}.{path}", leaf=leaf, required=required)


def _line(found: Found, language: str) -> str:
    leaf = found.leaf
    parts = [wording.say(_FORMS.get(leaf.form, leaf.form), language)]
    if leaf.symbols:
        parts.append(" / ".join(leaf.symbols))
    if leaf.max_bytes is not None:
        about = leaf.max_bytes // _BYTES_PER_CHARACTER
        cap = _("最多 {bytes} 字节（约 {about} 个汉字）")
        parts.append(wording.say(cap, language, bytes=leaf.max_bytes, about=about))
    if found.required:
        parts.append(wording.say(_("映射中必须写"), language))
    parts.append(wording.say(_PRIVACY[leaf.privacy], language))
    doc = f" {leaf.doc}" if language == wording.SOURCE_LANGUAGE else ""
    return f"{found.name}{doc} · {' · '.join(parts)}"
