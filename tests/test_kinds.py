"""What the registry of kinds says of each kind is true of every room."""

from __future__ import annotations

from dataclasses import fields

import pytest
from marshmallow import fields as marshmallow_fields

from kb.cases import queries
from kb.kinds import BY_COLLECTION, KIND_NAMES, KINDS, Kind, Part, kind_of
from kb.search import documents
from schemas.lists import ITEMS
from tests.conftest import KnowledgeBase

EVERY_KIND = [pytest.param(kind, id=name) for name, kind in KINDS.items()]
PUBLISHED_ALONE = [
    pytest.param(kind, id=name) for name, kind in KINDS.items() if kind.is_published_alone
]


def rules(kb: KnowledgeBase) -> set[str]:
    """The routes of the application, with `<id>` for a variable part."""
    return {
        "/".join("<id>" if part.startswith("<") else part for part in rule.rule.split("/"))
        for rule in kb.app.url_map.iter_rules()
    }


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_part_of_a_kind_is_there(kind: Kind) -> None:
    parts = [getattr(kind, field.name) for field in fields(kind)]

    assert all(part() for part in parts if isinstance(part, Part))


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kind_has_a_list_an_item_and_a_page(kind: Kind, seeded: KnowledgeBase) -> None:
    known = rules(seeded)

    assert {f"/v1/{kind.collection}", f"/v1/{kind.collection}/<id>"} <= known
    assert not kind.page_path or {kind.page_path, f"{kind.page_path}/<id>"} <= known
    assert bool(kind.model) != bool(kind.scheme)
    assert kind.page_path or kind.is_owned


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_things_of_every_kind_can_be_read_where_they_say(kind: Kind, seeded: KnowledgeBase) -> None:
    [item] = seeded.client.get(f"/v1/{kind.collection}?pageSize=1").json["items"]
    base = seeded.app.extensions["kb"].settings.public_url

    assert item["type"] == kind.name
    addresses = [link["href"].removeprefix(base) for link in item["_links"].values()]
    assert addresses[0] == f"/v1/{kind.collection}/{item['id']}"
    if kind.page_path:
        assert addresses[1] == f"{kind.page_path}/{item['id']}"
    if kind.embed_path:
        addresses.append(f"{kind.embed_path}/{item['id']}")
    assert [seeded.client.get(address).status_code for address in addresses] == [200] * len(
        addresses
    )


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_item_of_every_kind_says_its_type(kind: Kind) -> None:
    type_ = ITEMS[kind.name]().fields["type"]

    assert isinstance(type_, marshmallow_fields.Constant)
    assert type_.constant == kind.name


@pytest.mark.parametrize("kind", PUBLISHED_ALONE)
def test_what_is_published_alone_has_a_document_and_those_of_what_it_owns(
    kind: Kind, seeded: KnowledgeBase
) -> None:
    assert kind.model
    with seeded.database.reading() as session:
        row = next(queries.every(session, kind.model()))
        own, *owned = documents.of_row(kind, row)

    assert (own.type, own.id, own.owner) == (kind.name, row.slug, "")
    assert all(KINDS[each.type].is_owned for each in owned)
    assert kind_of(kind.model()) is kind


def test_terms_that_are_things_have_documents() -> None:
    of_terms = [kind for kind in KINDS.values() if kind.scheme]

    for kind in of_terms:
        terms = list(documents.of_terms([kind.scheme], {}))
        assert terms
        assert {each.type for each in terms} == {kind.name}


def test_the_names_of_kinds_are_those_of_the_registry() -> None:
    assert tuple(KINDS) == KIND_NAMES


def test_no_two_kinds_share_a_place() -> None:
    assert len(BY_COLLECTION) == len(KINDS)
    for places in ("page_path", "embed_path"):
        used = [path for kind in KINDS.values() if (path := getattr(kind, places))]
        assert len(used) == len(set(used))
