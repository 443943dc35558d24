"""What people would search with otherwise, loaded with the same documents."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import tantivy

from kb.search.analysis.analyzer import DUTCH, tokenize
from kb.search.engine import SearchDocument
from kb.search.index.fields import FIELD_WEIGHT, TEXT_FIELDS
from tests import postgres

if TYPE_CHECKING:
    from bench.relevance import Answer

Asks = Sequence[Callable[[str, str], "Answer"]]
WEIGHTS = [float(weight) for weight in FIELD_WEIGHT]


def texts(document: SearchDocument) -> list[str]:
    """The text of a document in each of our fields."""
    return [
        "\n".join(each.text for each in document.passages if each.text_field == name)
        for name in TEXT_FIELDS
    ]


def _words(q: str) -> list[str]:
    """The words of a query without stop words, as every peer gets them."""
    words = [word for word in tokenize(q) if not DUTCH.is_stop_word(word)]
    return words or tokenize(q)


def _ways(find: Callable[[list[str], str, bool], list[str]]) -> Asks:
    """All words and then any word; or any word at once."""
    from bench.relevance import Answer

    def all_then_any(q: str, target: str) -> Answer:
        words = _words(q)
        ids = find(words, target, True) or (find(words, target, False) if len(words) > 1 else [])
        return Answer(ids, len(ids), False)

    def any_word(q: str, target: str) -> Answer:
        ids = find(_words(q), target, False)
        return Answer(ids, len(ids), False)

    return all_then_any, any_word


@contextmanager
def sqlite_fts5(documents: list[SearchDocument]) -> Iterator[Asks]:
    """SQLite FTS5 with its Unicode tokenizer, folded, bm25 with our field weights."""
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE kb USING fts5(id UNINDEXED, type UNINDEXED, "
        "title, labels, details, body, tokenize = 'unicode61 remove_diacritics 2')"
    )
    connection.executemany(
        "INSERT INTO kb VALUES (?, ?, ?, ?, ?, ?)",
        [(each.id, each.type, *texts(each)) for each in documents],
    )

    def find(words: list[str], target: str, every: bool) -> list[str]:
        typed = (" AND " if every else " OR ").join(f'"{word}"' for word in words)
        rows = connection.execute(
            "SELECT id FROM kb WHERE kb MATCH ? AND type = ? "
            "ORDER BY bm25(kb, 0, 0, ?, ?, ?, ?), id LIMIT 10",
            (typed, target, *WEIGHTS),
        )
        return [row[0] for row in rows]

    yield _ways(find)
    connection.close()


@contextmanager
def postgresql(documents: list[SearchDocument]) -> Iterator[Asks]:
    """PostgreSQL full text with its `dutch` configuration, ts_rank_cd over weighted parts."""
    with postgres.cluster() as url:
        address = url.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE TABLE kb (id text, type text, words tsvector)")
            weighed = " || ".join(f"setweight(to_tsvector('dutch', %s), '{w}')" for w in "ABCD")
            for each in documents:
                connection.execute(
                    f"INSERT INTO kb VALUES (%s, %s, {weighed})",  # our own letters
                    (each.id, each.type, *texts(each)),
                )

            def find(words: list[str], target: str, every: bool) -> list[str]:
                quoted = (word.replace("'", "''") for word in words)
                typed = (" & " if every else " | ").join(f"'{word}'" for word in quoted)
                rows = connection.execute(
                    "SELECT id FROM kb, to_tsquery('dutch', %s) wanted "
                    "WHERE words @@ wanted AND type = %s "
                    "ORDER BY ts_rank_cd(%s::real[], words, wanted, 1) DESC, id LIMIT 10",
                    (typed, target, [weight / max(WEIGHTS) for weight in reversed(WEIGHTS)]),
                )
                return [row[0] for row in rows.fetchall()]

            yield _ways(find)


def dutch_analyzer() -> tantivy.TextAnalyzer:
    """Tantivy's words: without case, stemmed, folded."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.stemmer("dutch"))
        .filter(tantivy.Filter.ascii_fold())
        .build()
    )


@contextmanager
def tantivy_dutch(documents: list[SearchDocument]) -> Iterator[Asks]:
    """Tantivy with its Dutch stemmer, folded, BM25 with our field weights."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("type", tokenizer_name="raw")
    for name in TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name="nl")
    schema = builder.build()
    with tempfile.TemporaryDirectory() as folder:
        index = tantivy.Index(schema, path=folder)
        index.register_tokenizer("nl", dutch_analyzer())
        writer = index.writer()
        for each in documents:
            fields = dict(zip(TEXT_FIELDS, texts(each), strict=True))
            writer.add_document(tantivy.Document(id=each.id, type=each.type, **fields))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        searcher = index.searcher()

        def find(words: list[str], target: str, every: bool) -> list[str]:
            occur = tantivy.Occur.Must if every else tantivy.Occur.Should
            parts: list[Any] = []
            for word in words:
                typed = index.parse_query(
                    f'"{word}"',
                    list(TEXT_FIELDS),
                    field_boosts=dict(zip(TEXT_FIELDS, WEIGHTS, strict=True)),
                )
                parts.append((occur, typed))
            kind = tantivy.Query.term_query(schema, "type", target)
            query = tantivy.Query.boolean_query(
                [
                    (tantivy.Occur.Must, tantivy.Query.boolean_query(parts)),
                    (tantivy.Occur.Must, tantivy.Query.const_score_query(kind, 0.0)),
                ]
            )
            hits = searcher.search(query, limit=10).hits
            return [searcher.doc(place)["id"][0] for _, place in hits]

        yield _ways(find)


PEERS = (postgresql, sqlite_fts5, tantivy_dutch)
