"""A process that never stops changing things, until it is killed.

python -m tests.durability.restless FOLDER SEED
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

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
        public = revisions.revision_in(session, slug, "published")
        if public and chance.random() < 0.2:
            workflow.withdraw(session, slug, reason="Verouderd.", at=now(), by="redactie")
            return
        pitfalls = [a_pitfall(slug, f"kuil-{chance.randrange(9)}")]
        case = CaseDocument().load(a_case(slug, pitfalls=pitfalls))
        draft = workflow.save_draft(session, case, author="redactie", at=now())
        workflow.publish(session, draft, at=now())


def main() -> None:
    """Change, follow and rebuild, for ever."""
    settings = Settings(data_dir=Path(sys.argv[1]))
    chance = random.Random(sys.argv[2])
    database = Database(settings.database_url)
    engine = WhooshEngine(settings.index_dir)
    catch_up(database, engine)
    print("restless", flush=True)
    while True:
        change(database, chance)
        (rebuild if chance.random() < 0.2 else catch_up)(database, engine)


if __name__ == "__main__":
    main()
