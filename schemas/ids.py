"""Ids that editors did not give: those of the same thing before, or made from its title."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from anyascii import anyascii

from .base import camel

FOLDED = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "&": " en "})
NAMED_BY = {"pitfalls": "title", "findings": "claim"}  # what the id of an owned item is made from
MAX_NAME_LENGTH = 60  # characters of the name in an owned id
MIN_TYPO_LENGTH = 4  # letters of the shortest word in which another letter is a slip of the pen
FACTS: Mapping[str, tuple[str, ...]] = {  # what is another when the item is another
    "pitfalls": ("category", "phase"),
    "findings": ("domain", "level", "direction", "source"),
    "sources": ("authors", "year", "publisher", "url", "source_type"),
}
TEXTS: Mapping[str, tuple[str, ...]] = {  # what may be edited, and tells equal titles apart
    "pitfalls": ("description", "avoidance"),
    "findings": ("evidence", "conditions"),
    "sources": (),
}


def slugify(text: str, longest: int, otherwise: str) -> str:
    """The first words of a text as an id; `otherwise` when it has no letter or digit.

    Letters of other scripts are spelled with ours.
    """
    apart = unicodedata.normalize("NFKD", text.lower().translate(FOLDED))
    ours = (anyascii(each) if each.isalnum() else each for each in apart)
    plain = "".join(ours).lower().encode("ascii", "ignore").decode()
    made = ""
    for word in re.findall(r"[a-z0-9]+", re.sub(r"['’‘`´]", "", plain)):
        longer = f"{made}-{word}" if made else word[:longest]
        if len(longer) > longest:
            break
        made = longer
    return made or otherwise


def slug_from_title(title: str) -> str:
    """The id of a new case that brings none."""
    return slugify(title, 80, "casus")


def assign_ids(
    case: Mapping[str, Any],
    old: Mapping[str, Any] | None = None,
    earlier: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """A loaded case in which everything has an id.

    An item without one keeps that of the same item in `old`, the document that this text comes
    after. Of what is new, a pitfall or finding gets the id of its case, two dashes and its first
    words; a source the next free `bron-1`, `bron-2`, …. `earlier` are the other documents that
    this case ever had, newest first: an id that one of them names is given to nothing else. They
    are read only when something new needs an id.
    """
    slug = case["slug"] or slug_from_title(case["title"])
    told = {**case, "slug": slug}
    texts = _Texts([old] if old else [], earlier)
    for key, name in NAMED_BY.items():
        told[key] = _kept(case[key], texts, key, name, f"{slug}--", key[:-1])
    told["sources"] = _kept(case["sources"], texts, "sources", "title", "", "bron")
    return told


def with_new_slug(document: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """A document of a case (or a loaded one) with another id: its own, and in what it owns."""
    told = dict(document)
    id_key = "slug" if "slug" in document else "id"
    if told.get(id_key) == old:
        told[id_key] = new
    for key in NAMED_BY:
        told[key] = [_moved(item, id_key, old, new) for item in document.get(key, ())]
    return told


def _moved(item: Mapping[str, Any], id_key: str, old: str, new: str) -> dict[str, Any]:
    slug = item.get(id_key)
    if isinstance(slug, str) and slug.startswith(f"{old}--"):
        return {**item, id_key: new + slug.removeprefix(old)}
    return dict(item)


class _Texts:
    """The documents that a case had: the one before, and all others, read when needed."""

    def __init__(
        self, before: list[Mapping[str, Any]], earlier: Iterable[Mapping[str, Any]]
    ) -> None:
        self.before = before
        self._earlier = earlier
        self._all: list[Mapping[str, Any]] | None = None

    def all(self) -> list[Mapping[str, Any]]:
        """Every text, the newest first."""
        if self._all is None:
            self._all = [*self.before, *self._earlier]
        return self._all

    def items(self, key: str) -> dict[str, Mapping[str, Any]]:
        """Each item that any text has, by id, as it was last."""
        last: dict[str, Mapping[str, Any]] = {}
        for text in self.all():
            for item in text.get(key, ()):
                last.setdefault(item["id"], item)
        return last

    def named(self, key: str) -> set[str]:
        """The ids that any text names, also a finding whose source is gone."""
        spent = set(self.items(key))
        if key == "sources":
            findings = (each for text in self.all() for each in text.get("findings", ()))
            spent |= {each["source"] for each in findings if each.get("source")}
        return spent


def _kept(
    items: list[dict[str, Any]], texts: _Texts, key: str, name: str, prefix: str, otherwise: str
) -> list[dict[str, Any]]:
    """The items, each with an id; one that another item brings or had is never given again."""
    slugs = [item["slug"] for item in items]
    old = [each for text in texts.before for each in text.get(key, ())]
    _take_over(slugs, items, old, key)
    if not all(slugs):
        titles = {_folded(each[name]) for each in old}
        gone = [
            each for each in texts.items(key).values() if _folded(each[name]) not in titles
        ]  # what comes back under its last title is itself again
        _take_over(slugs, items, gone, key, typos=False)
        spent = texts.named(key) | {slug for slug in slugs if slug}
        for place, item in enumerate(items):
            if not slugs[place]:
                new = _made(item[name], prefix, otherwise)
                slugs[place] = next(each for each in new if each not in spent)
                spent.add(slugs[place])
    return [{**item, "slug": slug} for item, slug in zip(items, slugs, strict=True)]


def _take_over(
    slugs: list[str | None],
    items: list[dict[str, Any]],
    old: list[Mapping[str, Any]],
    key: str,
    *,
    typos: bool = True,
) -> None:
    """Give items without an id that of the old item that is the same: the surest pairs first."""
    taken = {slug for slug in slugs if slug}
    pairs = sorted(
        (-likeness, abs(place - there), place, there)
        for place, item in enumerate(items)
        if slugs[place] is None
        for there, each in enumerate(old)
        if (likeness := same_item(key, item, each, typos=typos))
    )
    for _, _, place, there in pairs:
        slug = old[there]["id"]
        if slugs[place] is None and slug not in taken:
            slugs[place] = slug
            taken.add(slug)


def same_item(
    key: str, item: Mapping[str, Any], old: Mapping[str, Any], *, typos: bool = True
) -> int:
    """How surely a loaded item is an old one of its document: 0 when it is another.

    It is when the title (claim) is the same; or when a slip of the pen in it was mended and
    nothing else says otherwise; or when two sources have the same address. Another title is
    another item, however alike they are: “Verslag 1” is not “Verslag 2”.
    """
    name = NAMED_BY.get(key, "title")
    facts, others = (
        [(item.get(each), old.get(camel(each))) for each in keys[key]] for keys in (FACTS, TEXTS)
    )
    equal = sum(1 for new, before in [*facts, *others] if new and new == before)
    if item[name] == old[name]:
        return 300 + equal
    if _folded(item[name]) == _folded(old[name]):
        return 200 + equal
    if key == "sources" and item.get("url") and item["url"] == old.get("url"):
        return 150 + equal
    agree = all(new == before for new, before in facts if new and before)
    return 100 + equal if typos and agree and is_mended(item[name], old[name]) else 0


def is_mended(text: str, old: str) -> bool:
    """Whether two texts differ by slips of the pen alone, each within a word of letters."""
    words, before = _folded(text).split(), _folded(old).split()
    if len(words) != len(before):
        return False
    return all(new == was or _is_slip(new, was) for new, was in zip(words, before, strict=True))


def _is_slip(word: str, old: str) -> bool:
    """One letter more, less or other, or two in the wrong order; never a number or a short word."""
    short, long = sorted((word, old), key=len)
    if any(letter.isdigit() for letter in word + old) or len(long) - len(short) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), None)
    start = len(short) if start is None else start
    if len(short) < len(long):
        return len(short) >= MIN_TYPO_LENGTH and short[start:] == long[start + 1 :]
    if (
        short[start + 2 :] == long[start + 2 :]
        and short[start : start + 2] == (long[start : start + 2][::-1])
    ):
        return len(short) >= MIN_TYPO_LENGTH - 1
    return len(short) >= MIN_TYPO_LENGTH and short[start + 1 :] == long[start + 1 :]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _made(name: str, prefix: str, otherwise: str) -> Iterator[str]:
    """Ids for something of this name, best first."""
    if prefix:
        first = prefix + slugify(name, MAX_NAME_LENGTH, otherwise)
        yield first
        yield from (f"{first}-{number}" for number in count(2))
    else:
        yield from (f"{otherwise}-{number}" for number in count(1))
