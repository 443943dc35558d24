"""What is wrong or open in a document, beside its field: JSON Pointers as names of fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kb.desk.form.model import Field, FormModel
from kb.desk.form.readable import term_label
from kb.desk.form.values import Tokens
from kb.translation import N_
from kb.web.translation import gettext

OPEN = {"required", "too-short"}  # codes of what is merely not there yet
YEARS = {"year", "startYear", "endYear"}
IMAGE_LABELS = {
    "alt": N_("What is to be seen"),
    "maker": N_("Maker of the image"),
    "licence": N_("Licence of the image"),
}
TERM_ID = re.compile("“([a-z0-9-]+)”")


class Mark(NamedTuple):
    """Something to mend, and where."""

    name: str  # of a field of the form; of an item or a list when it is about all of it
    label: str  # what people call the field
    text: str
    code: str
    part: str  # what people call the key at the top that it is in, which is saved whole or not

    @property
    def is_open(self) -> bool:
        """Whether something is to be added, rather than wrong."""
        return self.code in OPEN


class Remark(NamedTuple):
    """A comment of an editor, and where."""

    name: str  # of a field of the form; empty for all of the text, and where the form has none
    label: str
    author: str
    text: str


def remarks_of(
    model: FormModel, comments: Iterable[Mapping[str, Any]], tokens: Tokens
) -> list[Remark]:
    """A remark for each comment of the API; `tokens` are those of the items that were saved."""
    return [
        Remark(*place_of(model, each["pointer"] or "", tokens), each["author"], each["text"])
        for each in comments
    ]


def marks_of(model: FormModel, errors: Iterable[Mapping[str, Any]], tokens: Tokens) -> list[Mark]:
    """A mark for each error of the API; `tokens` are those of the items that were sent."""
    return [
        Mark(
            *place_of(model, each.get("pointer", ""), tokens),
            *(text_of(model, each), each["code"]),
            part_of(model, each.get("pointer", "")),
        )
        for each in errors
    ]


def place_of(model: FormModel, pointer: str, tokens: Tokens) -> tuple[str, str]:
    """The name of the field that a JSON Pointer is about, and its label; empty for the whole."""
    key, *below = pointer.split("/")[1:] or [""]
    if key == "images":
        return "", _image_label(below)
    field = model.field(key)
    if field is None:
        return "", ""
    if field.shape == "group":
        inner = _inner(field, below[:1])
        return (inner.path, inner.title) if inner else (key, field.title)
    token = _token(tokens.get(key, []), below[:1])
    if field.shape != "blocks" or token is None:
        return key, field.title
    inner = _inner(field, below[1:2])
    name, label = f"{key}.{token}", f"{field.title} {int(below[0]) + 1}"
    return (f"{name}.{inner.key}", f"{label}: {inner.title}") if inner else (name, label)


def _image_label(below: list[str]) -> str:
    """What people call a place in the images, which have a page of their own."""
    number, *keys = below or [""]
    if not number.isdecimal():
        return gettext("Images")
    label = gettext("Image %(number)s", number=int(number) + 1)
    name = IMAGE_LABELS.get(keys[0]) if keys else None
    return f"{label}: {gettext(name)}" if name else label


def text_of(model: FormModel, error: Mapping[str, Any]) -> str:
    """What is wrong, as people say it: a year with an example, terms by their labels."""
    keys = [key for key in error.get("pointer", "").split("/")[1:] if not key.isdecimal()]
    if error["code"] == "wrong-type" and keys and keys[-1] in YEARS:
        return gettext("Fill in a year, such as 2019.")
    field = model.field(".".join(keys))
    if field is not None and not field.scheme and error.get("suggestion"):
        meant = gettext("Did you mean “%(suggestion)s”?", suggestion=error["suggestion"])
        return f"{error['detail']} {meant}"
    if error["code"] != "duplicate" or field is None or not field.scheme:
        return str(error["detail"])
    return TERM_ID.sub(lambda match: f"“{term_label(field.scheme, match[1])}”", error["detail"])


def part_of(model: FormModel, pointer: str) -> str:
    """What people call the key at the top that a JSON Pointer is in; empty for the whole."""
    field = model.field(pointer.partition("/")[2].partition("/")[0])
    return field.title if field else ""


def _inner(field: Field, keys: list[str]) -> Field | None:
    return next((each for each in field.fields if [each.key] == keys), None)


def _token(tokens: list[str], index: list[str]) -> str | None:
    number = int(index[0]) if index and index[0].isdecimal() else len(tokens)
    return tokens[number] if number < len(tokens) else None


def by_name(marks: Iterable[Mark]) -> dict[str, list[Mark]]:
    """The marks of each field."""
    gathered: dict[str, list[Mark]] = {}
    for mark in marks:
        gathered.setdefault(mark.name, []).append(mark)
    return gathered


def below(marks: Iterable[Mark], name: str) -> list[Mark]:
    """The marks of an item, a list or a group, and of all in it."""
    return [each for each in marks if f"{each.name}.".startswith(f"{name}.")]
