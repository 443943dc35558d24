"""Rounds: each is one transaction that rewrites all cases, so that a mixed answer shows.

Round 17 has as many cases as `size(17)` says, each with one pitfall. All are in the municipality
“Plaats17” and say “ronde17” in their titles. An answer that tells another place beside it, or a
number of things that is not the size of its round, was put together from two rounds.
"""

from __future__ import annotations

import random
from multiprocessing.connection import Connection

from kb.cases.aliases import Thing
from kb.database import Database, now
from kb.editors import revisions, workflow
from kb.search.catch_up import catch_up
from kb.search.whoosh_engine import WhooshEngine
from kb.settings import Settings
from schemas.cases import CaseDocument
from tests.builders import a_case, a_pitfall

MAX_SIZE = 6  # cases of a round


def size(number: int) -> int:
    """How many cases a round has: other than the one before, never none."""
    return 2 + number * 3 % (MAX_SIZE - 1)


def slugs(number: int) -> list[str]:
    """The ids of its cases."""
    return [f"tuin-{chr(ord('a') + place)}" for place in range(size(number))]


def place(number: int) -> str:
    """Where its cases are."""
    return f"Plaats{number}"


def word(number: int) -> str:
    """What its titles say."""
    return f"ronde{number}"


def take_round(database: Database, number: int) -> None:
    """Publish its cases, and withdraw those that only the round before had, as one."""
    with database.transaction() as session:
        for slug in slugs(number):
            document = a_case(
                slug,
                title=f"Tuin in {word(number)}",
                place={"country": "NL", "province": "Utrecht", "municipality": place(number)},
                pitfalls=[a_pitfall(slug, title=f"Kuil in {word(number)}")],
            )
            case = CaseDocument().load(document)
            draft = workflow.save_draft(session, case, author="redactie", at=now())
            workflow.publish(session, draft, at=now())
        for slug in set(slugs(number - 1)) - set(slugs(number)):
            if revisions.revision_in(session, Thing("case", slug), "published"):
                workflow.withdraw(
                    session, Thing("case", slug), reason="Verouderd.", by="redactie", at=now()
                )


def take_rounds(test: Connection, settings: Settings, number: int) -> None:
    """Take rounds after this one until the test sends something; then send it the last number.

    The index is brought level here half the time, else by who serves.
    """
    database, engine = Database(settings.database_url), WhooshEngine(settings.index_dir)
    chance = random.Random(number)
    test.send("begun")
    while not test.poll(chance.random() / 10):
        number += 1
        take_round(database, number)
        if chance.random() < 0.5:
            catch_up(database, engine)
    test.send(number)
