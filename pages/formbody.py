"""A form without script, read for its protection before the route reads it."""

from typing import Final

from starlette.types import Message, Receive

FORM: Final = "application/x-www-form-urlencoded"
_FORM_BYTES: Final = 64 * 1024  # longer ones are sent with script, and with the header


async def peek(receive: Receive) -> tuple[bytes, Receive]:
    """A short body and a way to read it again; of a longer one nothing counts."""
    body, messages = b"", []
    while True:
        message = await receive()
        messages.append(message)
        body += message.get("body", b"")
        if not message.get("more_body", False) or len(body) > _FORM_BYTES:
            break

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    return (body if len(body) <= _FORM_BYTES else b""), again
