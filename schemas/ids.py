"""Ids that editors did not give: those of the same thing before, or made from its title."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import chain, count
from typing import Any

FOLDED = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "&": " en "})
NAMED_BY = {"pitfalls": "title", "findings": "claim"}  # what the id of an owned item is made from
LONGEST = 60  # characters of the name in an owned id


def kebab(text: str, longest: int, otherwise: str) -> str:
    """The first words of a text as an id; `otherwise` when it has no letter or digit of ours."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(FOLDED)).encode("ascii", "ignore")
    made = ""
    for word in re.findall(r"[a-z0-9]+", re.sub(r"['’‘`´]", "", plain.decode())):
        longer = f"{made}-{word}" if made else word[:longest]
        if len(longer) > longest:
            break
        made = longer
    return made or otherwise


def case_id(title: str) -> str:
    """The id of a new case that brings none."""
    return kebab(title, 80, "casus")


def keep_ids(case: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A loaded case in which everything has an id.

    An item without one keeps that of the item with the same title (claim) in `old`, the document
    that this text comes after. Of what is new, a pitfall or finding gets the id of its case, two
    dashes and its first words; a source the next free `bron-1`, `bron-2`, …
    """
    slug = case["slug"] or case_id(case["title"])
    told = {**case, "slug": slug}
    for key, name in NAMED_BY.items():
        told[key] = _kept(case[key], (old or {}).get(key, ()), name, f"{slug}--", key[:-1])
    told["sources"] = _kept(case["sources"], (old or {}).get("sources", ()), "title", "", "bron")
    return told


def _kept(
    items: list[dict[str, Any]], old: list[dict[str, Any]], name: str, prefix: str, otherwise: str
) -> list[dict[str, Any]]:
    """The items, each with an id; one that another item brings is never given again."""
    taken = {item["slug"] for item in items if item["slug"]}
    known = {each["id"] for each in old}  # of another thing, which may stand further on
    told = []
    for item in items:
        same = (each["id"] for each in old if each[name] == item[name])
        new = (each for each in _made(item[name], prefix, otherwise) if each not in known)
        slug = item["slug"] or next(each for each in chain(same, new) if each not in taken)
        taken.add(slug)
        told.append({**item, "slug": slug})
    return told


def _made(name: str, prefix: str, otherwise: str) -> Iterator[str]:
    """Ids for something of this name, best first."""
    if prefix:
        first = prefix + kebab(name, LONGEST, otherwise)
        yield first
        yield from (f"{first}-{number}" for number in count(2))
    else:
        yield from (f"{otherwise}-{number}" for number in count(1))
