"""All codes in one book: each is on its pages, is raised somewhere, and comes out of a test."""

import re
from collections import Counter

import pytest
import typer
from typer.testing import CliRunner

from adapters import cli as adapters_cli
from certs import cli as certs_cli
from deploy.codes import __main__ as generator
from deploy.codes import markdown, record
from deploy.codes.source import SourceTree, entries
from hub import cli as hub_cli
from pages import wording
from pages.catalogue import PACKAGES
from pages.codes import book
from pages.codes.areas import AREAS
from pages.codes.book import Entry, Example, Site, matching
from pages.codes.explaining import explain
from schemas.errors import YunhuobanError
from tests.provoking import provoking

NOT_PROVOKED: dict[str, str] = {}
"""Codes that no test provokes, each with its reason."""
SITES = (Site(file="x.py", function="One.two"), Site(file="y.py", function=""))


@pytest.fixture(scope="module")
def tree() -> SourceTree:
    """The source, the tests with it, read once."""
    return SourceTree(generator.ROOT, (*PACKAGES, "tests"))


@pytest.fixture(scope="module")
def found(tree) -> list[Entry]:
    """Every code of the packages."""
    return entries(tree, record.read())


def test_every_code_is_provoked_by_a_test(found, tree):
    """Whoever declares a code writes the test in which it comes out; an exception that a test provokes is none."""
    untested = {entry.code for entry in found} - provoking(tree).keys()
    assert untested == NOT_PROVOKED.keys()


def test_every_code_is_raised_somewhere(found):
    """A code that nothing raises any more is gone from the source, too; its number is not used again."""
    assert [entry.code for entry in found if not entry.raised_in] == []


def test_no_two_codes_say_the_same(found):
    """Whoever reads the sentence aloud to somebody else names one code."""
    said = Counter(entry.said(language)[0] for entry in found for language in ("zh", "en"))
    assert {sentence: times for sentence, times in said.items() if times > 1} == {}


def test_a_remedy_names_only_commands_that_exist(found):
    """Whoever does what the screen says at three in the morning must not be told that there is no such command."""
    commands = {"hub": hub_cli.app, "adapter": adapters_cli.app, "certs": certs_cli.app}
    roots = {name: typer.main.get_command(app) for name, app in commands.items()}
    wrong = []
    for entry in found:
        for name, words in re.findall(
            r"(?<![\w@.])(hub|adapter|certs) ([a-z]+(?: [a-z]+)*)", entry.sentence + entry.remedy
        ):
            command = roots[name]
            for word in words.split():
                if not hasattr(command, "commands"):
                    break  # an option or a prose word behind a whole command
                command = command.get_command(None, word)
            if command is None or hasattr(command, "commands"):
                wrong.append((entry.code, name, words))
    assert wrong == []


def test_the_book_and_its_pages_are_what_the_source_says(found):
    """After a change of a code, `python -m deploy.codes` writes them anew; no page of an area is left over."""
    wanted = generator.wanted(found)
    assert [
        file for file, text in wanted.items() if not file.exists() or file.read_text(encoding="utf-8") != text
    ] == []
    assert [page for page in generator.area_pages() if page not in wanted] == []


def test_every_code_has_an_explanation_for_its_three_readers(found):
    """In both languages: what the clerk sees, what county IT sees, what the log keeps; the log never what was found."""
    for entry in found:
        for language in wording.LANGUAGES:
            told = explain(entry, language)
            assert told.clerk.sentence, entry.code
            assert told.clerk.remedy, entry.code
            assert not told.clerk.has_details, entry.code
            assert f'"code": "{entry.code}"' in told.log
            assert "found" not in told.log, entry.code
    assert {entry.area for entry in found} == AREAS.keys()


def test_an_example_is_of_a_code_and_names_nobody(found):
    """Examples came out of the tests: each is of a code that there still is, and no number of a person is in it."""
    examples = record.read()
    assert examples.keys() <= {entry.code for entry in found}
    for code, example in examples.items():
        for text in (example.place, example.found, example.expected):
            assert wording.shown(text) == text, code


def test_an_example_says_most_in_the_fewest_words():
    """Of what tests bring forth the fullest is kept; a folder of the machine and a made-up place are not."""
    seen = {("x", "1", "2"), ("/tmp/a", "1", "2"), ("表 t", "1", ""), ("表 t", "12", "3"), ("表 t", "1", "3")}
    assert record.choose(seen) == Example(place="表 t", found="1", expected="3")
    assert record.choose({("", "", ""), ("a\x00b", "", "")}) is None


def test_a_page_has_an_anchor_and_a_row_for_each_code(found):
    """Other pages link to a code; a bar or a bracket in a sentence does not break its row, or its section."""
    sentence = "甲|乙 <丙> {found}。"
    entry = Entry(code="E-PAGE-999", sentence=sentence, remedy="改。", declared_in="x.py", sites=SITES)
    for language in ("zh", "en"):
        text = markdown.listed([*found, entry], language)
        assert re.findall(r'<a id="([^"]+)"></a>', text) == [each.code.lower() for each in (*found, entry)]
        rows = [line for line in text.splitlines() if line.startswith("| <a")]
        assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}
        assert r"甲\|乙 &lt;丙&gt; {found}。" in text
        assert "x.py`<br>`y.py" in text
        section = markdown.area_page("PAGE", [entry], language)
        assert "甲|乙 &lt;丙&gt; {found}。" in section
        assert "`x.py` `One.two`, `y.py`" in section


def test_a_code_is_looked_up_by_any_part_of_it(found):
    """As people type it: small letters, without the E, or an area; nothing stands for all of them."""
    for words in ("E-ADM-041", "e-adm-041", " adm-041 ", "ADM-041"):
        assert [entry.code for entry in matching(found, words)] == ["E-ADM-041"]
    assert {entry.area for entry in matching(found, "-jrnl-")} == {"JRNL"}
    assert matching(found, "") == found
    with pytest.raises(YunhuobanError, match="E-PAGE-050") as refused:
        matching(found, "ADM-0441")
    assert refused.value.expected == "E-ADM-041"


def test_what_is_installed_is_what_is_looked_up(found):
    """The commands read the book that lies in the package, and find in it what the source says."""
    assert book.installed() == tuple(found)


@pytest.mark.parametrize("app", [hub_cli.app, adapters_cli.app], ids=["hub", "adapter"])
def test_the_commands_say_both_languages_and_the_place(app):
    """What stands in a receipt or a log becomes a sentence, what to do, and the file to look into, on either side."""
    done = CliRunner().invoke(app, ["codes", "ADM-041"])
    assert done.exit_code == 0
    said = done.output
    for words in ("E-ADM-041", "属地没有开通该事项。", "请在目录中", "does not offer", "Check in the directory"):
        assert words in said
    assert "hub/intake/admission.py" in said


@pytest.mark.parametrize("app", [hub_cli.app, adapters_cli.app], ids=["hub", "adapter"])
def test_a_code_is_explained_on_either_side(app):
    """`explain` prints the page of one code; of a part it lists what there is, and what there is not it says."""
    said = CliRunner().invoke(app, ["explain", "e-map-012"]).output
    for words in (
        "窗口人员看到",
        "不是真实的日期。",
        "县信息中心看到",
        "月底",
        "真实的日期",
        "日志留下",
        "not a real date",
    ):
        assert words in said
    listed = CliRunner().invoke(app, ["explain", "E-MAP"]).output
    assert "E-MAP-001" in listed
    assert "E-MAP-057" in listed
    refused = CliRunner().invoke(app, ["explain", "E-MAP-999"])
    assert isinstance(refused.exception, YunhuobanError)
    assert refused.exception.code is book.UNKNOWN_CODE


PROBE = """
from hub.intake import refusals
from hub.intake.refusals import EXPIRED as LATE
LOCAL = declare("E-ADM-800", "一", "二")
"E-ADM-801 in a docstring"
def test_it():
    # E-ADM-802 in a comment
    assert refused() == refusals.TOO_LARGE.code
    assert refused(LATE)
    assert "E-ADM-803" not in shown
    put("E-ADM-806")
    with awaited("E-ADM-807"):
        pass
    put(code="E-ADM-804", verdict=refusals.STOCK_USED.code)
    raise YunhuobanError(LOCAL)
    with pytest.raises(YunhuobanError, match="E-ADM-805"):
        pass
"""


def test_a_mention_is_not_a_provocation(tmp_path):
    """Only where a test looks at what came out; the rule itself is tried on a small tree."""
    (tmp_path / "hub" / "intake").mkdir(parents=True)
    (tmp_path / "tests").mkdir()
    names = ("TOO_LARGE", "EXPIRED", "STOCK_USED")
    declared = [f'{name} = declare("E-ADM-81{at}", "一", "二")' for at, name in enumerate(names)]
    (tmp_path / "hub" / "intake" / "refusals.py").write_text("\n".join(declared), encoding="utf-8")
    (tmp_path / "tests" / "test_probe.py").write_text(PROBE, encoding="utf-8")
    assert provoking(SourceTree(tmp_path, ("hub", "tests"))).keys() == {
        "E-ADM-805",
        "E-ADM-807",
        "E-ADM-810",
        "E-ADM-811",
    }
