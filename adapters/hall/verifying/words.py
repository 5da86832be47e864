"""The two lines and the list, in the reader's words: the same on the page and in the terminal."""

from typing import Final

from adapters.hall.verifying.checking import Checked
from pages import outcomes
from pages.frame import BEIJING, span
from pages.wording import mark as _
from pages.wording import say, without_persons

OPENING: Final = {True: _("文件真实"), False: _("不要接受")}


def sentence(checked: Checked, language: str, at: int = 0) -> str:
    """What the file is, or what else was found."""
    each = checked.findings[at]
    state = outcomes.LICENSE_STATES.get(each.found)
    return say(each.code.sentence, language, found=say(state.text, language) if state else each.found)


def remedy(checked: Checked, language: str, at: int = 0) -> str:
    """What to do about it."""
    return say(checked.findings[at].code.remedy, language)


def sealed(checked: Checked, language: str) -> str:
    """The first of the two lines: whether it was sealed validly, when, and who says when."""
    seen = checked.examination
    if seen.sealed_at is None or not seen.lines:
        return say(_("没有可以核验的印章。"), language)
    at = seen.sealed_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    if not checked.sealed_validly:
        return say(_("盖章无效。文件自称的时间是 {at}。"), language, at=at)
    if seen.time_is_journalled:
        return say(_("盖章有效，时间是 {at}（以存证账本为准）。"), language, at=at)
    return say(_("盖章有效，时间是 {at}（印章自己说的，本县没有存证）。"), language, at=at)


def state_now(checked: Checked, language: str) -> str:
    """The second: what its issuer last said to this county, and how old that is."""
    if checked.state is None:
        return say(_("不知道：本县没有收到过发证机关的说明。请扫描证照上的二维码查询。"), language)
    label = outcomes.LICENSE_STATES.get(checked.state.state)
    state = say(label.text, language) if label else checked.state.state
    age = span(checked.state.age_seconds, language=language)
    return say(_("{state}（发证机关 {age}前的说明；此后的变化这里看不到）。"), language, state=state, age=age)


def claimed(text: str) -> str:
    """What a file says of itself, as it may be shown: a stranger wrote it."""
    return without_persons("".join(character for character in text if character.isprintable()))[:80]
