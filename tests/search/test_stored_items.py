"""What lists show is stored with the index, and is never older than it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from kb.cases import queries
from kb.kinds import KINDS, Kind
from kb.search.stored_items import with_addresses, with_keys, with_value
from kb.vocabulary.terms import LANGUAGES, Language, in_language, schemes
from schemas.base import cached_schema
from schemas.lists import ITEMS
from tests.builders import a_case, a_finding, a_pitfall
from tests.conftest import PUBLIC_URL, KnowledgeBase

EVERY_KIND = [pytest.param(kind, id=name) for name, kind in KINDS.items()]


def listed(kb: KnowledgeBase, kind: Kind, language: Language) -> dict[str, Any]:
    """Every item of the list of a kind, by id."""
    answer = kb.client.get(f"/v1/{kind.collection}?format=ndjson&lang={language}")
    items = map(json.loads, answer.text.splitlines())
    return {item["id"]: item for item in items}


def dumped(kb: KnowledgeBase, kind: Kind, language: Language) -> dict[str, Any]:
    """The same, from the rows of the database as they are now."""
    schema: Any = cached_schema(ITEMS[kind.name])
    with kb.app.test_request_context(), kb.database.reading() as session, in_language(language):
        if kind.model:
            rows: Mapping[str, Any] = {
                row.slug: row for row in queries.every(session, kind.model())
            }
            return {slug: schema.dump(row) for slug, row in rows.items()}
        counted = queries.ingredients(session, schemes()[kind.scheme].terms)
        return {slug: schema.dump(row) for slug, row in counted.items()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_an_item_says_what_its_row_says(
    kind: Kind, language: Language, seeded: KnowledgeBase
) -> None:
    items = listed(seeded, kind, language)

    assert items
    assert items == dumped(seeded, kind, language)


def test_what_an_item_says_of_others_is_never_old(kb: KnowledgeBase) -> None:
    owned = {"pitfalls": [a_pitfall("tuin")], "findings": [a_finding("tuin")]}
    other = {"ingredients": [{"id": "vrijwillige-keuze", "how": "Niemand moest."}]}

    def no_item_is_old() -> None:
        for kind in KINDS.values():
            assert listed(kb, kind, "nl") == dumped(kb, kind, "nl")

    kb.publish(a_case("tuin", title="Tuin", **owned), a_case("plein"))
    no_item_is_old()
    kb.publish(a_case("tuin", title="Moestuin", **owned), a_case("straat"))
    no_item_is_old()
    kb.publish(a_case("plein", **other))
    no_item_is_old()
    kb.withdraw("tuin")
    no_item_is_old()


def test_addresses_are_those_of_the_outside_world_and_texts_stay() -> None:
    item = json.dumps({"title": '"href":"/v1', "_links": {"self": {"href": "/v1/cases/a"}}})
    compact = item.replace(": ", ":").replace(", ", ",")

    shown = json.loads(with_addresses(compact, PUBLIC_URL))

    assert shown["title"] == '"href":"/v1'
    assert shown["_links"]["self"]["href"] == f"{PUBLIC_URL}/v1/cases/a"


def test_a_value_stands_before_the_links() -> None:
    item = '{"id":"a","title":",\\"_links\\":","_links":{}}'

    assert list(json.loads(with_value(item, "caseCount", 3))) == [
        *("id", "title", "caseCount", "_links")
    ]
    assert with_keys(with_value(item, "caseCount", 3), ["caseCount"]) == '{"id":"a","caseCount":3}'
