"""Public answers may be kept, and asking again costs next to nothing."""

from __future__ import annotations

import re

import pytest

from kb.web.headers import OUTLIVES_ERRORS, PUBLIC_CACHE
from tests.builders import a_case, a_finding, a_pitfall, a_question, a_study
from tests.conftest import KnowledgeBase
from tests.contract.addresses import EVERY, EVERY_LIST, filled, with_query

PUBLIC = [filled(each) for each in EVERY if each.startswith("/v1/")]
OEMBED = filled("/v1/oembed")
PAGES = [
    *("/docs", "/docs/page.css", "/docs/docs.js", "/docs/swagger-ui.css", "/problems/not-found"),
    *("/", "/zoeken?q=buren", "/valkuilen", "/bestanddelen", "/vragen", "/static/site.css"),
    *("/casussen/place2bu-utrecht", "/onderzoeken/kleinhans-2004", "/static/site.js"),
]


@pytest.mark.parametrize("address", [*PUBLIC, *PAGES])
def test_who_has_the_answer_already_gets_304(address: str, seeded: KnowledgeBase) -> None:
    first = seeded.client.get(address, buffered=True)
    tag = first.headers["ETag"]

    again = seeded.client.get(address, headers={"If-None-Match": tag}, buffered=True)

    assert first.status_code == 200
    assert re.fullmatch(r'"[\x21\x23-\x7e]+"', tag)  # strong
    assert again.status_code == 304
    assert again.data == b""
    for name in ("ETag", "Cache-Control", "Vary", "API-Version", "Link"):
        assert again.headers.get(name) == first.headers.get(name)
    endpoint, _ = seeded.app.url_map.bind("").match(address.partition("?")[0])
    more = OUTLIVES_ERRORS if endpoint.startswith("search.") else ""  # single things can be erased
    assert first.headers["Cache-Control"] == PUBLIC_CACHE + more
    assert {"Accept", "Accept-Language"} <= {
        each.strip() for each in again.headers["Vary"].split(",")
    }
    for answer in (first, again):
        cors = answer.headers.get("Access-Control-Allow-Origin")
        assert cors == ("*" if address.startswith("/v1/") else None)


@pytest.mark.parametrize("address", PUBLIC)
@pytest.mark.parametrize(
    ("if_none_match", "status"),
    [('"anders"', 200), ("*", 304), ("W/{tag}", 304), ('"a", {tag}', 304)],
)
def test_an_etag_is_compared_as_http_says(
    address: str, if_none_match: str, status: int, seeded: KnowledgeBase
) -> None:
    tag = seeded.client.get(address).headers["ETag"]

    answer = seeded.client.get(address, headers={"If-None-Match": if_none_match.format(tag=tag)})

    assert answer.status_code == status


@pytest.mark.parametrize("address", [*PUBLIC, "/problems/not-found"])
def test_each_language_has_an_etag_of_its_own(address: str, seeded: KnowledgeBase) -> None:
    dutch = seeded.client.get(address)
    english = seeded.client.get(address, headers={"Accept-Language": "en"})
    same = seeded.client.get(with_query(address, "lang=en"))

    assert dutch.headers["ETag"] != english.headers["ETag"]
    assert [dutch.headers["Content-Language"], english.headers["Content-Language"]] == ["nl", "en"]
    if address not in {
        *EVERY_LIST,
        "/v1/changes",
        "/problems/not-found",
        OEMBED,
    }:  # they repeat `lang`
        assert same.data == english.data
        assert same.headers["ETag"] == english.headers["ETag"]


@pytest.mark.parametrize("address", [*PUBLIC, *PAGES, "/health/live", "/health/ready"])
def test_a_head_is_the_answer_without_its_body(address: str, seeded: KnowledgeBase) -> None:
    whole = seeded.client.get(address, buffered=True)

    head = seeded.client.head(address, buffered=True)

    assert head.data == b""
    assert head.status_code == whole.status_code
    assert {k: v for k, v in head.headers if k != "Date"} == {
        k: v for k, v in whole.headers if k != "Date"
    }
    if tag := whole.headers.get("ETag"):
        answer = seeded.client.head(address, headers={"If-None-Match": tag}, buffered=True)
        assert answer.status_code == 304


@pytest.mark.parametrize("address", ["/v1/cases/nergens", "/v1/cases?x=1", "/v1/nergens"])
def test_the_head_of_an_error_is_that_error(address: str, seeded: KnowledgeBase) -> None:
    whole, head = seeded.client.get(address), seeded.client.head(address)

    assert head.status_code == whole.status_code
    assert head.content_type == whole.content_type
    assert head.data == b""


def test_every_blueprint_says_its_policy(seeded: KnowledgeBase) -> None:
    blueprints = seeded.app.blueprints.items()

    assert [name for name, each in blueprints if not hasattr(each, "policy")] == []


@pytest.mark.parametrize("address", PUBLIC)
def test_a_browser_of_another_site_may_ask(address: str, seeded: KnowledgeBase) -> None:
    answer = seeded.client.options(
        address,
        headers={
            "Origin": "https://www.gemeente.nl",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "if-none-match",
        },
    )

    assert answer.status_code in {200, 204}
    assert answer.data == b""
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in answer.headers["Access-Control-Allow-Methods"]
    assert "if-none-match" in answer.headers["Access-Control-Allow-Headers"].lower()
    assert answer.headers["API-Version"]
    exposed = seeded.client.get(address).headers["Access-Control-Expose-Headers"]
    assert {"API-Version", "ETag", "Link", "Retry-After"} <= set(exposed.split(", "))


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_health_is_never_cached(address: str, seeded: KnowledgeBase) -> None:
    assert seeded.client.get(address).headers["Cache-Control"] == "no-store"


def test_publishing_gives_new_etags_to_what_it_changes(kb: KnowledgeBase) -> None:
    addresses = [
        *("/v1/cases", "/v1/cases/tuin", "/v1/pitfalls/tuin--korte-adem", "/v1/pitfalls"),
        *("/v1/findings/tuin--minder-overlast", "/v1/findings", "/v1/search?q=tuin"),
    ]
    untouched = ["/v1/studies", "/v1/questions", "/v1/vocabularies/scales", "/v1/studies/onderzoek"]

    def tuin(version: str) -> dict[str, object]:
        return a_case(
            "tuin",
            title=f"Tuin {version}",
            pitfalls=[a_pitfall("tuin", description=f"Het geld was op, {version}.")],
            findings=[a_finding("tuin", claim=f"Minder overlast, {version}")],
        )

    kb.take(studies=[a_study()], questions=[a_question()])
    kb.publish(tuin("een"))
    before = {each: kb.client.get(each).headers["ETag"] for each in (*addresses, *untouched)}

    kb.publish(tuin("twee"))

    after = {each: kb.client.get(each).headers["ETag"] for each in (*addresses, *untouched)}
    assert [each for each in after if after[each] == before[each]] == untouched
    for address, tag in before.items():
        if address in addresses:
            assert kb.client.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_a_withdrawn_case_is_not_cached_as_if_nothing_happened(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    tag = kb.client.get("/v1/cases/tuin").headers["ETag"]

    kb.withdraw("tuin")

    answer = kb.client.get("/v1/cases/tuin", headers={"If-None-Match": tag})
    assert answer.status_code == 410
    assert answer.headers["Cache-Control"] == "no-store"
