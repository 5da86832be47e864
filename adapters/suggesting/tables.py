"""Writes a table of settings as TOML, so that it is read as the same again."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.suggesting.quoting import array, quoted


def lines(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    """The table under its name, then those inside it, each under a heading of its own."""
    inner = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    plain = {key: value for key, value in table.items() if key not in inner}
    if plain or not inner:
        yield f"[{name}]"
        yield from (f"{quoted(key)} = {_value(value)}" for key, value in plain.items())
        yield ""
    for key, value in inner.items():
        yield from lines(f"{name}.{quoted(key)}", value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{quoted(key)} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return array(value) if all(isinstance(each, str) for each in value) else f"[{', '.join(map(_value, value))}]"
    return str(value)
