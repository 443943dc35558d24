"""The OpenAPI document: made from views and schemas, completed with what holds for every route."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

from flask import Flask
from marshmallow import fields

from kb.vocabulary.terms import schemes
from kb.web.contract import (
    BODIES,
    DESCRIPTION,
    DRAFT,
    ERRORS,
    FOR_EDITORS,
    PATH_EXAMPLES,
    PATH_NAMES,
    SEEN,
    VERSION,
    WRITES_NOTHING,
)
from kb.web.dialect import Api
from kb.web.headers import API_VERSION
from kb.web.negotiation import REPRESENTATIONS
from kb.web.response_schemas import one_of_items, response_schemas
from schemas.base import Document, camel
from schemas.drafts import Erasure, NextDraft, Publication, Review, Withdrawal
from schemas.json_fields import Text, UtcDateTime
from schemas.links import Links, ThingLinks
from schemas.list_pages import AnyItem
from schemas.lists import ITEMS, LanguageQuery
from schemas.match import ListItem
from schemas.problems import Problem
from schemas.query_fields import MAX_QUERY_WORDS, DelimitedEnums, DelimitedList, SearchText
from schemas.renames import Rename
from schemas.terms import Reference, ReferenceShape, TermField, TermShape
from schemas.text import BLANK

BASE = "/v1"  # of the API; health stands beside it
SHAPES = {
    "TermLabel": TermShape,
    "Reference": ReferenceShape,
    "ThingLinks": ThingLinks,
    "Problem": Problem,
    "NextDraft": NextDraft,
    "Review": Review,
    "Publication": Publication,
    "Withdrawal": Withdrawal,
    "Rename": Rename,
    "Erasure": Erasure,
}
OWNED = ("/v1/pitfalls/{pitfallId}", "/v1/findings/{findingId}")  # what may have another id too
NOT_OURS = ("Error", "PaginationMetadata")  # shapes that flask-smorest brings and we do not use
BLANK = re.sub("[\U00010000-\U0010ffff]-?", "", BLANK)  # as JavaScript reads it with or without `u`
METHODS = ("get", "post", "put", "patch", "delete")


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
    converter.add_parameter_attribute_function(_both_spellings)
    for name, shape in SHAPES.items():
        api.spec.components.schema(name, schema=shape)
    return api


def _described(_converter: Any, field: fields.Field[Any], **_options: Any) -> dict[str, Any]:
    """JSON Schema for the fields that are ours."""
    in_query = isinstance(field.root, LanguageQuery)
    if isinstance(field, TermField) and in_query:
        return {"type": "string", "enum": list(schemes()[field.scheme].terms)}
    if isinstance(field, SearchText):
        more = f"(\\s+[^\\s\\u0000]+){{0,{MAX_QUERY_WORDS - 1}}}"  # so many words, and no NUL
        return {"pattern": rf"^(?=[^\u0000]*[^{BLANK}\u0000])\s*[^\s\u0000]+{more}\s*$"}
    if isinstance(field, Text) and in_query:
        return {"pattern": rf"^[^\u0000]*[^{BLANK}\u0000][^\u0000]*$"}  # something, and no NUL
    if isinstance(field, UtcDateTime):
        kind: Any = ["string", "null"] if field.allow_none else "string"
        return {"type": kind, "format": "date-time", "pattern": r"^[-\dT:]+Z$"}
    if isinstance(field, fields.Url):
        return {"format": "uri"}  # "url" is no registered format
    if isinstance(field, DelimitedEnums):
        return {"minItems": 1, "uniqueItems": True}
    if isinstance(field, AnyItem):
        return one_of_items((kind, shape.__name__) for kind, shape in ITEMS.items())
    if isinstance(field, fields.Constant):
        return {"type": "string", "const": field.constant}
    named = {TermField: "TermLabel", Reference: "Reference", Links: "ThingLinks"}
    for kind, name in named.items():
        if isinstance(field, kind):
            ref = _ref(name)
            return {"anyOf": [ref, {"type": "null"}]} if field.allow_none else ref
    return {}


def _ref(name: str, kind: str = "schemas") -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _both_spellings(_converter: Any, field: fields.Field[Any], **_options: Any) -> dict[str, Any]:
    return {"explode": True, "style": "form"} if isinstance(field, DelimitedList) else {}


def complete(api: Api, public_url: str, contact_email: str = "") -> dict[str, Any]:
    """The whole document, once all rooms are registered."""
    document: dict[str, Any] = api.spec.to_dict()
    document["info"] |= {
        "description": DESCRIPTION,
        "contact": {
            "name": "Kennisbank gemengde wijken",
            "url": f"{public_url}/docs",
            **({"email": contact_email} if contact_email else {}),
        },
        "license": {
            "name": "EUPL-1.2 (software), CC BY 4.0 (first content)",
            "url": "https://joinup.ec.europa.eu/collection/eupl/eupl-text-eupl-12",
        },
    }
    document["servers"] = [{"url": f"{public_url}{BASE}"}]
    document["components"] |= _components(document["components"], _shared(api))
    document["paths"] = dict(_paths(document["paths"], public_url))
    order = ("openapi", "info", "servers", "tags", "paths", "components")
    told: dict[str, Any] = _with_examples({key: document[key] for key in order})
    return told


def _shared(api: Api) -> set[str]:
    """The names of the shapes that editors send back as we answer them, and of items of lists."""
    names: dict[Any, str] = api.ma_plugin.converter.refs
    return {name for key, name in names.items() if issubclass(key[0], (Document, ListItem))}


def _components(made: dict[str, Any], shared: set[str]) -> dict[str, Any]:
    version = {"API-Version": _ref("API-Version", "headers")}
    problem = {"application/problem+json": {"schema": _ref("Problem")}}
    errors = {
        name: {"description": text, "headers": version, "content": problem}
        for name, text in ERRORS.values()
    }
    errors["Unauthorized"]["headers"] = version | {
        "WWW-Authenticate": _ref("WWW-Authenticate", "headers")
    }
    for name in ("Unavailable", "TooManyRequests"):
        errors[name]["headers"] = version | {"Retry-After": _ref("Retry-After", "headers")}
    unchanged = {
        "description": "Nothing has changed since the answer whose ETag If-None-Match named.",
        "headers": version | {"ETag": _ref("ETag", "headers")},
    }
    moved = {
        "description": "What was asked for has another id now; Location is its address.",
        "headers": version | {"Location": _ref("Location", "headers")},
    }
    schemas = {name: shape for name, shape in made["schemas"].items() if name not in NOT_OURS}
    return {
        "schemas": response_schemas(schemas, list(BODIES.values()), shared),
        "responses": {"NotModified": unchanged, "Moved": moved} | errors,
        "securitySchemes": {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "A token that the operator made with `kb token create`.",
            }
        },
        "parameters": {
            "If-Match": {
                "in": "header",
                "name": "If-Match",
                "required": True,
                "description": "The ETag of the draft as you have read it.",
                "schema": {"type": "string"},
            },
            "Idempotency-Key": {
                "in": "header",
                "name": "Idempotency-Key",
                "description": "The same key with the same request gives the first answer again, "
                "for 24 hours; refusals are not remembered. While the first is at work: 409 with "
                "Retry-After.",
                "schema": {"type": "string", "pattern": "^[!-~]+$", "maxLength": 200},
            },
        },
        "headers": {
            "API-Version": {
                "description": "The full version of this API.",
                "schema": {"type": "string", "examples": [API_VERSION]},
            },
            "ETag": {
                "description": "Send it as If-None-Match to hear whether anything changed.",
                "schema": {"type": "string"},
            },
            "Location": {
                "description": "Where what was made, or has another id now, can be read.",
                "schema": {"type": "string", "format": "uri"},
            },
            "WWW-Authenticate": {
                "description": "That a token is needed, as `Bearer`.",
                "schema": {"type": "string"},
            },
            "Link": {
                "description": "The next and the previous page, where there are any, and the other "
                "forms.",
                "schema": {"type": "string"},
            },
            "Row-Count": {
                "description": "With `csv`, `ndjson`, `bibtex` and `ris`: how many the whole list "
                "has. Fewer have come when the answer broke off, or something was withdrawn "
                "meanwhile.",
                "schema": {"type": "integer"},
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
        told: dict[str, Any] = {
            method: _completed(template, method, operation, examples)
            for method, operation in item.items()
            if method in METHODS
        }
        if "parameters" in item:
            told["parameters"] = [_path_parameter(each) for each in item["parameters"]]
        if template.startswith(f"{BASE}/"):
            yield template.removeprefix(BASE), told
        else:
            yield template, {"servers": [{"url": public_url}], **told}


def _path_parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    """A part of a path by the name that the outside world sees, with an example."""
    name = camel(parameter["name"])
    example: str | int = PATH_EXAMPLES[name]
    shape: dict[str, Any] = {"type": "string", "maxLength": 200}
    if name in {"version", "revision"}:
        shape = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
        example = int(example)
    return parameter | {
        "name": name,
        "description": PATH_NAMES[name],
        "schema": shape,
        "example": example,
    }


def _completed(
    path: str, method: str, operation: dict[str, Any], examples: dict[str, Any]
) -> dict[str, Any]:
    """A name, a description, and the errors and headers that every operation has."""
    words = [word for word in re.split(r"[/{}.\-_]+", path) if word and word != "v1"]
    name = method + "".join(word[0].upper() + word[1:] for word in words)
    is_list = method == "get" and _is_search(path)
    told = {
        "operationId": name,
        "summary": re.sub(r"`(\w+)`", r"“\1”", operation["summary"]),  # plain text
        "description": " ".join(operation["description"].split()),
        "tags": operation["tags"],
        "parameters": operation["parameters"] + _headers_asked(path, method),
        "responses": _responses(path, method, operation, is_list),
    }
    for response in told["responses"].values():
        for content in response.get("content", {}).values():
            if name in examples:
                content["example"] = examples[name]
        if "content" in response:
            response["content"] = response["content"] | dict(_other_forms(operation))
    if (method, path) in BODIES:
        told["requestBody"] = BODIES[method, path]
    told["security"] = [{"token": []}] if operation["tags"][0] in FOR_EDITORS else []
    return told


def _other_forms(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The media types of the forms that `format` takes here, beside JSON."""
    for parameter in operation["parameters"]:
        if parameter.get("name") == "format":
            for representation in parameter["schema"]["enum"]:
                kind = "object" if representation == "jsonld" else "string"
                if representation != "json":
                    yield REPRESENTATIONS[representation].media_type, {"schema": {"type": kind}}


def _is_search(path: str) -> bool:
    """Whether this is a list that the index answers."""
    known = path.startswith(
        (
            *("/health", "/v1/vocabularies", "/v1/changes", "/v1/openapi", "/v1/drafts", "/v1/me"),
            *("/v1/imports", "/v1/oembed"),
        )
    )
    return path.count("/") == 2 and not known


def _headers_asked(path: str, method: str) -> list[dict[str, Any]]:
    """Headers that this operation reads, beyond those of all."""
    keys = [method == "post" and path not in WRITES_NOTHING, (method, path) in SEEN]
    named = ("Idempotency-Key", "If-Match")
    return [_ref(name, "parameters") for name, asked in zip(named, keys, strict=True) if asked]


def _responses(path: str, method: str, operation: dict[str, Any], is_list: bool) -> dict[str, Any]:
    code = next(each for each in operation["responses"] if each.startswith("2"))
    headers = {"API-Version": _ref("API-Version", "headers")}
    responses: dict[str, Any] = {code: operation["responses"][code] | {"headers": headers}}
    is_private = operation["tags"][0] in FOR_EDITORS
    is_draft = path.endswith(("/draft", "/reviews")) or (method, path) == ("post", "/v1/cases")
    if path.startswith(f"{BASE}/") and (is_draft or not is_private) and method != "delete":
        headers["ETag"] = _ref("ETag", "headers")
    if not is_private and path.startswith(f"{BASE}/"):
        responses["304"] = _ref("NotModified", "responses")
    if method == "get" and ("{caseId}" in path or path in OWNED):
        responses["301"] = _ref("Moved", "responses")
    if code == "201" and not path.endswith("/withdrawals"):
        headers["Location"] = _ref("Location", "headers")
    if any(name == "text/csv" for name, _ in _other_forms(operation)):
        headers["Row-Count"] = _ref("Row-Count", "headers")
    if (is_list and path != "/v1/suggestions") or path == "/v1/drafts":
        headers["Link"] = _ref("Link", "headers")
    if (method, path) == ("post", "/v1/imports"):  # a dry run makes nothing
        bare = {name: each for name, each in headers.items() if name != "Location"}
        responses["200"] = operation["responses"][code] | {"description": "OK", "headers": bare}
    if (method, path) == ("post", DRAFT):  # over an open draft
        bare = {name: each for name, each in headers.items() if name != "Location"}
        responses["200"] = operation["responses"][code] | {"description": "OK", "headers": bare}
    wanted = {"400", "406", "429", "500", *_errors_of_editors(path, method, is_private)}
    if "{" in path:
        wanted.add("404")
    if path not in {"/health/live", "/v1/vocabularies", "/v1/vocabularies/{scheme}"}:
        wanted.add("503")
    if path == "/v1/oembed":
        wanted |= {"404", "501"}
    if (not is_private and "{caseId}" in path) or path.endswith("/renames"):
        wanted.add("410")
    return responses | {code: _ref(ERRORS[code][0], "responses") for code in sorted(wanted)}


def _errors_of_editors(path: str, method: str, is_private: bool) -> Iterator[str]:
    if is_private:
        yield from ("401", "403")
    if method == "post" and path not in WRITES_NOTHING:
        yield "409"
    if (method, path) in BODIES:
        yield from ("409", "413", "415")
    if (method, path) in SEEN:
        yield from ("409", "412", "428")
    if (method, path) == ("post", DRAFT):
        yield from ("410", "412", "428")
    if path.endswith("/revisions/{revision}") or (method, path) == ("delete", VERSION):
        yield "410"


def _examples(public_url: str) -> dict[str, Any]:
    """Answers of the first cases, shortened, by operation; a test keeps them true."""
    file = resources.files("kb.web") / "openapi_examples.json"
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
