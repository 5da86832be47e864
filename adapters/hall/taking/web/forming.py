"""A draft as its form shows it: what the templates need of fields, materials and what is wrong with each."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from adapters.hall.taking import fields, materials, naming, once, scans
from adapters.hall.taking.paper.receipt import limit
from adapters.hall.taking.sheet import Sheet
from adapters.hall.taking.web import words
from pages.access import language_of
from pages.frame import Frame
from pages.wording import Sentence, sentence


class Forms:
    """The answers to everything that is done to a draft."""

    def __init__(self, frame: Frame) -> None:
        """The pages' frame."""
        self._frame = frame

    def answer(self, request: Request, template: str, sheet: Sheet, *, pressed: bool, **more: Any) -> HTMLResponse:
        """A draft in one of the form's templates; what is only not filled yet is told after a press."""
        values = _values(request, sheet, pressed=pressed)
        return self._frame.page(request, template, **values, **({"focus": ""} | more))

    def not_complete(self, request: Request, sheet: Sheet, shown: Sentence) -> HTMLResponse:
        """A press that did not go: each problem at its field, and the sentence of the whole."""
        return self.answer(request, "kept.html", sheet, pressed=True, rows_too=False, shown=shown)


def _values(request: Request, sheet: Sheet, *, pressed: bool) -> dict[str, Any]:
    language = language_of(request)

    def problems(path: str) -> list[Any]:
        found = [each for each in sheet.checked.at(path) if pressed or not each.open]
        return [(sentence(each.error, language), each.hinders) for each in found]

    return {
        "sheet": sheet,
        "draft": sheet.draft,
        "what": sheet.what,
        "groups": [
            (group, name, [each for each in sheet.fields if each.group is group])
            for group, name in fields.GROUPS.items()
        ],
        "Form": fields.Form,
        "problems": problems,
        "pressed": pressed,
        "lacking": once.missing(sheet.draft, sheet.checked),
        "once_told": once.of(sheet.draft),
        "left": len(sheet.checked.hindrances),
        "materials": materials,
        "naming": naming,
        "scans": scans,
        "limit": limit,
        "words": words,
        "anchor": anchor,
        "paths": [each.path for each in sheet.fields]
        + [row.path(part) for row in sheet.checked.rows for part in materials.PARTS],
    }


def anchor(path: str) -> str:
    """A field's name as part of an id in the page."""
    return path.replace(".", "-")
