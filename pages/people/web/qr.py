"""The QR code that a telephone reads when the second factor is set up: an SVG without style or script."""

import io

import segno


def svg(text: str) -> bytes:
    """Draw it, with the quiet zone that readers need (ISO/IEC 18004 section 7.3.8: four modules)."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", scale=6, border=4, light="white", dark="black")
    return drawn.getvalue()
