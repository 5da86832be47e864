"""The words and signs of these pages' own states; colour never speaks alone."""

from typing import Final

from pages.labels import Label
from pages.wording import mark as _

GONE: Final = {
    "draft": Label(_("已存，等待送出"), "wait", "…"),
    "waiting": Label(_("已存，等待送出"), "wait", "…"),
    "sent": Label(_("已送出，等待中枢准入"), "wait", "→"),
    "admitted": Label(_("中枢已准入，等待对方签收"), "wait", "→"),
    "received": Label(_("对方已签收"), "good", "✓"),
    "refused": Label(_("被退回，没有生效"), "bad", "✕"),
}
"""How far a message of ours is, by its state in the outbox."""
CAME: Final = {
    "applied": Label(_("本县已收到"), "good", "✓"),
    "refused": Label(_("本县没有收下"), "bad", "✕"),
}
"""The same of a message of theirs, by its state in the inbox."""
LATE: Final = Label(_("已超期"), "bad", "!")
TODAY: Final = Label(_("今天到期"), "ask", "!")
