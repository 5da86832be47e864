"""A draw done again, step by step, as lines for a terminal or a page: every number that somebody needs to follow it.

Expert numbers and digests only; names stay in the county of the expert.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console

from pages import wording
from pages.wording import mark as _
from schemas.drawing import Repeated, Seed

WAITING: Final = _("还没有抽取")
RIGHT: Final = _("相符")
WRONG: Final = _("不符")
NONE_HERE: Final = _("这一办件没有评审。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One review of a case as the clear facts of its messages tell it."""

    review: int
    convening_id: str
    leaf_index: int | None
    """None while the hub has not admitted the message."""
    wanted: int
    pool: Sequence[str]
    seed: Seed | None
    """The checkpoint that has to be the seed."""
    said: Seed | None = None
    """The seed that was published; None before the draw."""
    repeated: Repeated | None = None

    @property
    def right(self) -> bool:
        """Whether there is nothing to object to."""
        return self.repeated is None or self.repeated.right


def lines(account: Account, language: str) -> list[str]:
    """The account in one language."""

    def say(text: str, **params: object) -> str:
        return wording.say(text, language, **params)

    found = [
        say(_("第 {number} 次评审：名单 {count} 人，抽取 {wanted} 人"), number=account.review, count=len(account.pool),
            wanted=account.wanted),
        say(_("开始评审的报文：{id}，序号 {leaf}"), id=account.convening_id, leaf=_shown(account.leaf_index)),
        say(_("种子应为：{seed}"), seed=_seed(account.seed)),
    ]  # fmt: skip
    if account.repeated is None:
        return [*found, say(WAITING)]
    judged = {True: say(RIGHT), False: say(WRONG)}
    found.append(say(_("公布的种子：{seed}"), seed=_seed(account.said)) + f" — {judged[account.repeated.seed_right]}")
    found.append('SHA-256("yhb-review-draw-v1" 0x00 | root | id | expert):')
    for place, each in enumerate(account.repeated.ranked, 1):
        standing = say(_("抽中")) if place <= account.wanted else say(_("递补"))
        found.append(f"{place:>4}  {each.rank.hex()}  {each.expert}  {standing}")
    found.append(say(_("公布的次序：{word}"), word=judged[account.repeated.order_right]))
    verdict = _("结论：这次抽取是唯一可能的结果。") if account.right else _("结论：这次抽取不是种子所决定的结果。")
    return [*found, say(verdict)]


def _shown(number: int | None) -> str:
    return "—" if number is None else str(number)


def _seed(seed: Seed | None) -> str:
    return "—" if seed is None else f"{seed.size} {seed.root.hex()}"


def show(accounts: Sequence[Account]) -> bool:
    """Print the accounts of a case in both languages, to stdout; whether there are any and all are right."""
    out = Console(highlight=False)
    for language in wording.LANGUAGES:
        told = [line for each in accounts for line in lines(each, language)] or [wording.say(NONE_HERE, language)]
        for line in told:
            out.print(line, markup=False, soft_wrap=True)
    return bool(accounts) and all(each.right for each in accounts)
