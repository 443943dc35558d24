"""The OpenAPI document: made from views and schemas, completed with what holds for every route."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify
from marshmallow import fields

from kb.vocabulary.terms import schemes
from kb.web import API_VERSION, Api, strictly
from schemas.answers import AnyItem
from schemas.base import camel
from schemas.links import Links, ThingLinks
from schemas.lists import ITEMS, CommaList, LanguageQuery
from schemas.problems import Problem
from schemas.terms import OneTerm, Reference, ReferenceShape, TermShape

DESCRIPTION = """
Interventions that keep neighbourhoods mixed: what was tried, which active ingredients made it
work, which pitfalls to avoid, and how strong the evidence is. The content is Dutch; labels and
messages are Dutch or English (`Accept-Language`, or `lang`). No key is needed to read.
""".strip()
SHAPES = {
    "TermLabel": TermShape,
    "Reference": ReferenceShape,
    "ThingLinks": ThingLinks,
    "Problem": Problem,
}
ERRORS = {
    "400": ("InvalidInput", "Something in the request is wrong; `errors` lists everything."),
    "404": ("NotFound", "Nothing has this id; `suggestions` are ids that come near."),
    "406": ("NotAcceptable", "None of the media types in Accept can be given."),
    "410": ("Withdrawn", "The case was withdrawn; `reason` says why."),
    "500": ("InternalError", "Something went wrong on our side."),
    "503": ("Unavailable", "Search is being prepared, or a part does not answer."),
}
PATH_EXAMPLES = {  # of the first cases
    "caseId": "place2bu-utrecht",
    "pitfallId": "goede-buren-utrecht-toewijzing--voorrang-roept-vragen-op",
    "findingId": "",
    "studyId": "kleinhans-2004",
    "questionId": "nadelen-concentratie-kwetsbare-groepen",
    "ingredientId": "buddy-systeem",
    "scheme": "ingredients",
}
blp = Blueprint("openapi", __name__)


@blp.get("/v1/openapi.json")
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
    if isinstance(field, OneTerm) and isinstance(field.root, LanguageQuery):
        return {"type": "string", "enum": list(schemes()[field.scheme].terms)}
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


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


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
    document["servers"] = [{"url": public_url}]
    document["components"]["responses"] = {
        name: {
            "description": text,
            "content": {"application/problem+json": {"schema": _ref("Problem")}},
        }
        for name, text in ERRORS.values()
    }
    document["components"]["headers"] = {
        "API-Version": {
            "description": "The full version of this API.",
            "schema": {"type": "string", "examples": [API_VERSION]},
        },
        "ETag": {
            "description": "Send it as If-None-Match to hear whether anything changed.",
            "schema": {"type": "string"},
        },
    }
    document["paths"] = {
        _camel_path(path): {
            key: _completed(_camel_path(path), operation)
            if key == "get"
            else _camel_names(operation)
            for key, operation in item.items()
        }
        for path, item in document["paths"].items()
    }
    return document


def _camel_path(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: f"{{{camel(found[1])}}}", path)


def _camel_names(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Path parameters by the names that the outside world sees, with an example."""
    for parameter in parameters:
        parameter["name"] = camel(parameter["name"])
        parameter["schema"] = {"type": "string", "maxLength": 200}
        parameter["example"] = PATH_EXAMPLES[parameter["name"]]
    return parameters


def _completed(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    """The errors and headers that every operation has, and a name for it."""
    words = [word for word in re.split(r"[/{}.\-]+", path) if word and word != "v1"]
    operation["operationId"] = "get" + "".join(word[0].upper() + word[1:] for word in words)
    responses = operation["responses"]
    responses.pop("default", None)
    wanted = {"400", "406", "500"}
    if "{" in path:
        wanted.add("404")
    elif not path.startswith("/v1/vocabularies") and path != "/health/live":
        wanted.add("503")
    if path == "/v1/cases/{caseId}":
        wanted.add("410")
    responses |= {
        code: {"$ref": f"#/components/responses/{ERRORS[code][0]}"} for code in sorted(wanted)
    }
    headers = {"API-Version": {"$ref": "#/components/headers/API-Version"}}
    if path.startswith("/v1/"):
        headers["ETag"] = {"$ref": "#/components/headers/ETag"}
    responses["200"].setdefault("headers", {}).update(headers)
    return operation
