"""The OpenAPI document: made from views and schemas, completed with what holds for every route."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any

from flask import Flask
from marshmallow import fields

from kb.kinds import KINDS
from kb.vocabulary.terms import schemes
from kb.web import components
from kb.web.components import RESPONSE_NAMES
from kb.web.dialect import Api, CountConverter, SlugConverter
from kb.web.headers import API_VERSION
from kb.web.negotiation import REPRESENTATIONS
from kb.web.response_schemas import one_of_items, response_schemas
from schemas.base import Document, camel
from schemas.dossiers import WholeThing
from schemas.json_fields import Text, UtcDateTime
from schemas.links import Links, ThingLinks
from schemas.list_pages import AnyItem
from schemas.lists import ITEMS, LanguageQuery
from schemas.match import ListItem
from schemas.problems import Problem
from schemas.query_fields import MAX_QUERY_WORDS, DelimitedEnums, DelimitedList, SearchText
from schemas.terms import Reference, ReferenceShape, TermField, TermShape
from schemas.text import BLANK

BASE = "/v1"  # of the API; health stands beside it
DESCRIPTION = """
Interventions that keep neighbourhoods mixed: what was tried, which active ingredients made it
work, which pitfalls to avoid, and how strong the evidence is. The content is Dutch; labels and
messages are Dutch or English (`Accept-Language`, or `lang`). No key is needed to read; editors
send a token (`Authorization: Bearer …`).

Every answer has the full version in `API-Version`. Every error is a problem in JSON (RFC 9457)
that says what to do; bad input lists all mistakes at once, each with what was probably meant.
""".strip()
SHAPES = {
    "TermLabel": TermShape,
    "Reference": ReferenceShape,
    "ThingLinks": ThingLinks,
    "Problem": Problem,
}
JSON_SHAPES: dict[str, Doc] = {  # of representations that are JSON; others are text
    "jsonld": {"type": "object"},
    "csl": {"type": "array", "items": {"type": "object"}},
}
OF_SMOREST = ("Error", "PaginationMetadata")  # schemas that flask-smorest brings and nothing uses
OF_EVERY_OPERATION = (400, 406, 429, 500)  # errors
# as JavaScript reads it with or without `u`
BLANK_IN_BMP = re.sub("[\U00010000-\U0010ffff]-?", "", BLANK)
Doc = dict[str, Any]  # a part of the document
OPERATION_KEYS = (  # in their order
    *("operationId", "summary", "description", "tags", "parameters"),
    *("requestBody", "responses", "security"),
)
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
    api.register_converter(SlugConverter, lambda _: {"type": "string", "maxLength": 200})
    api.register_converter(
        CountConverter, lambda _: {"type": "integer", "minimum": 1, "maximum": 999_999_999}
    )
    return api


def _described(_converter: Any, field: fields.Field[Any], **_options: Any) -> Doc:
    """JSON Schema for the fields that are ours."""
    in_query = isinstance(field.root, LanguageQuery)
    if isinstance(field, TermField) and in_query:
        return {"type": "string", "enum": list(schemes()[field.scheme].terms)}
    if isinstance(field, SearchText):
        more = f"(\\s+[^\\s\\u0000]+){{0,{MAX_QUERY_WORDS - 1}}}"  # so many words, and no NUL
        return {"pattern": rf"^(?=[^\u0000]*[^{BLANK_IN_BMP}\u0000])\s*[^\s\u0000]+{more}\s*$"}
    if isinstance(field, Text) and in_query and field.may_be_blank:
        return {"pattern": r"^[^\u0000]*$"}
    if isinstance(field, Text) and in_query:
        return {"pattern": rf"^[^\u0000]*[^{BLANK_IN_BMP}\u0000][^\u0000]*$"}  # and no NUL
    if isinstance(field, UtcDateTime):
        kind: Any = ["string", "null"] if field.allow_none else "string"
        return {"type": kind, "format": "date-time", "pattern": r"^[-\dT:]+Z$"}
    if isinstance(field, fields.Url):
        return {"format": "uri"}  # "url" is no registered format
    if isinstance(field, DelimitedEnums):
        return {"minItems": 1, "uniqueItems": True}
    if isinstance(field, AnyItem):
        return one_of_items((kind, shape.__name__) for kind, shape in ITEMS.items())
    if isinstance(field, WholeThing):
        return one_of_items((kind.name, kind.schema().__name__) for kind in KINDS.values())
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


def _both_spellings(_converter: Any, field: fields.Field[Any], **_options: Any) -> Doc:
    return {"explode": True, "style": "form"} if isinstance(field, DelimitedList) else {}


def document_of(api: Api, public_url: str, contact_email: str = "") -> Callable[[], Doc]:
    """What gives the whole document; it makes it when it is first asked, in 0.1 s."""
    lock = threading.Lock()
    documents: list[Doc] = []

    def document() -> Doc:
        with lock:
            if not documents:
                documents.append(_complete(api, public_url, contact_email))
        return documents[0]

    return document


def _complete(api: Api, public_url: str, contact_email: str) -> Doc:
    for name, shape in SHAPES.items():
        api.spec.components.schema(name, schema=shape)
    components.register(api)
    api.add_paths()
    document: Doc = api.spec.to_dict()
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
    bodies = [operation.get("requestBody") for operation in _operations(document)]
    made = document["components"]["schemas"]
    schemas = {name: schema for name, schema in made.items() if name not in OF_SMOREST}
    document["components"]["schemas"] = response_schemas(schemas, bodies, _whole(api))
    document["paths"] = dict(_paths(document["paths"], public_url))
    order = ("openapi", "info", "servers", "tags", "paths", "components")
    ordered: Doc = _with_examples({key: document[key] for key in order})
    return ordered


def _whole(api: Api) -> set[str]:
    """The names of schemas with all keys: what editors may send back as it came, items of lists."""
    names: dict[Any, str] = api.ma_plugin.converter.refs
    return {name for key, name in names.items() if issubclass(key[0], (Document, ListItem))}


def _operations(document: Doc) -> Iterator[Doc]:
    for item in document["paths"].values():
        yield from (item[method] for method in METHODS if method in item)


def _paths(made: Doc, public_url: str) -> Iterator[tuple[str, Doc]]:
    """The paths below the base path; what stands beside it names its own server."""
    examples = _examples(public_url)
    for path, item in made.items():
        template = re.sub(r"{(\w+)}", lambda name: f"{{{camel(name[1])}}}", path)
        completed: Doc = {
            method: _completed(template, method, operation, examples)
            for method, operation in item.items()
            if method in METHODS
        }
        if "parameters" in item:
            completed["parameters"] = [
                {**parameter, "name": camel(parameter["name"])} for parameter in item["parameters"]
            ]
        if template.startswith(f"{BASE}/"):
            yield template.removeprefix(BASE), completed
        else:
            yield template, {"servers": [{"url": public_url}], **completed}


def _completed(path: str, method: str, operation: Doc, examples: Doc) -> Doc:
    """A name, and the errors and headers that every operation has."""
    name = _operation_id(path, method)
    media = _other_representations(operation)
    responses: Doc = operation["responses"]
    for status, response in responses.items():
        if status.startswith("2"):
            _complete_response(response, media, examples.get(name))
    errors = {*OF_EVERY_OPERATION, *([404] if "{" in path else [])}
    responses |= {f"{status}": _ref(RESPONSE_NAMES[status], "responses") for status in errors}
    completed = operation | {
        "operationId": name,
        "summary": re.sub(r"`(\w+)`", r"“\1”", operation["summary"]),  # plain text
        "description": " ".join(operation["description"].split()),
        "responses": dict(sorted(responses.items())),
        "security": operation.get("security", []),
    }
    return {key: completed[key] for key in OPERATION_KEYS if key in completed}


def _operation_id(path: str, method: str) -> str:
    """`get`, `/v1/cases/{caseId}` → `getCasesCaseId`."""
    words = [word for word in re.split(r"[/{}.\-_]+", path) if word and word != "v1"]
    return method + "".join(word[0].upper() + word[1:] for word in words)


def _complete_response(response: Doc, media: Doc, example: Any) -> None:
    """Headers of every good response, an example, and the other representations."""
    headers = response.setdefault("headers", {})
    headers["API-Version"] = _ref("API-Version", "headers")
    if REPRESENTATIONS["csv"].media_type in media:
        headers["Row-Count"] = _ref("Row-Count", "headers")
    if "content" in response:
        for content in response["content"].values():
            if example is not None:
                content["example"] = example
        response["content"] |= media


def _other_representations(operation: Doc) -> Doc:
    """What `format` takes here beside JSON, by media type."""
    names = [
        name
        for parameter in operation["parameters"]
        if parameter.get("name") == "format"
        for name in parameter["schema"]["enum"]
    ]
    return {
        REPRESENTATIONS[name].media_type: {"schema": JSON_SHAPES.get(name, {"type": "string"})}
        for name in names
        if name != "json"
    }


def _examples(public_url: str) -> Doc:
    """Answers of the first cases, shortened, by operation; a test keeps them true."""
    file = resources.files("kb.web") / "openapi_examples.json"
    text = file.read_text("utf-8").replace("{KB_PUBLIC_URL}", public_url)
    examples: Doc = json.loads(text)
    return examples


def _with_examples(value: Any) -> Any:
    """Schemas with `examples`, as JSON Schema has them, where marshmallow's metadata has one."""
    if isinstance(value, list):
        return [_with_examples(each) for each in value]
    if not isinstance(value, dict):
        return value
    schema = {key: _with_examples(each) for key, each in value.items()}
    is_schema = {"type", "example"} <= schema.keys() and "in" not in schema
    if is_schema and isinstance(schema["type"], (str, list)):
        schema["examples"] = [schema.pop("example")]
    return schema
