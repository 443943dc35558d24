"""The document says what the API does, and the API does what the document says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource

from kb.app import create_app
from kb.settings import Settings
from schemas.base import camel
from tests.conftest import KnowledgeBase
from tests.contract.addresses import EVERY, PATH_EXAMPLES, filled, template_of, with_query
from tools import api_examples

SNAPSHOT = Path(__file__).parents[2] / "docs" / "openapi.json"
HELP = "run `make docs` and look at what changes in the contract"
ADDRESS = "urn:kennisbank"


@pytest.fixture(scope="module")
def document(seeded: KnowledgeBase) -> dict[str, Any]:
    """The document as the API serves it."""
    served: dict[str, Any] = seeded.client.get("/v1/openapi.json").get_json()
    return served


def test_the_document_is_sound(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    validate(document)
    assert not re.search(r'"(format|pattern|type|\$ref)": null', json.dumps(document))


def test_the_snapshot_is_the_document_that_is_served(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, contact_email="kennisbank@example.org")
    served = create_app(settings, serving=False).test_client()

    snapshot = json.loads(SNAPSHOT.read_text("utf-8")) if SNAPSHOT.exists() else None

    assert snapshot == served.get("/v1/openapi.json").json, HELP


def test_the_document_has_every_address_and_no_others(
    document: dict[str, Any], seeded: KnowledgeBase
) -> None:
    documented = {
        (template_of(path), method.upper())
        for path, item in document["paths"].items()
        for method in item.keys() - {"parameters", "servers"}
    }
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", lambda part: "{" + camel(part[1]) + "}", rule.rule), method)
        for rule in seeded.app.url_map.iter_rules()
        if rule.rule.startswith(("/v1/", "/health/"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert documented == served


def public_gets(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every path that is read without a token, with its operation."""
    for path, item in document["paths"].items():
        if "get" in item and not item["get"]["security"]:
            yield path, item["get"]


def answer_of(operation: dict[str, Any]) -> dict[str, Any]:
    """What an operation says of its answer, of whichever media type."""
    content = operation["responses"]["200"]["content"]
    answer: dict[str, Any] = content.get("application/json") or next(iter(content.values()))
    return answer


def test_the_same_document_comes_in_both_languages(seeded: KnowledgeBase) -> None:
    documents = [seeded.client.get(f"/v1/openapi.json?lang={lang}").json for lang in ("nl", "en")]

    assert documents[0] == documents[1]


def test_examples_of_paths_are_there(document: dict[str, Any], seeded: KnowledgeBase) -> None:
    named = re.findall(r"{(\w+)}", " ".join(document["paths"]))
    assert set(named) == set(PATH_EXAMPLES)
    for template in EVERY:
        assert seeded.client.get(filled(template)).status_code == 200, template
    for path, item in document["paths"].items():
        for parameter in item.get("parameters", ()):
            assert str(parameter["example"]) == PATH_EXAMPLES[parameter["name"]], path


def parameters(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every parameter in a query, with the address that takes it."""
    for path, operation in public_gets(document):
        for parameter in operation["parameters"]:
            assert parameter["in"] == "query"
            yield filled(template_of(path)), parameter


NEEDED_NAMES = {"q", "from", "url", "case", "item"}  # of parameters that an address cannot lack


def test_examples_of_parameters_work_and_find_something(
    document: dict[str, Any], seeded: KnowledgeBase
) -> None:
    for address, parameter in parameters(document):
        name, schema = parameter["name"], parameter["schema"]
        values = [*schema.get("examples", ())]
        if not {"enum", "default"} & schema.keys():
            assert values, (address, name)
        for value in (*values, *([schema["default"]] if "default" in schema else ())):
            each = value if isinstance(value, list) else [value]
            query = "&".join(f"{name}={quote(str(one))}" for one in each)
            bare = address.partition("?")[0] if name in NEEDED_NAMES else address
            answer = seeded.client.get(with_query(bare, query))
            body = answer.get_json()
            assert answer.status_code == 200, query
            if address.partition("?")[0] in {"/v1/cases", "/v1/search", "/v1/questions"}:
                assert body["items"], (address, query)


def test_every_choice_of_a_parameter_works(document: dict[str, Any], seeded: KnowledgeBase) -> None:
    for address, parameter in parameters(document):
        schema = parameter["schema"]
        choices = schema.get("items", schema).get("enum", ())
        for choice in choices if address == "/v1/search" else {*choices[:1], *choices[-1:]}:
            url = with_query(address, f"{parameter['name']}={choice}&lang=en")
            answer = seeded.client.get(url, buffered=True)
            if parameter["name"] != "lang":
                assert answer.status_code == 200, (address, choice)


def test_no_example_is_filled_in_by_itself(document: dict[str, Any]) -> None:
    """Swagger UI copies `example` into a form; all filters at once would find nothing."""
    for _, parameter in parameters(document):
        assert "example" not in parameter
        assert "example" not in parameter["schema"]


def test_examples_of_answers_are_what_the_first_cases_give(seeded: KnowledgeBase) -> None:
    snapshot = json.loads(api_examples.FILE.read_text("utf-8"))

    now = api_examples.examples(seeded)

    assert list(snapshot) == list(now), HELP
    for name in snapshot:
        if "q=" not in api_examples.QUERIES.get(name, ""):  # what words find may change every day
            assert snapshot[name] == now[name], HELP


def test_examples_of_answers_fit_their_schemas(document: dict[str, Any]) -> None:
    for path, operation in public_gets(document):
        content = answer_of(operation)
        if path == "/openapi.json":
            continue
        assert "{KB_PUBLIC_URL}" not in json.dumps(content["example"])
        assert fits(document, content["schema"], content["example"]) == [], path


@pytest.mark.parametrize("template", [each for each in EVERY if "openapi" not in each])
def test_answers_fit_their_schemas(
    template: str, document: dict[str, Any], seeded: KnowledgeBase
) -> None:
    path = template if template.startswith("/health") else template.removeprefix("/v1")
    schema = answer_of(document["paths"][path]["get"])
    queries = ["", "lang=en"]
    if template == "/v1/cases" or template == "/v1/search":
        queries += ["q=wonen&facets=ingredient&pageSize=100", "q=bewoners&fields=match&page=2"]
    for query in queries:
        body = seeded.client.get(with_query(filled(template), query)).json

        assert fits(document, schema["schema"], body) == []


def test_every_single_thing_fits_its_schema(
    document: dict[str, Any], seeded: KnowledgeBase
) -> None:
    for address in ("cases", "studies", "questions", "vocabularies"):
        id_ = min(path for path in document["paths"] if path.startswith(f"/{address}/{{"))
        response = document["paths"][id_]["get"]["responses"]["200"]
        schema = response["content"]["application/json"]["schema"]
        for item in seeded.client.get(f"/v1/{address}?{PAGE.get(address, '')}").json["items"]:
            body = seeded.client.get(f"/v1/{address}/{item['id']}").json
            assert fits(document, schema, body) == [], item["id"]


PAGE = dict.fromkeys(("cases", "studies", "questions"), "pageSize=100&fields=id")


@pytest.mark.parametrize("address", ["/v1/cases?x=1&scale=dorp", "/v1/cases/nergens", "/v1/x"])
def test_errors_fit_the_schema_of_a_problem(
    address: str, document: dict[str, Any], seeded: KnowledgeBase
) -> None:
    body = seeded.client.get(address).json

    assert fits(document, {"$ref": "#/components/schemas/Problem"}, body) == []


def fits(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """What does not fit, if anything."""
    registry: Any = Registry().with_resource(
        ADDRESS, Resource.from_contents(document, default_specification=_draft())
    )
    absolute = json.loads(json.dumps(schema).replace('"#/', f'"{ADDRESS}#/'))
    validator = OAS31Validator(absolute, registry=registry)
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]


def _draft() -> Any:
    from referencing.jsonschema import DRAFT202012

    return DRAFT202012
