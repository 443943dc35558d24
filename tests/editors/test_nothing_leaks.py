"""What is not public is nowhere: not in any answer that is read without a token."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import reduce
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.builders import a_case, a_finding, a_pitfall, a_source
from tests.conftest import KnowledgeBase
from tests.contract.addresses import PATH_EXAMPLES, template_of
from tests.editors.conftest import Person

WORD = "zwartkijkerij"  # found in no vocabulary, no seed and no schema
SECRET = re.compile(WORD, re.IGNORECASE)


def full_of(word: str, slug: str, **keys: Any) -> dict[str, Any]:
    """A case with the word in every text it can have, its ids included."""
    named = f"{slug}--{word}"
    return (
        a_case(
            slug,
            title=f"Titel {word}",
            **dict.fromkeys(("summary", "context", "approach", "results"), f"Iets {word}."),
            collaboration=f"Met {word}.",
            place={key: word.title() for key in ("province", "municipality", "neighbourhood")},
            parties=[{"name": word, "role": "woningcorporatie"}],
            ingredients=[{"id": "buddy-systeem", "how": f"Door {word}."}],
            pitfalls=[
                {**a_pitfall(slug), "id": named}
                | dict.fromkeys(("title", "description", "avoidance"), f"Kuil {word}")
            ],
            findings=[
                {**a_finding(slug, source=word), "id": named}
                | {"claim": f"Zo {word}", "conditions": f"Als {word}"}
            ],
            sources=[
                a_source(
                    word,
                    title=f"Bron {word}",
                    authors=[word],
                    publisher=word,
                    url=f"https://voorbeeld.nl/{word}",
                )
            ],
        )
        | keys
    )


def plant(kb: KnowledgeBase, anna: Person, piet: Person) -> None:
    """Drafts, a submitted and a returned one, a withdrawn case, and an old version."""
    kb.publish(a_case("openbaar", title="Openbaar"), a_case("type", kind="archetype"))
    for slug in ("nieuw", f"{WORD}-zelf", "ingediend", "terug"):
        assert anna.create(full_of(WORD, slug)).status_code == 201
    assert anna.create(full_of(WORD, f"{WORD}-type", kind="archetype")).status_code == 201
    anna.ask("POST", "/cases/openbaar/draft", {})
    assert anna.put("openbaar", full_of(WORD, "openbaar")).status_code == 200
    anna.review("ingediend", "submit", note=f"Kijk: {WORD}")
    anna.review("terug", "submit")
    piet.review("terug", "return", note=f"Nee: {WORD}")
    kb.publish(full_of(WORD, "weg"), full_of(WORD, "oud"))
    kb.publish(a_case("oud", title="Vernieuwd"))
    kb.withdraw("weg")
    anna.ask("POST", "/imports", [full_of(WORD, "van-buiten")])


def addresses(kb: KnowledgeBase) -> Iterator[str]:
    """Every address without a token, of everything that there is, with every way to ask."""
    ids = {
        "caseId": ["openbaar", "oud", "weg", "nieuw", "terug", f"{WORD}-zelf", "niets"],
        "version": ["1", "2"],
        "pitfallId": [f"oud--{WORD}", f"weg--{WORD}", f"nieuw--{WORD}", "oud--zwart"],
        "findingId": [f"oud--{WORD}", f"weg--{WORD}", f"terug--{WORD}"],
    }
    for path, item in kb.app.extensions["kb"].api_document()["paths"].items():
        if "get" not in item or item["get"]["security"]:
            continue
        filled = [template_of(path)]
        for name in re.findall(r"{(\w+)}", path):
            values = ids.get(name, [PATH_EXAMPLES[name]])
            filled = [each.replace(f"{{{name}}}", value) for each in filled for value in values]
        resolved = [each.get("name") for each in item["get"]["parameters"]]
        for address in filled:
            yield from (f"{address}{query}" for query in queries(resolved, item["get"]))


def queries(names: list[str], operation: dict[str, Any]) -> Iterator[str]:
    """What to ask of an address: nothing, all facets, and words that could find it."""
    yield from ("?from=1", "?from=2") if "from" in names else ("",)
    if "q" in names:
        for word in (WORD, WORD[:5], f'"{WORD}"', f"{WORD}ij", "titel", "-openbaar tuin"):
            yield f"?q={word}"
    for parameter in operation["parameters"]:
        if parameter["name"] == "facets":
            facets = ",".join(parameter["schema"]["items"]["enum"])
            yield f"?facets={facets}&pageSize=100"
    for name in ("municipality", "province"):
        if name in names:
            yield f"?{name}={WORD.title()}"


def text_at(kb: KnowledgeBase, address: str) -> str:
    """What an address tells by itself: without what the question already said."""
    answer = kb.client.get(address)
    if answer.status_code == 301:  # a former id, which a version still names
        return answer.location
    body = json.loads(answer.get_data(as_text=True))
    for key in ("query", "filters", "instance", "detail"):
        text = body.pop(key, "") if isinstance(body, dict) else ""
        if key == "detail" and SECRET.sub("", str(text)) != text and WORD not in address:
            return str(text)
    if isinstance(body, dict):
        body.pop("_links", None)
        for facet in body.get("facets", {}).values():
            facet["values"] = [each for each in facet["values"] if not each["selected"]]
    text = json.dumps(body, ensure_ascii=False)
    filters = parse_qsl(urlsplit(address).query)  # links to lists repeat them
    return reduce(lambda left, pair: left.replace("=".join(pair), ""), filters, text)


def test_a_word_that_is_not_public_is_in_no_public_answer(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    plant(kb, anna, piet)
    own = ("/v1/cases/oud/versions/1", "/v1/cases/oud/versions/1/changes?from=2")

    requests = list(addresses(kb))
    leaks = {address for address in requests if SECRET.search(text_at(kb, address))}

    assert len(requests) > 60
    assert leaks == set(own)


def test_a_word_that_is_public_matches_in_the_same_way(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    """So that the walk above would see a leak."""
    plant(kb, anna, piet)
    kb.publish(full_of(WORD, "zichtbaar"))

    leaks = {
        address.partition("?")[0]
        for address in addresses(kb)
        if SECRET.search(text_at(kb, address))
    }

    assert leaks >= {
        *("/v1/cases", "/v1/pitfalls", "/v1/findings", "/v1/search"),
        "/v1/suggestions",
    }
