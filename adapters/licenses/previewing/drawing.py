"""Draws a specimen of a template into a file, once or anew at each save of what it is made of."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.licenses import template
from adapters.licenses.previewing import specimens
from adapters.licenses.render import Renderer
from adapters.licenses.template import Template
from certs import files
from schemas.errors import YunhuobanError

LAYERS: Final = {"stock": ("stock",), "fill": ("fill",), "both": ("stock", "fill")}
PIXELS_PER_INCH: Final = 144.0
LOOK_SECONDS: Final = 0.3
_Stamp = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What is to be drawn, and where to."""

    name: str
    """A template's id, `id/version`, or the path of a template file that somebody is writing."""
    contents: Path | None
    layer: str
    """A key of LAYERS."""
    out: Path
    """`.pdf`, or `.png` for a picture."""

    @property
    def form(self) -> Template:
        """The template as it is now. Raises TEMPLATE_UNKNOWN or TEMPLATE_FAULTY."""
        return named(self.name)

    @property
    def made_of(self) -> tuple[Path, ...]:
        """The files of this machine that it is made of: the template and all TOML beside it, and the contents."""
        written = Path(self.name)
        beside = sorted(written.parent.glob("*.toml")) if self.name.endswith(".toml") else ()
        return (*beside, *((self.contents,) if self.contents is not None else ()))


def named(name: str) -> Template:
    """A template by id, by `id/version`, or from a file. Raises TEMPLATE_UNKNOWN or TEMPLATE_FAULTY."""
    if name.endswith(".toml"):
        return template.read(Path(name))
    template_id, slash, version = name.partition("/")
    return template.load(template_id, version) if slash else template.newest(template_id)


def draw(preview: Preview, renderer: Renderer) -> None:
    """Write the file. Raises what template, contents and renderer raise; the file then stays what it was."""
    form = preview.form
    face, layers = specimens.face_of(form, preview.contents), LAYERS[preview.layer]
    if preview.out.suffix.lower() == ".png":
        page = renderer.render_picture(face, form, layers, pixels_per_inch=PIXELS_PER_INCH)
    else:
        page = renderer.render_layers(face, form, layers)
    files.write_atomically(preview.out, page)


def keep_drawing(
    preview: Preview, renderer: Renderer, stop: threading.Event, told: Callable[[YunhuobanError | None], None]
) -> None:
    """Draw now and after each save until told to stop; `told` hears of each drawing, or why there was none."""
    for _ in _saves(preview, stop):
        try:
            draw(preview, renderer)
        except YunhuobanError as error:
            told(error)
        else:
            told(None)


def _saves(preview: Preview, stop: threading.Event) -> Iterator[None]:
    seen: _Stamp | None = None
    while not stop.is_set():
        now = _stamp(preview.made_of)
        if now != seen:
            seen = now
            yield
        else:
            stop.wait(LOOK_SECONDS)


def _stamp(paths: Sequence[Path]) -> _Stamp:
    """When each was written and how long it is; one that is just being replaced counts as absent."""

    def of(path: Path) -> tuple[int, int]:
        try:
            status = path.stat()
        except OSError:
            return 0, 0
        return status.st_mtime_ns, status.st_size

    return tuple(of(path) for path in paths)
