"""What never stands in the program: text trusted as markup, a followed redirect, a pattern made of text as it is."""

import ast
import re
from collections.abc import Iterator
from functools import cache

from tests.documented import CHECKOUT

PACKAGES = ("schemas", "certs", "pages", "hub", "adapters")
STYLES = {"adapters/countyit/recording/templates/replay.html", "adapters/countyit/translating/templates/sides.html"}
"""Reports in files, which carry their own style sheet: a file of the program."""


@cache
def sources(kind: str) -> list[tuple[str, str]]:
    """Every file of the program that ends so, with its text."""
    found = [file for package in PACKAGES for file in sorted((CHECKOUT / package).rglob(f"*{kind}"))]
    return [(str(file.relative_to(CHECKOUT)), file.read_text(encoding="utf-8")) for file in found]


def calls(wanted: str) -> Iterator[tuple[str, ast.Call]]:
    """The calls of those files in which a pattern is found: reading all of them as a tree takes its time."""
    for name, text in sources(".py"):
        if re.search(wanted, text):
            yield from ((name, node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The last part of what is called: `compile` of `re.compile`."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def test_no_template_takes_text_for_markup() -> None:
    """Whatever somebody typed is escaped where it is shown; two reports bring a style sheet of ours, and no more."""
    trusting = [(name, found) for name, text in sources(".html") for found in re.findall(r"\{\{[^}]*\|\s*safe", text)]
    assert {name for name, _ in trusting} == STYLES
    assert {re.sub(r"\s", "", found) for _, found in trusting} == {"{{style|safe"}
    off = [name for name, text in sources(".html") if re.search(r"autoescape\s+false", text)]
    assert off == []
    made = [(name, call) for name, call in calls(r"\bMarkup\(") if called(call) == "Markup"]
    assert [name for name, call in made if not isinstance(call.args[0], ast.Constant)] == [], (
        "the rest is its arguments"
    )


def test_no_redirect_is_followed() -> None:
    """Who answers elsewhere was not asked: a county's interface, the joining page, the broker."""
    told = [(name, each.value) for name, call in calls("follow_redirects") for each in call.keywords
            if each.arg == "follow_redirects"]  # fmt: skip
    assert len(told) > 1
    assert [name for name, value in told if not (isinstance(value, ast.Constant) and value.value is False)] == []
    others = re.compile(r"urllib\.request|urllib3|^import requests$", re.MULTILINE)
    assert [name for name, text in sources(".py") if others.search(text)] == []


def test_no_pattern_is_made_of_text_as_it_is() -> None:
    """In a pattern that is put together, every part is a constant of the module or escaped."""
    functions = {"compile", "match", "fullmatch", "search", "sub", "findall", "split", "finditer"}
    composed = [
        (name, part.value)
        for name, call in calls(r"\bre\.\w+\(\s*r?f")
        if isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "re"
        if called(call) in functions and isinstance(call.args[0], ast.JoinedStr)
        for part in call.args[0].values
        if isinstance(part, ast.FormattedValue)
    ]
    assert composed
    loose = [
        f"{name}: {ast.unparse(value)}"
        for name, value in composed
        if not re.fullmatch(
            r"(\w+\.)?_?[A-Z][A-Z0-9_]*(\[.*\])?|'\|'\.join\(_[A-Z]+\)|re\.escape\(.*\)", ast.unparse(value)
        )
    ]
    assert loose == []
