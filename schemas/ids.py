"""Ids that input leaves out: those of the same thing before, or slugs of their titles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from anyascii import anyascii
from marshmallow import validates_schema
from rapidfuzz.distance import OSA

from .base import Schema, camel
from .errors import input_error

FOLDED = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "&": " en "})
NAMED_BY = {"pitfalls": "title", "findings": "claim"}  # what the id of an owned item is made from
MAX_NAME_LENGTH = 60  # characters of the name in an owned id
MIN_TYPO_LENGTH = 4  # letters of a word in which another letter is a typo
IDENTIFYING: Mapping[str, tuple[str, ...]] = {  # what is another when the item is another
    "pitfalls": ("category", "phase"),
    "findings": ("domain", "level", "direction", "source"),
    "sources": ("authors", "year", "publisher", "url", "source_type"),
}
EDITABLE: Mapping[str, tuple[str, ...]] = {  # what may be edited, and tells equal titles apart
    "pitfalls": ("description", "avoidance", "search_terms"),
    "findings": ("evidence", "conditions", "ingredients", "programme"),
    "sources": (),
}


class IdOrTitle(Schema):
    """A new thing of an editor, which may leave its id out."""

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_id_or_title(self, _thing: Any, document: Any, **_options: Any) -> None:
        """Without an id there is a title to make it from."""
        if isinstance(document, Mapping) and "id" not in document and document.get("title") is None:
            raise input_error("required", at="id")


def slugify(text: str, longest: int, otherwise: str) -> str:
    """The first words of a text as an id; `otherwise` when it has no letter or digit.

    Letters of other scripts are spelled with ours.
    """
    apart = unicodedata.normalize("NFKD", text.lower().translate(FOLDED))
    ours = (anyascii(each) if each.isalnum() else each for each in apart)
    plain = "".join(ours).lower().encode("ascii", "ignore").decode()
    slug = ""
    for word in re.findall(r"[a-z0-9]+", re.sub(r"['’‘`´]", "", plain)):
        longer = f"{slug}-{word}" if slug else word[:longest]
        if len(longer) > longest:
            break
        slug = longer
    return slug or otherwise


def assign_ids(
    text: Mapping[str, Any],
    old: Mapping[str, Any] | None = None,
    earlier: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """A loaded text, which has an id, in which everything has one.

    An item without one keeps that of the same item in `old`, the document that this one replaces.
    Of new items, a pitfall or finding gets the id of its owner, two dashes and its first words; a
    source the next free `bron-1`, `bron-2`, …. `earlier` are the other documents that this text
    ever had, newest first: an id that one of them names goes to nothing else. They are read only
    when something new needs an id.
    """
    history = _History([old] if old else [], earlier)
    whole = {**text}
    for key, name in NAMED_BY.items():
        if key in text:
            prefix = f"{text['slug']}--"
            whole[key] = _with_ids(text[key], history, key, name, prefix, key[:-1])
    if "sources" in text:
        whole["sources"] = _with_ids(text["sources"], history, "sources", "title", "", "bron")
    return whole


def with_new_slug(document: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """A document (or a loaded one) with another id: its own, and in what it owns."""
    id_key = "slug" if "slug" in document else "id"
    copy = dict(document)
    if copy.get(id_key) == old:
        copy[id_key] = new
    for key in NAMED_BY.keys() & document.keys():
        copy[key] = [_with_new_owner(item, id_key, old, new) for item in document[key]]
    return copy


def _with_new_owner(item: Mapping[str, Any], id_key: str, old: str, new: str) -> dict[str, Any]:
    slug = item.get(id_key)
    if isinstance(slug, str) and slug.startswith(f"{old}--"):
        return {**item, id_key: new + slug.removeprefix(old)}
    return dict(item)


class _History:
    """The documents that a text had: the one before, and all others, read when needed."""

    def __init__(
        self, before: list[Mapping[str, Any]], earlier: Iterable[Mapping[str, Any]]
    ) -> None:
        self.before = before
        self._earlier = earlier
        self._all: list[Mapping[str, Any]] | None = None

    def all(self) -> list[Mapping[str, Any]]:
        """Every document, the newest first."""
        if self._all is None:
            self._all = [*self.before, *self._earlier]
        return self._all

    def items(self, key: str) -> dict[str, Mapping[str, Any]]:
        """Each item that any document has, by id, as it was last."""
        last: dict[str, Mapping[str, Any]] = {}
        for document in self.all():
            for item in document.get(key, ()):
                last.setdefault(item["id"], item)
        return last

    def used_ids(self, key: str) -> set[str]:
        """The ids that any document names, also a finding whose source is gone."""
        ids = set(self.items(key))
        if key == "sources":
            findings = (each for text in self.all() for each in text.get("findings", ()))
            ids |= {each["source"] for each in findings if each.get("source")}
        return ids


def _with_ids(
    items: list[dict[str, Any]], history: _History, key: str, name: str, prefix: str, otherwise: str
) -> list[dict[str, Any]]:
    """The items, each with an id; one that another item brings or had goes to no other."""
    slugs = [item["slug"] for item in items]
    old = [each for document in history.before for each in document.get(key, ())]
    _reuse_ids(slugs, items, old, key)
    if not all(slugs):
        titles = {_folded(each[name]) for each in old}
        gone = [
            each for each in history.items(key).values() if _folded(each[name]) not in titles
        ]  # what comes back under its last title is itself again
        _reuse_ids(slugs, items, gone, key, typos=False)
        used = history.used_ids(key) | {slug for slug in slugs if slug}
        for index, item in enumerate(items):
            if not slugs[index]:
                candidates = _candidate_ids(item[name], prefix, otherwise)
                slugs[index] = next(each for each in candidates if each not in used)
                used.add(slugs[index])
    return [{**item, "slug": slug} for item, slug in zip(items, slugs, strict=True)]


def _reuse_ids(
    slugs: list[str | None],
    items: list[dict[str, Any]],
    old: list[Mapping[str, Any]],
    key: str,
    *,
    typos: bool = True,
) -> None:
    """Give items without an id that of the old item that is the same: the surest pairs first."""
    used = {slug for slug in slugs if slug}
    pairs = sorted(
        (-score, abs(index - old_index), index, old_index)
        for index, item in enumerate(items)
        if slugs[index] is None
        for old_index, each in enumerate(old)
        if (score := match_score(key, item, each, typos=typos))
    )
    for _, _, index, old_index in pairs:
        slug = old[old_index]["id"]
        if slugs[index] is None and slug not in used:
            slugs[index] = slug
            used.add(slug)


def match_score(
    key: str, item: Mapping[str, Any], old: Mapping[str, Any], *, typos: bool = True
) -> int:
    """How surely a loaded item is an old one of its document: 0 when it is another.

    It is when the title (claim) is the same; or when a typo in it was corrected and nothing else
    says otherwise; or when two sources have the same address. Another title is another item,
    however alike they are: “Verslag 1” is not “Verslag 2”.
    """
    name = NAMED_BY.get(key, "title")
    identifying, editable = (
        [(item.get(each), old.get(camel(each))) for each in keys[key]]
        for keys in (IDENTIFYING, EDITABLE)
    )
    equal = sum(1 for new, before in [*identifying, *editable] if new and new == before)
    if item[name] == old[name]:
        return 300 + equal
    if _folded(item[name]) == _folded(old[name]):
        return 200 + equal
    if key == "sources" and item.get("url") and item["url"] == old.get("url"):
        return 150 + equal
    agree = all(new == before for new, before in identifying if new and before)
    return 100 + equal if typos and agree and differs_by_typos(item[name], old[name]) else 0


def differs_by_typos(text: str, old: str) -> bool:
    """Whether two texts differ by typos alone, each within a word of letters."""
    words, before = _folded(text).split(), _folded(old).split()
    if len(words) != len(before):
        return False
    return all(new == was or _is_typo(new, was) for new, was in zip(words, before, strict=True))


def _is_typo(word: str, old: str) -> bool:
    """One letter more, less or other, or two swapped; never in a number or a short word."""
    if any(letter.isdigit() for letter in word + old) or OSA.distance(word, old) > 1:
        return False
    are_swapped = sorted(word) == sorted(old)
    return min(len(word), len(old)) >= (3 if are_swapped else MIN_TYPO_LENGTH)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _candidate_ids(name: str, prefix: str, otherwise: str) -> Iterator[str]:
    """Ids for something of this name, best first."""
    if prefix:
        first = prefix + slugify(name, MAX_NAME_LENGTH, otherwise)
        yield first
        yield from (f"{first}-{number}" for number in count(2))
    else:
        yield from (f"{otherwise}-{number}" for number in count(1))
