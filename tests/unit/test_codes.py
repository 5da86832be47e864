"""All codes in one list: each has its row on the two pages, is raised somewhere, and comes out of a test."""

import re
from collections import Counter

import pytest
import typer
from typer.testing import CliRunner

from adapters import cli as adapters_cli
from certs import cli as certs_cli
from deploy import codes as generator
from hub import cli as hub_cli
from pages import codes
from pages.catalogue import PACKAGES
from pages.codes import Entry, SourceTree, entries, matching
from schemas.errors import YunhuobanError
from tests.provoking import provoking

NOT_PROVOKED: dict[str, str] = {}
"""Codes that no test provokes, each with its reason."""


@pytest.fixture(scope="module")
def tree() -> SourceTree:
    """The source, the tests with it, read once."""
    return SourceTree(generator.ROOT, (*PACKAGES, "tests"))


@pytest.fixture(scope="module")
def found(tree) -> list[Entry]:
    """Every code of the packages."""
    return entries(tree)


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


def test_the_pages_are_what_the_source_says(found):
    """After a change of a code, `python -m deploy.codes` writes them anew."""
    for file, text in generator.pages(found).items():
        assert file.read_text(encoding="utf-8") == text, file


def test_a_page_has_an_anchor_and_a_row_for_each_code(found):
    """Other pages link to a code; a bar or a bracket in a sentence does not break its row."""
    sentence = "甲|乙 <丙> {found}。"
    entry = Entry(code="E-PAGE-999", sentence=sentence, remedy="改。", declared_in="x.py", raised_in=("x.py", "y.py"))
    for language in ("zh", "en"):
        text = generator.page([*found, entry], language)
        assert re.findall(r'<a id="([^"]+)"></a>', text) == [each.code.lower() for each in (*found, entry)]
        rows = [line for line in text.splitlines() if line.startswith("| <a")]
        assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}
        assert r"甲\|乙 &lt;丙&gt; {found}。" in text


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
    """The commands read the packages that lie beside them, and find in them what the pages list."""
    assert codes.installed() == found


@pytest.mark.parametrize("app", [hub_cli.app, adapters_cli.app], ids=["hub", "adapter"])
def test_the_commands_say_both_languages_and_the_place(app, found, monkeypatch):
    """What stands in a receipt or a log becomes a sentence, what to do, and the file to look into, on either side."""
    monkeypatch.setattr(codes, "installed", lambda: found)  # read above; reading all of the source takes seconds
    done = CliRunner().invoke(app, ["codes", "ADM-041"])
    assert done.exit_code == 0
    said = done.output
    for words in ("E-ADM-041", "属地没有开通该事项。", "请在目录中", "does not offer", "Check in the directory"):
        assert words in said
    assert "hub/admission.py" in said


PROBE = """
from hub import refusals
from hub.refusals import EXPIRED as LATE
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
    (tmp_path / "hub").mkdir()
    (tmp_path / "tests").mkdir()
    names = ("TOO_LARGE", "EXPIRED", "STOCK_USED")
    declared = [f'{name} = declare("E-ADM-81{at}", "一", "二")' for at, name in enumerate(names)]
    (tmp_path / "hub" / "refusals.py").write_text("\n".join(declared), encoding="utf-8")
    (tmp_path / "tests" / "test_probe.py").write_text(PROBE, encoding="utf-8")
    assert provoking(SourceTree(tmp_path, ("hub", "tests"))).keys() == {
        "E-ADM-805",
        "E-ADM-807",
        "E-ADM-810",
        "E-ADM-811",
    }
