"""What is suggested while somebody types, the word that was probably meant, and similar cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz.distance import OSA

from kb.kinds import KIND_NAMES, KINDS
from kb.search.analysis.analyzer import folded_title
from kb.search.engine import (
    Suggestion,
)
from kb.search.execute import suggest as beginnings
from kb.search.opensearch.cluster_queries import (
    MAX_VALUES,
    Query,
    all_buckets,
    of_types,
    value_field,
)
from kb.search.opensearch.matching import Searches

MAX_SLIP_LETTERS = 40  # in a longer word no slip is looked for
MAX_NEAR_WORDS = 200  # that are counted to find the one that was meant
RESERVED = frozenset('.?+*|{}[]()"\\#@&<>~^-')


def suggest(
    index: Searches, typed: str, types: Iterable[str], limit: int, *, slips: bool
) -> list[Suggestion]:
    """Titles and places with a word for each typed word that begins so; whole beginnings first."""
    prefix = folded_title(typed)
    if len(prefix.replace(" ", "")) < beginnings.MIN_LETTERS:
        return []
    wanted = set(types)
    kinds = [name for name in KIND_NAMES if name in wanted and KINDS[name].is_suggested]
    ranked = list(_titles(index, kinds, prefix, limit, slips=slips)) if kinds else []
    for type_ in beginnings.PLACE_FIELDS.keys() & wanted:
        places = _places(index, beginnings.PLACE_FIELDS[type_])
        ranked += beginnings.ranked_places(places, type_, prefix, slips=slips)
    return [suggestion for *_, suggestion in sorted(ranked)[:limit]]


def _titles(
    index: Searches, kinds: Sequence[str], prefix: str, limit: int, *, slips: bool
) -> Iterator[beginnings.Ranked]:
    whole = {"constant_score": {"filter": {"prefix": {"titleOrder": prefix}}}}
    words = [_beginning(word, slips=slips) for word in prefix.split()]
    answer = index.search(
        {
            "size": limit,
            "_source": ["document.type", "document.id", "document.title"],
            "query": {"bool": {"filter": [of_types(kinds), *words], "should": [whole]}},
            "sort": [{"_score": "desc"}, {"titleLength": "asc"}, {"type": "asc"}, {"id": "asc"}],
        }
    )
    for hit in answer["hits"]["hits"]:
        document = hit["_source"]["document"]
        suggestion = Suggestion(document["type"], document["id"], document["title"])
        yield not hit["_score"], len(suggestion.text), suggestion


def _beginning(word: str, *, slips: bool) -> Query:
    """Met by a title with a word that begins so; with slips, nearly so."""
    is_long = beginnings.MIN_LETTERS_WITH_SLIP <= len(word) <= MAX_SLIP_LETTERS
    if not slips or not is_long:
        return {"prefix": {"titleWords": word}}
    letters = ["\\" + each if each in RESERVED else each for each in word]
    near = {*_near_beginnings(letters)}
    return {"regexp": {"titleWords": {"value": f"({'|'.join(sorted(near))}).*", "flags": "NONE"}}}


def _near_beginnings(letters: list[str]) -> Iterator[str]:
    """Patterns for what differs from some letters in one more, less, other or swapped."""
    for place in range(len(letters) + 1):
        before, after = letters[:place], letters[place:]
        yield "".join([*before, ".", *after])
        yield "".join([*before, ".", *after[1:]]) if after else "".join(before)
        yield "".join([*before, *after[1:]])
        if len(after) > 1:
            yield "".join([*before, after[1], after[0], *after[2:]])


def _places(index: Searches, field: str) -> list[str]:
    """The values of a field of cases."""
    values = {"terms": {"field": value_field(field), "size": MAX_VALUES}}
    answer = index.search({"size": 0, "query": of_types(["case"]), "aggs": {"values": values}})
    return [each["key"] for each in all_buckets(answer["aggregations"]["values"])]


def spelling_suggestion(index: Searches, word: str) -> str | None:
    """The folded word of the documents that is nearest: by edits, then first letter, then use."""
    max_edits = beginnings.max_edits_of(word)
    answer = index.search(
        {
            "size": 0,
            "query": {"term": {"forms": word}},
            "track_total_hits": True,
            "suggest": {
                "near": {
                    "text": word,
                    "term": {
                        "field": "forms",
                        "max_edits": max_edits,
                        "prefix_length": 0,
                        "min_word_length": 1,
                        "suggest_mode": "always",
                        "size": MAX_NEAR_WORDS,
                        "shard_size": MAX_NEAR_WORDS,
                        "accuracy": 0.01,
                    },
                }
            },
        }
    )
    if answer["hits"]["total"]["value"]:
        return word
    near = [each["text"] for entry in answer["suggest"]["near"] for each in entry["options"]]
    edits = {form: int(OSA.distance(word, form)) for form in near}
    candidates = [form for form in near if edits[form] <= max_edits]
    if not candidates:
        return None
    counts = index.search(
        {
            "size": 0,
            "aggs": {
                str(number): {"filter": {"term": {"forms": form}}}
                for number, form in enumerate(candidates)
            },
        }
    )["aggregations"]
    ranked = sorted(
        (edits[form], form[:1] != word[:1], -counts[str(number)]["doc_count"], form)
        for number, form in enumerate(candidates)
        if counts[str(number)]["doc_count"]
    )
    return ranked[0][-1] if ranked else None
