"""What the forms of blank stock bring, and what each of them does: one table for the keeper, one for clerks."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Final

from pydantic import BaseModel, Field

from adapters.hall.presses import PressNumber
from adapters.hall.stock import book, serials
from adapters.hall.stock.receiving import Delivery
from adapters.hall.stock.serials import Span
from adapters.hall.stock.states import StockEvent
from adapters.hall.stock.web.desk import StockDesk
from schemas.errors import YunhuobanError

Number = Annotated[str, Field(max_length=60)]
Word = Annotated[str, Field(max_length=128)]


class _Pressed(BaseModel):
    action_id: PressNumber
    first: Number
    last: Number = ""
    kind: Word = ""
    account: Word = ""

    @property
    def span(self) -> Span:
        """The numbers. Raises E-STOCK-001, E-STOCK-002."""
        return serials.span(self.first, self.last)


class ActForm(_Pressed):
    """An act on numbers; what it needs beside them and is empty is refused by the book."""

    to: Word = ""
    tray: Word = ""
    reason: Word = ""
    reference: Word = ""
    witness: Word = ""


class BoxForm(_Pressed):
    """A box that came in."""

    issuing_body: Word
    delivery_note: Word
    supplier: Word
    counted: Annotated[int, Field(ge=0, le=serials.MOST)]
    missing: Annotated[str, Field(max_length=2000)] = ""
    new_form: bool = False

    @property
    def delivery(self) -> Delivery:
        """As the book takes it. Raises E-STOCK-001, E-STOCK-002."""
        return Delivery(
            kind=self.kind.strip(),
            issuing_body=self.issuing_body.strip(),
            span=self.span,
            delivery_note=self.delivery_note.strip(),
            supplier=self.supplier,
            counted=self.counted,
            missing=[each for each in re.split(r"[\s,，、;；]+", self.missing) if each],
            new_form=self.new_form,
        )


class CountForm(BaseModel):
    """What somebody found in one place."""

    action_id: PressNumber
    kind: Word
    numbers: Annotated[str, Field(max_length=200_000)]
    holder: Word = ""
    account: Word = ""


Does = Callable[[StockDesk, ActForm, str], None]
"""What a press does, by an account."""


def _void(desk: StockDesk, form: ActForm, by: str, *, only_held: bool) -> None:
    """Void or lost, by the reason. Raises E-STOCK-021."""
    event = StockEvent.SPOIL if form.reason in book.SPOILED_BECAUSE else StockEvent.LOSE
    if event is StockEvent.LOSE and form.reason not in book.LOST_BECAUSE:
        raise YunhuobanError(book.REASON_MISSING, place="reason")
    desk.void(form.span, form.kind, event, by=by, reason=form.reason, only_held=only_held)


KEEPERS: Final[Mapping[str, Does]] = {
    "issue": lambda desk, form, by: desk.issue(form.span, form.kind, by=by, to=form.to),
    "take-back": lambda desk, form, by: desk.take_back(form.span, form.kind, by=by),
    "void": lambda desk, form, by: _void(desk, form, by, only_held=False),
    "declare": lambda desk, form, by: desk.declare_void(form.span, form.kind, by=by, reference=form.reference),
}
CLERKS: Final[Mapping[str, Does]] = {
    "load": lambda desk, form, by: desk.load(form.span, form.kind, by=by, tray=form.tray or "1"),
    "return": lambda desk, form, by: desk.give_back(form.span, form.kind, by=by),
    "void": lambda desk, form, by: _void(desk, form, by, only_held=True),
}
