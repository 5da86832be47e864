"""Wording: every sentence has its English, and placeholders are the same on both sides."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pages import catalogue, logs
from pages.catalogue import faults, marked
from pages.wording import LANGUAGES, mark, placeholders, say, sentence, translations
from schemas import errors
from schemas.errors import YunhuobanError

ROOT = Path(catalogue.__file__).parent.parent
FULL = errors.declare("E-PAGE-998", "测试 {found}，{county}。", "改成 {expected}。")


@pytest.fixture(scope="module")
def wanted() -> dict[str, list[str]]:
    """Every marked string of the source."""
    return marked(ROOT)


def test_the_catalogue_is_complete(wanted):
    """Every marked string has English with equal placeholders, and no entry is left over.

    What is wrong is printed as lines ready for the catalogue; `python -m pages.catalogue` prints the same.
    """
    wrong = faults(wanted, dict(translations("en")))
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_declared_code_is_found_by_reading_the_source(wanted):
    """Importing every module declares nothing that the reading of the source misses (a computed sentence, say).

    In a process of its own, so that codes which tests declare do not count.
    """
    program = """
import gc, importlib, json, pkgutil
gc.disable()  # nothing of a thousand modules is garbage
from pages.catalogue import PACKAGES
from schemas import errors
for package in PACKAGES:
    for module in pkgutil.walk_packages([package], f"{package}."):
        if module.name.rpartition(".")[2] not in {"__main__", "env"}:  # Alembic runs env itself
            importlib.import_module(module.name)
print(json.dumps([[c.code, c.sentence, c.remedy] for c in errors.declared().values()]))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    missed = [code for code, *texts in json.loads(done.stdout) if not wanted.keys() >= set(texts)]
    assert missed == []


def test_a_sentence_names_what_was_found_and_what_to_do():
    """Placeholders are filled from found, expected, place and the error's own parameters; a missing one is a dash."""
    shown = sentence(YunhuobanError(FULL, place="field", found="七", expected="8"))
    assert (shown.code, shown.sentence, shown.remedy) == ("E-PAGE-998", "测试 七，—。", "改成 8。")
    assert (shown.found, shown.expected, shown.place) == ("七", "8", "field")


def test_what_is_shown_of_an_error_names_no_person():
    """Whoever forgot it: identity and mobile numbers are masked, passwords taken out; a row's long key stays."""
    person, row = "130928198501010014", "179200123456789012"
    place, found = f"表 t 行 {row} {person}", f"{person}，13812345678"
    error = YunhuobanError(FULL, place=place, found=found, expected="amqp://u:p@h", county=person)
    shown = sentence(error)
    assert shown.place == f"表 t 行 {row} 130928********0014"
    assert shown.found == "130928********0014，138****5678"
    assert shown.expected == "amqp://<credentials>@h"
    assert person not in f"{shown}"


def test_an_error_has_three_parts():
    """The clerk: sentence, remedy, code. County IT: place, found, expected, what stands behind. The log: no value."""
    try:
        try:
            raise ConnectionRefusedError("张三")
        except OSError as behind:
            raise YunhuobanError(FULL, place="source", found="七", expected="8") from behind
    except YunhuobanError as error:
        shown, log = sentence(error), logs.kept(error)
    assert (shown.sentence, shown.remedy, shown.code) == ("测试 七，—。", "改成 8。", "E-PAGE-998")
    assert (shown.place, shown.found, shown.expected) == ("source", "七", "8")
    assert shown.causes == ("ConnectionRefusedError",)
    assert log == {
        "error": "schemas.errors.YunhuobanError",
        "code": "E-PAGE-998",
        "place": "source",
        "causes": ["ConnectionRefusedError"],
    }


def test_a_value_is_never_read_as_a_template():
    """Braces in what was found stay as they are and reach no attribute."""
    shown = sentence(YunhuobanError(FULL, found="{expected} {0.__class__}", county="吴桥"))
    assert shown.sentence == "测试 {expected} {0.__class__}，吴桥。"


def test_chinese_is_the_source_and_english_is_read_from_the_catalogue():
    """A known text is said in both languages, an unknown one in Chinese, an unknown language in Chinese."""
    assert say(mark("已受理")) == "已受理"
    assert say("已受理", "en") == "Accepted"
    assert say("没有人写过这句", "en") == "没有人写过这句"
    assert say("已受理", "fr") == "已受理"
    assert LANGUAGES == ("zh", "en")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('X = errors.declare("E-A-001", "句子" "两段", "办法")', ["句子两段", "办法"]),
        ('a = _("词")\nb = wording.mark("另一词")\nsay("三", language)', ["词", "另一词", "三"]),
        ('_("english is not source")\nf("中文未标")', []),
    ],
)
def test_marked_strings_are_found_by_reading_the_code(tmp_path, source, expected):
    """Joined literals, qualified names and both arguments of a declaration are found; unmarked text is not."""
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "part.py").write_text(source, encoding="utf-8")
    assert list(marked(tmp_path)) == expected


def test_template_strings_are_found(tmp_path):
    """Strings inside tags, attributes and macros of a template are found."""
    (tmp_path / "hub").mkdir()
    text = """<p title="{{ _('甲') }}">{% macro m(_) %}{{ _("乙 {n}", n=1) }}{% endmacro %}</p>"""
    (tmp_path / "hub" / "page.html").write_text(text, encoding="utf-8")
    assert set(marked(tmp_path)) == {"甲", "乙 {n}"}


def test_faults_are_lines_ready_to_paste():
    """Missing English, unequal placeholders and unused entries are three different lines."""
    lines = faults({"甲": ["a.py:1"], "乙 {n}": ["b.py:2"]}, {"乙 {n}": "second {m}", "丙": "third"})
    assert lines[0] == '#: a.py:1\nmsgid "甲"\nmsgstr ""\n'
    assert lines[1].startswith("# placeholders differ\n#: b.py:2")
    assert lines[2].startswith("# no code says this")
    assert placeholders("乙 {n}") == {"n"}


def test_merging_keeps_what_is_used_and_survives_reading_back(tmp_path):
    """A fragment goes in, a left-over goes out, quotes and line ends survive."""
    file = tmp_path / "yunhuoban.po"
    catalogue.write(file, {"说“甲”\n": ["a.py:1"]}, {"说“甲”\n": 'say "A"\n', "旧": "old"})
    assert catalogue.read(file) == {"说“甲”\n": 'say "A"\n'}
