"""What an index of the cluster holds of a document, and how.

    pos            our terms where they stand: a token per word, its terms stacked
    imp            our terms and tags, each with what it is worth here: its tf in thousandths
    concepts       the terms of the vocabulary that it is tagged with
    values.*       the values of its filters
    findings, pitfalls   nested rows, each by the names of its filters; `has` says which there are
    tags, vector   what the best candidates are ordered anew by
    document       the whole document, stored and not searched

The cluster analyses no text: it splits what our analysis made. One more document, with the id
`state:`, holds the state of the index.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

import numpy as np

from kb.kinds import KIND_NAMES
from kb.search.analysis.analyzer import Analyzer, folded_title, surface_form, tokenize
from kb.search.engine import SearchDocument, owner_of
from kb.search.execute.bm25f import K1
from kb.search.execute.order import CASE_TAGS, OWN_TAGS
from kb.search.filters import FILTERS
from kb.search.index.fields import (
    FIELD_WEIGHT,
    LENGTH_NORMALISATION,
    NAME_FIELDS,
    NESTED_FIELDS,
    POSITION_GAP,
    TEXT_FIELDS,
)
from kb.search.index.postings_writer import MIN_FORM_LENGTH
from kb.search.index.segment_writer import to_stored

FORMAT = 1  # raise it when the mapping changes: indexes are then made again
STATE_ID = "state:"
TF_UNIT = 1000  # a frequency is a whole number of thousandths
MAX_TERM_LENGTH = 100  # characters; what is longer is known by its hash
MAX_TITLE_LENGTH = 2000  # characters by which titles are ordered
MAX_FORM_LENGTH = 60  # of a word that may be meant by another
KEYWORD_FIELDS = tuple(
    name
    for name in FILTERS
    if name != "type" and not any(name in keys for keys in NESTED_FIELDS.values())
)
KEYWORD = {"type": "keyword"}
INTEGER = {"type": "integer"}
NOT_SEARCHED = {"type": "object", "enabled": False}
BM25F = f"return query.boost * doc.freq * {K1 + 1} / (doc.freq + {K1 * TF_UNIT});"
ANALYSIS = {
    "tokenizer": {"pieces": {"type": "whitespace", "max_token_length": 100_000}},
    "filter": {
        "stacked": {
            "type": "pattern_capture",
            "preserve_original": False,
            "patterns": ["([^|]+)"],
        }
    },
    "analyzer": {
        "words": {"tokenizer": "pieces", "filter": ["stacked"]},
        "weighed": {"tokenizer": "pieces", "filter": ["delimited_term_freq"]},
    },
}
Lengths = Sequence[float]  # of the text fields, in terms


def index_body(shards: int, replicas: int) -> dict[str, Any]:
    """The settings and mapping of a new index."""
    return {
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            "refresh_interval": "-1",  # writers refresh, so that readers see a batch at once
            "gc_deletes": "1h",  # as long as the version of what was removed keeps old copies out
            "max_result_window": 1_000_000,
            "max_regex_length": 50_000,
            "analysis": ANALYSIS,
            "similarity": {"bm25f": {"type": "scripted", "script": {"source": BM25F}}},
        },
        "mappings": {
            "dynamic": "strict",
            "_source": {"includes": ["document", "state"]},
            "properties": _properties(),
        },
    }


def _properties() -> dict[str, Any]:
    numbers = ("startYear", "population", "socialRent", "year", "laneRank", "position")
    rows = {
        group: {"type": "nested", "properties": dict.fromkeys(keys, KEYWORD)}
        for group, keys in NESTED_FIELDS.items()
    }
    return {
        "pos": {
            "type": "text",
            "analyzer": "words",
            "norms": False,
            "position_increment_gap": POSITION_GAP,
        },
        "imp": {
            "type": "text",
            "analyzer": "weighed",
            "index_options": "freqs",
            "norms": False,
            "similarity": "bm25f",
        },
        **dict.fromkeys(("key", "type", "id", "owner", "concepts", "has"), KEYWORD),
        **dict.fromkeys(("titleOrder", "titleWords", "tags", "forms"), KEYWORD),
        **dict.fromkeys((*numbers, "typeRank", "titleLength"), INTEGER),
        "lengths": {"properties": dict.fromkeys(TEXT_FIELDS, INTEGER)},
        "updatedAt": {"type": "long"},
        "vector": {"type": "binary", "doc_values": True},
        "values": {"properties": dict.fromkeys(KEYWORD_FIELDS, KEYWORD)},
        **rows,
        "document": NOT_SEARCHED,
        "state": NOT_SEARCHED,
    }


@lru_cache(maxsize=100_000)
def piece(term: str) -> str:
    """A term as the cluster has it: not too long, and without what separates terms there."""
    if len(term) > MAX_TERM_LENGTH:
        return f"{term[:20]}_{sha256(term.encode()).hexdigest()}"
    if term.isalnum():
        return term
    return "".join("_" if each.isspace() or each in "|\x1c\x1d\x1e\x1f" else each for each in term)


def tag_piece(concept: str) -> str:
    """A tag among the terms that are weighed."""
    return piece(f"#{concept}")


def lengths_of(document: SearchDocument, analyzer: Analyzer) -> list[int]:
    """How many terms each text field has."""
    lengths = [0] * len(TEXT_FIELDS)
    for passage in document.passages:
        count = sum(1 for _ in analyzer.text_index_terms(passage.text))
        lengths[TEXT_FIELDS.index(passage.text_field)] += count
    return lengths


def fields_of(document: SearchDocument, analyzer: Analyzer, means: Lengths) -> dict[str, Any]:
    """The fields of a document; `means` are the mean lengths of the text fields of its type."""
    stored = to_stored(document)
    folded = folded_title(document.title)
    numbers = {
        "startYear": document.start_year,
        "population": document.population,
        "socialRent": document.social_rent,
        "year": document.year,
        "laneRank": document.lane_rank,
        "updatedAt": None if stored.updated_at is None else round(stored.updated_at * 1e6),
        "position": document.position,
    }
    words = {form for each in document.passages for form in map(surface_form, tokenize(each.text))}
    return {
        "key": document.key,
        "type": document.type,
        "typeRank": KIND_NAMES.index(document.type),
        "id": document.id,
        **({"owner": owner} if (owner := owner_of(document.type, document.id)) else {}),
        "pos": [_positions(each.text, analyzer) for each in document.passages],
        "imp": " ".join(_weighed(document, analyzer, means)),
        "forms": [
            form for form in sorted(words) if MIN_FORM_LENGTH <= len(form) <= MAX_FORM_LENGTH
        ],
        "lengths": dict(zip(TEXT_FIELDS, lengths_of(document, analyzer), strict=True)),
        "concepts": list(document.concepts),
        "values": {
            name: chosen
            for name, values in document.values.items()
            if name in KEYWORD_FIELDS and (chosen := [each for each in values if each])
        },
        "has": [name for name in NESTED_FIELDS if getattr(document, name)],
        "findings": [row._asdict() for row in document.findings],
        "pitfalls": [row._asdict() for row in document.pitfalls],
        "titleOrder": folded[:MAX_TITLE_LENGTH],
        "titleWords": [each[:MAX_TITLE_LENGTH] for each in folded.split()],
        "titleLength": len(document.title),
        **{name: number for name, number in numbers.items() if number is not None},
        "tags": sorted({f"{field}/{value}" for field, value in _tags(document)}),
        "vector": _vector(document, analyzer),
        "document": stored._asdict(),
    }


def _positions(text: str, analyzer: Analyzer) -> str:
    """A piece for each word, of its terms."""
    return " ".join(
        "|".join(dict.fromkeys(piece(term) or "_" for term in analyzer.index_terms(word)))
        for word in tokenize(text)
    )


def _weighed(document: SearchDocument, analyzer: Analyzer, means: Lengths) -> Iterator[str]:
    """Each term and tag with its tf, as `execute/bm25f.py` has it."""
    by_field = [Counter[str]() for _ in TEXT_FIELDS]
    for passage in document.passages:
        terms = analyzer.text_index_terms(passage.text)
        by_field[TEXT_FIELDS.index(passage.text_field)].update(terms)
    lengths = np.array([counts.total() for counts in by_field])
    b = LENGTH_NORMALISATION
    norms = FIELD_WEIGHT / (1 - b + b * lengths / np.maximum(means, 1.0))
    frequencies: Counter[str] = Counter()
    for norm, counts in zip(norms.tolist(), by_field, strict=True):
        for term, count in counts.items():
            frequencies[piece(term) or "_"] += norm * count
    for concept in document.concepts:
        frequencies[tag_piece(concept)] = norms[TEXT_FIELDS.index("labels")]
    for term, frequency in frequencies.items():
        yield f"{term}|{max(1, round(frequency * TF_UNIT))}"


def _tags(document: SearchDocument) -> Iterator[tuple[str, str]]:
    """By what a document is like others, as `execute/order.py` has it."""
    for field in CASE_TAGS if document.type == "case" else OWN_TAGS:
        yield from ((field, value) for value in document.values.get(field, ()) if value)
        for rows in (document.findings, document.pitfalls):
            yield from ((field, getattr(row, field)) for row in rows if field in row._fields)


def _vector(document: SearchDocument, analyzer: Analyzer) -> str:
    texts = (each.text for each in document.passages if each.field not in NAME_FIELDS)
    return b64encode(analyzer.vector(texts).tobytes()).decode()
