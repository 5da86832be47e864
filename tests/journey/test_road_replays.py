"""On the whole road: letters that died are ordered by command, sent by the running hub, and have no second effect."""

import json
from base64 import b64encode
from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from typer.testing import CliRunner

from deploy.demo.world import WUQIAO, YONGJI
from hub.cli import app as hub_app
from hub.instants import now, to_millis
from hub.outflow import deadletters
from hub.replaying import ordering
from hub.settings import HubSettings
from hub.store import open_store, tables
from schemas import topology
from tests.journey.real_stage import Words, write_application
from tests.journey.road import Road, until

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
NUMBER, AFTERWARDS = "WQ19990101000091", "WQ19990101000092"


def test_the_running_hub_sends_what_was_ordered_and_the_county_takes_it_once(road: Road):
    """A whole case's messages to the issuing county go again: the county has each of them once, as before."""
    write_application(road, NUMBER, Words())
    (case_no,) = road.cases(WUQIAO.code, [NUMBER])
    road.finish(WUQIAO.code, [case_no])
    store = open_store(HubSettings.load(road.world.hub).database)
    sent = tables.messages.c
    with store.write() as tx:
        mine = select(tables.messages).where(
            sent.case_no == case_no, sent.destination == YONGJI.code, sent.state == "admitted"
        )
        rows = tx.execute(mine).all()
        for row in rows:
            headers = {"type": row.type, "signatures": [row.signature], "evidence": b64encode(row.evidence).decode()}
            letter = {
                "id": row.message_id, "queue": topology.county_inbox(YONGJI.code), "source": row.source,
                "message_id": row.message_id, "reason": "rejected", "died_at": to_millis(now()), "body": row.body,
                "headers": json.dumps(headers), "type": row.type, "case_no": case_no,
                "expires_at": to_millis(now() + timedelta(days=1)), "state": "waiting", "settled_reason": "",
            }  # fmt: skip
            tx.execute(insert(tables.dead_letters).values(**letter))
    assert len(rows) > 3
    known = road.county(YONGJI.code, "SELECT message_id FROM inbox WHERE case_no = ?", case_no)
    before = sorted(row[0] for row in known)
    assert {row.message_id for row in rows} <= set(before)
    words = ["dead", "replay-many", "--source", WUQIAO.code, "--reason", "x", "--counted", str(len(rows))]
    done = CliRunner().invoke(hub_app, [*words, "--rate", "50", "-d", str(road.world.hub)])
    assert done.exit_code == 0, done.output

    def over() -> bool:
        with store.read() as tx:
            return ordering.listed(tx)[0].state == "done"

    until(over, "the batch is sent")
    with store.read() as tx:
        assert ordering.listed(tx)[0].sent == len(rows)
        assert deadletters.waiting(tx) == []
    write_application(road, AFTERWARDS, Words())  # comes by the same queue, behind whatever came twice
    (behind,) = road.cases(WUQIAO.code, [AFTERWARDS])
    until(lambda: road.county(YONGJI.code, "SELECT 1 FROM inbox WHERE case_no = ?", behind), "the next case is there")
    ids = [row[0] for row in road.county(YONGJI.code, "SELECT message_id FROM inbox WHERE case_no = ?", case_no)]
    assert sorted(ids) == before
    store.close()
