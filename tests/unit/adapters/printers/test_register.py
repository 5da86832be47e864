"""The register of the hall's printers: what is written is read back, what is wrong is refused with its reason."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.hall.printers import calibrating, words
from adapters.hall.printers.calibrating import forms
from adapters.hall.printers.register import FILE, Offset, Register, Tray, registered
from schemas.errors import YunhuobanError

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
FORM = "business-license-duplicate/2019.1"


@pytest.fixture
def register(tmp_path) -> Register:
    """A folder with one printer in its register."""
    made = Register(tmp_path)
    trays = (Tray.parse("tray-1=A4:specimen-a4"), Tray.parse(" tray-2=A4:business-license-duplicate-2019"))
    made.add(registered("a4-1", "ipp://10.0.0.9/ipp/print", pin="", trays=trays, by="it-1", now=NOW))
    return made


def offset(at: datetime, **changes) -> Offset:
    """One measured offset."""
    plain = Offset(printer="a4-1", template=FORM, source="tray-2", x_mm=1, y_mm=-2, set_at=at, set_by="it-1")
    return plain.model_copy(update=changes)


def test_what_is_registered_is_read_by_another_process(register, tmp_path):
    """A command writes, the running node reads it at its next use."""
    (found,) = Register(tmp_path).content().printers
    assert [tray.source for tray in found.trays] == ["tray-1", "tray-2"]
    register.load("a4-1", ())
    assert Register(tmp_path).content().named("a4-1").trays == ()
    register.remove("a4-1")
    assert register.content().printers == ()


def test_the_newest_offset_counts_and_all_stay_on_record(register):
    """Who and when are kept for every calibration; one of another tray or template changes nothing."""
    for each in (offset(NOW), offset(NOW + timedelta(hours=1), x_mm=3), offset(NOW, source="tray-1", x_mm=9)):
        register.calibrate(each)
    printer = register.content().named("a4-1")
    found = register.content().offset(printer, FORM, "tray-2")
    assert found is not None
    assert (found.x_mm, found.set_by) == (3, "it-1")
    assert [each.source for each in register.content().current(printer)] == ["tray-1", "tray-2"]
    assert len(register.content().offsets) == 3


def test_a_printer_that_was_set_up_anew_begins_without_offsets(register):
    """Another machine under the old name is not shifted by what the old one needed."""
    register.calibrate(offset(NOW))
    register.remove("a4-1")
    later = NOW + timedelta(days=1)
    register.add(registered("a4-1", "ipp://10.0.0.10/ipp/print", pin="", trays=(), by="it-1", now=later))
    assert register.content().current(register.content().named("a4-1")) == []
    assert len(register.content().offsets) == 1


@pytest.mark.parametrize("wrong", [{"x_mm": 10.1}, {"y_mm": -11}, {"y_mm": float("nan")}, {"scale": 1.03}])
def test_an_offset_beyond_ten_millimetres_is_a_mistake(register, wrong):
    """Nothing of it is kept."""
    with pytest.raises(YunhuobanError, match="E-PRINT-165"):
        register.calibrate(offset(NOW, **wrong))
    assert register.content().offsets == ()


@pytest.mark.parametrize("text", ["", "tray-1", "tray-1=A5:x", "tray-1=A4:", "=A4:x", "Tray 1=A4:x", "tray-1=A4:a b"])
def test_a_tray_is_told_in_one_shape(text):
    """The shape is in the remedy."""
    with pytest.raises(YunhuobanError, match="E-PRINT-164"):
        Tray.parse(text)


def test_a_tray_holds_the_sheet_of_every_template():
    """Whatever is issued has a tray that it can come from: A3, A4, and a card's A6."""
    for form in forms():
        tray = Tray.parse(f"tray-1={words.SHEETS[form.media.value]}:stock-1")
        assert tray.media is form.media


def test_what_cannot_be_registered_is_refused(register):
    """An odd name, an address that is none, a name or an address that is there, a printer that is not."""
    for name, url, code in (
        ("A4 打印机", "ipp://10.0.0.1/", "E-PRINT-163"),
        ("a4-2", "http://10.0.0.1/", "E-PRINT-128"),
    ):
        with pytest.raises(YunhuobanError, match=code):
            registered(name, url, pin="", trays=(), by="it-1", now=NOW)
    for name, url in (("a4-1", "ipp://10.0.0.1/"), ("a4-2", "ipp://10.0.0.9/ipp/print")):
        with pytest.raises(YunhuobanError, match="E-PRINT-162"):
            register.add(registered(name, url, pin="", trays=(), by="it-1", now=NOW))
    with pytest.raises(YunhuobanError, match="E-PRINT-161"):
        register.remove("a4-9")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"printers": 1}', '{"more": 1}', '{"printers": [{"name": "X"}]}', "\0"]
)
def test_a_damaged_register_stops_and_is_named(tmp_path, text):
    """Nothing is guessed from half a file."""
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(YunhuobanError, match="E-PRINT-160"):
        Register(tmp_path).content()


def test_a_template_and_a_tray_are_looked_up(register):
    """A template by id and version; a tray that holds its sheet, named only where there is a choice."""
    with pytest.raises(YunhuobanError, match="E-PRINT-169"):
        calibrating.form("business-license-duplicate")
    printer, form = register.content().named("a4-1"), calibrating.form(FORM)
    assert calibrating.source_for(printer, form, "tray-2") == "tray-2"
    for source in ("", "tray-3"):
        with pytest.raises(YunhuobanError, match="E-PRINT-170"):
            calibrating.source_for(printer, form, source)
    assert calibrating.source_for(printer.model_copy(update={"trays": ()}), form, "") == ""
