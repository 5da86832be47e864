"""The number that every press of a button carries, made when its page is: the same press twice does its work once.

Ids of messages are derived from it (`schemas.envelope.derived_id`), so that it has to be a UUID.
"""

import uuid
from typing import Annotated, Final

from fastapi import Form
from pydantic import StringConstraints

_UUID: Final = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
PressNumber = Annotated[str, StringConstraints(pattern=_UUID)]
"""As the field of a form's model; anything else is a form that is not ours."""
ActionId = Annotated[PressNumber, Form()]
"""As a field of its own."""


def fresh() -> str:
    """A press that nobody has made yet."""
    return str(uuid.uuid4())
