"""One small picture of a template, which remembers what it was drawn from.

A picture grows stale when its template, its stock or the drawing itself changes. The bytes of a PNG depend on the
versions of Typst and Pillow, so it carries the digest of its sources, and a test compares that.
"""

import hashlib
import io
from importlib import resources
from pathlib import Path
from typing import Final

from PIL import Image, PngImagePlugin

from adapters.licenses.previewing import specimens
from adapters.licenses.render import Renderer
from adapters.licenses.template import Template

LONGER_SIDE_PIXELS: Final = 600
_SHARPER: Final = 2
"""Drawn so many times larger and then reduced: thin strokes stay visible."""
_COLOURS: Final = ((0x1A, 0x1A, 0x1A), (0xC8, 0x16, 0x1D), (0xA9, 0x81, 0x2F))
"""Ink, red and gold of the drawing: a picture has these and their tints, or the red of a seal would go brown."""
_TINTS: Final = 14
_MM_PER_INCH: Final = 25.4
_SOURCES: Final = "sources-sha256"


def file_name(form: Template) -> str:
    """The picture's file; of several versions of one template each has its own."""
    return f"{form.id}-{form.version}.png"


def sources_digest(form: Template) -> str:
    """The digest of all that the picture is drawn from."""
    folder = resources.files("adapters.licenses")
    files = (
        folder.joinpath("templates", form.id, form.version, "template.toml"),
        folder.joinpath("templates", "stock", f"{form.stock_kind}.toml"),
    )
    contents = folder.joinpath("previewing", "data", "short.toml").read_bytes()
    return hashlib.sha256(b"".join([*(file.read_bytes() for file in files), form.page_source, contents])).hexdigest()


def picture(form: Template, renderer: Renderer) -> bytes:
    """Both layers with invented contents, marked 样张, as a small PNG."""
    page = form.drawing["page"]
    side = max(page["width"], page["height"])
    large = renderer.render_picture(
        specimens.face_of(form),
        form,
        ("stock", "fill"),
        pixels_per_inch=LONGER_SIDE_PIXELS * _SHARPER * _MM_PER_INCH / side,
    )
    with Image.open(io.BytesIO(large)) as image:
        size = (image.width // _SHARPER, image.height // _SHARPER)
        small = (
            image.convert("RGB")
            .resize(size, Image.Resampling.LANCZOS)
            .quantize(palette=_palette(), dither=Image.Dither.NONE)
        )
    said = PngImagePlugin.PngInfo()
    said.add_text(_SOURCES, sources_digest(form))
    buffer = io.BytesIO()
    small.save(buffer, "PNG", optimize=True, pnginfo=said)
    return buffer.getvalue()


def drawn_from(file: Path) -> str:
    """The digest of the sources that a picture was drawn from; empty when it does not say."""
    with Image.open(file) as image:
        return str(image.info.get(_SOURCES, ""))


def _palette() -> Image.Image:
    tints = [
        round(255 - (255 - part) * step / _TINTS)
        for colour in _COLOURS
        for step in range(_TINTS + 1)
        for part in colour
    ]
    palette = Image.new("P", (1, 1))
    palette.putpalette(tints)
    return palette
