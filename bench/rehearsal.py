"""What lists must say after each publication: the same story told once before, to one process.

Publication k changes one of PLAYED cases, so a list is of one state: that after k publications, for
some k. The answers are made by the engine that reads everything (`tests/scan_engine.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench import stock
from kb.app import create_app
from kb.database import Database, now
from kb.editors import access
from kb.search.catch_up import catch_up
from kb.services import services_of
from kb.settings import Settings
from tests.builders import a_case, a_pitfall
from tests.scan_engine import ScanEngine

PLAYED = 6  # cases that are published again and again
GROUPS = ("jongeren", "statushouders", "ouderen")
SCALES = ("buurt", "wijk", "straat")
FACETS = "facets=targetGroup,scale,municipality"
LISTS = (  # in orders that no score decides: those of all engines are the same
    f"/v1/cases?q=proefwoord&{FACETS}&sort=title&pageSize=50",
    f"/v1/cases?targetGroup=jongeren&{FACETS}&sort=title&pageSize=50",
    f"/v1/cases?q=bewoners&scale=wijk&{FACETS}&sort=title&pageSize=20",
    f"/v1/cases?q=proefwoord%20even&{FACETS}&sort=title&pageSize=50",
    "/v1/pitfalls?q=proefvalkuil&facets=phase&sort=title&pageSize=50",
    "/v1/search?q=proefwoord&facets=type&sort=title&pageSize=50",
)
Answer = tuple[int, tuple[str, ...], str]  # total, ids of the page, facets


def publication(number: int) -> dict[str, Any]:
    """The document of publication `number`, from 1."""
    played = number % PLAYED
    slug = f"proef-{played}"
    pitfalls = [a_pitfall(slug, f"proefvalkuil-{each}") for each in range(number % 4)]
    return a_case(
        slug,
        title=f"Proef {played} proefwoord {'even' if number % 2 else 'oneven'}",
        targetGroups=[GROUPS[number % len(GROUPS)]],
        scale=SCALES[number // PLAYED % len(SCALES)],
        pitfalls=pitfalls,
        results=f"Het is publicatie nummer {number}.",
    )


def answer(body: Any) -> Answer:
    """What is compared of a list."""
    facets = {
        name: (facet["missing"], [(each["value"], each["count"]) for each in facet["values"]])
        for name, facet in body["facets"].items()
    }
    ids = tuple(each["id"] for each in body["items"])
    return body["page"]["totalItems"], ids, repr(sorted(facets.items()))


def publisher(database: Database) -> str:
    """A token of somebody who may publish."""
    with database.transaction() as session:
        return access.create_token(
            session, owner="redactie", role="publisher", at=now(), lasts=timedelta(days=1)
        )


def rehearse(folder: Path, cases: int, publications: int) -> Iterator[Sequence[Answer]]:
    """The answers to LISTS after 0, 1, … publications, upon so many generated cases."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(data_dir=folder, four_eyes=False)
    stock.fill(Database(settings.database_url), cases)
    app = create_app(settings, serving=False)
    parts = services_of(app)
    scan = ScanEngine()
    app.extensions["kb"] = replace(
        parts, search=scan, after_publication=lambda _number: bool(catch_up(parts.database, scan))
    )
    catch_up(parts.database, scan)
    headers = {"Authorization": f"Bearer {publisher(parts.database)}"}
    client = app.test_client()
    for number in range(publications + 1):
        if number:
            done: Any = client.post(
                "/v1/imports?publish=true", json=[publication(number)], headers=headers
            ).json
            assert done["rows"][0]["outcome"] in {"created", "updated"}, done
            catch_up(parts.database, scan)
        yield [answer(client.get(path).json) for path in LISTS]
