"""Who is killed while segments are merged loses nothing, and leaves nothing in the way."""

from __future__ import annotations

import random
from pathlib import Path

from kb.search.index.merge_policy import MERGE_FACTOR
from kb.search.whoosh_engine import WhooshEngine
from tests.durability import holder
from tests.processes import beside

KILLS = 3


def test_a_merge_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    saved, chance = set(), random.Random(1)
    for number in range(KILLS):
        with beside(holder.write_and_merge, tmp_path / "index", number) as child:
            for _ in range(MERGE_FACTOR + chance.randrange(MERGE_FACTOR)):
                saved.add(child.receive())
        engine = WhooshEngine(tmp_path / "index")
        assert saved <= set(engine.keys())
        engine.close()

    engine = WhooshEngine(tmp_path / "index")
    engine._merger.merge()
    assert saved <= set(engine.keys())
    assert len(engine._snapshots.current().segments) < MERGE_FACTOR
    engine.close()
