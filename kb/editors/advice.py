"""Help while writing: what may be wrong with a text, though nothing forbids it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Prefix
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.cases.model import Case
from kb.editors.case_texts import CASE
from kb.editors.model import Revision
from kb.editors.revisions import OPEN_STATES, documents_of, revision_in
from kb.input_errors import Mistake
from kb.search.analysis.analyzer import DUTCH, Token, fold, tokenize
from kb.translation import N_
from kb.vocabulary.terms import per_vocabulary, schemes
from schemas.errors import printable
from schemas.ids import slugify
from schemas.text import visible_changes

Errors = list[tuple[str, Mistake]]  # with JSON Pointers
SAME_TITLE = 90  # of 100: titles that count as equal
SIMILAR_TITLE = 70  # of 100: enough when the place is the same too
HAS_THE_ID = -1000  # before every title that is alike
NUMBER_BEHIND = re.compile("-[2-9]$")  # of an id whose first choice was taken
MAX_ID_LENGTH = 80  # characters
MAX_DUPLICATES = 3  # in the advice
DUPLICATE_TEXTS = {  # by the other properties that are shared
    (): N_("This may be “%(title)s”: the titles are alike."),
    ("place",): N_("This may be “%(title)s”: the titles are alike and the place is the same."),
    ("id",): N_("This may be “%(title)s”: it has the id that would be made of this title."),
    ("years",): N_("This may be “%(title)s”: the titles are alike and the years overlap."),
    ("place", "years"): N_(
        "This may be “%(title)s”: title and place are alike, and the years overlap."
    ),
}
NO_FINDING = N_("Nothing says yet what this led to, and how that is known: add a finding.")
MENTIONED = N_("The text says “%(words)s”. If those involved say it helped, add “%(label)s”.")
NORMALISED = N_("This is saved as “%(text)s”, in the spelling that all texts here have.")
MAX_SHOWN_LENGTH = 80  # characters
TEXT_KEYS = ("title", "summary", "approach", "results", "collaboration")  # that tell what was done
NEGATIONS = {"geen", "zonder", "niet", "nooit"}
NEGATION_DISTANCE = 2  # words after which such a word no longer counts


class Related(NamedTuple):
    """What an advice is about: a case or a term."""

    type: str  # case | ingredient
    id: str
    title: str


@dataclass(frozen=True)
class Advice:
    """Something to look at again; `detail` is a message to be filled with `values`."""

    code: str  # likely-duplicate | missing-evidence | ingredient-not-tagged | normalised
    pointer: str  # a JSON Pointer
    detail: str
    values: Mapping[str, Any] = field(default_factory=dict)
    related: tuple[Related, ...] = ()


def validate(session: Session, document: Any) -> tuple[Errors, list[Advice]]:
    """All that keeps a document from being published, and advice about the rest of it.

    It is valid when there are no errors. A wrong document gets advice too.
    """
    result = CASE.load_with_errors(document)
    case, errors = result.document, result.errors
    own_id = case.get("slug")
    if result.is_whole:
        case = CASE.with_current_ids(session, case)
        thing = Thing("case", CASE.wanted_id(case))
        draft = revision_in(session, thing, *OPEN_STATES)
        before = draft.document if draft else None
        case = CASE.with_ids(case, before, documents_of(session, thing))
        errors = list(CASE.publication_errors(session, case))
    respelt = visible_changes(document, CASE.as_document(case))
    return errors, [*spelling_advice(respelt), *advise(session, {**case, "slug": own_id})]


def spelling_advice(respelt: Iterable[tuple[str, str]]) -> Iterator[Advice]:
    """Advice for texts that are saved in another spelling than they were sent.

    `respelt` has their JSON Pointers and the saved texts, as from `visible_changes`.
    """
    for pointer, text in respelt:
        yield Advice("normalised", pointer, NORMALISED, {"text": shortened(text)})


def shortened(text: str) -> str:
    """The beginning of a text, to recognise it by."""
    if len(text) <= MAX_SHOWN_LENGTH:
        return printable(text)
    return f"{printable(text[: MAX_SHOWN_LENGTH - 1])}…"


def advise(session: Session, case: Mapping[str, Any]) -> list[Advice]:
    """What an editor may want to look at again in a loaded case, of which parts may be missing."""
    advice = list(_duplicates(session, case))
    if not case.get("findings"):
        advice.append(Advice("missing-evidence", "/findings", NO_FINDING))
    return [*advice, *_untagged_ingredients(case)]


class _OtherCase(NamedTuple):
    """Another case, public or a draft."""

    slug: str
    title: str
    municipality: str | None
    start: int | None
    end: int | None


def _duplicates(session: Session, case: Mapping[str, Any]) -> Iterator[Advice]:
    """Other cases with a title like this one, the likeliest first."""
    if not (title := case.get("title")):
        return
    own_id = case.get("slug")
    wanted = NUMBER_BEHIND.sub("", own_id) if own_id else slugify(title, MAX_ID_LENGTH, "")
    others = [each for each in _other_cases(session) if each.slug != own_id]
    similar = process.extract(
        title,
        [each.title for each in others],
        scorer=_title_similarity,
        score_cutoff=SIMILAR_TITLE,
        limit=None,
    )
    ranked: list[tuple[float, int, tuple[str, ...]]] = []
    for index, other in enumerate(others):
        if other.slug == wanted:
            ranked.append((HAS_THE_ID, index, ("id",)))
            similar = [each for each in similar if each[2] != index]
    for _, score, index in similar:
        shared = tuple(_shared_properties(case, others[index]))
        if score >= SAME_TITLE or "place" in shared:
            ranked.append((-score - 20 * len(shared), index, shared))
    for _, index, shared in sorted(ranked)[:MAX_DUPLICATES]:
        other = others[index]
        related = (Related("case", other.slug, other.title),)
        reasons = shared if "id" in shared else ("title", *shared)
        values = {"title": other.title, "reasons": reasons}
        yield Advice("likely-duplicate", "/title", DUPLICATE_TEXTS[shared], values, related)


def _title_similarity(one: str, other: str, *, score_cutoff: float | None = None) -> float:
    """The similarity of two titles, from 0 to 100; the same name before a colon is enough."""
    names = (one.partition(":")[0], other.partition(":")[0])
    whole = fuzz.token_sort_ratio(_plain(one), _plain(other))
    named = fuzz.token_sort_ratio(*map(_plain, names))
    if ":" in one + other and _is_within(*map(DUTCH.terms, names)):
        named = SAME_TITLE
    score = max(whole, named if named >= SAME_TITLE else 0.0)
    return score if score >= (score_cutoff or 0) else 0.0


def _is_within(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names begin alike, and one has every word of the other."""
    return one[:1] == other[:1] != () and (set(one) <= set(other) or set(other) <= set(one))


def _plain(text: str) -> str:
    """The words of a text, folded."""
    return " ".join(tokenize(fold(text)))


def _other_cases(session: Session) -> Iterator[_OtherCase]:
    """Every public case, and every draft of a case that is not public."""
    public = session.execute(
        select(Case.slug, Case.title, Case.municipality, Case.start_year, Case.end_year)
    )
    slugs = set()
    for row in public:
        slugs.add(row.slug)
        yield _OtherCase(*row)
    document = Revision.document
    drafts = session.execute(
        select(
            Revision.slug,
            document["title"].as_string(),
            document[("place", "municipality")].as_string(),
            document["startYear"].as_integer(),
            document["endYear"].as_integer(),
        ).where(Revision.kind == "case", Revision.state.in_(OPEN_STATES))
    )
    yield from (_OtherCase(*row) for row in drafts if row[1] and row.slug not in slugs)


def _shared_properties(case: Mapping[str, Any], other: _OtherCase) -> Iterator[str]:
    """`place` and `years`, when both cases have the same place, or years that overlap."""
    municipality = (case.get("place") or {}).get("municipality")
    if municipality and fold(municipality) == fold(other.municipality or ""):
        yield "place"
    start, other_start = case.get("start_year"), other.start
    if start and other_start:
        end, other_end = case.get("end_year") or start, other.end or other_start
        if start <= other_end and other_start <= end:
            yield "years"


def _untagged_ingredients(case: Mapping[str, Any]) -> Iterator[Advice]:
    """Ingredients that the text names by a label or synonym, but that the case does not have."""
    terms = schemes()["ingredients"].terms
    tagged = {each.get("ingredient") for each in case.get("ingredients") or ()}
    for key in TEXT_KEYS:
        for slug, words in _ingredients_named_in(case.get(key) or ""):
            if slug in tagged:
                continue
            tagged.add(slug)
            label = terms[slug].label("nl")
            yield Advice(
                "ingredient-not-tagged",
                f"/{key}",
                MENTIONED,
                {"words": words, "label": label},
                (Related("ingredient", slug, label),),
            )


def _ingredients_named_in(text: str) -> Iterator[tuple[str, str]]:
    """The ingredients that a text names, with the words that do; not those after a negation."""
    tokens = list(DUTCH.tokens(text))
    terms = tuple(token.term for token in tokens)
    names = _ingredient_names()
    longest = max(len(phrase) for phrase in names)
    for first in range(len(tokens)):
        if NEGATIONS & {token.form for token in tokens[max(0, first - NEGATION_DISTANCE) : first]}:
            continue
        for last in range(first + 1, min(first + longest, len(tokens)) + 1):
            phrase = tokens[first:last]
            for slug, name in names.get(terms[first:last], ()):
                if all(_is_inflection(*pair) for pair in zip(name, phrase, strict=True)):
                    yield slug, text[phrase[0].start : phrase[-1].end]


@per_vocabulary()
def _ingredient_names() -> Mapping[tuple[str, ...], list[tuple[str, list[str]]]]:
    """Dutch names of ingredients: by the terms of their words the id, and the words as they are."""
    names: dict[tuple[str, ...], list[tuple[str, list[str]]]] = {}
    for slug, term in schemes()["ingredients"].terms.items():
        for name in (term.label("nl"), *term.synonyms["nl"]):
            words = [fold(word) for word in tokenize(name)]
            names.setdefault(DUTCH.terms(name), []).append((slug, words))
    return names


def _is_inflection(name: str, token: Token) -> bool:
    """Whether a word is a name, or an inflection of it; not scholing for school."""
    common: int = Prefix.similarity(name, token.form)
    return common >= max(len(name) - 2, min(len(name), 3))
