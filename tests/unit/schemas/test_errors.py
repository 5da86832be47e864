"""Codes are declared once, and an error's own text is safe to log."""

import importlib
import pkgutil
import re

import pytest

import schemas
from schemas import errors

for _module in pkgutil.walk_packages(schemas.__path__, "schemas."):
    importlib.import_module(_module.name)


def test_a_code_is_declared_once_and_in_its_shape():
    """A second declaration of a code, or one of another shape, fails when the module is loaded."""
    for code in ("E-CODEC-001", "E-CODEC-1", "E-codec-900", "X-CODEC-900", "E-CODEC-9000", "E-CODEC-900\n"):
        with pytest.raises(ValueError):
            errors.declare(code, "一", "二")
    assert "E-CODEC-900" not in errors.declared()


def test_every_code_of_the_contract_says_what_and_what_to_do():
    """Sentence and remedy are Chinese sentences, of an area that exists."""
    for code in errors.declared().values():
        assert re.search(r"[\u4e00-\u9fff]", code.sentence), code
        assert re.search(r"[\u4e00-\u9fff]", code.remedy), code
        assert code.sentence.endswith("。"), code
        assert code.remedy.endswith("。"), code
        assert str(code) == code.code
        assert code.area == code.code.split("-")[1]


def test_the_text_of_an_error_is_its_code_and_place():
    """What was found and expected is shown to people and stays out of str, repr and args."""
    error = errors.YunhuobanError(errors.declared()["E-CODEC-001"], place="id", found="F", expected="X", who="W")
    assert (str(error), error.args) == ("E-CODEC-001 id", ("E-CODEC-001 id",))
    assert repr(error) == "YunhuobanError('E-CODEC-001 id')"
    assert (error.found, error.expected, error.params) == ("F", "X", {"who": "W"})
    assert str(errors.YunhuobanError(errors.declared()["E-CODEC-001"])) == "E-CODEC-001"


def test_causes_are_types_and_codes():
    """Nearest first, without a word of their texts; what `from None` cuts off is none, and a circle ends."""
    first, second = KeyError("张三"), errors.YunhuobanError(errors.declared()["E-CODEC-001"], found="张三")
    third = OSError("张三")
    third.__cause__, second.__cause__ = second, first
    assert errors.causes(third) == ("schemas.errors.YunhuobanError E-CODEC-001", "KeyError")
    second.__suppress_context__, second.__cause__, second.__context__ = True, None, first
    assert errors.causes(third) == ("schemas.errors.YunhuobanError E-CODEC-001",)
    first.__cause__ = first
    assert errors.causes(first) == ()
    assert errors.causes(ExceptionGroup("张三", [first])) == ("KeyError",)
