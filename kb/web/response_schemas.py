"""What the OpenAPI document says of the shapes of answers: which keys come, and that more may.

marshmallow's schemas are strict, because they read what editors send. An answer is another
promise: all its keys come, but for a few that come when there is something to say, and a later
release may add keys. So a generated client knows what it can rely on, and survives an addition.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from schemas.lists import ITEMS

Shapes = dict[str, dict[str, Any]]  # JSON Schemas by their names in the document
BY_QUERY = frozenset(("match",))  # with `q` only
ALWAYS = ("id", "type")  # in the items of a list, whichever `fields` were chosen
REF = re.compile(r'"#/components/schemas/(\w+)"')


def response_schemas(schemas: Shapes, bodies: Any, shared: Collection[str]) -> Shapes:
    """The shapes of the document; those of answers open, and with the keys that always come.

    What `bodies` refers to is sent to us, and stays strict. `shared` are the names of shapes whose
    `required` is what an editor must send; other shapes say themselves which keys always come.
    """
    sent = _reached(schemas, bodies)
    shapes = {
        name: shape if name in sent else _answered(shape, whole=name in shared)
        for name, shape in schemas.items()
    }
    return _with_items(shapes)


def _reached(schemas: Shapes, value: Any) -> set[str]:
    """The names of all shapes that something refers to, by whichever way."""
    reached: set[str] = set()
    names = set(REF.findall(json.dumps(value)))
    while names:
        reached |= names
        below = {found for name in names for found in REF.findall(json.dumps(schemas[name]))}
        names = below - reached
    return reached


def _answered(shape: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    """A shape as we answer it; a `whole` one, or one that requires nothing, has all its keys."""
    properties: dict[str, Any] = shape.get("properties", {})
    declared = set(shape.get("required", ())) | {
        key for key, value in properties.items() if "const" in value
    }
    always = set(properties) if whole or "required" not in shape else declared
    without = {key: value for key, value in shape.items() if key != "additionalProperties"}
    required = [key for key in properties if key in always - BY_QUERY]
    return {**without, "required": required} if required else without


def _with_items(shapes: Shapes) -> Shapes:
    """Items of lists have shapes of their own, since `fields` may leave nearly all keys out."""
    renamed = {shape.__name__: item_name(shape.__name__) for shape in ITEMS.values()}
    lists = {name for name in shapes if name.endswith("Page")}
    told = {
        name: _referring(shape, renamed) if name in lists else shape
        for name, shape in shapes.items()
    }
    return told | {
        item: {**shapes[name], "required": list(ALWAYS)} for name, item in renamed.items()
    }


def item_name(name: str) -> str:
    """What the document calls a shape where it is an item of a list."""
    return name if name.endswith("Item") else f"{name}Item"


def _referring(shape: dict[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    """The same shape, referring to others by their new names."""

    def new_name(ref: re.Match[str]) -> str:
        return f'"#/components/schemas/{renamed.get(ref[1], ref[1])}"'

    told: dict[str, Any] = json.loads(REF.sub(new_name, json.dumps(shape)))
    return told


def one_of_items(names: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """An item of any kind, told apart by its `type`; `names` are types with their shapes."""
    refs = {kind: f"#/components/schemas/{name}" for kind, name in names}
    return {
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "discriminator": {"propertyName": "type", "mapping": refs},
    }
