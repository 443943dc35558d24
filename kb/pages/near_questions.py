"""Which of our questions somebody asks in words of their own, so that its answer comes first.

How near a question is, is what the words score on it as a share of what its own title does. The
shares were measured with some seventy phrasings, of which half ask for none of our questions
(tests/pages/test_near_questions.py).
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from kb.kinds import QUESTION
from kb.search.analysis.analyzer import fold, tokenize
from kb.search.engine import Hit, SearchEngine, SearchRequest
from kb.search.execute.highlight import first_sentences
from kb.search.query.parse import parse
from kb.search.stored_items import with_addresses
from kb.vocabulary.terms import Language, language
from kb.web.addresses import public_address

MIN_SHARE = 0.4  # of the score of its own title
MIN_SHARE_OF_QUESTION = 0.2  # the same, where the words are a question
MIN_OF_BEST = 0.85  # of the score of the nearest one: so near the next is shown as well
MOST_QUESTIONS = 2
MIN_WORDS = 2
CACHED_SCORES = 256  # of questions' own titles
QUESTION_WORDS = frozenset(  # with which a question begins
    "hoe wat welke welk waarom wanneer wie waar waarmee waardoor werkt werken helpt helpen leidt "
    "leiden levert leveren is zijn heeft hebben kun kan kunnen moet moeten mag neemt krijg krijgt "
    "krijgen word wordt worden bestaat zorgt maakt komt "
    "how what which why when who where does do did is are has have can should will must".split()
)


def near_questions(engine: SearchEngine, typed: str) -> list[dict[str, Any]]:
    """The questions that are meant, nearest first, each with the beginning of its answer.

    None for a single word. Raises SearchUnavailable.
    """
    words = tokenize(typed)
    if len(words) < MIN_WORDS:
        return []
    begins_so = any(fold(word) in QUESTION_WORDS for word in words[:2])  # Op welke schaal …
    is_question = begins_so or typed.rstrip().endswith("?")
    least = MIN_SHARE_OF_QUESTION if is_question else MIN_SHARE
    near: list[Hit] = []
    for hit in _near_enough(engine, typed, language(), least):
        if not hit.match or "title" not in hit.match["fields"]:
            break
        if not near or hit.score >= near[0].score * MIN_OF_BEST:
            near.append(hit)
    return [_described(hit) for hit in near]


def _near_enough(engine: SearchEngine, typed: str, code: Language, least: float) -> list[Hit]:
    """The best ones with at least this share of their own score; none while scores say nothing."""
    query = parse(typed, engine.analyzer)
    request = SearchRequest((QUESTION.name,), query=query, limit=MOST_QUESTIONS, language=code)
    result = engine.search(replace(request, highlight=False))  # mostly none is near
    if result.degraded:
        return []
    is_near = [hit.score >= least * _own_score(engine, hit) for hit in result.hits]
    limit = (*is_near, False).index(False)
    return list(engine.search(replace(request, limit=limit)).hits) if limit else []


def _own_score(engine: SearchEngine, hit: Hit) -> float:
    """What the title of a question scores on the question itself."""
    title = json.loads(hit.item)["title"]
    return _score_of_title(engine, engine.snapshot_id(), hit.id, title)  # type: ignore[arg-type]  # mypy takes no protocol for hashable


@lru_cache(maxsize=CACHED_SCORES)
def _score_of_title(engine: SearchEngine, _snapshot_id: Hashable, id_: str, title: str) -> float:
    """The same in one snapshot of the index."""
    query = parse(title, engine.analyzer)
    filters = {"id": (id_,)}
    request = SearchRequest((QUESTION.name,), query=query, filters=filters, limit=1)
    hits = engine.search(replace(request, highlight=False)).hits
    return hits[0].score if hits else float("inf")


def _described(hit: Hit) -> dict[str, Any]:
    """A question as its box shows it."""
    document: dict[str, Any] = json.loads(with_addresses(hit.item, public_address()))
    return {**document, "beginning": first_sentences(document["summary"])}
