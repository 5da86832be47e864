"""A form without script, read for its protection before the route reads it."""

import asyncio
from contextlib import suppress
from typing import Final

from starlette.types import Message, Receive

from pages.listening.bodies import BODY_SECONDS

FORM: Final = "application/x-www-form-urlencoded"
_FORM_BYTES: Final = 64 * 1024  # longer ones are sent with script, and with the header


async def peek(receive: Receive) -> tuple[bytes, Receive]:
    """A short body that comes soon, and a way to read it again; of any other nothing counts."""
    body, messages = b"", []
    with suppress(TimeoutError):  # whoever has not signed in yet holds nothing open, either
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                messages.append(message)
                body += message.get("body", b"")
                if not message.get("more_body", False) or len(body) > _FORM_BYTES:
                    break

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    return (body if len(body) <= _FORM_BYTES else b""), again
