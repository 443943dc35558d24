"""The fields of a form, made from the JSON Schema that the API gives of a kind of thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kb.desk.form import layout

Json = Mapping[str, Any]
Shape = Literal[
    "line",  # a text in one line
    "text",  # a text with paragraphs
    "url",
    "number",
    "term",  # one term of a vocabulary
    "terms",
    "words",  # texts, one on each line
    "keys",  # some of the keys of the document itself
    "pick",  # one item of another list of the document
    "picks",  # terms that another list of the document has
    "reference",  # another document, by its id
    "references",
    "group",  # an object
    "blocks",  # a list of objects
]
LONGEST_LINE = 300  # characters that fit in a field of one line
WEB = "://"  # in the pattern of an address


@dataclass(frozen=True)
class Field:
    """A key of a document as a field of a form, with what is in it for objects and their lists."""

    path: str  # of keys, with dots: `place.municipality`, `findings.claim`
    shape: Shape
    title: str
    description: str = ""
    is_required: bool = False  # to publish
    is_nullable: bool = False
    max_length: int | None = None  # characters
    max_items: int | None = None
    scheme: str = ""  # the vocabulary of a term or terms
    target: str = ""  # for a pick the list that it is from, for a reference the collection
    fields: tuple[Field, ...] = ()
    read_only: frozenset[str] = frozenset()  # keys of an item that the API tells and ignores

    @property
    def key(self) -> str:
        """The last key of the path: what the object around it calls it."""
        return self.path.rpartition(".")[2]

    @property
    def is_folded(self) -> bool:
        """Whether the form shows it only to who wants more."""
        return self.path in layout.FOLDED

    @property
    def is_compact(self) -> bool:
        """Whether its items fit on a line each."""
        return self.shape == "blocks" and all(
            each.shape in {"line", "number", "term"} for each in self.fields
        )


@dataclass(frozen=True)
class FormModel:
    """All fields of a document, in the order of its schema."""

    title: str  # of the kind of thing
    fields: tuple[Field, ...]

    def field(self, path: str) -> Field | None:
        """The field with this path."""
        return next((each for each in self.walk() if each.path == path), None)

    def walk(self) -> Iterator[Field]:
        """Every field, those within others after these."""
        for field in self.fields:
            yield field
            yield from field.fields


def form_model(schema: Json) -> FormModel:
    """The form for documents of this JSON Schema (`/v1/schemas/case`, draft 2020-12).

    Keys that nobody writes have no field: ids, constants, and what is read only.
    """
    reader = _Reader(schema.get("$defs", {}), frozenset(schema["properties"]))
    return FormModel(schema["title"], reader.fields(schema, ""))


class _Reader:
    """Reads the schemas of keys; `lists` are the keys at the top, some of which others pick from.

    A vocabulary is recognised by its terms where the schema does not name it.
    """

    def __init__(self, definitions: Json, lists: frozenset[str]) -> None:
        self.lists = lists
        self.schemes = {
            tuple(each["anyOf"][0]["enum"]): scheme for scheme, each in definitions.items()
        }

    def fields(self, schema: Json, prefix: str) -> tuple[Field, ...]:
        """The fields of an object."""
        made = (self._field(f"{prefix}{key}", below) for key, below in schema["properties"].items())
        return _in_order(tuple(filter(None, made)), layout.ORDER.get(prefix, ()))

    def _field(self, path: str, schema: Json) -> Field | None:
        value, is_nullable = _without_null(schema)
        shape = self._shape(path, value)
        if shape is None or schema.get("readOnly") or path in layout.HIDDEN:
            return None
        return Field(
            path=path,
            shape=shape,
            title=schema["title"],
            description=schema["description"],
            is_required=bool(schema.get("x-required-to-publish")),
            is_nullable=is_nullable,
            max_length=value.get("items", value).get("maxLength"),
            max_items=value.get("maxItems"),
            scheme=self._scheme(value.get("items", value)),
            target=self._target(path, shape),
            fields=self._fields_within(path, shape, value),
            read_only=_read_only(value.get("items", {})),
        )

    def _fields_within(self, path: str, shape: Shape, value: Json) -> tuple[Field, ...]:
        if shape == "group":
            return self.fields(value, f"{path}.")
        return self.fields(value["items"], f"{path}.") if shape == "blocks" else ()

    def _shape(self, path: str, value: Json) -> Shape | None:
        if path == "unverified":
            return "keys"
        if self._own_list(path):
            return "picks" if value.get("type") == "array" else "pick"
        if value.get("type") == "array":
            return {"term": "terms", "reference": "references", "group": "blocks"}.get(  # type: ignore[return-value]
                self._single(value["items"]) or "", "words"
            )
        return self._single(value)

    def _single(self, value: Json) -> Shape | None:
        """The shape of one value; None for an id or a constant."""
        if self._scheme(value):
            return "term"
        if "anyOf" in value:
            return "reference"
        if value.get("type") in {"object", "integer"}:
            return "group" if value["type"] == "object" else "number"
        if value.get("type") != "string":
            return None
        if WEB in value.get("pattern", ""):
            return "url"
        return "text" if value.get("maxLength", 0) > LONGEST_LINE else "line"

    def _scheme(self, value: Json) -> str:
        if "$ref" in value:
            return str(value["$ref"]).rpartition("/")[2]
        return self.schemes.get(tuple(value.get("enum", ())), "")

    def _own_list(self, path: str) -> str:
        name = layout.PICKS.get(path, "")
        return name if name in self.lists else ""

    def _target(self, path: str, shape: Shape) -> str:
        if shape in {"pick", "picks"}:
            return self._own_list(path)
        return layout.REFERENCES.get(path, "") if shape in {"reference", "references"} else ""


def _in_order(fields: tuple[Field, ...], first: tuple[str, ...]) -> tuple[Field, ...]:
    """The fields of an object as people fill them in: those with these keys first."""
    by_key = {each.key: each for each in fields}
    named = [by_key[key] for key in first if key in by_key]
    return (*named, *(each for each in fields if each.key not in first))


def _read_only(item: Json) -> frozenset[str]:
    keys = item.get("properties", {})
    return frozenset(key for key, below in keys.items() if below.get("readOnly"))


def _without_null(schema: Json) -> tuple[Json, bool]:
    """The schema of a value that is there, and whether it may be null."""
    if isinstance(schema.get("type"), list):
        return {**schema, "type": schema["type"][0]}, True
    options = schema.get("anyOf", ())
    if any(each == {"type": "null"} for each in options):
        return options[0], True
    return schema, False
