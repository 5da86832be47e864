"""Every template with short, long and rare contents: nothing covers anything, nothing is cut, every glyph is ink."""

import io
import json
import shutil
import subprocess
from dataclasses import dataclass
from importlib import resources

import pytest
import typst
from PIL import Image

from adapters.licenses import template
from adapters.licenses.previewing import specimens
from adapters.licenses.render import Renderer, _job
from adapters.licenses.template import Template
from schemas.errors import YunhuobanError
from tests.unit.adapters.licenses.test_license_render import squeezed, text_of

poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
SOURCE = (resources.files("adapters.licenses") / "templates" / "page-1.typ").read_bytes()
NEWEST = {each.id: each for each in template.all_templates()}.values()
POINTS_PER_MM = 72 / 25.4
ABOVE, BELOW = 0.15, 0.12
"""How far a Chinese character stands above Typst's line box and below it, by its size: measured on Noto Serif CJK."""
RARE = "镕𠮷㐂䶮𬱟𫘧𠅤·"
"""In 通用规范汉字表 beyond GB 2312, extensions A, B and E, and the middle dot of names."""


@dataclass(frozen=True)
class Place:
    """Where something stands: millimetres from the upper left corner."""

    what: str
    left: float
    top: float
    right: float
    bottom: float

    def covers(self, other: "Place") -> bool:
        """Whether any of the two stand on the same spot."""
        across = self.left < other.right - 0.01 and other.left < self.right - 0.01
        return across and self.top < other.bottom - 0.01 and other.top < self.bottom - 0.01


def places(renderer: Renderer, form: Template, sort: str) -> list[Place]:
    """Every text, code and box of both layers, from Typst's own layout; borders, grounds and seals left out."""
    job = _job(specimens.face_of(form, sort=sort), form, ("stock", "fill"))
    decorations = ("frame", "ground", "emblem", "seal")
    layers = {
        layer: [each for each in form.drawing[layer] if each["kind"] not in decorations] for layer in ("stock", "fill")
    }
    job |= {"measure": True, "template": form.drawing | layers}
    compiler = typst.Compiler(
        SOURCE, font_paths=renderer._fonts, ignore_system_fonts=True, sys_inputs={"job": json.dumps(job)}
    )
    found = json.loads(compiler.query("<seen>", field="value"))
    return [
        Place(
            each["what"],
            each["x"],
            each["y"] - each["size"] * ABOVE / POINTS_PER_MM,
            each["x"] + each["width"],
            each["y"] + each["height"] + each["size"] * BELOW / POINTS_PER_MM,
        )
        for each in found
    ]


@pytest.mark.parametrize(
    "sort", [each if each == "long" else pytest.param(each, marks=pytest.mark.long) for each in specimens.SORTS]
)
@pytest.mark.parametrize("form", NEWEST, ids=lambda form: form.id)
def test_nothing_covers_anything(form, sort, renderer):
    """No text, code or photo box stands on another, and all stand inside the sheet's border."""
    found = places(renderer, form, sort)
    assert {f"= {label}" for label in form.labels} | set(form.labels) <= {each.what for each in found}
    frame = next((each for each in form.drawing["stock"] if each["kind"] == "frame"), None)
    border = frame["margin"] + frame["band"] if frame else 0
    width, height = form.drawing["page"]["width"], form.drawing["page"]["height"]
    outside = [
        each.what
        for each in found
        if not (border <= each.left and border <= each.top)
        or not (each.right <= width - border and each.bottom <= height - border)
    ]
    over = [(one.what, two.what) for at, one in enumerate(found) for two in found[at + 1 :] if one.covers(two)]
    assert (outside, over) == ([], [])


def test_the_watch_for_overlaps_sees_one(renderer):
    """A template whose items stand too close is found out: the test above can fail."""
    form = template.newest("residence-proof")
    found = places(renderer, form, "long")
    name = next(each for each in found if each.what == "= 姓名")
    label = next(each for each in found if each.what == "性别")
    assert not name.covers(label)
    assert name.covers(Place("", name.left, name.bottom - 0.5, name.right, name.bottom + 2))


@poppler
def test_rare_characters_are_in_the_file_and_on_the_paper(renderer, tmp_path):
    """Each can be read back from the PDF, and poppler draws each as ink of its own, none as a blank or a box."""
    form, contents = template.newest("elder-card"), tmp_path / "rare.toml"
    contents.write_text(f'"姓名" = "{RARE}"\n', encoding="utf-8")
    pdf = renderer.render_layers(specimens.face_of(form, contents), form, ["fill"])
    assert RARE in squeezed(text_of(pdf, "-raw"))
    command = ["pdftoppm", "-r", "254", "-gray", "-"]
    page = Image.open(io.BytesIO(subprocess.run(command, input=pdf, capture_output=True, check=True).stdout))
    room, items = form.rooms["姓名"], form.drawing["fill"][0]
    left, top = items["x"] + items["label-width"] + items["gap"], items["items"][0]["y"]
    advance = room.sizes[0] / POINTS_PER_MM
    cells = [
        page.crop(
            tuple(round(10 * edge) for edge in (left + at * advance, top - 0.6, left + (at + 1) * advance, top + 3.2))
        )
        for at in range(len(RARE))
    ]
    ink = [sum(255 - shade for shade in cell.tobytes()) // 255 for cell in cells]
    assert min(ink[:-1]) > 120  # square tenths of a millimetre; the faintest stroke of 㐂 has more
    assert ink[-1] > 5
    assert len({cell.tobytes() for cell in cells}) == len(RARE)


@pytest.mark.parametrize("label", ["姓名", "住址"])
def test_a_character_in_no_font_stops_any_template(label, renderer, tmp_path):
    """It is named with its code point, and the rest of the name is not."""
    form, contents = template.newest("elder-card"), tmp_path / "none.toml"
    contents.write_text(f'"{label}" = "王\U000323af"\n', encoding="utf-8")
    with pytest.raises(YunhuobanError) as caught:
        renderer.render_layers(specimens.face_of(form, contents), form, ["fill"])
    assert caught.value.code.code == "E-LIC-007"
    assert caught.value.params == {"character": "\U000323af", "code_point": "U+323AF"}


def test_what_does_not_fit_at_the_least_size_stops_the_license(renderer, tmp_path):
    """The sentence names the field, county IT sees the least size and the room; nothing is cut off."""
    form, contents = template.newest("food-license-duplicate"), tmp_path / "long.toml"
    contents.write_text(f'"经营项目" = "{"热食类食品制售，" * 200}"\n', encoding="utf-8")
    with pytest.raises(YunhuobanError) as caught:
        renderer.render_layers(specimens.face_of(form, contents), form, ["fill"])
    assert (caught.value.code.code, caught.value.params) == ("E-LIC-008", {"label": "经营项目"})
    assert caught.value.expected == ">= 5 pt, 65 × 40.9 mm"


@poppler
def test_the_duplicate_of_a_troupe_bears_its_own_number(renderer):
    """编号-1 on the 副本, the bare number on the 正本; the day in characters on both."""
    for copy, number in (("original", "1408810001"), ("duplicate", "1408810001-1")):
        form = template.newest(f"performance-license-{copy}")
        text = squeezed(text_of(renderer.render_layers(specimens.face_of(form), form, ["fill"]), "-raw"))
        assert f"编号{number}扫描" in text
        assert "二〇二六年十一月二十四日" in text
        assert "※※※※※※" in text
