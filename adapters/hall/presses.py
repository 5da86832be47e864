"""The number that every press of a button carries, made when its page is: the same press twice does its work once.

Ids of messages are derived from it (`schemas.envelope.derived_id`), so that it has to be a UUID.
"""

from typing import Annotated, Final

from fastapi import Form

_UUID: Final = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
ActionId = Annotated[str, Form(pattern=_UUID)]
"""As a form's field; anything else is a form that is not ours."""
