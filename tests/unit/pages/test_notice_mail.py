"""A notice by mail goes to whom the address names, whatever stands in its title: a county chooses its own name."""

from email import message_from_bytes, policy

import pytest

from pages.notices.channels import Channels
from tests.receivers import mailbox

HOSTILE = "\r\nBcc: everybody@evil.example\r\nX-Told: yes\r\n\r\nanother text"


@pytest.mark.parametrize("title", [f"吴桥县{HOSTILE}", f"Wuqiao{HOSTILE}", "x\nTo: evil@evil.example", "\x00\x0b\x85"])
def test_no_title_becomes_a_header(title: str) -> None:
    """It is one mail with one subject; nobody else is written to, and no header is made of it."""
    with mailbox() as (post, address):
        assert Channels([address]).tell(title, f"text{HOSTILE}") is None
        assert len(post.mails) == 1
        for mail in post.mails:
            read = message_from_bytes(mail, policy=policy.default)
            assert read["Bcc"] is None
            assert read["X-Told"] is None
            assert [each.addr_spec for each in read["To"].addresses] == ["li@county.example"]
    assert post.recipients == [["li@county.example"]]


def test_an_ordinary_one_arrives() -> None:
    """So the others show something."""
    with mailbox() as (post, address):
        assert Channels([address]).tell("云伙伴", "县没有连上来") is None
    assert post.said()[0].startswith("云伙伴\n")
