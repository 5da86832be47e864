"""The moves of a case: every message type in every state, with every word that its facts can say."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.contract import values
from deploy.contract.values import Json
from schemas import shapes
from schemas.errors import YunhuobanError
from schemas.lifecycle import CaseState, advance
from schemas.messages import TYPES, MessageType


def vectors() -> Json:
    """The file `lifecycle.json`."""
    return {
        "about": "`before` null: there is no case yet. `facts` are those that matter; `code` refuses the step.",
        "states": [each.value for each in CaseState],
        "vectors": [
            {"before": before, "type": kind.name, "facts": facts, "after": after, "code": code}
            for kind in TYPES.values()
            if kind.cased
            for before in (None, *CaseState)
            for facts, after, code in outcomes(kind, before)
            if (after, code) != (None, None)  # a word about a message needs a case, which is no matter of its state
        ],
    }


def outcomes(kind: MessageType, before: CaseState | None) -> list[tuple[dict[str, str], str | None, str | None]]:
    """What a message of this type does in this state: (facts that matter, state after, refusal code)."""
    found = [(said, *_outcome(kind, before, facts)) for said, facts in _facts(kind)]
    if len({(after, code) for _, after, code in found}) == 1:
        return [({}, *found[0][1:])]
    return found


def _outcome(kind: MessageType, before: CaseState | None, facts: Mapping[str, Any] | None) -> tuple[Any, str | None]:
    try:
        return advance(before, kind.name, facts), None
    except YunhuobanError as error:
        return None, error.code.code


def _facts(kind: MessageType) -> Iterator[tuple[dict[str, str], Mapping[str, Any] | None]]:
    """The facts with every combination of their enums' symbols, beside those symbols alone."""
    if kind.facts is None:
        yield {}, None
        return
    plain = values.sample(kind.facts, "full")
    enums = {
        field["name"]: named["symbols"]
        for field in shapes.raw()[kind.facts]["fields"]
        if isinstance(field["type"], str)
        and (named := shapes.raw().get(field["type"].removeprefix(f"{shapes.NAMESPACE}."), {})).get("type") == "enum"
    }
    for symbols in itertools.product(*enums.values()):
        said = dict(zip(enums, symbols, strict=True))
        yield said, plain | said
