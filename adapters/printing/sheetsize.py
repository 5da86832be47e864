"""Which size of sheet an authorised copy is printed on: the specimen paper's, else what its template says.

A copy by a template that this station does not have, because its county's program is newer, is taken for what most are:
正本 on A3, 副本 on A4. The printer refuses a size that it does not have before anything comes out.
"""

from collections.abc import Mapping
from typing import Final

from adapters.licenses import template
from adapters.printing.ledger import Authorisation
from adapters.printing.media import Media
from adapters.printing.tables import CopyKind
from schemas.errors import YunhuobanError

_SPECIMENS: Final[Mapping[str, Media]] = {"specimen-a3": Media.A3, "specimen-a4": Media.A4}
_MOST: Final = {CopyKind.ORIGINAL: Media.A3, CopyKind.DUPLICATE: Media.A4}


def media_of(authorisation: Authorisation) -> Media:
    """The sheet that has to lie in the printer."""
    if authorisation.stock_kind in _SPECIMENS:
        return _SPECIMENS[authorisation.stock_kind]
    template_id, _, version = authorisation.template.partition("/")
    try:
        return Media(template.load(template_id, version).media)
    except (YunhuobanError, ValueError):
        return _MOST[authorisation.copy_kind]
