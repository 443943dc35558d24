"""A document as the fields of a form, and a form that was sent as a document. Nothing gets lost.

A form has a field `title`, `place.municipality`; for each item of a list a field with the name of
the list (its token, in the order of the items), and `findings.{token}.claim` and so on. What the
form does not show of an item, such as its id, travels as JSON in `findings.{token}._`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kb.desk.form.model import Field, FormModel

Document = dict[str, Any]
Entry = tuple[str, str]  # the name and the value of a field
Tokens = dict[str, list[str]]  # of the items of each list, in order
REST = "_"
MISSING = "="  # before the id of a source that is picked, though the document has it no more
NUMBER = re.compile(r"-?\d{1,15}")
THOUSANDS = re.compile(r"\d{1,3}([. \u00a0]\d{3}){1,4}")  # as people write them in Dutch
SOURCE_NUMBER = re.compile(r"bron-(\d{1,9})")


def entries_of(model: FormModel, document: Mapping[str, Any]) -> list[Entry]:
    """The fields of a form with a document in it; each item's token is its index."""
    return [
        entry
        for each in model.fields
        for entry in _entries(each, each.key, document.get(each.key), document)
    ]


def _entries(field: Field, name: str, value: Any, document: Mapping[str, Any]) -> Iterator[Entry]:
    match field.shape:
        case "group":
            for each in field.fields:
                yield from _entries(each, f"{name}.{each.key}", (value or {}).get(each.key), {})
        case "blocks":
            for index, item in enumerate(value or ()):
                yield name, str(index)
                yield f"{name}.{index}.{REST}", json.dumps(rest_of(field, item))
                for each in field.fields:
                    below = f"{name}.{index}.{each.key}"
                    yield from _entries(each, below, item.get(each.key), document)
        case "words":
            yield name, "\n".join(value or ())
        case "terms" | "picks" | "references" | "keys":
            yield from ((name, str(bare(each))) for each in value or ())
        case "pick":
            yield name, token_of(field, value, document)
        case _:
            yield name, "" if value is None else str(bare(value))


def bare(value: Any) -> Any:
    """The id of a term or reference; any other value as it is."""
    return value["id"] if isinstance(value, Mapping) and "id" in value else value


def rest_of(field: Field, item: Mapping[str, Any]) -> dict[str, Any]:
    """What an item has beside the fields that the form shows, such as its id."""
    left_out = {*(each.key for each in field.fields), *field.read_only}
    return {key: value for key, value in item.items() if key not in left_out and key[:1] != "_"}


def token_of(field: Field, value: Any, document: Mapping[str, Any]) -> str:
    """What a pick has as its value: the token of the item with this id; empty for none."""
    if value is None:
        return ""
    ids = [item.get("id") for item in document.get(field.target) or ()]
    return str(ids.index(bare(value))) if bare(value) in ids else f"{MISSING}{bare(value)}"


def shown_part(model: FormModel, document: Mapping[str, Any]) -> Document:
    """A document of the API as the form would send it back: the keys that it shows, bare ids."""
    return read_entries(model, entries_of(model, document)).document


@dataclass(frozen=True)
class Submission:
    """A form that was sent: its document, and the tokens by which its items were called."""

    document: Document
    tokens: Tokens = field(default_factory=dict)

    def without_empty_items(self, model: FormModel) -> Submission:
        """The same without the items in which nobody wrote anything yet."""
        document, tokens = dict(self.document), dict(self.tokens)
        for each in model.fields:
            if each.shape == "blocks":
                pairs = zip(document[each.key], tokens[each.key], strict=True)
                filled = [pair for pair in pairs if not is_empty(pair[0])]
                document[each.key] = [item for item, _ in filled]
                tokens[each.key] = [token for _, token in filled]
        return Submission(document, tokens)


def is_empty(item: Mapping[str, Any]) -> bool:
    """Whether nothing was written in an item, and nothing is there that the form does not show."""
    return not any(value not in (None, "", []) for value in item.values())


def read_entries(model: FormModel, entries: Iterable[Entry]) -> Submission:
    """The document of a form that was sent. What is no number stays the text that was typed."""
    form = _Form(entries)
    tokens = {each.key: form.all(each.key) for each in model.fields if each.shape == "blocks"}
    document = {each.key: _read(each, each.key, form, tokens) for each in model.fields}
    _resolve_picks(model, document, tokens)
    return Submission(document, tokens)


class _Form:
    """The values of a form by name, line ends as ours."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in entries:
            self._values.setdefault(name, []).append(value.replace("\r\n", "\n"))

    def all(self, name: str) -> list[str]:
        return list(dict.fromkeys(self._values.get(name, ())))

    def one(self, name: str) -> str:
        return self._values.get(name, [""])[0]


def _read(field: Field, name: str, form: _Form, tokens: Tokens) -> Any:
    match field.shape:
        case "group":
            return {
                each.key: _read(each, f"{name}.{each.key}", form, tokens) for each in field.fields
            }
        case "blocks":
            return [
                _read_item(field, f"{name}.{token}", form, tokens) for token in tokens[field.key]
            ]
        case "words":
            return [line for line in form.one(name).split("\n") if line.strip()]
        case "terms" | "picks" | "references" | "keys":
            return form.all(name)
        case "number":
            return number_of(form.one(name))
        case "url":
            return address_of(form.one(name)) or None
        case _:
            return form.one(name) or None


def _read_all(field: Field, name: str, form: _Form, tokens: Tokens) -> Document:
    return {each.key: _read(each, f"{name}.{each.key}", form, tokens) for each in field.fields}


def _read_item(field: Field, name: str, form: _Form, tokens: Tokens) -> Document:
    """An item of a list; a key that may not be null is left out when it is empty."""
    values = _read_all(field, name, form, tokens)
    optional = {each.key for each in field.fields if each.is_nullable}
    written = {key: value for key, value in values.items() if value is not None or key in optional}
    return {**_parsed_rest(form.one(f"{name}.{REST}")), **written}


def _parsed_rest(text: str) -> dict[str, Any]:
    try:
        rest = json.loads(text or "{}")
    except (ValueError, RecursionError):  # not as we wrote it; the item is then a new one
        return {}
    return rest if isinstance(rest, dict) else {}


def address_of(text: str) -> str:
    """The address that was typed; one that begins with `www.` gets what browsers put before it."""
    return f"https://{text.strip()}" if text.strip().startswith("www.") else text


def number_of(text: str) -> int | str | None:
    """The number that was typed, also with separators; else the text, None when it is empty."""
    plain = text.strip()
    if THOUSANDS.fullmatch(plain):
        plain = re.sub(r"\D", "", plain)
    return int(plain) if NUMBER.fullmatch(plain) else text.strip() or None


def _resolve_picks(model: FormModel, document: Document, tokens: Tokens) -> None:
    """Write ids for the tokens by which items pick others; what is picked gets an id if needed."""
    for each in model.fields:
        for pick in (below for below in each.fields if below.shape == "pick"):
            for item in document[each.key]:
                if item.get(pick.key) is not None:
                    items = document[pick.target]
                    item[pick.key] = _id_of(item[pick.key], items, tokens[pick.target])


def _id_of(token: str, items: Sequence[Document], tokens: Sequence[str]) -> str | None:
    if token.startswith(MISSING):
        return token.removeprefix(MISSING)
    if token not in tokens:
        return None  # what was picked is gone
    item = items[tokens.index(token)]
    if not item.get("id"):
        item["id"] = free_source_id(items)
    return str(item["id"])


def free_source_id(items: Iterable[Mapping[str, Any]]) -> str:
    """The id after the highest that these sources have."""
    numbers = [SOURCE_NUMBER.fullmatch(str(item.get("id"))) for item in items]
    return f"bron-{max([int(each[1]) for each in numbers if each], default=0) + 1}"
