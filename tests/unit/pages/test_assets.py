"""Assets: what is vendored is what its maker published, and nothing refers outside."""

import hashlib
import json
import re
from importlib import resources
from pathlib import Path

VENDOR = Path(str(resources.files("pages"))) / "assets" / "vendor"
ROOT = Path(str(resources.files("pages"))).parent


def test_vendored_files_have_their_digest_version_and_license():
    """Every vendored file is in the manifest with its SHA-256, and nothing else lies there."""
    manifest = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
    listed = {name: entry for package in manifest.values() for name, entry in package["files"].items()}
    assert {file.name for file in VENDOR.iterdir()} == set(listed) | {"manifest.json"}
    for name, entry in listed.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == entry["sha256"], name
    for package in manifest.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
        assert any("LICENSE" in name for name in package["files"])


def test_nothing_refers_to_an_outside_resource():
    """No template, style or script of ours holds an address outside (an XML namespace is a name, not an address)."""
    files = [
        file
        for folder in ("pages", "hub/web", "adapters/hall/desk", "adapters/hall/taking")
        for file in (ROOT / folder).rglob("*")
    ]
    checked = [file for file in files if file.suffix in {".html", ".css", ".js", ".svg"} and file.parent != VENDOR]
    assert len(checked) > 10
    for file in checked:
        text = file.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?://|url\(|@import|[\"']//", text), file


def test_templates_hold_no_inline_script_or_style():
    """The content security policy forbids them; a template that needed one would be silently broken."""
    for file in [
        file
        for folder in ("pages", "hub/web", "adapters/hall/desk", "adapters/hall/taking")
        for file in (ROOT / folder).rglob("*.html")
    ]:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|<script(?![^>]*\ssrc=)|js:|\|safe", text), file


def test_no_state_is_told_by_a_colour_alone():
    """Wherever a template writes a state itself, a sign begins it; the macro in `marks.html` writes the others."""
    found = [
        (file, text[start : start + 120])
        for folder in ("pages", "hub", "adapters")
        for file in (ROOT / folder).rglob("*.html")
        for text in [file.read_text(encoding="utf-8")]
        for start in (match.end() for match in re.finditer(r'<span class="state(?: [^>]*)?">', text))
    ]
    assert len(found) > 10
    assert [(file.name, text) for file, text in found if not text.startswith('<span class="sign"')] == []
