"""Parts of an attachment open only in their own place and only all together."""

import pytest

from certs import attachments
from schemas.errors import YunhuobanError


def test_parts_open_in_their_place():
    """What was sealed as part n opens as part n, the longest one included."""
    key = attachments.new_key()
    longest = attachments.MAX_PART_BYTES - attachments.TAG_BYTES
    for index, (data, last) in enumerate([(bytes(longest), False), (b"middle", False), (b"", True)]):
        part = attachments.seal_part(data, key=key, index=index, last=last)
        assert len(part) == len(data) + attachments.TAG_BYTES
        assert attachments.open_part(part, key=key, index=index, last=last) == data
    with pytest.raises(ValueError, match="bytes"):
        attachments.seal_part(bytes(longest + 1), key=key, index=0, last=True)


def test_nothing_else_opens():
    """Another place, another end, another key, a changed or cut part: one declared error."""
    key = attachments.new_key()
    part = attachments.seal_part(b"data", key=key, index=1, last=False)
    good = {"key": key, "index": 1, "last": False}
    for change in ({"index": 0}, {"index": 2}, {"last": True}, {"key": attachments.new_key()}, {"key": b""}):
        with pytest.raises(YunhuobanError, match="E-CERT-083"):
            attachments.open_part(part, **(good | change))
    for wrong in (part[:-1], part + b"\0", b"", bytes([part[0] ^ 1]) + part[1:], bytes(attachments.MAX_PART_BYTES + 1)):
        with pytest.raises(YunhuobanError, match="E-CERT-083"):
            attachments.open_part(wrong, **good)
