"""What the joining page says to whoever has not shown that it is his business, and how it says what is wrong."""

from collections.abc import Sequence
from typing import Final

from pages import wording
from schemas.errors import YunhuobanError, declare
from schemas.joining.wire import Problem

NOT_RECEIVED: Final = declare(
    "E-JOIN-040",
    "加入页面没有受理：邀请码不对、邀请已经失效，或者根本没有邀请。",
    "请核对邀请码后重试；仍不行请打电话问中枢，由其重新邀请。",
)


def problems(error: YunhuobanError) -> Sequence[Problem]:
    """An error, or all that it holds, in both languages."""
    return [_problem(each) for each in getattr(error, "problems", ()) or (error,)]


def _problem(error: YunhuobanError) -> Problem:
    chinese, english = (wording.sentence(error, language) for language in wording.LANGUAGES)
    return Problem(
        code=error.code.code,
        place=_short(error.place),
        found=_short(error.found),
        expected=_short(error.expected),
        sentence_zh=chinese.sentence,
        remedy_zh=chinese.remedy,
        sentence_en=english.sentence,
        remedy_en=english.remedy,
    )


def _short(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)[:300]
