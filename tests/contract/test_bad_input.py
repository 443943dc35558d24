"""Bad input is 400 with every mistake at once, on every address."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.vocabulary.terms import schemes
from schemas.text import normalise
from tests.conftest import KnowledgeBase
from tests.contract.addresses import EVERY, EVERY_LIST, filled, local, with_query
from tests.strategies import examples

TERM_FILTERS = {scheme.parameter: scheme.id for scheme in schemes().values() if scheme.parameter}
OF_ANOTHER_STANDARD = {"/v1/oembed"}  # which has unknown parameters ignored
STRICT = [template for template in EVERY if template not in OF_ANOTHER_STANDARD]
SINGLE_VALUED = (
    "lang",
    "q",
    "page",
    "pageSize",
)


def errors_of(kb: KnowledgeBase, address: str) -> dict[str, dict[str, Any]]:
    """The mistakes of an answer by name of the parameter; it must be a 400."""
    answer = kb.client.get(address)
    assert answer.status_code == 400, (address, answer.text[:300])
    errors = answer.get_json(force=True)["errors"]
    for error in errors:
        assert error["in"] == "query"
        assert error["detail"]
        assert "pointer" not in error
    assert len({error["name"] for error in errors}) == len(errors), errors
    return {error["name"]: error for error in errors}


@pytest.mark.parametrize("template", STRICT)
def test_slips_are_reported_on_every_address(template: str, seeded: KnowledgeBase) -> None:
    address = filled(template)

    assert errors_of(seeded, with_query(address, "lagn=nl"))["lagn"] == {
        "in": "query",
        "name": "lagn",
        "code": "unknown-parameter",
        "detail": "Dit adres heeft geen parameter “lagn”.",
        "suggestion": "lang",
    }
    assert errors_of(seeded, with_query(address, "lang="))["lang"]["code"] == "empty"
    assert errors_of(seeded, with_query(address, "lang=fr"))["lang"]["code"] == "not-in-vocabulary"
    assert errors_of(seeded, with_query(address, "lang=nl&lang=nl"))["lang"]["code"] == "repeated"
    both = errors_of(seeded, with_query(address, "lang=fr&onbekend=1&_=2&%00=3"))
    assert set(both) == {"lang", "onbekend", "_", "\0"}


@pytest.mark.parametrize("template", STRICT)
def test_slips_are_reported_to_who_asks_for_the_head_only(
    template: str, seeded: KnowledgeBase
) -> None:
    answer = seeded.client.head(with_query(filled(template), "onbekend=1"))

    assert answer.status_code == 400


@pytest.mark.parametrize("address", EVERY_LIST)
def test_every_parameter_of_a_list_refuses_an_empty_value(
    address: str, seeded: KnowledgeBase
) -> None:
    parameters = parameters_of(seeded, address)

    errors = errors_of(seeded, f"{address}?{'&'.join(f'{name}=' for name in parameters)}")

    assert {name: error["code"] for name, error in errors.items()} == dict.fromkeys(
        parameters, "empty"
    )


@pytest.mark.parametrize("address", EVERY_LIST)
def test_all_mistakes_are_reported_at_once(address: str, seeded: KnowledgeBase) -> None:
    slips = {
        "q": "a" * 501,
        "page": "0",
        "pageSize": "101",
        "sort": "titel",
        "fields": "titel",
        "lang": "de",
        "onbekend": "1",
    }

    errors = errors_of(seeded, f"{address}?{'&'.join(f'{k}={v}' for k, v in slips.items())}")

    assert {name: error["code"] for name, error in errors.items()} == {
        "q": "too-long",
        "page": "out-of-range",
        "pageSize": "out-of-range",
        "sort": "not-in-vocabulary",
        "fields": "not-in-vocabulary",
        "lang": "not-in-vocabulary",
        "onbekend": "unknown-parameter",
    }
    assert errors["sort"]["suggestion"] == "title"
    assert errors["fields"]["suggestion"] == "title"


@pytest.mark.parametrize("address", EVERY_LIST)
@pytest.mark.parametrize("name", SINGLE_VALUED)
def test_a_single_valued_parameter_comes_once(
    address: str, name: str, seeded: KnowledgeBase
) -> None:
    if name not in parameters_of(seeded, address):
        pytest.skip("this list has no such parameter")
    schema = parameters_of(seeded, address)[name]
    value = schema.get("items", schema).get("enum", ["1"])[0]

    errors = errors_of(seeded, f"{address}?{name}={value}&{name}={value}")

    assert errors[name]["code"] == "repeated"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("page=0", "out-of-range"),
        ("page=-1", "out-of-range"),
        ("page=1000001", "out-of-range"),
        ("page=1.0", "wrong-type"),
        ("page=%2B1", "wrong-type"),
        ("page=١", "wrong-type"),
        ("page=" + "9" * 400, "wrong-type"),
        ("pageSize=0", "out-of-range"),
        ("pageSize=101", "out-of-range"),
        ("pageSize=abc", "wrong-type"),
        ("sort=title,title", "duplicate"),
        ("sort=title,", "empty"),
        ("sort=,", "empty"),
        ("sort=updated_at", "not-in-vocabulary"),
        ("sort=-relevance", "not-in-vocabulary"),
        ("fields=id,id", "duplicate"),
        ("fields=titel", "not-in-vocabulary"),
        ("q=%20%09", "empty"),
        ("q=" + "é" * 501, "too-long"),
    ],
)
@pytest.mark.parametrize("address", EVERY_LIST)
def test_a_value_out_of_its_bounds_is_refused(
    address: str, query: str, code: str, seeded: KnowledgeBase
) -> None:
    name = query.partition("=")[0]

    errors = errors_of(seeded, f"{address}?{query}")

    assert errors[name]["code"] == code


@pytest.mark.parametrize("address", [*EVERY_LIST, "/v1/suggestions", "/embed/zoeken", "/insluiten"])
def test_500_characters_are_not_too_many(address: str, seeded: KnowledgeBase) -> None:
    question = ("hoe houden bewoners en corporatie samen de buurt leefbaar " * 9)[:500]

    assert len(question) == 500
    assert seeded.client.get(address, query_string={"q": question}).status_code == 200


@pytest.mark.parametrize("address", EVERY_LIST)
@pytest.mark.parametrize(("words", "code"), [(100, None), (101, "too-long")])
def test_a_hundred_words_are_not_too_many(
    address: str, words: int, code: str | None, seeded: KnowledgeBase
) -> None:
    answer = seeded.client.get(address, query_string={"q": "wijk " * words})

    assert [each["code"] for each in answer.json.get("errors", ())] == ([code] if code else [])


@pytest.mark.parametrize("address", ["/embed/zoeken", "/insluiten"])
def test_a_field_for_words_takes_as_many_characters(address: str, seeded: KnowledgeBase) -> None:
    page = seeded.client.get(address).text

    assert re.search(r'<input[^>]* name="q"[^>]* maxlength="500"', page)


@pytest.mark.parametrize("query", ["facets=scale,scale", "facets=schaal", "facets=scale,"])
def test_facets_are_known_filters_each_once(query: str, seeded: KnowledgeBase) -> None:
    code = errors_of(seeded, f"/v1/cases?{query}")["facets"]["code"]

    assert code in {"duplicate", "not-in-vocabulary", "empty"}


def test_a_synonym_leads_to_the_term_that_has_it(seeded: KnowledgeBase) -> None:
    errors = errors_of(seeded, "/v1/cases?ingredient=Huismeester")

    assert errors["ingredient"]["suggestion"] == "sociaal-beheerder-aanwezig"


@pytest.mark.parametrize("parameter", TERM_FILTERS)
def test_an_unknown_term_leads_to_the_ones_that_are_known(
    parameter: str, seeded: KnowledgeBase
) -> None:
    scheme = schemes()[TERM_FILTERS[parameter]]
    term = next(iter(scheme.terms))
    near = term[:-1] if term[:-1] not in scheme.terms else f"{term}x"

    (error,) = errors_of(seeded, f"/v1/search?{parameter}={term}&{parameter}={near}").values()

    assert error["name"] == parameter
    assert error["code"] == "not-in-vocabulary"
    assert error["suggestion"] in scheme.terms
    vocabulary = seeded.client.get(local(error["allowed"]))
    assert vocabulary.status_code == 200
    assert vocabulary.json["parameter"] == parameter
    assert term in [each["id"] for each in vocabulary.json["terms"]]


def test_a_label_is_not_an_id_but_leads_to_it(seeded: KnowledgeBase) -> None:
    error = errors_of(seeded, "/v1/cases?targetGroup=Statushouders")["targetGroup"]

    assert error["suggestion"] == "statushouders"


def test_years_in_the_wrong_order_are_a_slip(seeded: KnowledgeBase) -> None:
    error = errors_of(seeded, "/v1/cases?startYearFrom=2020&startYearTo=2010")["startYearFrom"]

    assert error["code"] == "inconsistent"


def test_a_filter_of_another_list_is_unknown_here(seeded: KnowledgeBase) -> None:
    assert errors_of(seeded, "/v1/questions?scale=wijk")["scale"]["code"] == "unknown-parameter"
    assert errors_of(seeded, "/v1/ingredients?facets=scale")["facets"]["code"] == (
        "unknown-parameter"
    )
    assert errors_of(seeded, "/v1/studies?startYearFrom=2000")["startYearFrom"]["code"] == (
        "unknown-parameter"
    )


def test_pages_for_people_ignore_what_they_do_not_know(seeded: KnowledgeBase) -> None:
    for path in ("/docs", "/problems/not-found"):
        assert seeded.client.get(f"{path}?utm_source=nieuwsbrief&lang=").status_code == 200


ODD = [
    *("%00", "%ff%fe", "%ed%a0%80", "%c0%80", "%u0000", "%", "%2", "%0d%0aX-Injected: 1"),
    *("%F0%9F%8F%98", "+" * 50, "*", "?" * 30, '"', '""', "-", "- -", "OR", "OR OR", "NOT", "("),
    *("a:b", "id:*", "[a TO b]", "a~9", "a^9", "\\", "'; DROP TABLE case_study", "../../etc"),
    *("é" * 5000, "a" * 5000, "a " * 2500, '"' * 4999, "-" * 4999, "<script>", "{{7*7}}"),
]


@pytest.mark.parametrize("template", EVERY)
def test_odd_input_is_never_an_accident(template: str, seeded: KnowledgeBase) -> None:
    for odd in ODD:
        for address in (
            with_query(filled(template), f"q={odd}"),
            with_query(filled(template), f"{odd}=1"),
            with_query(filled(template), f"lang={odd}&page={odd}&scale={odd}&sort={odd}"),
        ):
            answer = seeded.client.get(address)

            assert answer.status_code < 500, address[:200]
            assert "X-Injected" not in answer.headers


@pytest.mark.parametrize("template", [each for each in EVERY if "{" in each])
def test_an_odd_id_is_a_404(template: str, seeded: KnowledgeBase) -> None:
    folder = filled(template).rpartition("/")[0]
    for odd in ODD:
        if "?" in odd or "/" in odd:
            continue
        answer = seeded.client.get(f"{folder}/{odd}")

        assert answer.status_code == (400 if odd == "%00" else 404), odd[:80]


@pytest.mark.parametrize("address", [*EVERY_LIST, "/health/ready", "/v1/suggestions?q=tuin"])
def test_thousands_of_parameters_are_never_an_accident(address: str, seeded: KnowledgeBase) -> None:
    for many in ("scale=wijk&" * 3000, "q=a&" * 3000, "x&" * 3000, "&" * 9000):
        answer = seeded.client.get(with_query(address, many.rstrip("&")))

        assert answer.status_code in {200, 400}

    distinct = "&".join(f"p{number}=1" for number in range(1000))
    assert len(errors_of(seeded, with_query(address, distinct))) == 100
    assert seeded.client.get(with_query(address, distinct)).json["errorCount"] == 1000


@examples(150)
@given(q=st.text(st.characters(), min_size=1, max_size=510), list_=st.sampled_from(EVERY_LIST))
def test_whatever_people_type_is_answered(q: str, list_: str, seeded: KnowledgeBase) -> None:
    answer = seeded.client.get(list_, query_string={"q": q.encode("utf-8", "replace")})

    assert answer.status_code in {200, 400}
    if answer.status_code == 400:
        assert len(q) > 500 or "\0" in q or not normalise(q)


def parameters_of(kb: KnowledgeBase, address: str) -> dict[str, Any]:
    """The query parameters that the document gives to a list, with their schemas."""
    operation = kb.app.extensions["kb"].api_document()["paths"][address.removeprefix("/v1")]["get"]
    return {each["name"]: each["schema"] for each in operation["parameters"]}


@pytest.mark.parametrize(
    "address",
    [
        *("/kaart-van-het-bewijs?order={}", "/effecten?targetGroup={}", "/zoeken?sort={}"),
        *("/embed/kaart-van-het-bewijs?order={}", "/embed/zoeken?strategy={}", "/casussen/{}"),
        *("/vergelijken?case={}", "/insluiten?embed={}"),
        *("/v1/cases?sort={}", "/v1/cases?{}=1", "/v1/cases/{}", "/v1/vocabularies/{}"),
        *("/v1/evidence-map?order={}", "/v1/comparisons?case={}&case=b", "/v1/changes?since={}"),
        *("/v1/dossiers?item={}", "/v1/dossiers?item=case:{}"),
        *("/v1/memos?item=case:{}", "/v1/memos?item=case:a&change={}"),
    ],
)
def test_a_control_character_is_not_echoed(address: str, seeded: KnowledgeBase) -> None:
    sent = "%07%1b%c2%85"
    answer = seeded.client.get(address.format(sent))

    texts = [answer.text]
    if answer.is_json:
        texts = [answer.json["detail"], *(each["detail"] for each in answer.json.get("errors", []))]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "".join(texts))
