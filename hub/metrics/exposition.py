"""Prometheus' text format: families of samples with a line of help and a type each. Pure.

A module of our own and not prometheus-client: nothing is counted in this process, each answer is made anew from the
store and the broker, and of a library only these few lines would be used.
Source: "Exposition formats" of Prometheus, text format 0.0.4.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What is measured under one name."""

    name: str
    help: str
    kind: str = "gauge"
    labels: Sequence[str] = ()


Samples = Mapping[tuple[str, ...], float]
"""By the values of the labels, in their order."""


def text(measured: Iterable[tuple[Family, Samples]]) -> str:
    """Everything as one answer; a family without samples is left out."""
    lines: list[str] = []
    for family, samples in measured:
        if not samples:
            continue
        lines += [f"# HELP {family.name} {_help(family.help)}", f"# TYPE {family.name} {family.kind}"]
        lines += [f"{family.name}{_labels(family, values)} {_number(value)}" for values, value in samples.items()]
    return "\n".join(lines) + "\n"


def _labels(family: Family, values: tuple[str, ...]) -> str:
    if not family.labels:
        return ""
    pairs = zip(family.labels, values, strict=True)
    return "{" + ",".join(f'{name}="{_value(value)}"' for name, value in pairs) + "}"


def _help(said: str) -> str:
    return said.replace("\\", "\\\\").replace("\n", "\\n")


def _value(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
