"""Tries a county's own samples offline: what each became, and field by field where that is not what was expected."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from adapters.local.mapping import canonical, load_mapping, samples, unfilled
from adapters.local.mapping.reading.cells import NOT_FILLED_IN
from adapters.local.mapping.reading.showing import shown
from schemas.errors import YunhuobanError
from schemas.identifiers.masking import masked_name

_ABSENT: Final = object()
_SHOWN: Final = 24
_NOTHING: Final = "—"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not what was expected; personal contents are masked."""

    field: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Tried:
    """One sample."""

    key: str
    outcome: str
    """A message type, `ignored`, or how many problems; `—` when the sample is gone."""
    unfilled: int
    """How many fields of the mapping it found to be 待填."""
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class Report:
    """All samples of a county."""

    tried: Sequence[Tried]
    failures: Sequence[YunhuobanError]
    """Files among the samples that cannot be read, and E-MAP-060 while 待填 stands in `[source]`."""
    outcomes: Mapping[str, Any]

    @property
    def passed(self) -> bool:
        """Whether everything is as expected."""
        return not self.failures and not any(each.differences for each in self.tried)


def try_samples(folder: Path) -> Report:
    """Run the samples of a folder. Raises MappingFailed, E-MAP-051 to E-MAP-054, E-MAP-056 or E-MAP-057."""
    mapping = load_mapping(folder)
    records, unread = samples.all_records(folder, mapping)
    told = unfilled.problem(mapping)
    failures = unread if told is None else [told, *unread]
    found, wanted = samples.outcomes(mapping, records), samples.expected(folder)
    tried = [
        Tried(key, _said(found.get(key)), _unfilled(found.get(key)), list(_differences(wanted, found, key)))
        for key in dict.fromkeys((*found, *wanted))
    ]
    return Report(tried, failures, found)


def _said(outcome: Any) -> str:
    if isinstance(outcome, dict):
        return str(outcome["message_type"])
    return f"{len(outcome)} 处问题 problems" if isinstance(outcome, list) else outcome or _NOTHING


def _unfilled(outcome: Any) -> int:
    problems = outcome if isinstance(outcome, list) else []
    return sum(each["code"] == NOT_FILLED_IN.code for each in problems)


def _differences(wanted: Mapping[str, Any], found: Mapping[str, Any], key: str) -> Iterator[Difference]:
    if key not in found:
        yield Difference("（整条）", "expected.json 中有", "样例中没有")
        return
    if key not in wanted:
        yield Difference("（整条）", "expected.json 中没有", _said(found[key]))
        return
    before, after = dict(_flat(wanted[key])), dict(_flat(found[key]))
    if type(wanted[key]) is not type(found[key]):  # a message became problems: what it said is all gone
        yield Difference("（结果）", _said(wanted[key]), _said(found[key]))
        before, after = _problems(wanted[key]), _problems(found[key])
    message_type = found[key]["message_type"] if isinstance(found[key], dict) else ""
    for field in dict.fromkeys((*before, *after)):
        old, new = before.get(field, _ABSENT), after.get(field, _ABSENT)
        if old != new:
            yield _difference(message_type, field, old, new)


def _problems(outcome: Any) -> dict[str, Any]:
    return dict(_flat(outcome)) if isinstance(outcome, list) else {}


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its path; a problem goes by its code and place."""
    if isinstance(value, dict) and value:
        for name, each in value.items():
            yield from _flat(each, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value:
        for number, each in enumerate(value, start=1):
            problem = isinstance(each, dict) and "code" in each and "place" in each
            if problem and not path:
                yield f"{each['code']} {each['place']}", f"{each.get('found')} → {each.get('expected')}"
            else:
                yield from _flat(each, f"{path}[{number}]")
    else:
        yield path or "（整条）", value


def _difference(message_type: str, field: str, old: object, new: object) -> Difference:
    personal = _personal(message_type, field)
    left, right = _shown(old, personal=personal), _shown(new, personal=personal)
    if left == right:  # the mask hides it
        texts = (str(old), str(new))
        at = next((at for at, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), min(map(len, texts)))
        left = f"{left}（从第 {at + 1} 个字符起不同）"
    return Difference(field, left, right)


def _personal(message_type: str, field: str) -> bool:
    """Whether the contract calls a field personal; an unknown one counts as such."""
    if not field.startswith("canonical."):
        return False
    path = field.removeprefix("canonical.")
    try:
        shape = canonical.shape(message_type)
    except KeyError:
        return True
    name, bracket, rest = path.partition("[")
    if bracket and name in shape.repeated:
        leaf = shape.repeated[name].leaves.get(rest.partition("].")[2])
    else:
        leaf = shape.leaves.get(path)
    return leaf is None or leaf.personal


def _shown(value: object, *, personal: bool) -> str:
    if value is _ABSENT or value is None:
        return _NOTHING
    text = str(value)
    if personal:
        masked = masked_name(text)
        return masked if len(masked) <= _SHOWN else f"{masked[:2]}…（{len(text)} 字）"
    return shown(text, personal=False) or "（空）"
