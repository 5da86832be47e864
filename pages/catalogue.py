"""What the catalogue must hold: every marked string of the source, found by reading the code, never by running it.

`python -m pages.catalogue` prints what is missing or left over, ready to paste; `python -m pages.catalogue FILE.po …`
puts translations from files into the catalogue and drops what no code says any more.
Marked are: the sentence and remedy of `errors.declare`, the first argument of `_`, `mark` and `say`, `_("…")` in
templates, and the names of the contract's fields and the words of its enumerations (`pages.fieldnames`).
"""

import ast
import json
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

from pages import fieldnames
from pages.wording import placeholders

PACKAGES: Final = ("schemas", "certs", "pages", "hub", "adapters")
_MARKS: Final = frozenset({"_", "mark", "say"})


def marked(root: Path) -> dict[str, list[str]]:
    """Every marked string under the packages of a source tree, with the places that say it, `file:line`."""
    found: dict[str, list[str]] = {}
    for package in PACKAGES:
        for file in sorted((root / package).rglob("*")):
            if file.suffix == ".py":
                strings = _in_code(file.read_text(encoding="utf-8"))
            elif file.suffix == ".html":
                strings = _in_template(file.read_text(encoding="utf-8"))
            elif file.suffix == ".avsc":
                strings = _in_contract(file.read_text(encoding="utf-8"))
            else:
                continue
            for line, text in strings:
                found.setdefault(text, []).append(f"{file.relative_to(root)}:{line}")
    return found


def faults(wanted: dict[str, list[str]], translations: dict[str, str]) -> list[str]:
    """One line for everything wrong, ready to act on: missing English, unequal placeholders, unused entries."""
    result = []
    for text, places in sorted(wanted.items(), key=lambda item: item[1]):
        english = translations.get(text, "")
        if not english:
            result.append(f'#: {places[0]}\nmsgid {_quoted(text)}\nmsgstr ""\n')
        elif placeholders(english) != placeholders(text):
            result.append(f"# placeholders differ\n#: {places[0]}\nmsgid {_quoted(text)}\nmsgstr {_quoted(english)}\n")
    result += [f"# no code says this\nmsgid {_quoted(text)}\n" for text in sorted(translations.keys() - wanted.keys())]
    return result


def read(file: Path) -> dict[str, str]:
    """The msgids and msgstrs of a .po file, header and empty ones left out."""
    with file.open("rb") as stream:
        return {str(m.id): str(m.string) for m in read_po(stream, locale="en") if m.id and m.string}


def write(file: Path, wanted: dict[str, list[str]], translations: dict[str, str]) -> None:
    """Write the catalogue: every wanted string with the file that says it, in the order of those files."""
    catalogue = Catalog(locale="en", project="yunhuoban", charset="utf-8", fuzzy=False)
    for text, places in sorted(wanted.items(), key=lambda item: (item[1][0].split(":")[0], item[0])):
        # Files without line numbers, so that moving a line does not change the catalogue.
        catalogue.add(text, translations.get(text, ""), locations=[(p.split(":")[0], None) for p in places])  # type: ignore[misc]
    with file.open("wb") as stream:
        write_po(stream, catalogue, width=120, omit_header=True, no_location=False, include_lineno=False)


def main(arguments: list[str]) -> int:
    """Check the catalogue of this source tree, or merge the files named. Returns the exit status."""
    package = Path(str(resources.files("pages")))
    root, file = package.parent, package / "locale" / "en" / "LC_MESSAGES" / "yunhuoban.po"
    wanted = marked(root)
    translations = read(file) if file.exists() else {}
    if arguments:
        for fragment in arguments:
            translations |= read(Path(fragment))
        write(file, wanted, {text: english for text, english in translations.items() if text in wanted})
        translations = read(file)
    wrong = faults(wanted, translations)
    sys.stdout.write("\n".join(wrong) or f"{len(wanted)} strings, all translated\n")
    return 1 if wrong else 0


def _in_code(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = node.args[1:3] if name == "declare" else node.args[:1] if name in _MARKS else []
        for argument in texts:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and not argument.value.isascii():
                yield argument.lineno, argument.value


def _in_template(source: str) -> Iterator[tuple[int, str]]:
    for call in Environment(autoescape=True).parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "_" and isinstance(call.args[0], nodes.Const):
            yield call.lineno, str(call.args[0].value)


def _in_contract(source: str) -> Iterator[tuple[int, str]]:
    shape = json.loads(source)
    for text in [*fieldnames.names(shape), *fieldnames.words(shape).values()]:
        if not text.isascii():
            yield 1, text


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
