"""Whatever stands in a template file or a file of contents, only declared errors come out of reading it."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.licenses import template
from adapters.licenses.previewing import specimens
from adapters.licenses.sheet import TemplateFile, parsed
from schemas.errors import YunhuobanError
from tests.sampling import examples
from tests.unit.adapters.licenses.test_template_files import GOOD

VALUES = st.one_of(
    st.sampled_from(["7", "-1", "1e400", "nan", "true", "[]", "[[1]]", "{}", '""', '"字"', "2026-11-24", "07:30:00"]),
    st.integers().map(str),
    st.text(max_size=20),
)
LABELS = st.sampled_from([*template.newest("elder-card").labels, "编号", "发证机关", "发证日期", "elder-card", "x"])


@given(at=st.integers(0, len(GOOD)), taken=st.integers(0, 40), put=VALUES)
@settings(max_examples=examples(30, 10), deadline=None)
def test_a_template_file(at: int, taken: int, put: str) -> None:
    """A good file with a piece of it replaced by anything."""
    with contextlib.suppress(YunhuobanError):
        parsed(TemplateFile, GOOD[:at] + put + GOOD[at + taken :], "any.toml")


@given(contents=st.dictionaries(LABELS, VALUES, max_size=4))
@settings(max_examples=examples(60, 15), deadline=None)
def test_contents(contents: dict[str, str], tmp_path_factory) -> None:
    """Any value for any label."""
    file = tmp_path_factory.getbasetemp() / "any-contents.toml"
    file.write_text("\n".join(f'"{label}" = {value}' for label, value in contents.items()), encoding="utf-8")
    with contextlib.suppress(YunhuobanError):
        specimens.face_of(template.newest("elder-card"), file)
