"""JSON Schema 2020-12 of a case, for editors' tools; made from the schema by which we read one.

It describes a draft, in which much may be missing still: what publishing needs on top has the key
`x-required-to-publish`. Some things it cannot say: whether years are in order and not too far
ahead, whether what is referred to exists, whether a province is Dutch, and whether a text has half
a character in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import force_locale, gettext
from marshmallow import Schema as MarshmallowSchema
from marshmallow import fields, validate

from kb.vocabulary.terms import Scheme, schemes

from .base import Country, Distinct, Document, Identifier, Said, Text, WholeNumber, camel
from .case_words import CASE, EXAMPLE, TO_PUBLISH, WORDS
from .cases import ALWAYS, SOME, CaseInput
from .checks import WHOLE
from .terms import OneTerm, Reference, TermId
from .text import SPACES, UNSEEN
from .urls import URL, Url

Json = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
NEEDED = {  # to publish, by path
    *map(camel, (*ALWAYS, *SOME)),
    *(f"{key}.{camel(part)}" for key, parts in WHOLE.items() for part in parts),
    "findings.source",
}


def case_schema(language: str) -> Json:
    """The schema of a case with its words in `nl` or `en`; needs an app for the Dutch."""
    with force_locale(language):
        title, about = CASE
        return {
            "$schema": DIALECT,
            "title": gettext(title),
            "description": gettext(about),
            **_object(CaseInput(), "", language),
            "anyOf": [  # without an id there is a title to make it from
                {"required": ["id"]},
                {"required": ["title"], "properties": {"title": {"type": "string"}}},
            ],
            "examples": [dict(EXAMPLE)],
            "$defs": {
                scheme: _terms(schemes()[scheme], language) for scheme in sorted(_used(CaseInput()))
            },
        }


def _object(schema: MarshmallowSchema, path: str, language: str) -> Json:
    """The schema of an object: its keys, and those that we ignore."""
    assert isinstance(schema, Document)
    told: Json = {
        f"{field.data_key}": _key(field, f"{path}{field.data_key}", language)
        for field in schema.fields.values()
        if not field.dump_only
    }
    told |= {key: _words(f"{path}{key}") | {"readOnly": True} for key in schema.TOLD}
    told |= {key: _words(f"{path}{key}") for key in schema.IGNORED}
    required = [field.data_key for field in schema.fields.values() if field.required]
    return {
        "type": "object",
        "properties": told,
        **({"required": required} if required else {}),
        "patternProperties": {"^_": True},  # `_links` and the like are ours to tell
        "additionalProperties": False,
    }


def _key(field: fields.Field[Any], path: str, language: str) -> Json:
    """The schema of a key, with its words."""
    shape = _shape(field, path, language)
    if field.allow_none and isinstance(shape.get("type"), str):
        shape["type"] = [shape["type"], "null"]
    elif field.allow_none:
        shape = {"anyOf": [shape, {"type": "null"}]}
    return _words(path) | shape


def _words(path: str) -> Json:
    title, about = WORDS[path]
    told: Json = {"title": gettext(title), "description": gettext(about)}
    if path in NEEDED:
        told["description"] += " " + gettext(TO_PUBLISH)
        told["x-required-to-publish"] = True
    example = _example(path)
    return told | ({} if example is None else {"examples": [example]})


def _example(path: str) -> Any:
    """The value at this path in the example; of the first item in a list."""
    found: Any = EXAMPLE
    for key in path.split("."):
        found = found[0] if isinstance(found, list) else found
        found = found.get(key)
    return found


def _shape(field: fields.Field[Any], path: str, language: str) -> Json:
    """The schema of what a field reads."""
    if isinstance(field, fields.Nested):
        return _object(field.schema, f"{path}.", language)
    if isinstance(field, fields.List):
        return _list(field, path, language)
    if isinstance(field, TermId):
        return _ids(schemes()[field.scheme], language)
    shape = next(make for kind, make in SHAPES.items() if isinstance(field, kind))(field)
    for rule in field.validators:
        if isinstance(rule, validate.Length):
            shape |= {"maxLength": rule.max}
        elif isinstance(rule, validate.Range):
            shape |= {"minimum": rule.min, "maximum": rule.max}
    return shape


def _list(field: fields.List[Any], path: str, language: str) -> Json:
    shape: Json = {"type": "array", "items": _shape(field.inner, path, language)}
    if any(isinstance(rule, Distinct) for rule in field.validators):
        shape["uniqueItems"] = True
        if isinstance(field.inner, OneTerm):  # also when one is bare and the other an object
            known = schemes()[field.inner.scheme].terms
            shape["allOf"] = [
                {"contains": _this_term({"const": each}), "minContains": 0, "maxContains": 1}
                for each in known
            ]
    return shape


def _this_term(id_shape: Json) -> Json:
    """A bare id, or an object that has it; what else the object has is ignored."""
    with_id = {"type": "object", "required": ["id"], "properties": {"id": id_shape}}
    return {"anyOf": [id_shape, with_id]}


def _terms(scheme: Scheme, language: str) -> Json:
    """What a key that takes a term of this scheme may have."""
    return {"title": scheme.labels[language], **_this_term(_ids(scheme, language))}


def _ids(scheme: Scheme, language: str) -> Json:
    """The ids of a scheme, and its labels in the same order, for tools that show these."""
    labels = [term.label(language) for term in scheme.in_order]
    return {"enum": list(scheme.terms), "enumDescriptions": labels}


def _used(schema: MarshmallowSchema) -> set[str]:
    """The vocabularies whose terms a document may have."""
    found: set[str] = set()
    for field in schema.fields.values():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, OneTerm):
            found.add(inner.scheme)
        elif isinstance(inner, fields.Nested):
            found |= _used(inner.schema)
    return found


def _identifier(field: Any) -> Json:
    return {"type": "string", "pattern": f"^{field.pattern.pattern}$"}


def _reference(_field: Any) -> Json:
    return _this_term(_identifier(Identifier) | {"maxLength": 80})


SHAPES: Mapping[type[fields.Field[Any]], Callable[[Any], Json]] = {  # the more special first
    Said: lambda field: {"const": field.word},
    Url: lambda _: {"type": "string", "pattern": rf"^[{SPACES}]*(?:{URL})[{SPACES}]*$"},
    Text: lambda _: {"type": "string", "pattern": rf"^[^\u0000]*[^{UNSEEN}\u0000][^\u0000]*$"},
    WholeNumber: lambda _: {"type": "integer"},
    Identifier: _identifier,
    Country: lambda _: {"type": "string", "pattern": "^[A-Z]{2}$"},
    OneTerm: lambda field: {"$ref": f"#/$defs/{field.scheme}"},
    Reference: _reference,
}
