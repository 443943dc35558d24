"""The OpenAPI document: made from views and schemas, completed with what holds for every route."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify
from marshmallow import fields

from kb.vocabulary.terms import schemes
from kb.web import API_VERSION, Api, strictly
from schemas.answers import AnyItem
from schemas.base import Instant, Text, camel
from schemas.links import Links, ThingLinks
from schemas.lists import ITEMS, CommaList, LanguageQuery
from schemas.problems import Problem
from schemas.terms import OneTerm, Reference, ReferenceShape, TermShape

DESCRIPTION = """
Interventions that keep neighbourhoods mixed: what was tried, which active ingredients made it
work, which pitfalls to avoid, and how strong the evidence is. The content is Dutch; labels and
messages are Dutch or English (`Accept-Language`, or `lang`). No key is needed to read.

Every answer has the full version in `API-Version`. Every error is a problem in JSON (RFC 9457)
that says what to do; bad input lists all mistakes at once, each with what was probably meant.
""".strip()
BASE = "/v1"  # of the API; health stands beside it
SHAPES = {
    "TermLabel": TermShape,
    "Reference": ReferenceShape,
    "ThingLinks": ThingLinks,
    "Problem": Problem,
}
NOT_OURS = ("Error", "PaginationMetadata")  # shapes that flask-smorest brings and we do not use
ERRORS = {
    "400": ("InvalidInput", "Something in the request is wrong; `errors` lists everything."),
    "404": ("NotFound", "Nothing has this id; `suggestions` are ids that come near."),
    "406": ("NotAcceptable", "None of the media types in Accept can be given."),
    "410": ("Withdrawn", "The case was withdrawn; `reason` says why."),
    "500": ("InternalError", "Something went wrong on our side."),
    "503": ("Unavailable", "Search is being prepared, or a part does not answer."),
}
ABOUT_LISTS = (
    "Filters of different names must all be met; repeat a name for “one of these”. Without "
    "matches the list is empty. `facets` counts what each value of a filter would give, and "
    "`_links` and the `Link` header lead to the neighbouring pages."
)
ABOUT = {  # what each address is for, beyond its summary; the others by their beginning
    "/v1/search": "The answer says of each item what it is and through which words it was found. "
    + ABOUT_LISTS,
    "/v1/suggestions": "For a search box: ask again with every letter, from the second on. A place "
    "leads to the list of its cases.",
    "/v1/cases/{caseId}": "The whole text, as an editor may send it back. `unverified` lists the "
    "keys that nobody has checked against a source yet. A withdrawn case answers 410.",
    "/v1/vocabularies": "The terms are left out here; each vocabulary has them.",
    "/v1/vocabularies/{scheme}": "The ids are the values of the filter in `parameter`; the "
    "synonyms are words that search understands as the term.",
    "/v1/openapi.json": "This document, for programs; any website may read it.",
    "/health/live": "For who runs this: restart the process when it does not answer.",
    "/health/ready": "For who runs this: send no requests while it answers 503; `checks` says "
    "what is wrong.",
}
PATH_EXAMPLES = {  # of the first cases
    "caseId": "place2bu-utrecht",
    "pitfallId": "place2bu-utrecht--onrustige-start-op-grote-schaal",
    "findingId": "kleinhans-2004--menging-van-eigendom-leidt-niet-vanzelf-tot-contact-tussen",
    "studyId": "kleinhans-2004",
    "questionId": "leidt-mengen-tot-contact",
    "ingredientId": "buddy-systeem",
    "scheme": "ingredients",
}
PATH_NAMES = {
    "caseId": "The id of a case.",
    "pitfallId": "The id of a pitfall: that of its case or study, two dashes, a name.",
    "findingId": "The id of a finding: that of its case or study, two dashes, a name.",
    "studyId": "The id of a study.",
    "questionId": "The id of a question.",
    "ingredientId": "The id of an active ingredient; a term of the vocabulary `ingredients`.",
    "scheme": "The id of a vocabulary.",
}
blp = Blueprint("openapi", __name__)


@blp.get(f"{BASE}/openapi.json")
def openapi_document() -> Response:
    """The document of this API, for programs."""
    strictly(LanguageQuery)
    return jsonify(current_app.extensions["kb.openapi"])


def create_api(app: Flask) -> Api:
    """flask-smorest's API on our app, with the fields of our schemas described."""
    app.config |= {
        "API_TITLE": "Kennisbank gemengde wijken",
        "API_VERSION": API_VERSION,
        "OPENAPI_VERSION": "3.1.0",
    }
    api = Api(app)
    converter = api.ma_plugin.converter
    converter.add_attribute_function(_described)
    converter.add_parameter_attribute_function(_comma_list)
    for name, shape in SHAPES.items():
        api.spec.components.schema(name, schema=shape)
    return api


def _described(_converter: Any, field: fields.Field[Any], **_options: Any) -> dict[str, Any]:
    """JSON Schema for the fields that are ours."""
    in_query = isinstance(field.root, LanguageQuery)
    if isinstance(field, OneTerm) and in_query:
        return {"type": "string", "enum": list(schemes()[field.scheme].terms)}
    if isinstance(field, Text) and in_query:
        return {"pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$"}  # something, and no NUL
    if isinstance(field, Instant):
        return {"type": "string", "format": "date-time", "pattern": r"^[-\dT:]+Z$"}
    if isinstance(field, CommaList):
        return {"minItems": 1, "uniqueItems": True}
    if isinstance(field, AnyItem):
        return {"oneOf": [_ref(shape.__name__) for shape in ITEMS.values()]}
    if isinstance(field, fields.Constant):
        return {"type": "string", "const": field.constant}
    named = {OneTerm: "TermLabel", Reference: "Reference", Links: "ThingLinks"}
    for kind, name in named.items():
        if isinstance(field, kind):
            ref = _ref(name)
            return {"anyOf": [ref, {"type": "null"}]} if field.allow_none else ref
    return {}


def _ref(name: str, kind: str = "schemas") -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _comma_list(_converter: Any, field: fields.Field[Any], **_options: Any) -> dict[str, Any]:
    return {"explode": False, "style": "form"} if isinstance(field, CommaList) else {}


def complete(api: Api, public_url: str) -> dict[str, Any]:
    """The whole document, once all rooms are registered."""
    document: dict[str, Any] = api.spec.to_dict()
    document["info"] |= {
        "description": DESCRIPTION,
        "contact": {"name": "Kennisbank gemengde wijken", "url": f"{public_url}/docs"},
        "license": {
            "name": "EUPL-1.2 (software), CC BY 4.0 (first content)",
            "url": "https://joinup.ec.europa.eu/collection/eupl/eupl-text-eupl-12",
        },
    }
    document["servers"] = [{"url": f"{public_url}{BASE}"}]
    document["tags"].append({"name": "openapi", "description": "How all this is asked."})
    lang = document["paths"]["/health/live"]["get"]["parameters"]
    document["paths"][f"{BASE}/openapi.json"] = {"get": _of_this_document(lang)}
    document["components"] |= _components(document["components"])
    document["paths"] = dict(_paths(document["paths"], public_url))
    order = ("openapi", "info", "servers", "tags", "paths", "components")
    told: dict[str, Any] = _with_examples({key: document[key] for key in order})
    return told


def _of_this_document(lang: list[dict[str, Any]]) -> dict[str, Any]:
    """The document's own operation, which flask-smorest does not know of."""
    shape = {"application/json": {"schema": {"type": "object"}}}
    return {
        "summary": "Read this document.",
        "tags": ["openapi"],
        "parameters": lang,
        "responses": {"200": {"description": "OK", "content": shape}},
    }


def _components(made: dict[str, Any]) -> dict[str, Any]:
    version = {"API-Version": _ref("API-Version", "headers")}
    problem = {"application/problem+json": {"schema": _ref("Problem")}}
    errors = {
        name: {"description": text, "headers": version, "content": problem}
        for name, text in ERRORS.values()
    }
    errors["Unavailable"]["headers"] = version | {"Retry-After": _ref("Retry-After", "headers")}
    unchanged = {
        "description": "Nothing has changed since the answer whose ETag If-None-Match named.",
        "headers": version | {"ETag": _ref("ETag", "headers")},
    }
    schemas = {name: shape for name, shape in made["schemas"].items() if name not in NOT_OURS}
    return {
        "schemas": schemas,
        "responses": {"NotModified": unchanged} | errors,
        "headers": {
            "API-Version": {
                "description": "The full version of this API.",
                "schema": {"type": "string", "examples": [API_VERSION]},
            },
            "ETag": {
                "description": "Send it as If-None-Match to hear whether anything changed.",
                "schema": {"type": "string"},
            },
            "Link": {
                "description": "The next and the previous page, where there are any.",
                "schema": {"type": "string"},
            },
            "Retry-After": {
                "description": "Seconds after which to try again.",
                "schema": {"type": "integer"},
            },
        },
    }


def _paths(made: dict[str, Any], public_url: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The paths below the base path; what stands beside it names its own server."""
    examples = _examples(public_url)
    for path, item in made.items():
        template = re.sub(r"{(\w+)}", lambda found: f"{{{camel(found[1])}}}", path)
        told: dict[str, Any] = {"get": _completed(template, item["get"])}
        content = told["get"]["responses"]["200"]["content"]["application/json"]
        if example := examples.get(told["get"]["operationId"]):
            content["example"] = example
        if "parameters" in item:
            told["parameters"] = [_path_parameter(each) for each in item["parameters"]]
        if template.startswith(f"{BASE}/"):
            yield template.removeprefix(BASE), told
        else:
            yield template, {"servers": [{"url": public_url}], **told}


def _path_parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    """A part of a path by the name that the outside world sees, with an example."""
    name = camel(parameter["name"])
    return parameter | {
        "name": name,
        "description": PATH_NAMES[name],
        "schema": {"type": "string", "maxLength": 200},
        "example": PATH_EXAMPLES[name],
    }


def _completed(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    """A name, a description, and the errors and headers that every operation has."""
    words = [word for word in re.split(r"[/{}.\-]+", path) if word and word != "v1"]
    name = "get" + "".join(word[0].upper() + word[1:] for word in words)
    is_list = "/v1/search" <= path <= "/v1/suggestions" or path.count("/") == 2
    is_list = is_list and not path.startswith(("/health", "/v1/vocabularies", "/v1/openapi"))
    about = "An unknown id answers 404 with ids that come near." if "{" in path else ABOUT_LISTS
    wanted = {"400", "406", "500"}
    if "{" in path:
        wanted.add("404")
    if is_list or path == "/health/ready":
        wanted.add("503")
    if path == "/v1/cases/{caseId}":
        wanted.add("410")
    headers = {"API-Version": _ref("API-Version", "headers")}
    responses: dict[str, Any] = {"200": operation["responses"]["200"] | {"headers": headers}}
    if path.startswith(f"{BASE}/"):
        headers["ETag"] = _ref("ETag", "headers")
        responses["304"] = _ref("NotModified", "responses")
    if is_list and path != "/v1/suggestions":
        headers["Link"] = _ref("Link", "headers")
    responses |= {code: _ref(ERRORS[code][0], "responses") for code in sorted(wanted)}
    return {
        "operationId": name,
        "summary": re.sub(r"`(\w+)`", r"“\1”", operation["summary"]),  # plain text
        "description": ABOUT.get(path, about),
        "tags": operation["tags"],
        "parameters": operation["parameters"],
        "responses": responses,
    }


def _examples(public_url: str) -> dict[str, Any]:
    """Answers of the first cases, shortened, by operation; a test keeps them true."""
    file = resources.files("kb.pages") / "static" / "examples.json"
    text = file.read_text("utf-8").replace("{KB_PUBLIC_URL}", public_url)
    found: dict[str, Any] = json.loads(text)
    return found


def _with_examples(value: Any) -> Any:
    """Schemas with `examples`, as JSON Schema has them, where marshmallow's metadata has one."""
    if isinstance(value, list):
        return [_with_examples(each) for each in value]
    if not isinstance(value, dict):
        return value
    told = {key: _with_examples(each) for key, each in value.items()}
    is_schema = {"type", "example"} <= told.keys() and "in" not in told
    if is_schema and isinstance(told["type"], (str, list)):
        told["examples"] = [told.pop("example")]
    return told
