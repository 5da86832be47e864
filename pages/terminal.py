"""How a command shows an error in a terminal: code, sentence and remedy, Chinese and English, then the details.

And the same for a code that somebody read elsewhere and looks up.
"""

from rich.console import Console

from pages import codes, wording
from schemas.errors import YunhuobanError


def show_error(error: YunhuobanError) -> None:
    """Print an error for a person, to stderr; one that holds several shows each of them."""
    out = Console(stderr=True, highlight=False)
    for each in getattr(error, "problems", ()) or (error,):
        for language in ("zh", "en"):
            said = wording.sentence(each, language)
            out.print(f"[bold]{said.code}[/bold] {said.sentence} {said.remedy}")
        details = " · ".join(part for part in (each.place, each.found, each.expected and f"→ {each.expected}") if part)
        if details:
            out.print(details, style="dim", markup=False)


def show_codes(words: str) -> None:
    """Print every code that contains the words, with sentence, remedy and the files that raise it, to stdout.

    Raises E-PAGE-050 when there is none.
    """
    out = Console(highlight=False)
    for entry in codes.matching(codes.installed(), words):
        out.print(f"[bold]{entry.code}[/bold]")
        for language in wording.LANGUAGES:
            for text in entry.said(language):
                out.print(f"  {text}", markup=False, soft_wrap=True)
        out.print(f"  出处 raised in: {', '.join(entry.raised_in)}", style="dim", soft_wrap=True)
