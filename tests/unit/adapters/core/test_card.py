"""The county's card: public things only, and a key statement that cannot be played back."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.identity import Identity, card
from adapters.settings import CountySettings
from deploy.demo.world import WUQIAO, build
from schemas import codec


def test_a_later_card_has_a_higher_sequence_and_no_secret(tmp_path: Path) -> None:
    """The hub refuses a statement older than the one it knows; a card holds no private key."""
    settings = CountySettings.load(build(tmp_path / "world").county(WUQIAO.code))
    identity = Identity.load(settings)
    now = datetime.now(UTC)
    made = [card(settings, identity, now=now + timedelta(minutes=minutes)) for minutes in (0, 1)]
    sequences = [
        codec.decode(base64.b64decode(json.loads(each)["key_statement"]), "KeyStatement")["sequence"] for each in made
    ]
    assert sequences[0] < sequences[1]
    assert all("PRIVATE" not in each for each in made)
