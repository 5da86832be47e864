"""`python -m deploy.templates`: each template as it is today, drawn with invented contents into docs/templates."""

import sys
from pathlib import Path
from typing import Final

from adapters.licenses.render import Renderer
from adapters.licenses.template import newest_templates
from deploy.templates import pictures

FOLDER: Final = Path(__file__).parent.parent.parent / "docs" / "templates"


def main() -> int:
    """Write everything. Returns the exit status."""
    renderer = Renderer()
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = {pictures.file_name(form): form for form in newest_templates()}
    for file in FOLDER.glob("*.png"):
        if file.name not in wanted:
            file.unlink()
    for name, form in wanted.items():
        (FOLDER / name).write_bytes(pictures.picture(form, renderer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
