"""Every code with its sentences and the places that raise it, found by reading the source, never by running it.

So a code is listed even where the module that declares it does not load, and a county's book holds the hub's codes.
"""

import ast
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pages.catalogue import PACKAGES
from pages.codes.book import Entry, Example, Site

_WORD: Final = re.compile(r"\w+")
_TOLD_APART: Final = (ast.Compare, ast.MatchValue, ast.Set)
_FUNCTION: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_PASSED_THROUGH: Final = (ast.Attribute, ast.Tuple, ast.List, ast.comprehension, ast.DictComp)


@dataclass(frozen=True, slots=True)
class Mention:
    """A place of the source that names the constant of a code."""

    code: str
    around: tuple[ast.AST, ...]
    """What holds it, from the nearest statement or expression outwards."""

    @property
    def only_compared(self) -> bool:
        """Whether the place only tells the code apart from others: a comparison, a case, a list of codes."""
        listed = False
        for node, holder in itertools.pairwise(self.around):
            if isinstance(node, _TOLD_APART):
                return True
            if listed and isinstance(node, ast.Assign | ast.AnnAssign):
                return isinstance(holder, ast.Module)
            if not isinstance(node, _PASSED_THROUGH):
                return False
            listed = listed or not isinstance(node, ast.Attribute)
        return False

    @property
    def function(self) -> str:
        """The function or method that it stands in, `LocalReader.run_once`; empty at the top of a file."""
        names = [each.name for each in self.around if isinstance(each, (*_FUNCTION, ast.ClassDef))]
        return ".".join(reversed(names)) if any(isinstance(each, _FUNCTION) for each in self.around) else ""


class SourceTree:
    """The Python files of some packages, read once; resolves which code a name means by the imports of its file."""

    def __init__(self, root: Path, packages: Sequence[str] = PACKAGES) -> None:
        """Read the files, and parse each when it is looked into. Raises OSError."""
        files = [file for package in packages for file in sorted((root / package).rglob("*.py"))]
        self.texts: Final = {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8") for file in files}
        self._files = {_module(file): file for file in self.texts}
        self._parsed: dict[str, ast.Module] = {}
        self._imports: dict[str, dict[str, tuple[str, str]]] = {}
        self._held: dict[str, dict[ast.AST, ast.AST]] = {}

    def parsed(self, file: str) -> ast.Module:
        """A file's syntax, parsed once. Raises SyntaxError for what is no Python source."""
        if file not in self._parsed:
            self._parsed[file] = ast.parse(self.texts[file])
        return self._parsed[file]

    def held(self, file: str) -> Mapping[ast.AST, ast.AST]:
        """Each node of a file's syntax with the one that holds it, found once."""
        if file not in self._held:
            self._held[file] = holders(self.parsed(file))
        return self._held[file]

    @cached_property
    def declarations(self) -> dict[tuple[str, str], ast.Call]:
        """The call of `declare` behind each constant, by module and name."""
        declaring = [file for file, text in self.texts.items() if "declare(" in text]
        return {
            (_module(file), name): call for file in declaring for name, call in _declarations(self.parsed(file).body)
        }

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(name for _, name in self.declarations)

    def mentions(self, file: str) -> Iterator[Mention]:
        """Every place of a file that uses the constant of a code; its declaration and imports are none."""
        if self._names.isdisjoint(_WORD.findall(self.texts[file])):
            return
        module = _module(file)
        found = [(code, node) for node in self.held(file) if (code := self._meant(module, node))]
        for code, node in found:
            yield Mention(code, tuple(around(node, self.held(file))))

    def _meant(self, module: str, node: ast.AST) -> str:
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                return self._code(module, name)
            case ast.Attribute(value=ast.Name(id=holder), attr=name):
                origin, part = self._imported(module, holder)
                return self._code(f"{origin}.{part}" if part else origin, name)
        return ""

    def _code(self, module: str, name: str) -> str:
        declared = self.declarations.get((module, name))
        if declared is not None:
            return _text(declared.args[0])
        origin, part = self._imported(module, name)
        return self._code(origin, part) if part and (origin, part) != (module, name) else ""

    def _imported(self, module: str, name: str) -> tuple[str, str]:
        """Module and name behind an imported name, the second empty for a module; both empty for any other name."""
        if module not in self._imports:
            file = self._files.get(module)
            self._imports[module] = dict(_imports(self.held(file))) if file else {}
        return self._imports[module].get(name, ("", ""))


def entries(tree: SourceTree, examples: Mapping[str, Example] = MappingProxyType({})) -> list[Entry]:
    """Every code that the packages of a source tree declare, sorted; those that tests make up are none."""
    raised: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    files = {_module(file): file for file in tree.texts if file.split("/")[0] in PACKAGES}
    for file in files.values():
        for mention in tree.mentions(file):
            if not mention.only_compared:
                raised[mention.code].add((file, mention.function))
    found = [
        Entry(
            code=code,
            sentence=sentence,
            remedy=remedy,
            declared_in=files[module],
            sites=tuple(Site(file=file, function=function) for file, function in sorted(raised[code])),
            example=examples.get(code),
        )
        for (module, _), call in tree.declarations.items()
        if module in files
        for code, sentence, remedy in [map(_text, call.args)]
    ]
    return sorted(found, key=lambda entry: entry.code)


def holders(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    """Each node of a tree with the one that holds it, in the order of `ast.walk`."""
    held_by: dict[ast.AST, ast.AST] = {}
    still = [tree]
    for node in still:  # it grows
        for child in ast.iter_child_nodes(node):
            held_by[child] = node
            still.append(child)
    return held_by


def around(node: ast.AST, held_by: Mapping[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    """What holds a node, from the nearest outwards."""
    while node in held_by:
        node = held_by[node]
        yield node


def _module(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imports(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, tuple[str, str]]]:
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((alias.asname or alias.name, (node.module, alias.name)) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name, (alias.name, "")) for alias in node.names)


def _declarations(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.Call]]:
    for node in body:
        match node:
            case (
                ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call)
                | ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call)
            ) if _callee(call) == "declare":
                yield name, call


def _callee(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _text(node: ast.expr) -> str:
    return str(ast.literal_eval(node))
