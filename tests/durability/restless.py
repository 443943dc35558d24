"""A process that never stops changing things, until it is killed."""

from __future__ import annotations

import random
from multiprocessing.connection import Connection
from pathlib import Path

from kb.cases.aliases import Thing
from kb.database import Database, now
from kb.editors import revisions, workflow
from kb.search.catch_up import catch_up, rebuild
from kb.search.whoosh_engine import WhooshEngine
from kb.settings import Settings
from schemas.cases import CaseDocument
from tests.builders import a_case, a_pitfall

SLUGS = ("tuin", "plein", "straat", "park", "flat")


def change(database: Database, chance: random.Random) -> None:
    """Publish another text of a case, or withdraw one."""
    slug = chance.choice(SLUGS)
    with database.transaction() as session:
        public = revisions.revision_in(session, Thing("case", slug), "published")
        if public and chance.random() < 0.2:
            workflow.withdraw(
                session, Thing("case", slug), reason="Verouderd.", at=now(), by="redactie"
            )
            return
        pitfalls = [a_pitfall(slug, f"kuil-{chance.randrange(9)}")]
        case = CaseDocument().load(a_case(slug, pitfalls=pitfalls))
        draft = workflow.save_draft(session, case, author="redactie", at=now())
        workflow.publish(session, draft, at=now())


def change_for_ever(test: Connection, folder: Path, seed: float) -> None:
    """Change, follow and rebuild."""
    settings = Settings(data_dir=folder)
    chance = random.Random(seed)
    database = Database(settings.database_url)
    engine = WhooshEngine(settings.index_dir)
    catch_up(database, engine)
    test.send("restless")
    while True:
        change(database, chance)
        (rebuild if chance.random() < 0.2 else catch_up)(database, engine)
