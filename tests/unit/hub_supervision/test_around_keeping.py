"""What the hub keeps of what is said around the cases: made from the journal, the same however often it looks."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import event, select, text, update

from hub.around import groups, keeping, matters, ratings, saying, tables
from hub.around.keeping import AroundKeeper
from hub.around.matters import Filter
from hub.around.saying import Said
from hub.store import tables as hub_tables
from hub.web.overview import REFRESH_SECONDS
from schemas.casegroup import GroupState
from schemas.envelope import new_id
from schemas.workdays.calendars import Calendar
from tests.around_hub import Around, shown
from tests.awaiting import until
from tests.hub_world import ISSUING, WINDOW, Case, World
from tests.supervision_world import at
from tests.unit.hub.test_casesearch import explained


@pytest.fixture
def hub(world: World) -> Around:
    """On a Monday morning."""
    world.now = at("11-23", 9)
    return Around(world)


def test_a_question_is_owed_an_answer_until_its_day_is_over(hub: Around) -> None:
    """By midnight in Beijing; an answer ends it, a further question begins another, two keepers say it once."""
    case = Case(hub.world)
    hub.say(case, "question.asked", answer_until=date(2026, 11, 25))
    hub.look()
    with hub.world.store.read() as tx:
        (row,) = matters.listed(tx, Filter(kind="question", county=ISSUING), at("11-25", 23.9))
        assert (row.state, row.due_at, row.overdue, row.level) == ("asked", at("11-26", 0), False, 0)
        assert matters.overdue_by_county(tx, at("11-25", 23.9)) == {}
        assert matters.overdue_by_county(tx, at("11-26", 0))[ISSUING].count == 1
        assert [each.case_no for each in matters.listed(tx, Filter(overdue=True), at("11-26", 0))] == [case.case_no]
        assert matters.counts(tx) == {("question", "asked"): 1}
    other = AroundKeeper(hub.world.store)
    hub.say(case, "question.answered", at=at("11-24", 9), of="question.asked", for_guide=True)
    hub.look()
    other.catch_up(hub.world.now)
    with hub.world.store.read() as tx:
        (row,) = matters.listed(tx, Filter(), at("11-27", 9))
        assert (row.state, row.due_at) == ("answered", None)
    hub.say(case, "question.continued", of="question.answered", further_until=date(2026, 11, 26))
    hub.look()
    with hub.world.store.read() as tx:
        (row,) = matters.listed(tx, Filter(), at("11-27", 9))
        assert (row.due_at, row.overdue) == (at("11-27", 0), True)


def test_an_escalated_appeal_tells_its_level_and_owes_by_the_new_day(hub: Around) -> None:
    """To which level, and never to whom: no column has a place for it."""
    case = Case(hub.world)
    hub.say(case, "appeal.raised", answer_until=date(2026, 11, 24))
    hub.say(case, "appeal.escalated", level=1, answer_until=date(2026, 11, 30))
    hub.look()
    with hub.world.store.read() as tx:
        (row,) = matters.listed(tx, Filter(kind="appeal"), at("11-25", 9))
        assert (row.level, row.due_at, row.overdue) == (1, at("12-01", 0), False)
    assert {"officer", "person", "name"}.isdisjoint(tables.matters.c.keys())


def test_what_its_destination_refused_was_never_said(hub: Around) -> None:
    """A question that the other county could not take is owed nothing."""
    case = Case(hub.world)
    asked = hub.say(case, "question.asked")
    hub.look()
    hub.world.send(case.refused(asked))
    hub.look()
    with hub.world.store.read() as tx:
        assert matters.listed(tx, Filter(), hub.world.now) == []


def test_a_group_stands_where_its_parts_stand(hub: Around) -> None:
    """A part that was denied sets the others back; the answer of the authority ends it."""
    group = new_id()[:20]
    cases = [Case(hub.world), Case(hub.world)]
    for number, case in enumerate(cases, 1):
        hub.world.send(case.application())
        hub.say(case, "group.joined", group_no=group, part=number, parts=2, all_or_none=True)
    hub.look()
    with hub.world.store.read() as tx:
        assert groups.listed(tx)[0].state == GroupState.UNDER_WAY
    for case, outcome in zip(cases, ("granted", "denied"), strict=True):
        hub.world.send(case.acceptance())
        hub.world.send(case.decision(outcome))
    with hub.world.store.read() as tx:
        (row,) = groups.listed(tx, WINDOW)
        assert (row.state, row.open, len(row.parts)) == (GroupState.COMPENSATING, True, 2)
    hub.say(cases[0], "case.undo_requested")
    hub.say(cases[0], "case.undone", undo_outcome="kept")
    hub.look()
    with hub.world.store.read() as tx:
        (row,) = groups.listed(tx)
        assert (row.state, row.parts[0].undo_outcome, row.open) == (GroupState.PARTLY, "kept", False)
        assert groups.listed(tx, ISSUING) == []


def test_a_bad_rating_is_followed_up_within_fifteen_working_days(hub: Around) -> None:
    """Of the county that was rated; a good one owes nothing, a follow-up ends it."""
    case = Case(hub.world)
    hub.world.send(case.application())
    hub.say(case, "rating.given", target="issuing", stars=1)
    hub.say(case, "rating.given", target="window", stars=5)
    hub.look()
    with hub.world.store.read() as tx:
        (row,) = ratings.owed(tx, hub.world.now)
        assert (row.county, row.limit_at, row.overdue) == (ISSUING, at("12-15", 0), False)
        late = at("12-15", 1)
        assert ratings.late_by_county(tx, late)[ISSUING].count == 1
        mine = next(each for each in ratings.counted(tx, None, None, late) if each.county == ISSUING)
        assert (mine.stars, mine.bad, mine.owed_late, mine.good_percent) == ([0, 0, 0, 0, 1], 1, 1, 0.0)
    hub.say(case, "rating.followed_up", source=ISSUING, target="issuing", result="rectified")
    hub.look()
    with hub.world.store.read() as tx:
        assert ratings.owed(tx, late) == []
        (mine, _) = ratings.counted(tx, None, None, late)
        assert (mine.followed_in_time, mine.owed_late, mine.followed_percent) == (1, 0, 100.0)


def test_a_limit_beyond_the_published_calendar_is_tried_again_every_day(hub: Around) -> None:
    """It makes nobody late until it can be counted; each is tried once a day, not at every look."""
    case = Case(hub.world)
    given = Said(type="rating.given", source=WINDOW, at=at("12-20", 9), facts={"target": "issuing", "stars": 2})
    hub.world.send(case.application())
    (row,) = hub.world.rows(select(hub_tables.cases))
    assert saying.rows(row, [given], Calendar()).ratings[0]["limit_at"] is None
    hub.look()
    assert not hub.keeper.run_once(hub.world.now)
    hub.say(case, "rating.given", target="issuing", stars=2)
    hub.look()
    with hub.world.store.write() as tx:
        tx.execute(update(tables.ratings).values(limit_at=None))
    hub.look()
    with hub.world.store.read() as tx:
        assert ratings.owed(tx, at("12-30", 9))[0].limit_at is None
        assert ratings.late_by_county(tx, at("12-31", 9)) == {}
    hub.keeper.catch_up(hub.world.now + timedelta(days=1))
    with hub.world.store.read() as tx:
        assert ratings.owed(tx, at("12-30", 9))[0].limit_at == at("12-15", 0)


@pytest.mark.both_stores
def test_what_every_look_asks_walks_an_index(world: World) -> None:
    """However many lie there: what is overdue, what is owed, what is newest."""
    shown(world.store, world.now)
    said: list[tuple[str, object]] = []
    with world.store.read() as tx:
        if tx.dialect.name == "postgresql":
            for other in ("seqscan", "bitmapscan"):
                tx.execute(text(f"SET LOCAL enable_{other} = off"))
        event.listen(tx, "before_cursor_execute", lambda _c, _cu, said_, given, _ctx, _m: said.append((said_, given)))
        matters.overdue_by_county(tx, world.now)
        matters.overdue_counts(tx, world.now)
        matters.listed(tx, Filter(overdue=True), world.now)
        ratings.late_by_county(tx, world.now)
        ratings.owed(tx, world.now)
        for statement, given in [each for each in said if each[0].startswith("SELECT")]:
            plan = explained(tx, statement, given)
            assert any(each in plan for each in ("around_matters_due", "around_ratings_owed")), (statement, plan)


def test_the_keeper_goes_on_until_it_is_stopped(hub: Around) -> None:
    """In a thread of its own; what is said is on the page within five seconds without anybody asking for it."""
    hub.say(Case(hub.world), "question.asked")
    stop = threading.Event()
    thread = threading.Thread(target=hub.keeper.keep, args=(stop, lambda: hub.world.now))
    thread.start()
    try:
        until(lambda: len(hub.world.rows(select(tables.matters))) == 1)
        hub.say(Case(hub.world), "question.asked")
        until(lambda: len(hub.world.rows(select(tables.matters))) == 2)
        assert keeping.EVERY_SECONDS + REFRESH_SECONDS < 5
    finally:
        stop.set()
        thread.join()
