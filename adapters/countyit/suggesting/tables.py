"""Writes a table of settings as TOML, so that it is read as the same again."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.countyit.suggesting.quoting import array, assigned, key, quoted


def lines(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    """The table under its name, then those inside it, each under a heading of its own."""
    inner = {each: value for each, value in table.items() if isinstance(value, Mapping)}
    plain = {each: value for each, value in table.items() if each not in inner}
    if plain or not inner:
        yield f"[{name}]"
        for each, value in plain.items():
            texts = isinstance(value, list) and all(isinstance(one, str) for one in value)
            yield from assigned(each, value) if texts else (f"{key(each)} = {_value(value)}",)
        yield ""
    for each, value in inner.items():
        yield from lines(f"{name}.{key(each)}", value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key(name)} = {_value(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list):
        return array(value) if all(isinstance(each, str) for each in value) else f"[{', '.join(map(_value, value))}]"
    return str(value)
