"""How a command shows an error in a terminal: code, sentence and remedy, Chinese and English, then the details."""

from rich.console import Console

from pages import wording
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
