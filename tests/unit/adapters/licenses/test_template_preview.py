"""`adapter template`: whoever writes a template, or wonders what one looks like, sees it without a county."""

import threading

import pytest
from typer.testing import CliRunner

from adapters import cli
from adapters.licenses import template
from adapters.licenses.previewing import drawing, specimens
from schemas.errors import YunhuobanError
from tests.awaiting import until
from tests.unit.adapters.licenses.test_license_render import pdftotext, squeezed, text_of
from tests.unit.adapters.licenses.test_template_files import GOOD

run = CliRunner()


def test_list_names_every_template():
    """One line for each: id with version, license, kinds of body, sheet, and whether it can be issued."""
    said = run.invoke(cli.app, ["template", "list"]).stdout
    for each in template.all_templates():
        assert f"{each.id}/{each.version}" in said
        assert each.license in said


def test_show_says_what_each_line_needs():
    """Label, source, rule with its mask, room and least size."""
    said = run.invoke(cli.app, ["template", "show", "elder-card/2026.1"]).stdout
    assert all(word in said for word in ("身份号码", "masked 11–14", "66 × 5", "9 … 6", "iso_a6_105x148mm"))
    assert "registered_capital_fen" in run.invoke(cli.app, ["template", "show", "business-license-original"]).stdout


@pdftotext
def test_a_preview_is_a_specimen(tmp_path):
    """Invented contents, 样张 in every layer; the stock alone has no contents, the fill alone no stock."""
    text = {}
    for layer in ("stock", "fill", "both"):
        file = tmp_path / f"{layer}.pdf"
        done = run.invoke(cli.app, ["template", "preview", "elder-card", "--layer", layer, "-o", str(file)])
        assert done.exit_code == 0
        assert file.name in done.stdout.replace("\n", "")
        text[layer] = squeezed(text_of(file.read_bytes(), "-raw"))
        assert "样张" in text[layer]
    assert ("老年人优待证" in text["stock"], "欧阳建国" in text["stock"]) == (True, False)
    assert ("老年人优待证" in text["fill"], "欧阳建国" in text["fill"]) == (False, True)
    assert "老年人优待证" in text["both"]
    assert "欧阳建国" in text["both"]


def test_a_picture(tmp_path):
    """A name that ends in .png gives a picture; another ending, or a template that is not there, gives nothing."""
    picture = tmp_path / "a.png"
    assert run.invoke(cli.app, ["template", "preview", "elder-card", "-o", str(picture)]).exit_code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert run.invoke(cli.app, ["template", "preview", "elder-card", "-o", str(tmp_path / "a.doc")]).exit_code == 2
    failed = run.invoke(cli.app, ["template", "preview", "elder", "-o", str(tmp_path / "b.pdf")])
    assert isinstance(failed.exception, YunhuobanError)
    assert failed.exception.code.code == "E-LIC-003"
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ('"姓名" = ', "E-LIC-017", "mine.toml"),
        ('"血型" = "A"', "E-LIC-017", "mine.toml"),
        ('"发证日期" = "今天"', "E-LIC-017", "发证日期"),
        ('"编号" = 7', "E-LIC-017", "编号"),
        ('"姓名" = ""', "E-LIC-004", "elder-card 姓名"),
        ('"出生日期" = "1952"', "E-LIC-015", "出生日期"),
        ('"出生日期" = [1952-03-05]', "E-LIC-015", "出生日期"),
        ('"身份号码" = "13092819520305"', None, ""),
        ('"身份号码" = "1309281952030"', "E-LIC-015", "身份号码"),
        ('"姓名" = "甲\\u202e乙"', "E-LIC-002", ""),
    ],
)
def test_contents_that_cannot_be_drawn_are_named(tmp_path, text, code, place):
    """By file or label; what somebody wrote there is not repeated."""
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    form = template.newest("elder-card")
    if code is None:
        assert dict(specimens.face_of(form, file).lines)["身份号码"] == "1309281952****"
        return
    with pytest.raises(YunhuobanError) as caught:
        specimens.face_of(form, file)
    assert (caught.value.code.code, caught.value.place) == (code, place)
    assert "甲" not in caught.value.found


def test_contents_that_are_not_there(tmp_path):
    """The file is named."""
    with pytest.raises(YunhuobanError) as caught:
        specimens.face_of(template.newest("elder-card"), tmp_path / "none.toml")
    assert (caught.value.code.code, caught.value.place) == ("E-LIC-017", "none.toml")


def test_watching_draws_at_each_save(tmp_path, renderer):
    """A save is drawn, a fault is told and the last drawing stays, and mending it goes on; both files are watched."""
    written, contents, out = tmp_path / "mine.toml", tmp_path / "contents" / "c.toml", tmp_path / "out.png"
    contents.parent.mkdir()
    written.write_text(GOOD, encoding="utf-8")
    contents.write_text('"姓名" = "甲"', encoding="utf-8")
    heard: list[str] = []
    stop = threading.Event()
    wanted = drawing.Preview(name=str(written), contents=contents, layer="both", out=out)
    watching = threading.Thread(
        target=drawing.keep_drawing,
        args=(wanted, renderer, stop, lambda error: heard.append(error.code.code if error else "drawn")),
    )
    watching.start()
    try:
        until(lambda: heard == ["drawn"], 30)
        first = out.read_bytes()
        written.write_text(GOOD.replace("y = 31", "y = 310"), encoding="utf-8")
        until(lambda: heard == ["drawn", "E-LIC-012"], 30)
        assert out.read_bytes() == first
        written.write_text(GOOD.replace("y = 31", "y = 35"), encoding="utf-8")
        until(lambda: heard == ["drawn", "E-LIC-012", "drawn"], 30)
        second = out.read_bytes()
        contents.write_text('"姓名" = "甲乙丙"', encoding="utf-8")
        until(lambda: len(heard) == 4, 30)
        assert len({first, second, out.read_bytes()}) == 3
    finally:
        stop.set()
        watching.join()


def test_there_must_be_something_to_watch():
    """A template of the package with invented contents never changes: to watch it is a mistake, told at once."""
    assert run.invoke(cli.app, ["template", "preview", "elder-card", "--watch"]).exit_code == 2
