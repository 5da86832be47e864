"""Files of a county's own system in each form, as its programs would write them, and as an attacker would."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STYLES = (
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>'
    '</numFmts><fonts count="1"><font/></fonts><fills count="1"><fill><patternFill/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/><xf numFmtId="164"/><xf numFmtId="22"/>'
    '<xf numFmtId="46"/></cellXfs>'
)
"""Of a cell: 1 is a date, 2 a time, 3 a duration."""


def text(value: str) -> str:
    """A cell of text, as the programs write it that keep no shared strings."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def row(*cells: str, at: int | None = None) -> str:
    """A row of cells that are XML already, or text."""
    inner = "".join(each if each.startswith("<c") else text(each) for each in cells)
    return f"<row{f' r={quoteattr(str(at))}' if at else ''}>{inner}</row>"


def book(sheets: Mapping[str, Sequence[str]], *, properties: str = "", parts: Mapping[str, str] | None = None) -> bytes:
    """A workbook, part by part; `parts` are in the place of, or beside, those that belong to it."""
    names = list(sheets)
    made = {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEETS}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEETS}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{_SHEETS}.worksheet+xml"/>'
            for at in range(1, len(names) + 1)
        )
        + "</Types>",
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}">'
        f'<Relationship Id="a" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}">'
        f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        + "".join(
            f'<Relationship Id="r{at}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
            for at in range(1, len(names) + 1)
        )
        + "</Relationships>",
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}">{properties}<sheets>'
        + "".join(f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(names, 1))
        + "</sheets></workbook>",
        "xl/styles.xml": f'{_HEAD}<styleSheet xmlns="{_SHEET}">{STYLES}</styleSheet>',
    } | {
        f"xl/worksheets/sheet{at}.xml": f'{_HEAD}<worksheet xmlns="{_SHEET}"><sheetData>{"".join(sheets[name])}'
        "</sheetData></worksheet>"
        for at, name in enumerate(names, 1)
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in (made | dict(parts or {})).items():
            out.writestr(
                zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED
            )  # without the time: the same rows are the same bytes
    return packed.getvalue()


def file(form: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """The same rows in any form."""
    if form == "csv":
        return "".join(",".join(each) + "\n" for each in (columns, *rows)).encode("gb18030")
    if form == "xlsx":
        return book({"办件": [row(*each) for each in (columns, *rows)]})
    if form == "json":
        return json.dumps([dict(zip(columns, each, strict=True)) for each in rows], ensure_ascii=False).encode()
    inner = "".join(
        "<row>"
        + "".join(f"<{name}>{escape(cell)}</{name}>" for name, cell in zip(columns, each, strict=True))
        + "</row>\n"
        for each in rows
    )
    return f"{_HEAD}\n<rows>\n{inner}</rows>".encode()
