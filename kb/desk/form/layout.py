"""Where the fields of a form stand. What is not named here follows at its end, so nothing lacks."""

from __future__ import annotations

from collections.abc import Mapping

from kb.translation import N_

HIDDEN = {  # images have a page of their own, since a file comes with each
    *("id", "pitfalls.id", "findings.id", "sources.id", "$schema", "type", "images"),
}
FOLDED = {  # what few cases need
    *("findings.ingredients", "findings.programme", "pitfalls.searchTerms"),
    *("programme", "unverified", "searchTerms"),
}
SORTED = {"events"}  # lists that are saved in an order of their own
PICKS = {"findings.source": "sources", "findings.ingredients": "ingredients"}
REFERENCES = {  # collections of the API
    "archetype": "cases",
    "covers": "studies",
    "studies": "studies",
}
ORDER: Mapping[str, tuple[str, ...]] = {  # of the keys of an item, by its list
    "findings.": ("claim", "source", "direction", "domain", "level", "evidence", "conditions"),
    "sources.": ("title", "sourceType", "year", "authors", "publisher", "url"),
    "events.": ("year", "month", "what"),
}


SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (  # of any kind: id, title, keys
    ("what", N_("What it is"), ("kind", "archetype", "theme", "title", "summary", "answer")),
    (
        "publication",
        N_("Publication"),
        ("sourceType", "authors", "year", "publisher", "url", "covers"),
    ),
    ("where", N_("Where and when"), ("place", "startYear", "endYear", "status", "scale")),
    ("story", N_("The story"), ("context", "approach", "results", "collaboration")),
    ("about", N_("What it is about"), ("strategies", "targetGroups", "dwellings")),
    ("parties", "", ("parties",)),
    ("ingredients", "", ("ingredients",)),
    ("pitfalls", "", ("pitfalls",)),
    ("sources", "", ("sources",)),
    ("findings", "", ("findings",)),
    ("events", "", ("events",)),
    ("search", N_("For search and editors"), ("searchTerms", "programme", "unverified")),
)
REST = ("rest", N_("More"))
