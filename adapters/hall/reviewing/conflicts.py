"""An expert whose employer must stay away gives no opinion: seen where the expert is, whatever the pool said before."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from adapters.case.workplace import Workplace
from schemas.aroundhistory import Said
from schemas.errors import YunhuobanError
from schemas.reviewhistory import CONFLICT
from schemas.workdays.hours import beijing_day

SEPARATOR: Final = "；"
"""Between the credit codes in `opinion.asked`."""


def demand_none(tx: Connection, place: Workplace, said: Sequence[Said]) -> None:
    """Raise E-AROUND-018 when the expert's employer, as this county states it, is among those of the request."""
    asked = next((each.record for each in said if each.type == "opinion.asked"), None)
    directory = place.directory(tx)
    if asked is None or directory is None:
        return
    for each in directory.stated.experts(on=beijing_day(place.clock())):
        mine = (each["county"], each["expert_no"]) == (place.county, asked["expert_no"])
        if mine and each["employer_code"] and each["employer_code"] in asked["employers"]:
            raise YunhuobanError(CONFLICT, place="employers", found=each["employer_code"])
