"""What could give a page of search otherwise, with the same cases.

The peers are set up as their manuals advise for this work:

- SQLite FTS5: `unicode61` without accents, bm25 with our weights; hits are collected once, tags are
  in a table of their own that is clustered by case; filters do not lead the plan (`+rowid IN`).
- tantivy: its Dutch stemmer; facets from fast fields with its own aggregations. Also with two
  fields instead of four, which is the least that can be searched with a title that counts more.
- PostgreSQL: the `dutch` configuration, a stored tsvector with weights, GIN indexes, ts_rank; jit,
  fsync and synchronous commits off, 1 GB of shared buffers.
- plain Whoosh: its own Dutch analyzer, a searcher kept open, `groupedby` for the facets.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import tantivy
from whoosh import fields, qparser, query, sorting
from whoosh.analysis import LanguageAnalyzer
from whoosh.filedb.filestore import FileStorage

from bench.corpus import LogLine
from bench.peers import WEIGHTS, dutch_analyzer, texts
from bench.systems import FACETS, MULTI_VALUED, SINGLE_VALUED, CaseDocuments, values
from kb.search.index.fields import TEXT_FIELDS


class PlainWhoosh:
    """Whoosh as its manual has it."""

    name = "plain Whoosh"

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "whoosh"
        self._writer: Any = None

    def begin(self) -> None:
        """Four fields of text, and tags."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        schema = fields.Schema(
            key=fields.ID(unique=True, stored=True),
            **{name: fields.TEXT(analyzer=LanguageAnalyzer("nl")) for name in TEXT_FIELDS},
            **{facet: fields.KEYWORD(commas=True) for facet in MULTI_VALUED},
            **{facet: fields.ID(sortable=True) for facet in SINGLE_VALUED},
        )
        index = FileStorage(str(self._folder)).create_index(schema)
        self._writer = index.writer(limitmb=256)

    def add(self, cases: CaseDocuments) -> None:
        """Add documents."""
        for each in (case[0] for case in cases):
            self._writer.add_document(
                key=each.key,
                **dict(zip(TEXT_FIELDS, texts(each), strict=True)),
                **{facet: ",".join(values(each, facet)) for facet in FACETS},
            )

    def finish(self) -> None:
        """Save."""
        self._writer.commit()

    def open(self) -> None:
        """Keep a searcher."""
        self._index = FileStorage(str(self._folder)).open_index()
        self._searcher = self._index.searcher()
        boosts = dict(zip(TEXT_FIELDS, WEIGHTS, strict=True))
        self._parser = qparser.MultifieldParser(list(TEXT_FIELDS), self._index.schema, boosts)
        self._grouped = sorting.Facets()
        for facet in FACETS:
            field = sorting.FieldFacet(
                facet, allow_overlap=facet in MULTI_VALUED, maptype=sorting.Count
            )
            self._grouped.add_facet(facet, field)

    def page(self, line: LogLine) -> int:
        """Search, grouped by all facets."""
        chosen = [query.Term(name, value) for name, value in line.filters.items()]
        results = self._searcher.search(
            self._parser.parse(line.typed),
            limit=10,
            groupedby=self._grouped,
            filter=query.And(chosen) if chosen else None,
        )
        keys = [hit["key"] for hit in results[:10]]
        assert len(keys) <= 10
        for facet in FACETS:
            results.groups(facet)
        return len(results)

    def close(self) -> None:
        """Close the searcher."""
        self._searcher.close()
        self._index.close()


class Fts5:
    """SQLite's full-text search."""

    name = "SQLite FTS5"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "fts5.sqlite3"

    def begin(self) -> None:
        """Texts in one table, tags in another."""
        self._path.unlink(missing_ok=True)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(self._path)
        self._connection.executescript(
            "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;"
            "CREATE TABLE thing (number INTEGER PRIMARY KEY, id TEXT);"
            "CREATE VIRTUAL TABLE text USING fts5(title, labels, details, body, content = '',"
            " tokenize = 'unicode61 remove_diacritics 2');"
            "CREATE TABLE tag (number INTEGER, facet TEXT, value TEXT,"
            " PRIMARY KEY (number, facet, value)) WITHOUT ROWID;"
        )
        self._number = 0

    def add(self, cases: CaseDocuments) -> None:
        """Add rows."""
        for each in (case[0] for case in cases):
            self._number += 1
            put = self._connection.execute
            put("INSERT INTO thing VALUES (?, ?)", (self._number, each.id))
            put(
                "INSERT INTO text (rowid, title, labels, details, body) VALUES (?, ?, ?, ?, ?)",
                (self._number, *texts(each)),
            )
            self._connection.executemany(
                "INSERT INTO tag VALUES (?, ?, ?)",
                [(self._number, facet, value) for facet in FACETS for value in values(each, facet)],
            )

    def finish(self) -> None:
        """Merge, index and analyse."""
        self._connection.execute("INSERT INTO text (text) VALUES ('optimize')")
        self._connection.execute("CREATE INDEX tag_value ON tag (facet, value, number)")
        self._connection.execute("ANALYZE")
        self._connection.commit()
        self._connection.close()

    def open(self) -> None:
        """Let it keep all in memory."""
        self._connection = sqlite3.connect(self._path)
        self._connection.executescript(
            "PRAGMA mmap_size = 4000000000; PRAGMA cache_size = -400000;"
            "PRAGMA temp_store = MEMORY;"
            "CREATE TEMP TABLE hit (number INTEGER PRIMARY KEY, score REAL);"
        )

    def page(self, line: LogLine) -> int:
        """Collect the hits once, then read them for each part of the page."""
        read = self._connection.execute
        words = [f'"{word}"' for word in line.words]
        typed = f'"{" ".join(line.words)}"' if line.kind == "phrase" else " AND ".join(words)
        where = " AND +rowid IN (SELECT number FROM tag WHERE facet = ? AND value = ?)"
        read("DELETE FROM hit")
        read(
            "INSERT INTO hit SELECT rowid, bm25(text, ?, ?, ?, ?) FROM text WHERE text MATCH ?"
            + where * len(line.filters),
            (*WEIGHTS, typed, *(part for pair in line.filters.items() for part in pair)),
        )
        total: int = read("SELECT count(*) FROM hit").fetchone()[0]
        read(
            "SELECT id FROM hit JOIN thing USING (number) ORDER BY score, number LIMIT 10"
        ).fetchall()
        read(
            "SELECT facet, value, count(*) FROM hit JOIN tag USING (number) GROUP BY facet, value"
        ).fetchall()
        self._connection.rollback()
        return total

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Tantivy:
    """The search library that this system is to keep up with."""

    def __init__(self, folder: Path, *, two_fields: bool = False) -> None:
        """With `two_fields` everything but the title is one field."""
        self.name = "tantivy, two fields" if two_fields else "tantivy"
        self._folder = folder / ("tantivy-two" if two_fields else "tantivy")
        self._weights = dict(zip(TEXT_FIELDS, WEIGHTS, strict=True))
        if two_fields:
            self._weights = {"title": WEIGHTS[0], "body": WEIGHTS[-1]}
        self._aggregations: dict[str, Any] = {
            facet: {"terms": {"field": facet, "size": 400}} for facet in FACETS
        }

    def begin(self) -> None:
        """Fields of text, and fast fields."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        for name in self._weights:
            builder.add_text_field(name, tokenizer_name="nl")
        for facet in FACETS:
            builder.add_text_field(facet, tokenizer_name="raw", fast=True, index_option="basic")
        self._index = tantivy.Index(builder.build(), path=str(self._folder))
        self._index.register_tokenizer("nl", dutch_analyzer())
        self._writer = self._index.writer(heap_size=256_000_000, num_threads=1)

    def add(self, cases: CaseDocuments) -> None:
        """Add documents."""
        for each in (case[0] for case in cases):
            fields = dict(zip(TEXT_FIELDS, texts(each), strict=True))
            if len(self._weights) == 2:
                rest = "\n".join(text for name, text in fields.items() if name != "title")
                fields = {"title": fields["title"], "body": rest}
            document = tantivy.Document(id=each.id, **fields)
            for facet in FACETS:
                for value in values(each, facet):
                    document.add_text(facet, value)
            self._writer.add_document(document)

    def finish(self) -> None:
        """Save, and wait for the merges."""
        self._writer.commit()
        self._writer.wait_merging_threads()

    def open(self) -> None:
        """Keep a searcher."""
        self._index = tantivy.Index.open(str(self._folder))
        self._index.register_tokenizer("nl", dutch_analyzer())
        self._index.reload()
        self._searcher = self._index.searcher()
        self._schema = self._index.schema

    def page(self, line: LogLine) -> int:
        """A search with a count, and the aggregations of the same query."""
        wanted = self._query(line)
        result = self._searcher.search(wanted, limit=10, count=True)
        ids = [self._searcher.doc(place)["id"][0] for _, place in result.hits]
        assert len(ids) <= 10
        self._searcher.aggregate(wanted, self._aggregations)
        return int(result.count or 0)  # type: ignore[attr-defined]  # not in its stubs

    def _query(self, line: LogLine) -> tantivy.Query:
        typed = [line.typed] if line.kind == "phrase" else list(line.words)
        parts: list[Any] = [
            (
                tantivy.Occur.Must,
                self._index.parse_query(each, list(self._weights), field_boosts=self._weights),
            )
            for each in typed
        ]
        for name, value in line.filters.items():
            chosen = tantivy.Query.term_query(self._schema, name, value, "basic")
            parts.append((tantivy.Occur.Must, tantivy.Query.const_score_query(chosen, 0.0)))
        return tantivy.Query.boolean_query(parts)

    def close(self) -> None:
        """Nothing is held that need be closed."""


class PostgreSQL:
    """PostgreSQL's full-text search."""

    name = "PostgreSQL"

    def __init__(self, address: str, size: int) -> None:
        """`address` as SQLAlchemy takes it; there is a table for each size."""
        self._address = address.replace("postgresql+psycopg", "postgresql")
        self._table = f"cases_{size}"

    def is_built(self) -> bool:
        """Whether an earlier run made the table."""
        with psycopg.connect(self._address) as connection:
            statement = "SELECT to_regclass(%s) IS NOT NULL"
            return bool(connection.execute(statement, (self._table,)).fetchall()[0][0])

    def begin(self) -> None:
        """A table with the words of each case beside its texts."""
        self._connection = psycopg.connect(self._address, autocommit=True)
        weighed = " || ".join(
            f"setweight(to_tsvector('dutch', {name}), '{letter}')"
            for name, letter in zip(TEXT_FIELDS, "ABCD", strict=True)
        )
        columns = ", ".join(
            (
                "number serial PRIMARY KEY, id text",
                *(f"{name} text" for name in TEXT_FIELDS),
                *(f'"{facet}" text[]' for facet in MULTI_VALUED),
                *(f'"{facet}" text' for facet in SINGLE_VALUED),
                f"words tsvector GENERATED ALWAYS AS ({weighed}) STORED",
            )
        )
        self._execute(f"DROP TABLE IF EXISTS {self._table}")
        self._execute(f"CREATE UNLOGGED TABLE {self._table} ({columns})")

    def _execute(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        cursor = self._connection.execute(sql.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def add(self, cases: CaseDocuments) -> None:
        """Copy rows."""
        names = ", ".join(("id", *TEXT_FIELDS, *(f'"{facet}"' for facet in FACETS)))
        copying = f"COPY {self._table} ({names}) FROM STDIN".encode()
        with self._connection.cursor() as cursor, cursor.copy(copying) as copy:
            for each in (case[0] for case in cases):
                several = [list(values(each, facet)) for facet in MULTI_VALUED]
                one = [next(iter(values(each, facet)), None) for facet in SINGLE_VALUED]
                copy.write_row((each.id, *texts(each), *several, *one))

    def finish(self) -> None:
        """Index, vacuum and analyse."""
        self._execute(f"CREATE INDEX ON {self._table} USING gin (words)")
        for facet in MULTI_VALUED:
            self._execute(f'CREATE INDEX ON {self._table} USING gin ("{facet}")')
        for facet in SINGLE_VALUED:
            self._execute(f'CREATE INDEX ON {self._table} ("{facet}")')
        self._execute(f"VACUUM ANALYZE {self._table}")
        self._connection.close()

    def open(self) -> None:
        """Connect."""
        self._connection = psycopg.connect(self._address, autocommit=True)
        self._connection.prepare_threshold = 3

    def page(self, line: LogLine) -> int:
        """One statement that reads the hits once."""
        function = "phraseto_tsquery" if line.kind == "phrase" else "plainto_tsquery"
        where = "".join(
            f' AND "{name}" @> ARRAY[%s]' if name in MULTI_VALUED else f' AND "{name}" = %s'
            for name in line.filters
        )
        columns = ", ".join(f'"{facet}"' for facet in FACETS)
        counts = " ".join(
            f"UNION ALL SELECT '{facet}', "
            + (f'unnest("{facet}")' if facet in MULTI_VALUED else f'"{facet}"')
            + ", count(*) FROM hit GROUP BY 2"
            for facet in FACETS
        )
        rows = self._execute(
            "WITH hit AS MATERIALIZED ("
            f"SELECT number, id, ts_rank(words, wanted) AS score, {columns}"
            f" FROM {self._table}, {function}('dutch', %s) AS wanted"
            f" WHERE words @@ wanted{where})"
            " SELECT 'total', NULL, count(*) FROM hit UNION ALL"
            " (SELECT 'id', id, number FROM hit ORDER BY score DESC, number LIMIT 10) " + counts,
            (" ".join(line.words), *line.filters.values()),
        )
        return int(rows[0][2])

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()
