"""Which of our questions somebody asks in words of their own, so that its answer comes first.

How near a question is, is what the words score on it as a share of what its own title does: by
BM25F alone, since what meaning and tags add (`execute/order.py`) compares within one result only.
The shares were measured with some seventy phrasings, of which half ask for none of our questions
(tests/pages/test_near_questions.py).
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from kb.cases.model import Question
from kb.cases.queries import every
from kb.kinds import QUESTION
from kb.outage import unless_away
from kb.search.analysis.analyzer import fold, tokenize
from kb.search.engine import Hit, SearchEngine, SearchRequest
from kb.search.execute.highlight import first_sentences
from kb.search.query.parse import parse
from kb.search.stored_items import with_addresses
from kb.services import session
from kb.vocabulary.terms import language, per_vocabulary
from kb.web.addresses import public_address

MIN_SHARE = 0.4  # of the score of its own title
MIN_SHARE_OF_QUESTION = 0.2  # the same, where the words are a question
MIN_OF_BEST = 0.85  # of the score of the nearest one: so near the next is shown as well
MOST_QUESTIONS = 2
MOST_CANDIDATES = 20  # by meaning, of which the words are looked at
MOST_COMPARED = 3  # of those, with their own titles
WITH_PLAIN_SCORES = ("title",)  # an order that leaves scores as BM25F gives them
MIN_WORDS = 2
CACHED_SCORES = 256  # of questions' own titles
QUESTION_WORDS = frozenset(  # with which a question begins
    "hoe wat welke welk waarom wanneer wie waar waarmee waardoor werkt werken helpt helpen leidt "
    "leiden levert leveren is zijn heeft hebben kun kan kunnen moet moeten mag neemt krijg krijgt "
    "krijgen word wordt worden bestaat zorgt maakt komt "
    "how what which why when who where does do did is are has have can should will must".split()
)


class _Near(NamedTuple):
    """A question that may be meant."""

    hit: Hit
    share: float  # of the score of its own title


def near_questions(engine: SearchEngine, typed: str) -> list[dict[str, Any]]:
    """The questions that are meant, nearest first, each with the beginning of its answer.

    None for a single word. Raises SearchUnavailable.
    """
    words = [fold(word) for word in tokenize(typed)]
    if len(words) < MIN_WORDS:
        return []
    begins_so = any(word in QUESTION_WORDS for word in words[:2])  # Op welke schaal …
    is_question = begins_so or typed.rstrip().endswith("?")
    least = MIN_SHARE_OF_QUESTION if is_question else MIN_SHARE
    candidates = _candidates(engine, typed)
    same = [each for each in candidates if _words_of(each.hit) == words]
    if same:
        return [_described(same[0].hit)]
    if is_question and (phrased := _phrased_so(engine, typed)):
        return [_described(hit) for hit in phrased]
    near = [each for each in candidates if each.share >= least]
    shown = _met_in_title(engine, typed, [each.hit.id for each in near])
    near = [each for each in near if each.hit.id in shown]
    return [
        _described(each.hit) for each in near if each.hit.score >= near[0].hit.score * MIN_OF_BEST
    ][:MOST_QUESTIONS]


def _phrased_so(engine: SearchEngine, typed: str) -> Sequence[Hit]:
    """The questions of which a phrasing is all that was typed, but for filler words."""
    words = _strong_words(engine, typed)
    slugs = [
        slug
        for slug, phrasing in unless_away(lambda: _phrasings(engine, engine.snapshot_id())) or ()
        if _is_phrasing(engine, words, phrasing)
    ]
    if not slugs:
        return ()
    request = SearchRequest(
        (QUESTION.name,),
        query=parse(typed, engine.analyzer),
        filters={"id": tuple(slugs)},
        limit=MOST_QUESTIONS,
        language=language(),
        highlight=False,
    )
    return engine.search(request).hits


def _is_phrasing(engine: SearchEngine, words: Sequence[str], phrasing: Sequence[str]) -> bool:
    """Whether the phrasing stands in the words without a break, beside filler words alone."""
    size = len(phrasing)
    return any(
        tuple(words[start : start + size]) == phrasing
        and all(map(engine.analyzer.is_filler_word, (*words[:start], *words[start + size :])))
        for start in range(len(words) - size + 1)
    )


@per_vocabulary(1)
def _phrasings(
    engine: SearchEngine, _snapshot_id: Hashable
) -> Sequence[tuple[str, tuple[str, ...]]]:
    """What editors call each question, in one snapshot of the index: its id, and the words."""
    return [
        (question.slug, words)
        for question in every(session(), Question)
        for words in (_strong_words(engine, text) for text in question.search_terms)
        if len(words) >= MIN_WORDS
    ]


def _strong_words(engine: SearchEngine, text: str) -> tuple[str, ...]:
    """The folded words of a text without its stop words."""
    return tuple(fold(word) for word in tokenize(text) if not engine.analyzer.is_stop_word(word))


def _candidates(engine: SearchEngine, typed: str) -> list[_Near]:
    """The questions with the words, the greatest score first; none while scores say nothing."""
    request = SearchRequest(
        (QUESTION.name,),
        query=parse(typed, engine.analyzer),
        limit=MOST_CANDIDATES,
        language=language(),
        highlight=False,  # mostly none is near
    )
    result = engine.search(request)
    if result.degraded or not result.hits:
        return []
    ids = tuple(hit.id for hit in result.hits)
    hits = engine.search(replace(request, filters={"id": ids}, sort=WITH_PLAIN_SCORES)).hits
    best = sorted(hits, key=lambda hit: (-hit.score, hit.id))
    return [_Near(hit, hit.score / _own_score(engine, hit)) for hit in best[:MOST_COMPARED]]


def _met_in_title(engine: SearchEngine, typed: str, ids: Sequence[str]) -> set[str]:
    """Which of these questions have some of the words in their title."""
    if not ids:
        return set()
    query = parse(typed, engine.analyzer)
    request = SearchRequest((QUESTION.name,), query=query, filters={"id": tuple(ids)})
    hits = engine.search(request).hits
    return {hit.id for hit in hits if hit.match and "title" in hit.match["fields"]}


def _words_of(hit: Hit) -> list[str]:
    """The folded words of the title of a question."""
    return [fold(word) for word in tokenize(json.loads(hit.item)["title"])]


def _own_score(engine: SearchEngine, hit: Hit) -> float:
    """What the title of a question scores on the question itself."""
    title = json.loads(hit.item)["title"]
    return _score_of_title(engine, engine.snapshot_id(), hit.id, title)


@per_vocabulary(CACHED_SCORES)
def _score_of_title(engine: SearchEngine, _snapshot_id: Hashable, id_: str, title: str) -> float:
    """The same in one snapshot of the index."""
    request = SearchRequest(
        (QUESTION.name,),
        query=parse(title, engine.analyzer),
        filters={"id": (id_,)},
        sort=WITH_PLAIN_SCORES,
        limit=1,
        highlight=False,
    )
    hits = engine.search(request).hits
    return hits[0].score if hits and hits[0].score > 0 else float("inf")


def _described(hit: Hit) -> dict[str, Any]:
    """A question as its box shows it."""
    document: dict[str, Any] = json.loads(with_addresses(hit.item, public_address()))
    return {**document, "beginning": first_sentences(document["summary"])}
