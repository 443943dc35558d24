"""Which keys of a text nobody has checked: what it says itself, less what was checked since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

Document = Mapping[str, Any]  # by the keys of JSON, as it is saved
Check = tuple[str, str]  # a key and the digest of the value that was checked


def digest_of(document: Document, key: str) -> str:
    """What a value is recognised by: SHA-256, in 64 hexadecimal digits.

    The order of things with an id, and the id of what owns them, make no difference.
    """
    value = _value_at(document, key.split("."))
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def unverified_keys(document: Document, checks: Iterable[Check]) -> list[str]:
    """The keys of a text that nobody has checked.

    A key that the text calls unverified is so until its value is checked; one that was ever
    checked is so again with every other value, whatever the text says.
    """
    digests: dict[str, set[str]] = {}
    for key, digest in checks:
        digests.setdefault(key, set()).add(digest)
    declared = list(document.get("unverified", ()))
    keys = [*declared, *(key for key in sorted(digests) if key not in declared)]
    return [key for key in keys if digest_of(document, key) not in digests.get(key, ())]


def _value_at(value: Any, keys: list[str]) -> Any:
    if isinstance(value, Mapping):
        if keys:
            return _value_at(value.get(keys[0]), keys[1:])
        return {key: _value_at(below, []) for key, below in value.items() if key != "id"}
    if isinstance(value, list):
        if all(isinstance(each, Mapping) and "id" in each for each in value):
            return sorted((_own_name(each["id"]), _json(_value_at(each, keys))) for each in value)
        return [_value_at(each, keys) for each in value]
    return value


def _own_name(item_id: Any) -> str:
    """The id of an item without that of its owner, which may get another."""
    return str(item_id).partition("--")[2] or str(item_id)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
