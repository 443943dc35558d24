"""JSON Schema 2020-12 of what editors write, for their tools; made from how we read it.

It describes a draft, in which much may be missing still: what publishing needs on top has the key
`x-required-to-publish`. Some things it cannot say: whether years are in order and not too far
ahead, whether what is referred to exists, whether a province is Dutch, and whether a text has half
a character in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from flask_babel import force_locale, gettext
from marshmallow import Schema as MarshmallowSchema
from marshmallow import fields, validate

from kb.vocabulary.terms import Scheme, schemes

from .annotations import CASE, QUESTION, STUDY, Annotations
from .base import Document, camel
from .case_annotations import TO_PUBLISH
from .cases import REQUIRED_KEYS, REQUIRED_LISTS, CaseInput
from .checks import REQUIRED_PARTS
from .json_fields import Country, Identifier, JsonInteger, ReadOnlyConstant, Text
from .questions import REQUIRED_KEYS as REQUIRED_OF_QUESTION
from .questions import QuestionInput
from .studies import REQUIRED_KEYS as REQUIRED_OF_STUDY
from .studies import StudyInput
from .terms import Reference, TermField, TermId
from .text import BLANK, SPACES
from .urls import URL, Url
from .validators import Distinct

Json = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Written(NamedTuple):
    """What editors write of one kind: how it is read, and what they are told of it."""

    schema: type[Document]
    annotations: Annotations
    required: Collection[str]  # paths of keys, to publish

    def annotate(self, path: str) -> Json:
        """What a tool shows beside a key."""
        title, about = self.annotations.keys[path]
        annotations: Json = {"title": gettext(title), "description": gettext(about)}
        if path in self.required:
            annotations["description"] += " " + gettext(TO_PUBLISH)
            annotations["x-required-to-publish"] = True
        example = self._example(path)
        return annotations | ({} if example is None else {"examples": [example]})

    def _example(self, path: str) -> Any:
        """The value at this path in the example; of the first item in a list."""
        value: Any = self.annotations.example
        for key in path.split("."):
            value = value[0] if isinstance(value, list) else value
            value = value.get(key)
        return value


def _required_parts(*lists: str) -> Iterator[str]:
    for key in lists:
        yield from (f"{key}.{camel(part)}" for part in REQUIRED_PARTS[key])


WRITTEN: Mapping[str, Written] = {
    "case": Written(
        CaseInput,
        CASE,
        {
            *map(camel, (*REQUIRED_KEYS, *REQUIRED_LISTS)),
            *_required_parts(*REQUIRED_PARTS),
            "findings.source",
        },
    ),
    "study": Written(
        StudyInput,
        STUDY,
        {*map(camel, REQUIRED_OF_STUDY), *_required_parts("findings", "pitfalls")},
    ),
    "question": Written(QuestionInput, QUESTION, {*map(camel, REQUIRED_OF_QUESTION)}),
}


def document_schema(kind: str, language: str) -> Json:
    """The schema of a kind with its words in `nl` or `en`; needs an app for the Dutch."""
    written = WRITTEN[kind]
    schema = written.schema()
    with force_locale(language):
        title, about = written.annotations.itself
        return {
            "$schema": DIALECT,
            "title": gettext(title),
            "description": gettext(about),
            **_object(written, schema, "", language),
            "anyOf": [  # without an id there is a title to make it from
                {"required": ["id"]},
                {"required": ["title"], "properties": {"title": {"type": "string"}}},
            ],
            "examples": [dict(written.annotations.example)],
            "$defs": {
                scheme: _terms(schemes()[scheme], language)
                for scheme in sorted(_schemes_in(schema))
            },
        }


def _object(written: Written, schema: MarshmallowSchema, path: str, language: str) -> Json:
    """The schema of an object: its keys, and those that we ignore."""
    assert isinstance(schema, Document)
    properties: Json = {
        f"{field.data_key}": _key(written, field, f"{path}{field.data_key}", language)
        for field in schema.fields.values()
        if not field.dump_only
    }
    properties |= {
        key: written.annotate(f"{path}{key}") | {"readOnly": True} for key in schema.READ_ONLY
    }
    properties |= {key: written.annotate(f"{path}{key}") for key in schema.IGNORED}
    required = [field.data_key for field in schema.fields.values() if field.required]
    return {
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
        "patternProperties": {"^_": True},  # `_links` and the like are ours to tell
        "additionalProperties": False,
    }


def _key(written: Written, field: fields.Field[Any], path: str, language: str) -> Json:
    """The schema of a key, with its annotations."""
    shape = _shape(written, field, path, language)
    if field.allow_none and isinstance(shape.get("type"), str):
        shape["type"] = [shape["type"], "null"]
    elif field.allow_none:
        shape = {"anyOf": [shape, {"type": "null"}]}
    return written.annotate(path) | shape


def _shape(written: Written, field: fields.Field[Any], path: str, language: str) -> Json:
    """The schema of what a field reads."""
    if isinstance(field, fields.Nested):
        return _object(written, field.schema, f"{path}.", language)
    if isinstance(field, fields.List):
        return _list(written, field, path, language)
    if isinstance(field, TermId):
        return _ids(schemes()[field.scheme], language)
    shape = next(make for kind, make in SHAPES.items() if isinstance(field, kind))(field)
    for rule in field.validators:
        if isinstance(rule, validate.Length):
            shape |= {"maxLength": rule.max}
        elif isinstance(rule, validate.Range):
            shape |= {"minimum": rule.min, "maximum": rule.max}
    return shape


def _list(written: Written, field: fields.List[Any], path: str, language: str) -> Json:
    shape: Json = {"type": "array", "items": _shape(written, field.inner, path, language)}
    for rule in field.validators:
        if isinstance(rule, validate.Length):
            shape |= {"maxItems": rule.max}
    if any(isinstance(rule, Distinct) for rule in field.validators):
        shape["uniqueItems"] = True
        if isinstance(field.inner, TermField):  # also when one is bare and the other an object
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


def _schemes_in(schema: MarshmallowSchema) -> set[str]:
    """The vocabularies whose terms a document may have."""
    names: set[str] = set()
    for field in schema.fields.values():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, TermField) and not field.dump_only:
            names.add(inner.scheme)
        elif isinstance(inner, fields.Nested):
            names |= _schemes_in(inner.schema)
    return names


def _identifier(field: Any) -> Json:
    return {"type": "string", "pattern": f"^{field.pattern.pattern}$"}


def _reference(_field: Any) -> Json:
    return _this_term(_identifier(Identifier) | {"maxLength": 80})


SHAPES: Mapping[type[fields.Field[Any]], Callable[[Any], Json]] = {  # the more special first
    ReadOnlyConstant: lambda field: {"const": field.word},
    Url: lambda _: {"type": "string", "pattern": rf"^[{SPACES}]*(?:{URL})[{SPACES}]*$"},
    Text: lambda _: {"type": "string", "pattern": rf"^[^\u0000]*[^{BLANK}\u0000][^\u0000]*$"},
    JsonInteger: lambda _: {"type": "integer"},
    Identifier: _identifier,
    Country: lambda _: {"type": "string", "pattern": "^[A-Z]{2}$"},
    TermField: lambda field: {"$ref": f"#/$defs/{field.scheme}"},
    Reference: _reference,
}
