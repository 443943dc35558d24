"""What the OpenAPI document says of responses: which keys always come, and that more may.

marshmallow's schemas are strict, because they read what editors send. A response is another
promise: all its keys come, but for a few that come when there is something to say, and a later
release may add keys. So a generated client knows what it can rely on, and survives an addition.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from schemas.lists import ITEMS

Schemas = dict[str, dict[str, Any]]  # JSON Schemas by their names in the document
WITH_QUERY = frozenset(("match",))  # keys that come with `q` only
OF_EVERY_ITEM = ("id", "type")  # keys of the items of a list, whichever `fields` were chosen
REF = re.compile(r'"#/components/schemas/(\w+)"')


def response_schemas(schemas: Schemas, bodies: Any, whole: Collection[str]) -> Schemas:
    """The schemas of the document; those of responses open, and with the keys that always come.

    What `bodies` refers to is sent to us, and stays strict. `whole` are the names of schemas whose
    responses have all keys; their `required` is what an editor must send.
    """
    sent = _reachable(schemas, bodies)
    opened = {
        name: schema if name in sent else _opened(schema, whole=name in whole)
        for name, schema in schemas.items()
    }
    return _with_items(opened)


def _reachable(schemas: Schemas, value: Any) -> set[str]:
    """The names of all schemas that a value refers to, directly or through others."""
    reached: set[str] = set()
    names = set(REF.findall(json.dumps(value)))
    while names:
        reached |= names
        referred = {ref for name in names for ref in REF.findall(json.dumps(schemas[name]))}
        names = referred - reached
    return reached


def _opened(schema: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    """A schema of a response; a `whole` one, or one that requires nothing, has all its keys."""
    properties: dict[str, Any] = schema.get("properties", {})
    declared = set(schema.get("required", ())) | {
        key for key, value in properties.items() if "const" in value
    }
    always = set(properties) if whole or "required" not in schema else declared
    without = {key: value for key, value in schema.items() if key != "additionalProperties"}
    required = [key for key in properties if key in always - WITH_QUERY]
    return {**without, "required": required} if required else without


def _with_items(schemas: Schemas) -> Schemas:
    """Items of lists have schemas of their own, since `fields` may leave nearly all keys out."""
    renamed = {item.__name__: item_name(item.__name__) for item in ITEMS.values()}
    referring = {
        name: _renamed_refs(schema, renamed) if name.endswith("Page") else schema
        for name, schema in schemas.items()
    }
    items = {
        item: {**schemas[name], "required": list(OF_EVERY_ITEM)} for name, item in renamed.items()
    }
    return referring | items


def item_name(name: str) -> str:
    """What the document calls a schema where it is an item of a list."""
    return name if name.endswith("Item") else f"{name}Item"


def _renamed_refs(schema: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The same schema, referring to others by their new names."""

    def new_name(ref: re.Match[str]) -> str:
        return f'"#/components/schemas/{names.get(ref[1], ref[1])}"'

    renamed: dict[str, Any] = json.loads(REF.sub(new_name, json.dumps(schema)))
    return renamed


def one_of_items(names: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """An item of any kind, which `type` tells; `names` are types with their schemas."""
    refs = {kind: f"#/components/schemas/{name}" for kind, name in names}
    return {
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "discriminator": {"propertyName": "type", "mapping": refs},
    }
