"""What an import makes of a case, in the words of editors: labels instead of ids."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from kb.desk.field_changes import FieldChange, field_changes
from kb.vocabulary.terms import language, schemes

Json = Mapping[str, Any]
OF_SCHEME = re.compile(r'"#/\$defs/([^"]+)"')
COUNTED = re.compile(r"^/([^/]+)(?:/(\d+))?(?:/([^/]+))?")


def row_changes(changes: Sequence[Json], schema: Json) -> list[FieldChange]:
    """What became of each field; long texts are as the report has them, cut."""
    before = {each["key"]: each["before"] for each in changes}
    after = {each["key"]: each["after"] for each in changes}
    every = field_changes(labelled(before, schema), labelled(after, schema), schema)
    return [each for each in every if each.status != "same"]


def labelled(value: Any, described: Json) -> Any:
    """A value with the labels of its terms in the place of their ids."""
    if isinstance(value, Mapping):
        properties = described.get("properties", {})
        return {key: labelled(each, properties.get(key, {})) for key, each in value.items()}
    if isinstance(value, list):
        return [labelled(each, described.get("items", {})) for each in value]
    if isinstance(value, str) and "properties" not in described:
        return _label(value, described)
    return value


def _label(text: str, described: Json) -> str:
    if text in described.get("enum", ()) and "enumDescriptions" in described:
        label: str = described["enumDescriptions"][described["enum"].index(text)]
        return label
    name = OF_SCHEME.search(json.dumps(described))
    scheme = schemes().get(name[1]) if name else None
    term = scheme.terms.get(text) if scheme else None
    return term.label(language()) if term else text


def place_label(pointer: str, schema: Json) -> str:
    """Which field a JSON Pointer into a case is about: “Valkuilen 2: Fase”; empty for the whole."""
    match = COUNTED.match(pointer)
    if match is None:
        return ""
    key, index, part = match.groups()
    described = schema["properties"].get(key, {})
    label = described.get("title", key)
    if index is not None:
        label = f"{label} {int(index) + 1}"
        described = described.get("items", {})
    if part:
        below = described.get("properties", {}).get(part, {})
        label = f"{label}: {below.get('title', part)}"
    return str(label)
