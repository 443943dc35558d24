"""What readers get of a stored document: its own keys, with labels and links filled in.

A stored document (of a revision, say) was loaded once and has bare ids where readers get terms.
It is dumped here as its schema would dump it after loading it again, in a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from marshmallow import Schema as MarshmallowSchema
from marshmallow import fields
from marshmallow import missing as missing_

from kb.vocabulary.terms import in_language, language

Document = Mapping[str, Any]  # by the keys of JSON
Write = Callable[[Document], Any]
AS_STORED = (fields.String, fields.Integer, fields.Boolean)


def dump_stored(schema: MarshmallowSchema, document: Document) -> dict[str, Any]:
    """The JSON of a stored document.

    What is no text, number or term (a moment, a reference to be shown with its title) stands in it
    as the schema dumps it from Python. Keys that an earlier release did not store get the value
    that loading gives them.
    """
    with in_language(language()):  # looked up once, not for each term
        return _dump(schema, document)


def _dump(schema: MarshmallowSchema, document: Document) -> dict[str, Any]:
    return {key: write(document) for key, write in _writers(schema)}


@cache
def _writers(schema: MarshmallowSchema) -> list[tuple[str, Write]]:
    """How each key is made, in the order of the schema."""
    dumped = {field.data_key or name: (name, field) for name, field in schema.dump_fields.items()}
    keys = {name: key for key, (name, _) in dumped.items()}  # of the document, by attribute
    return [(key, _writer(field, key, name, keys)) for key, (name, field) in dumped.items()]


def _writer(field: fields.Field[Any], key: str, name: str, keys: Mapping[str, str]) -> Write:
    """How the value under a key is made."""
    default = field.load_default if callable(field.load_default) else lambda: field.load_default
    item = field.inner if isinstance(field, fields.List) else field
    if isinstance(item, fields.Nested) and _dumps_as(field, fields.List, fields.Nested):
        dump = partial(_dump, item.schema)
        if item is field:
            return lambda document: dump(document[key] if key in document else default())
        return lambda document: [dump(each) for each in document.get(key, ())]
    if _dumps_as(item, *AS_STORED):  # in JSON what they are in Python
        return lambda document: document[key] if key in document else default()

    def read(document: Document, attribute: str, missing: Any) -> Any:
        return document.get(keys.get(attribute, attribute), missing)

    source = keys.get(field.attribute or name, field.attribute or name)
    has_usual_steps = type(field).serialize is fields.Field.serialize and field._CHECK_ATTRIBUTE

    def write(document: Document) -> Any:
        if has_usual_steps and source in document:
            return field._serialize(document[source], name, document)
        value = field.serialize(name, document, accessor=read)
        return default() if value is missing_ else value

    return write


def _dumps_as(field: fields.Field[Any], *classes: type[fields.Field[Any]]) -> bool:
    """Whether a field dumps as one of these classes does, and no subclass decided otherwise."""
    return any(
        isinstance(field, each) and type(field)._serialize is each._serialize for each in classes
    )
