"""A license page shows exactly its face, in one font, or is not made at all."""

import io
import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from adapters.licenses import qr, template
from adapters.licenses.pdf_file import opened, statement_in, statement_text
from adapters.licenses.render import Renderer
from adapters.licenses.shift import page_size_mm, shift_fill
from schemas.errors import YunhuobanError
from tests.unit.adapters.licenses.license_parties import AUTHORITY, NUMBER, make_face, statement_of_copy

pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")


def text_of(pdf: bytes, *arguments: str) -> str:
    """The text of a page as poppler sees it."""
    command = ["pdftotext", *arguments, "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode(errors="replace")


def squeezed(text: str) -> str:
    """Without any blank: poppler puts them where lines and scripts change."""
    return "".join(text.split())


@pdftotext
@pytest.mark.parametrize("copy", ["original", "duplicate"])
def test_page_shows_the_whole_face(copy, renderer, request):
    """Every line, the number, authority and date can be read from the page, rare characters exactly."""
    form = request.getfixturevalue(copy)
    face = make_face()
    for pdf in (renderer.render_complete(face, form), renderer.render_fill(face, form)):
        text = squeezed(text_of(pdf, "-raw"))
        for _, value in face.lines:
            assert squeezed(value) in text
        assert NUMBER in text
        assert "𠮷䶮㐂" in text
        assert all(part in text for part in ("2026", "11", "22", "样张"))
        assert statement_text(opened(pdf)) == statement_of_copy(face, form)


def test_a_template_that_cannot_be_drawn_is_told(renderer, original):
    """A drawing with a part missing is one declared error, which quotes nothing of the face."""
    with pytest.raises(YunhuobanError) as caught:
        renderer.render_complete(make_face(), replace(original, drawing={}))
    assert caught.value.code.code == "E-LIC-009"
    assert "䶮" not in f"{caught.value}{caught.value.found}{caught.value.place}"


@pdftotext
def test_layers(renderer, original, duplicate):
    """The fill layer has nothing that the stock bears; the complete page has both."""
    stock = ("营业执照", "登记机关", "国家市场监督管理总局监制", "http://www.gsxt.gov.cn")
    for form in (original, duplicate):
        fill = squeezed(text_of(renderer.render_fill(make_face(), form), "-raw"))
        whole = squeezed(text_of(renderer.render_complete(make_face(), form), "-raw"))
        assert not [word for word in stock if word in fill]
        assert all(word in whole for word in stock)
        assert all(character in whole for character in AUTHORITY)
    assert "副本编号：1-1" in fill
    assert "（副本）" in whole
    assert "每年1月1日至6月30日" in whole


@pdftotext
def test_only_a_trial_is_marked(renderer, original):
    """A trial says 样张 in every layer; a real license never does."""
    for render in (renderer.render_complete, renderer.render_fill):
        assert "样张" in text_of(render(make_face(), original))
        assert "样张" not in text_of(render(make_face(trial=False), original))


def test_same_face_same_bytes(renderer, original):
    """Two runs, and two renderers, make the same file: a digest can be computed anew."""
    again = Renderer()
    assert renderer.render_complete(make_face(), original) == again.render_complete(make_face(), original)
    assert renderer.render_fill(make_face(), original) != renderer.render_fill(make_face(名称="另一家"), original)


def test_archival_profile_and_size(renderer, original, duplicate):
    """PDF/A-2b as Typst declares it, one page of the sheet's exact size, far below the caps of LicenseFile."""
    for form, width, height in ((original, 420, 297), (duplicate, 297, 210)):
        pdf = renderer.render_complete(make_face(), form)
        assert b"<pdfaid:part>2</pdfaid:part>" in pdf
        assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf
        page = PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Kids"][0]
        assert [round(float(side) / 72 * 25.4) for side in page["/MediaBox"]] == [0, 0, width, height]
        assert len(pdf) < 200_000


@pytest.mark.parametrize("character", ["\U000323af", "\ue000", "😀", "ۍ"])
def test_missing_glyph_is_named(character, renderer, original):
    """A character that the font lacks stops the license and is named."""
    with pytest.raises(YunhuobanError) as caught:
        renderer.render_complete(make_face(法定代表人=f"王{character}"), original)
    assert caught.value.code.code == "E-LIC-007"
    assert caught.value.params == {"character": character, "code_point": f"U+{ord(character):04X}"}
    assert "王" not in str(caught.value)


@pytest.mark.parametrize("character", ["\u202e", "\u200b", "\x00", "\x1b"])
def test_invisible_characters_are_refused(character):
    """What reorders or hides a name on paper is refused before anything is drawn."""
    with pytest.raises(YunhuobanError) as caught:
        make_face(名称=f"永济{character}商贸")
    assert caught.value.code.code == "E-LIC-002"


@pdftotext
@pytest.mark.parametrize("name", ['"] #panic("x") $x$ *甲* _乙_ <a> @b \\', '#import "x": *', "{{7*7}} ${x}"])
def test_a_name_is_never_a_command(name, renderer, original):
    """Markup of any kind in a name is printed as it is."""
    pdf = renderer.render_complete(make_face(名称=name), original)
    assert squeezed(name) in squeezed(text_of(pdf, "-raw"))


def test_longest_scope_fits_and_longer_is_refused(renderer, original, duplicate):
    """4000 bytes of Chinese, the cap of a face line, fit both pages; what does not fit is never cut off."""
    for form in (original, duplicate):
        renderer.render_fill(make_face(经营范围="字" * 1333), form)
        with pytest.raises(YunhuobanError) as caught:
            renderer.render_fill(make_face(经营范围="字" * 4000), form)
        assert (caught.value.code.code, caught.value.params) == ("E-LIC-008", {"label": "经营范围"})


def test_fonts_are_never_replaced(tmp_path, original):
    """Without the folder, or without the font in it, there is an error and no page."""
    for make in (lambda: Renderer(font_folder=tmp_path / "none"), lambda: Renderer(font_folder=tmp_path)):
        with pytest.raises(YunhuobanError) as caught:
            make().render_complete(make_face(), original)
        assert caught.value.code.code == "E-LIC-006"


def test_face_must_fit_the_template(renderer, original):
    """A missing, foreign or empty line is refused by its label."""
    with pytest.raises(YunhuobanError) as caught:
        renderer.render_fill(make_face(经营者="甲"), original)
    assert (caught.value.code.code, caught.value.found) == ("E-LIC-004", "经营者")
    with pytest.raises(YunhuobanError) as caught:
        renderer.render_fill(make_face(住所=" "), original)
    assert caught.value.expected == "住所"


@pytest.mark.parametrize("identity", [("../x", "2019.1"), ("business-license-original", "2018.1"), ("a", "../1.1")])
def test_unknown_template(identity):
    """Only templates that are there can be asked for."""
    with pytest.raises(YunhuobanError) as caught:
        template.load(*identity)
    assert caught.value.code.code == "E-LIC-003"


def test_qr_address():
    """128 bits in 22 characters, in the fragment; anything else is refused without naming the token."""
    assert qr.verification_url("verify.example.cn:8443", bytes(16)) == f"https://verify.example.cn:8443/v#{'0' * 32}"
    for host, token in (("Verify", bytes(16)), ("a/b", bytes(16)), ("a b", bytes(16)), ("host", b"short")):
        with pytest.raises(YunhuobanError) as caught:
            qr.verification_url(host, token)
        assert caught.value.code.code == "E-LIC-005"


@pdftotext
def test_shift_moves_the_content(renderer, duplicate):
    """The content of a print file moves by exactly the calibration, its bytes stay, and its statement stays."""

    def corner(pdf: bytes) -> tuple[float, float]:
        words = ET.fromstring(text_of(pdf, "-bbox")).iter("{http://www.w3.org/1999/xhtml}word")
        word = next(word for word in words if word.text == NUMBER)
        return float(word.attrib["xMin"]), float(word.attrib["yMin"])

    fill = renderer.render_fill(make_face(), duplicate)
    moved = shift_fill(fill, shift_x_mm=3.5, shift_y_mm=-2)
    assert moved.startswith(fill)
    (x, y), (x2, y2) = corner(fill), corner(moved)
    assert ((x2 - x) / 72 * 25.4, (y2 - y) / 72 * 25.4) == (pytest.approx(3.5, abs=0.01), pytest.approx(-2, abs=0.01))
    assert statement_in(moved) == statement_in(fill)
    assert shift_fill(fill, shift_x_mm=0, shift_y_mm=0) is fill
    (x3, y3) = corner(shift_fill(fill, shift_x_mm=0, shift_y_mm=0, scale=1.02))
    middle = (297 / 25.4 * 72 / 2, 210 / 25.4 * 72 / 2)
    assert x3 - middle[0] == pytest.approx((x - middle[0]) * 1.02, abs=0.05)
    assert y3 - middle[1] == pytest.approx((y - middle[1]) * 1.02, abs=0.05)
    assert page_size_mm(moved) == (pytest.approx(297, abs=0.1), pytest.approx(210, abs=0.1))


def test_shift_refuses(renderer, duplicate):
    """A wild calibration, or what is no single page, is not printed."""
    fill = renderer.render_fill(make_face(), duplicate)
    wild = ((11, 0, 1), (0, -10.1, 1), (float("nan"), 0, 1), (0, float("nan"), 1), (1, 1, 1.03), (0, 0, float("nan")))
    for x, y, scale in wild:
        with pytest.raises(YunhuobanError) as caught:
            shift_fill(fill, shift_x_mm=x, shift_y_mm=y, scale=scale)
        assert caught.value.code.code == "E-LIC-030"
    for broken in (b"", b"%PDF-1.7 nothing", fill[:5000]):
        with pytest.raises(YunhuobanError) as caught:
            shift_fill(broken, shift_x_mm=1, shift_y_mm=1)
        assert caught.value.code.code == "E-LIC-031"
        with pytest.raises(YunhuobanError) as caught:
            page_size_mm(broken)
        assert caught.value.code.code in {"E-LIC-031", "E-LIC-040"}
