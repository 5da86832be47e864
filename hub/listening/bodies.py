"""Reading what a stranger sends: only so much, and only for so long."""

import asyncio
from typing import Final

from fastapi import Request

BODY_SECONDS: Final = 20.0


async def read(request: Request, most: int) -> bytes | None:
    """The body, as long as it is short (`most` bytes) and comes soon; else None."""
    taken = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                taken += part
                if len(taken) > most:
                    return None
    except TimeoutError:
        return None
    return bytes(taken)
