"""How a command shows an error in a terminal: code, sentence and remedy, Chinese and English, then the details.

And the same for a code that somebody read elsewhere and looks up.
"""

from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pages import wording
from pages.codes import book
from pages.codes.explaining import LOG_RULE, explain
from pages.wording import mark as _
from schemas.errors import YunhuobanError

_BEHIND: Final = " ← "
_WIDE: Final = 180


def show_table(table: Table) -> None:
    """Print a table to stdout; a file or a pipe has no width of its own, and a row is one line there."""
    out = Console(highlight=False)
    (out if out.is_terminal else Console(highlight=False, width=_WIDE)).print(table)


def show_error(error: YunhuobanError) -> None:
    """Print an error for a person, to stderr; one that holds several shows each of them."""
    out = Console(stderr=True, highlight=False)
    for each in getattr(error, "problems", ()) or (error,):
        for language in ("zh", "en"):
            said = wording.sentence(each, language)
            out.print(Text.assemble((said.code, "bold"), f" {said.sentence} {said.remedy}"))
        behind = "".join(_BEHIND + cause for cause in said.causes)
        details = (said.place, said.found, said.expected and f"→ {said.expected}", behind.strip())
        if said.has_details:
            out.print(" · ".join(part for part in details if part), style="dim", markup=False)


def show_codes(words: str) -> None:
    """Print every code that contains the words, with sentence, remedy and the files that raise it, to stdout.

    Raises E-PAGE-050 when there is none.
    """
    out = Console(highlight=False)
    for entry in book.matching(book.installed(), words):
        out.print(f"[bold]{entry.code}[/bold]")
        for language in wording.LANGUAGES:
            for text in entry.said(language):
                out.print(f"  {text}", markup=False, soft_wrap=True)
        out.print(f"  出处 raised in: {', '.join(entry.raised_in)}", style="dim", soft_wrap=True)


def show_explanation(words: str) -> None:
    """Print the page of one code in both languages, to stdout: what the clerk and county IT see, what the log keeps.

    Several codes that contain the words are listed instead. Raises E-PAGE-050 when there is none.
    """
    entries = book.matching(book.installed(), words)
    if len(entries) > 1:
        show_codes(words)
        return
    out = Console(highlight=False)
    for language in wording.LANGUAGES:
        _print_explanation(out, entries[0], language)


def _print_explanation(out: Console, entry: book.Entry, language: str) -> None:
    def say(text: str) -> str:
        return wording.say(text, language)

    def line(head: str, text: str) -> None:
        out.print(Text.assemble(f"  {say(head)}", text), soft_wrap=True)

    told = explain(entry, language)
    out.print(Text.assemble((told.code, "bold"), f" {say(told.area.name)}"))
    out.print(Text(say(_("窗口人员看到")), style="bold"))
    line("", told.clerk.sentence)
    line(_("怎么办："), told.clerk.remedy)
    out.print(Text(say(_("县信息中心看到")), style="bold"))
    line("", say(told.area.meaning))
    line(_("先看哪里："), say(told.area.look))
    if told.example is not None:
        line(_("例，位置："), told.example.place or "—")
        line(_("例，实际："), told.example.found or "—")
        line(_("例，应为："), told.example.expected or "—")
    line(_("出处："), ", ".join(f"{site.file} {site.function}".strip() for site in told.sites))
    out.print(Text(say(_("日志留下")), style="bold"))
    line("", told.log)
    line("", say(LOG_RULE))
