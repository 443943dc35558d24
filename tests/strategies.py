"""Whole valid documents, as wild as the schemas allow."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from kb.vocabulary.terms import schemes
from schemas.provinces import PROVINCES
from schemas.text import BLANK, normalise

Json = dict[str, Any]
KEBAB = r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}"
UNVERIFIED = (
    *("startYear", "place.municipality", "pitfalls.avoidance", "findings.claim", "results"),
    "events.month",
)


def examples(short: int, long: int | None = None) -> settings:
    """How many examples a test gets in `make test`, and in `make test-long`: ten times as many."""
    is_long = settings.get_current_profile_name() == "long"
    return settings(max_examples=(long or 10 * short) if is_long else short)


def texts(longest: int = 60) -> st.SearchStrategy[str]:
    """Any text as it is stored on a line: every script, quotes, emoji."""
    normal = raw_texts(longest).map(lambda text: normalise(text, one_line=True))
    return normal.filter(lambda text: 0 < len(text) <= longest)


def raw_texts(longest: int = 60) -> st.SearchStrategy[str]:
    """Any text that is not blank: every script, quotes, line ends, control characters."""
    letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    visible = st.characters(categories=["L", "N", "P", "S"])
    around = st.text(letters, max_size=longest // 2 - 1)
    return st.builds(lambda *parts: "".join(parts), around, visible, around)


def ids() -> st.SearchStrategy[str]:
    """Ids in kebab-case."""
    return st.from_regex(KEBAB, fullmatch=True)


def term(scheme: str) -> st.SearchStrategy[str]:
    """A term of a scheme."""
    return st.sampled_from(list(schemes()[scheme].terms))


def some_terms(scheme: str, *, least: int = 0) -> st.SearchStrategy[list[str]]:
    """Some terms of a scheme, each once."""
    return st.lists(term(scheme), min_size=least, max_size=4, unique=True)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What may be unknown."""
    return st.none() | strategy


def sometimes(keys: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Json]:
    """Some of these keys, in their order: documents have them only with a value."""
    drawn = st.fixed_dictionaries({}, optional=keys)
    return drawn.map(lambda some: {key: some[key] for key in keys if key in some})


def years() -> st.SearchStrategy[int]:
    """Years that any key of a document may have."""
    return st.integers(1800, datetime.now(UTC).year + 1)


def urls() -> st.SearchStrategy[str]:
    """Addresses of pages, also with letters that a stricter writer would escape."""
    letters = st.characters(categories=["L", "N", "P", "S"])
    path = st.text(letters, max_size=20).map(lambda text: re.sub(f"[{BLANK}]", "", text))
    beginning = st.from_regex(r"https?://[a-z0-9][a-z0-9.]{0,19}", fullmatch=True)
    return st.builds(
        lambda site, path: unicodedata.normalize("NFC", f"{site}/{path}"), beginning, path
    )


@st.composite
def publications(draw: st.DrawFn) -> Json:
    """A source or study, without its id."""
    return {
        "title": draw(texts()),
        "authors": draw(st.lists(texts(20), max_size=3)),
        "year": draw(maybe(years())),
        "publisher": draw(maybe(texts())),
        "url": draw(maybe(urls())),
        "sourceType": draw(term("source-types")),
    }


def search_terms() -> st.SearchStrategy[list[str]]:
    """Words by which people look for a thing, each once."""
    return st.lists(texts(80), min_size=1, max_size=4, unique=True)


@st.composite
def pitfalls(draw: st.DrawFn, owner: str) -> list[Json]:
    """The pitfalls of a case or study."""
    names = draw(st.lists(ids(), max_size=3, unique=True))
    return [
        {
            "id": f"{owner}--{name}",
            "title": draw(texts()),
            "category": draw(term("pitfall-categories")),
            "phase": draw(term("phases")),
            "description": draw(texts()),
            "avoidance": draw(maybe(texts())),
        }
        | draw(sometimes({"searchTerms": search_terms()}))
        for name in names
    ]


@st.composite
def events(draw: st.DrawFn) -> list[Json]:
    """The timeline of a case: each event once, in order."""
    one = st.tuples(st.integers(1800, 2100), maybe(st.integers(1, 12)), texts(300))
    drawn = draw(st.lists(one, min_size=1, max_size=4, unique=True))
    in_order = sorted(drawn, key=lambda event: (event[0], event[1] or 0))
    return [{"year": year, "month": month, "what": what} for year, month, what in in_order]


@st.composite
def findings(
    draw: st.DrawFn,
    owner: str,
    sources: list[str] | None = None,
    ingredients: list[str] | None = None,
) -> list[Json]:
    """The findings of a study, or, with `sources` and its `ingredients`, of a case."""
    one = st.sampled_from(ingredients) if ingredients else term("ingredients")
    credited = st.lists(one, min_size=1, max_size=2, unique=True)
    names = draw(st.lists(ids(), max_size=3, unique=True))
    return [
        {
            "id": f"{owner}--{name}",
            "claim": draw(texts()),
            "domain": draw(term("effect-domains")),
            "level": draw(term("effect-levels")),
            "direction": draw(term("effect-directions")),
            "evidence": draw(term("evidence-levels")),
            "conditions": draw(maybe(texts())),
        }
        | draw(sometimes({"ingredients": credited, "programme": ids()}))
        | ({"source": draw(st.sampled_from(sources))} if sources else {})
        for name in names
    ]


def regions() -> st.SearchStrategy[Json]:
    """A country and a province of it, or what is like one."""
    codes = st.from_regex(r"[A-Z]{2}", fullmatch=True).filter(lambda code: code != "NL")
    dutch = st.tuples(st.sampled_from(("NL", None)), maybe(st.sampled_from(PROVINCES)))
    abroad = st.tuples(codes, maybe(texts()))
    return (dutch | abroad).map(lambda pair: {"country": pair[0], "province": pair[1]})


@st.composite
def cases(draw: st.DrawFn, id: str | None = None, archetypes: tuple[str, ...] = ()) -> Json:
    """A case that can be published, with every key; one of `archetypes` may be its own."""
    slug = id or draw(ids())
    kind = draw(term("kinds"))
    status = draw(term("statuses"))
    start, end = draw(maybe(years())), draw(maybe(years()))
    if start and end:
        start, end = min(start, end), max(start, end)
    if status == "lopend" and end and end < datetime.now(UTC).year:
        end = None
    source_ids = [f"bron-{n}" for n in range(1, draw(st.integers(1, 3)) + 1)]
    ingredients = draw(some_terms("ingredients", least=1))
    choices = (None, *archetypes) if kind == "praktijk" else (None,)
    return {
        "id": slug,
        "kind": kind,
        "archetype": draw(st.sampled_from(choices)),
        "title": draw(texts(200)),
        "summary": draw(texts(600)),
        "context": draw(texts()),
        "approach": draw(texts()),
        "results": draw(texts()),
        "collaboration": draw(maybe(texts())),
        "place": {
            **draw(regions()),
            "municipality": draw(maybe(texts())),
            "neighbourhood": draw(maybe(texts())),
        },
        "startYear": start,
        "endYear": end,
        "status": status,
        "scale": draw(term("scales")),
        "dwellings": draw(maybe(st.integers(1, 10_000_000))),
        "strategies": draw(some_terms("strategies", least=1)),
        "targetGroups": draw(some_terms("target-groups", least=1)),
        "parties": [
            {"name": draw(texts()), "role": role}
            for role in draw(st.lists(term("party-roles"), max_size=4))
        ],
        "ingredients": [{"id": each, "how": draw(texts())} for each in ingredients],
        "pitfalls": draw(pitfalls(slug)),
        "findings": draw(findings(slug, source_ids, ingredients)),
        "sources": [{"id": each, **draw(publications())} for each in source_ids],
        **draw(sometimes({"events": events(), "searchTerms": search_terms(), "programme": ids()})),
        "unverified": draw(st.lists(st.sampled_from(UNVERIFIED), max_size=3, unique=True)),
    }


@st.composite
def studies(draw: st.DrawFn, id: str | None = None, others: tuple[str, ...] = ()) -> Json:
    """A study, with every key; it may hold some of the `others`."""
    slug = id or draw(ids())
    later: dict[str, st.SearchStrategy[Any]] = {"programme": ids()}
    if others:
        later["covers"] = st.lists(st.sampled_from(others), min_size=1, unique=True)
    later["searchTerms"] = search_terms()
    return {
        "id": slug,
        **draw(publications()),
        "summary": draw(texts(600)),
        "findings": draw(findings(slug)),
        "pitfalls": draw(pitfalls(slug)),
        **draw(sometimes(later)),
        "unverified": draw(st.lists(st.sampled_from(("year", "publisher")), unique=True)),
    }


@st.composite
def questions(draw: st.DrawFn, id: str, studies: tuple[str, ...] = ()) -> Json:
    """A question, with every key, that may name some of `studies`."""
    named = st.lists(st.sampled_from(studies), unique=True) if studies else st.just([])
    return {
        "id": id,
        "theme": draw(term("themes")),
        "title": draw(texts()),
        "answer": draw(texts()),
        "studies": draw(named),
        "strategies": draw(some_terms("strategies")),
        "ingredients": draw(some_terms("ingredients")),
        "pitfallCategories": draw(some_terms("pitfall-categories")),
        "effectDomains": draw(some_terms("effect-domains")),
    }


@st.composite
def knowledge(draw: st.DrawFn) -> Json:
    """All that a seed folder can hold beside terms: `cases`, `studies` and `questions`."""
    slugs = draw(st.lists(ids(), min_size=1, max_size=5, unique=True))
    half = draw(st.integers(0, len(slugs)))
    all_cases: list[Json] = []
    for slug in slugs[:half]:
        known = tuple(case["id"] for case in all_cases if case["kind"] == "archetype")
        all_cases.append(draw(cases(slug, known)))
    all_studies = [
        draw(studies(slug, tuple(each for each in slugs[half:] if each != slug)))
        for slug in slugs[half:]
    ]
    names = draw(st.lists(ids(), max_size=2, unique=True))
    return {
        "cases": all_cases,
        "studies": all_studies,
        "questions": [draw(questions(name, tuple(slugs[half:]))) for name in names],
    }
