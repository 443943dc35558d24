"""A case gets another id: everything follows, and whoever has a former id gets there still."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kb.search.consistency import check
from tests.builders import a_case, a_finding, a_pitfall, a_source, a_study
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.editors.conftest import Person, codes, somebody

TUIN = a_case(
    pitfalls=[a_pitfall("tuin")],
    findings=[a_finding("tuin", source="bron-1")],
)


@pytest.fixture
def tuin(kb: KnowledgeBase) -> KnowledgeBase:
    """A public case with a pitfall and a finding."""
    kb.publish(TUIN)
    return kb


def rename(who: Person, slug: str, new: Any, **headers: str) -> TestResponse:
    return who.ask("POST", f"/cases/{slug}/renames", {"id": new}, **headers)


def leads(kb: KnowledgeBase, address: str) -> str:
    """Where an address leads, on our own website."""
    answer = kb.client.get(address)
    assert answer.status_code == 301, (address, answer.status_code, answer.text[:200])
    assert answer.headers["API-Version"]
    location = answer.headers["Location"].removeprefix(PUBLIC_URL)
    assert kb.client.get(location).status_code in {200, 410}, location
    return location


def test_every_address_of_a_former_id_leads_to_that_of_the_new_one(
    tuin: KnowledgeBase, piet: Person
) -> None:
    pitfall, finding = TUIN["pitfalls"][0]["id"], TUIN["findings"][0]["id"]

    answer = rename(piet, "tuin", "buurttuin")

    assert answer.status_code == 201, answer.text
    assert answer.json["id"] == "buurttuin"
    assert answer.json["searchable"]
    assert answer.headers["Location"] == f"{PUBLIC_URL}/v1/cases/buurttuin"
    for before in (
        "/v1/cases/tuin",
        "/v1/cases/tuin?lang=en",
        "/v1/cases/tuin/versions",
        "/v1/cases/tuin/versions/1",
        "/v1/cases/tuin/similar-cases",
        "/casussen/tuin",
        "/embed/casus/tuin?look=dark",
        f"/v1/pitfalls/{pitfall}",
        f"/valkuilen/{pitfall}",
        f"/embed/valkuil/{pitfall}",
        f"/v1/findings/{finding}",
    ):
        assert leads(tuin, before) == before.replace("tuin", "buurttuin", 1), before


def test_everything_of_a_case_follows_its_new_id(tuin: KnowledgeBase, piet: Person) -> None:
    rename(piet, "tuin", "buurttuin")

    body = tuin.client.get("/v1/cases/buurttuin").json
    assert body["id"] == "buurttuin"
    assert body["pitfalls"][0]["id"] == "buurttuin--korte-adem"
    assert body["findings"][0]["id"].startswith("buurttuin--")
    assert body["_links"]["html"]["href"] == f"{PUBLIC_URL}/casussen/buurttuin"
    version = tuin.client.get("/v1/cases/buurttuin/versions/1").json
    assert version["pitfalls"][0]["id"] == "buurttuin--korte-adem"
    listed = {each["id"] for each in tuin.client.get("/v1/search").json["items"]}
    assert "buurttuin--korte-adem" in listed
    assert not {each for each in listed if each.startswith("tuin")}
    assert not check(tuin.database, tuin.engine)
    sitemap = tuin.client.get("/sitemap.xml").text
    assert "/casussen/buurttuin<" in sitemap
    assert "/casussen/tuin<" not in sitemap


def test_harvesters_hear_that_one_went_and_another_came(tuin: KnowledgeBase, piet: Person) -> None:
    number = rename(piet, "tuin", "buurttuin").json["change"]

    items = tuin.client.get("/v1/changes?pageSize=100").json["items"]

    assert items[-1]["number"] == number
    assert [(each["event"], each["id"]) for each in items[-2:]] == [
        ("withdrawn", "tuin"),
        ("created", "buurttuin"),
    ]


def test_a_draft_goes_on_under_the_new_id(tuin: KnowledgeBase, anna: Person, piet: Person) -> None:
    anna.ask("POST", "/cases/tuin/draft", {})
    tag = anna.tag("tuin")

    rename(piet, "tuin", "buurttuin")

    assert anna.ask("GET", "/cases/tuin/draft").status_code == 301
    late = anna.patch("tuin", {"title": "Groen"}, tag)
    assert (late.status_code, late.json["suggestions"]) == (404, ["buurttuin"])
    assert anna.patch("buurttuin", {"title": "Groen"}, tag).status_code == 412
    answer = anna.patch("buurttuin", {"title": "Groen"})
    assert answer.json["pitfalls"][0]["id"] == "buurttuin--korte-adem"
    assert answer.json["_draft"]["problems"] == []
    anna.review("buurttuin", "submit")
    assert piet.publish("buurttuin").status_code == 201
    assert leads(tuin, "/v1/cases/tuin") == "/v1/cases/buurttuin"


def test_former_ids_lead_to_the_last_one_at_once_and_back(
    tuin: KnowledgeBase, piet: Person
) -> None:
    rename(piet, "tuin", "buurttuin")
    rename(piet, "buurttuin", "wijktuin")
    assert leads(tuin, "/casussen/tuin") == "/casussen/wijktuin"
    assert leads(tuin, "/valkuilen/tuin--korte-adem") == "/valkuilen/wijktuin--korte-adem"

    answer = rename(piet, "wijktuin", "tuin")  # its own before

    assert answer.status_code == 201, answer.text
    assert tuin.client.get("/v1/cases/tuin").status_code == 200
    assert tuin.client.get("/v1/pitfalls/tuin--korte-adem").status_code == 200
    for former in ("buurttuin", "wijktuin"):
        assert leads(tuin, f"/v1/cases/{former}") == "/v1/cases/tuin"


def test_what_names_a_case_names_it_by_its_new_id(any_kb: KnowledgeBase) -> None:
    kb, piet = any_kb, somebody(any_kb, "Piet", "publisher")
    kb.publish(a_case("vorm", kind="archetype"))
    kb.publish(a_case("tuin", archetype="vorm"))
    kb.publish(a_case("weg"))
    kb.withdraw("weg", replaced_by="vorm")

    rename(piet, "vorm", "tuinvorm")

    assert kb.client.get("/v1/cases/tuin").json["archetype"]["id"] == "tuinvorm"
    assert kb.client.get("/v1/cases/tuin/versions/1").json["archetype"]["id"] == "tuinvorm"
    assert kb.client.get("/v1/cases?archetype=tuinvorm").json["page"]["totalItems"] == 1
    assert kb.client.get("/v1/cases/weg").json["replacedBy"] == "tuinvorm"
    assert not check(kb.database, kb.engine)
    kb.withdraw("tuinvorm")
    kb.publish(a_case("tuinvorm", kind="archetype"))
    assert kb.client.get("/v1/cases/tuin").json["archetype"]["id"] == "tuinvorm"


def test_who_names_an_archetype_by_a_former_id_means_that_one(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    kb.publish(a_case("vorm", kind="archetype"))
    rename(piet, "vorm", "tuinvorm")

    answer = anna.create(a_case("tuin", archetype="vorm"))

    assert answer.json["archetype"]["id"] == "tuinvorm"
    assert answer.json["_draft"]["problems"] == []


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("plein", 409),  # public
        ("concept", 409),  # a draft
        ("weg", 409),  # withdrawn
        ("eerder", 409),  # the former id of another
        ("tuin", 409),
        ("Tuin!", 400),
        ("x" * 81, 400),
        (None, 400),
    ],
)
def test_a_taken_or_wrong_id_is_refused(
    tuin: KnowledgeBase, piet: Person, new: Any, expected: int
) -> None:
    tuin.publish(a_case("plein"), a_case("weg"), a_case("eerder"))
    tuin.draft(a_case("concept"))
    tuin.withdraw("weg")
    rename(piet, "eerder", "later")

    answer = rename(piet, "tuin", new)

    assert answer.status_code == expected, answer.text
    assert tuin.client.get("/v1/cases/tuin").status_code == 200


def test_a_former_id_is_assigned_to_no_other_case(
    tuin: KnowledgeBase, anna: Person, piet: Person
) -> None:
    rename(piet, "tuin", "buurttuin")

    assert anna.create(a_case("tuin")).status_code == 409
    made = anna.create({"title": "Tuin"})
    assert made.json["id"] == "tuin-2"


def test_only_a_publisher_renames_and_only_what_is_there(
    tuin: KnowledgeBase, anna: Person, piet: Person
) -> None:
    assert rename(anna, "tuin", "buurttuin").status_code == 403
    assert rename(piet, "niets", "iets").status_code == 404
    tuin.withdraw("tuin")
    gone = rename(piet, "tuin", "buurttuin")
    assert (gone.status_code, gone.json["reason"]) == (410, "Verouderd.")


def test_asking_the_same_again_gives_the_first_answer(tuin: KnowledgeBase, piet: Person) -> None:
    first, again = (rename(piet, "tuin", "nieuw", Idempotency_Key="een") for _ in range(2))

    assert first.status_code == again.status_code == 201
    assert first.json == again.json
    old = rename(piet, "tuin", "ander")
    assert (old.status_code, old.json["suggestions"]) == (404, ["nieuw"])


def test_a_draft_that_nobody_outside_knows_leaves_no_former_id(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    anna.create(a_case("tuin", pitfalls=[a_pitfall("tuin")]))

    answer = rename(piet, "tuin", "buurttuin")

    assert (answer.status_code, answer.json["change"]) == (201, None)
    draft = anna.ask("GET", "/cases/buurttuin/draft").json
    assert draft["pitfalls"][0]["id"] == "buurttuin--korte-adem"
    assert kb.client.get("/v1/cases/tuin").status_code == 404


def test_an_id_that_makes_those_of_its_pitfalls_too_long_is_refused(
    kb: KnowledgeBase, piet: Person
) -> None:
    kb.publish(a_case(pitfalls=[a_pitfall("tuin", "x" * 150)]))

    assert codes(rename(piet, "tuin", "y" * 40)) == {"/id": "too-long"}


def test_seeding_the_old_file_again_does_not_bring_the_former_id_back(
    kb: KnowledgeBase, piet: Person
) -> None:
    vorm = a_case("vorm", kind="archetype")
    files = [vorm, TUIN | {"archetype": "vorm"}]
    kb.take(cases=files)
    rename(piet, "tuin", "buurttuin")
    rename(piet, "vorm", "tuinvorm")

    same = kb.take(cases=files)
    newer = kb.take(cases=[vorm, files[1] | {"title": "Groen"}])

    assert set(same.unchanged) >= {"buurttuin", "tuinvorm"}
    assert newer.updated == ["buurttuin"]
    body = kb.client.get("/v1/cases/buurttuin").json
    assert (body["title"], body["archetype"]["id"]) == ("Groen", "tuinvorm")
    assert leads(kb, "/v1/cases/tuin") == "/v1/cases/buurttuin"


def test_a_row_of_an_import_with_a_former_id_is_of_the_case_of_now(
    tuin: KnowledgeBase, anna: Person, piet: Person
) -> None:
    rename(piet, "tuin", "buurttuin")

    same = anna.ask("POST", "/imports", [TUIN])
    newer = anna.ask("POST", "/imports", [TUIN | {"title": "Groen"}])

    assert [(row["id"], row["outcome"]) for row in same.json["rows"]] == [
        ("buurttuin", "unchanged")
    ]
    assert [(row["id"], row["outcome"]) for row in newer.json["rows"]] == [("buurttuin", "updated")]
    draft = anna.ask("GET", "/cases/buurttuin/draft").json
    assert (draft["title"], draft["pitfalls"][0]["id"]) == ("Groen", "buurttuin--korte-adem")


def test_oembed_shows_what_a_former_address_leads_to(tuin: KnowledgeBase, piet: Person) -> None:
    rename(piet, "tuin", "buurttuin")

    for before, now in (
        ("/casussen/tuin", "/embed/casus/buurttuin"),
        ("/valkuilen/tuin--korte-adem", "/embed/valkuil/buurttuin--korte-adem"),
    ):
        answer = tuin.client.get("/v1/oembed", query_string={"url": f"{PUBLIC_URL}{before}"})
        assert f'src="{PUBLIC_URL}{now}"' in answer.json["html"], answer.text


@pytest.mark.parametrize(
    ("after", "kind", "expected"),
    [
        ({"id": "tuin--nieuw", "title": "Korte adem"}, "pitfalls", "tuin--nieuw"),
        ({"id": "tuin--nieuw", "title": "Heel anders"}, "pitfalls", "tuin--nieuw"),  # same text
        (
            {"id": "tuin--x", "title": "Regels", "description": "Iets heel anders."},
            "cases",
            "tuin",
        ),
        (None, "cases", "tuin"),
    ],
)
def test_the_former_id_of_a_pitfall_leads_to_what_took_its_place_or_to_its_case(
    tuin: KnowledgeBase,
    life: Callable[..., None],
    after: dict[str, Any] | None,
    kind: str,
    expected: str,
) -> None:
    pitfall = TUIN["pitfalls"][0]
    life(TUIN | {"pitfalls": [pitfall | after] if after else []})

    folder = {"pitfalls": "/valkuilen", "cases": "/casussen"}[kind]
    assert leads(tuin, f"/v1/pitfalls/{pitfall['id']}") == f"/v1/{kind}/{expected}"
    assert leads(tuin, f"/valkuilen/{pitfall['id']}") == f"{folder}/{expected}"

    life(TUIN)

    assert tuin.client.get(f"/v1/pitfalls/{pitfall['id']}").status_code == 200
    if after:
        assert leads(tuin, f"/v1/pitfalls/{after['id']}")


def test_pitfalls_lost_on_the_way_back_from_a_withdrawal_lead_to_their_case(
    tuin: KnowledgeBase,
) -> None:
    tuin.withdraw("tuin")
    tuin.publish(a_case())

    assert leads(tuin, "/v1/pitfalls/tuin--korte-adem") == "/v1/cases/tuin"


def test_what_a_file_of_a_study_no_longer_has_leads_to_the_study(kb: KnowledgeBase) -> None:
    kb.take(studies=[a_study("rapport", pitfalls=[a_pitfall("rapport")])])
    kb.take(studies=[a_study("rapport", pitfalls=[])])

    assert leads(kb, "/valkuilen/rapport--korte-adem") == "/onderzoeken/rapport"


def test_a_source_of_a_renamed_case_stays_what_it_was(
    tuin: KnowledgeBase, anna: Person, piet: Person
) -> None:
    anna.ask("POST", "/cases/tuin/draft", {})
    anna.patch("tuin", {"sources": [a_source("bron-1"), a_source("bron-2", title="Tweede")]})
    anna.patch("tuin", {"sources": [a_source("bron-1")]})
    rename(piet, "tuin", "buurttuin")

    answer = anna.patch("buurttuin", {"sources": [a_source("bron-1"), {"title": "Derde"}]})

    assert [each["id"] for each in answer.json["sources"]] == ["bron-1", "bron-3"]
