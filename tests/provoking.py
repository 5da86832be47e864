"""Which tests provoke which code, read from the tests themselves.

A test counts for a code when it names it, as text or by its constant, where it looks at what came out: in an assertion,
in `pytest.raises` or another `with` that awaits it, or in a table that its assertions walk. A code that is only put in
does not count: in a comment or a docstring, handed to a function, as `code=`, `verdict=` or `refusal_code=` of a record
that the test makes up, in a set outside an assertion (a list of what is tried elsewhere), or to say that it stays away.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from deploy.codes.source import Mention, SourceTree, around

_CODE: Final = re.compile(r"\bE-[A-Z]{2,7}-[0-9]{3}\b")
_PUT_IN: Final = frozenset({"code", "verdict", "refusal_code"})
_DENIED: Final = (ast.NotIn, ast.NotEq, ast.IsNot)


def provoking(tree: SourceTree) -> dict[str, set[str]]:
    """Every code that a test of a source tree looks for, with the files of those tests."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file in tree.texts:
        if not Path(file).name.startswith("test_"):
            continue
        for mention in (*tree.mentions(file), *_literals(tree, file)):
            if _looks_at(mention.around):
                found[mention.code].add(file)
    return found


def _literals(tree: SourceTree, file: str) -> Iterator[Mention]:
    if not _CODE.search(tree.texts[file]):
        return
    held_by = tree.held(file)
    strings = [each for each in held_by if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    found = [(code, each) for each in strings for code in _CODE.findall(each.value)]
    yield from (Mention(code, tuple(around(node, held_by))) for code, node in found)


def _looks_at(holding: Sequence[ast.AST]) -> bool:
    if isinstance(holding[0], ast.Expr):
        return False  # a docstring
    if any(isinstance(each, ast.Compare) and isinstance(each.ops[0], _DENIED) for each in holding):
        return False
    if any(isinstance(each, ast.Assert) for each in holding):
        return True
    if any(isinstance(each, ast.Call) and _callee(each) == "declare" for each in holding):
        return False
    inner, outer = holding[1:3] if isinstance(holding[0], ast.Attribute) else holding[:2]  # NAME.code, or NAME
    if isinstance(inner, ast.Call):
        return _callee(inner) == "raises" or isinstance(outer, ast.withitem)
    return not isinstance(inner, ast.Set) and not (isinstance(inner, ast.keyword) and inner.arg in _PUT_IN)


def _callee(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
