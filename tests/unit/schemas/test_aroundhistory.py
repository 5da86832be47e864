"""What is said around and beside a case has to fit what was said there before; each misfit has its code and place."""

from typing import Any

import pytest

from schemas import aroundhistory, drawing
from schemas.aroundhistory import Said, demand_fit, standing_slot
from schemas.errors import YunhuobanError
from schemas.messages import TYPES, Parties, Party
from tests import around_records as of
from tests import review_records

W, I = "130928", "140881"  # noqa: E741 -- as in the party table
PARTIES = Parties(window=W, issuing=I)
CONVENING = "018f0000-0000-7000-8000-000000000002"
RANKED = drawing.order(review_records.draw()["seed_root"], CONVENING, review_records.convening()["pool"])


def said(kind: str, source: str | None = None, **changes: Any) -> Said:
    """One message, from whoever says such a thing."""
    by = source or (I if TYPES[kind].sender is Party.ISSUING else W)
    return Said(
        by, kind, (of.GOOD | review_records.REVIEWS)[kind] | changes, CONVENING if kind == "review.convened" else ""
    )


VISITED = [said("visit.offered"), said("visit.booked")]
WRONG = [
    ([], said("parcel.sent", parcel=2), "E-AROUND-001", "parcel"),
    ([said("parcel.sent")], said("parcel.sent"), "E-AROUND-001", "parcel"),
    ([], said("parcel.received", I), "E-AROUND-002", "parcel"),
    ([said("parcel.sent", I)], said("parcel.received", I), "E-AROUND-002", "parcel"),
    ([said("parcel.sent"), said("parcel.received", I)], said("parcel.received", I), "E-AROUND-003", "parcel"),
    ([said("visit.offered")], said("visit.offered"), "E-AROUND-001", "visit"),
    ([], said("visit.booked"), "E-AROUND-004", "slot_no"),
    ([said("visit.offered")], said("visit.booked", slot_no="S0"), "E-AROUND-004", "slot_no"),
    ([*VISITED, said("visit.done", I)], said("visit.booked", slot_no=of.LATER_SLOT), "E-AROUND-005", "visit"),
    ([said("visit.offered")], said("visit.done", I), "E-AROUND-005", "visit"),
    ([*VISITED, said("visit.done", I)], said("visit.done", I), "E-AROUND-005", "visit"),
    (VISITED, said("visit.done", I, results=[of.check(1)]), "E-AROUND-005", "results"),
    (VISITED, said("visit.done", W), "E-AROUND-019", "means"),
    ([said("visit.offered", means="visiting_county"), VISITED[1]], said("visit.done", I), "E-AROUND-019", "means"),
    ([said("rating.given")], said("rating.given", stars=5), "E-AROUND-006", "target"),
    ([], said("rating.followed_up", I), "E-AROUND-007", "target"),
    ([said("rating.given", stars=3)], said("rating.followed_up", I), "E-AROUND-007", "target"),
    ([said("rating.given")], said("rating.followed_up", W), "E-AROUND-007", "target"),
    ([said("rating.given"), said("rating.followed_up", I)], said("rating.followed_up", I), "E-AROUND-007", "target"),
    ([said("appeal.escalated")], said("appeal.escalated"), "E-AROUND-001", "level"),
    ([said("list.published")], said("list.reconciled", outcomes=[of.outcome(1)]), "E-AROUND-008", "outcomes"),
    ([said("list.published")], said("list.reconciled", outcomes=[of.outcome(n) for n in (1, 2, 3)]),
     "E-AROUND-008", "outcomes"),
]  # fmt: skip
WRONG += [
    ([said("group.joined")], said("group.joined", part=2), "E-AROUND-010", "group_no"),
    ([], said("case.undo_requested"), "E-AROUND-011", "failed_case"),
    ([said("group.joined", all_or_none=False)], said("case.undo_requested"), "E-AROUND-011", "failed_case"),
    ([said("group.joined"), said("case.undo_requested")], said("case.undo_requested"), "E-AROUND-011", "failed_case"),
    ([said("group.joined")], said("case.undone"), "E-AROUND-012", "undo_outcome"),
    ([said("case.undo_requested"), said("case.undone")], said("case.undone"), "E-AROUND-012", "undo_outcome"),
]
CONVENED = [said("review.convened")]
DRAWN = [*CONVENED, said("review.drawn", drawn=RANKED)]


def reported(opined: list[str], declined: list[str]) -> Said:
    """A report of these experts."""
    declines = [{"expert_no": each, "decline_id": None} for each in declined]
    return said("review.concluded", opinions=[review_records.reviewed(each) for each in opined], declines=declines)


WRONG += [
    ([], said("review.convened", review=2), "E-AROUND-001", "review"),
    ([], said("review.drawn", drawn=RANKED), "E-AROUND-013", "review"),
    (CONVENED, said("review.drawn", review=2, drawn=RANKED), "E-AROUND-013", "review"),
    (DRAWN, said("review.drawn", drawn=RANKED), "E-AROUND-013", "review"),
    (CONVENED, said("review.drawn", drawn=RANKED[::-1]), "E-AROUND-014", "drawn"),
    (CONVENED, said("review.drawn", drawn=RANKED[:2]), "E-AROUND-014", "drawn"),
    (CONVENED, said("review.drawn", drawn=RANKED, seed_root=bytes(32)), "E-AROUND-014", "drawn"),
    (CONVENED, reported(RANKED[:2], []), "E-AROUND-016", "review"),
    ([*DRAWN, reported(RANKED[:2], [])], reported(RANKED[:2], []), "E-AROUND-016", "review"),
    (DRAWN, reported([RANKED[0], RANKED[2]], []), "E-AROUND-017", "opinions"),
    (DRAWN, reported(RANKED[1::-1], []), "E-AROUND-017", "opinions"),
    (DRAWN, reported(RANKED, []), "E-AROUND-017", "opinions"),
    (DRAWN, reported(RANKED[:1], []), "E-AROUND-017", "opinions"),
    (DRAWN, reported(RANKED[:1], RANKED[1:2]), "E-AROUND-017", "opinions"),
    (DRAWN, reported([RANKED[0], "340321-E001"], []), "E-AROUND-017", "opinions"),
    (DRAWN, reported(RANKED[:2], RANKED[:1]), "E-AROUND-017", "opinions"),
]
RIGHT = [
    ([], said("review.convened")),
    (CONVENED, said("review.convened", review=2)),
    (CONVENED, said("review.drawn", drawn=RANKED)),
    (DRAWN, reported(RANKED[:2], [])),
    (DRAWN, reported(RANKED[1:], RANKED[:1])),
    (DRAWN, reported(RANKED[2:], RANKED[:2])),
    ([], said("group.joined")),
    ([said("group.joined")], said("case.undo_requested")),
    ([said("case.undo_requested")], said("case.undone")),
    ([], said("parcel.sent")),
    ([said("parcel.sent", I)], said("parcel.sent")),
    ([said("parcel.sent")], said("parcel.received", I)),
    ([said("visit.offered")], said("visit.booked")),
    (VISITED, said("visit.booked", slot_no=of.LATER_SLOT)),
    (VISITED, said("visit.done", I)),
    ([said("visit.offered", means="visiting_county"), VISITED[1]], said("visit.done", W)),
    ([said("rating.given")], said("rating.given", target="window")),
    ([said("rating.given")], said("rating.followed_up", I)),
    ([said("rating.given", target="window")], said("rating.followed_up", W, target="window")),
    ([said("appeal.escalated")], said("appeal.escalated", level=2)),
    ([said("list.published")], said("list.reconciled")),
    ([], said("question.asked")),
]


@pytest.mark.parametrize(("before", "now", "code", "place"), WRONG)
def test_what_does_not_fit_is_refused(before, now, code, place):
    """With its own code, at the field that says so."""
    with pytest.raises(YunhuobanError) as caught:
        demand_fit(before, now, PARTIES)
    assert (caught.value.code.code, caught.value.place) == (code, place)


@pytest.mark.parametrize(("before", "now"), RIGHT)
def test_what_fits_passes(before, now):
    """Also the other party's parcel of the same number, a booking that is moved, and both ratings."""
    demand_fit(before, now, PARTIES)


def test_booking_again_moves_the_slot_and_an_inspection_frees_it():
    """The newest booking stands, until it is done."""
    assert standing_slot([]) is None
    moved = [*VISITED, said("visit.booked", slot_no=of.LATER_SLOT)]
    assert standing_slot(VISITED) == of.SLOT
    assert standing_slot(moved) == of.LATER_SLOT
    assert standing_slot([*moved, said("visit.done", I)]) is None


def test_every_kind_around_a_case_is_named():
    """What leaves a case where it stands is told from what moves it."""
    assert set(TYPES) >= aroundhistory.AROUND
    assert {name.split(".")[0] for name in aroundhistory.AROUND} == {
        "parcel",
        "visit",
        "rating",
        "license",
        "group",
        "case",
        "review",
    }
