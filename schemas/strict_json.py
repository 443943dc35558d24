"""JSON as it should be: what its makers forgot to forbid is refused."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from .text import is_invalid_text

MAX_DEPTH = 40  # lists and objects in each other; a document has four


_ESCAPED = re.compile(r"\\u(?:d[89a-f]|0000)", re.IGNORECASE)


class InvalidJSON(ValueError):
    """A text is no JSON; `reason` is a key of `kb.input_errors.REASONS`, with its `values`."""

    def __init__(self, reason: str, **values: Any) -> None:
        super().__init__(f"{reason} {values or ''}".strip())
        self.reason, self.values = reason, values


class InvalidText(ValueError):
    """Some texts or keys have a NUL or half a character in them; `places` are JSON Pointers."""

    def __init__(self, places: list[str]) -> None:
        super().__init__(f"there is a NUL or half a character at {places[0] or '/'}")
        self.places = places


def strict_json(text: str) -> Any:
    """JSON without duplicate keys, NaN, Infinity, NUL or half characters.

    Raises InvalidJSON; for the last two InvalidText, with the places.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            counted = Counter(key for key, _ in pairs)
            twice = next(key for key, times in counted.items() if times > 1)
            raise InvalidJSON("json-twice", key=twice[:80])
        return value

    def refuse(constant: str) -> None:
        raise InvalidJSON("json-constant", constant=constant)

    try:
        document = json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    except RecursionError:
        raise InvalidJSON("depth") from None
    except json.JSONDecodeError as error:
        raise InvalidJSON("json-syntax", line=error.lineno, column=error.colno) from None
    except InvalidJSON:
        raise
    except ValueError:  # Python reads no number of thousands of digits
        raise InvalidJSON("json-number") from None
    if _ESCAPED.search(text) and (places := _without_text(document)):
        raise InvalidText(places)
    return document


def _without_text(document: Any) -> list[str]:
    """JSON Pointers to the texts and keys that are no text."""
    pointers = []
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        pointer, value = waiting.pop()
        steps: Any = ()
        if isinstance(value, str) and is_invalid_text(value):
            pointers.append(pointer)
        elif isinstance(value, dict):
            steps = value.items()
            pointers += [f"{pointer}/{_step(key)}" for key in value if is_invalid_text(key)]
        elif isinstance(value, list):
            steps = enumerate(value)
        waiting += [(f"{pointer}/{_step(step)}", below) for step, below in steps]
    return sorted(pointers)


def _step(key: object) -> str:
    """A step of a JSON Pointer, with half characters as their escapes."""
    step = str(key).replace("~", "~0").replace("/", "~1").replace("\0", "\\u0000")
    return step.encode("utf-8", "backslashreplace").decode()


def too_deep(document: Any) -> bool:
    """Whether lists and objects lie so deep in each other that walking them could fail."""
    level = [document]
    for _ in range(MAX_DEPTH):
        level = (
            [
                below
                for each in level
                for below in (each.values() if isinstance(each, dict) else each)
                if isinstance(below, (dict, list))
            ]
            if all(isinstance(each, (dict, list)) for each in level)
            else []
        )
        if not level:
            return False
    return True
