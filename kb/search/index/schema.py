"""What Whoosh indexes of a document, so that Whoosh alone can search the folder.

    title, labels, details, body   TEXT: the terms of our analysis, with their positions
    key, type, id, owner           ID: `type:id`, which is unique, and what it is made of
    one field for each filter      KEYWORD: the values of the document
    concepts                       KEYWORD: the terms of the vocabulary that it is tagged with
    findings, pitfalls             KEYWORD: a token for each nested row, its values joined by `/`
    startYear, year, position      NUMERIC: of a case, of a publication; its place
    population, socialRent         NUMERIC: figures of the municipality of a case
    laneRank                       NUMERIC: the place of the lane of its strongest finding
    updatedAt                      NUMERIC: microseconds since 1970
    titleOrder                     ID: the folded words of the title, by which titles are sorted
    document                       STORED: the whole document, as JSON

One more document has the key `state:` and stores the `IndexState`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from struct import iter_unpack, pack
from typing import Any

from whoosh import analysis, fields, formats

from kb.search.analysis.analyzer import DUTCH, TOKEN, Analyzer, folded_title
from kb.search.engine import IndexState, owner_of
from kb.search.filters import FILTERS
from kb.search.index.fields import NESTED_FIELDS, TEXT_FIELDS
from kb.search.index.segment_file import CorruptIndex
from kb.search.index.segment_writer import StoredDocument

JSON_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
ROW_SEPARATOR = "/"  # between the values of a nested row; no id of a term has one
POSITION_BYTES = 4
STATE_KEY = "state:"
KEYWORD_FIELDS = tuple(  # filters by a value of the document itself
    name
    for name in FILTERS
    if name not in {"type", *(field for row in NESTED_FIELDS.values() for field in row)}
)


class PassageAnalyzer(analysis.Analyzer):  # type: ignore[misc]  # Whoosh has no types
    """Our analysis as Whoosh calls it: the terms of a compound stand at the position of the word.

    A phrase of a query is analysed into the terms of its words alone, without those of parts.
    """

    is_morph = True  # terms are no words that people write

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer

    def __reduce__(self) -> tuple[Any, ...]:
        """Of an analyzer, which Whoosh pickles with the schema, only what it leaves out."""
        return _passage_analyzer, (tuple(sorted(self._analyzer.without)),)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PassageAnalyzer) and self.__reduce__() == other.__reduce__()

    def __hash__(self) -> int:
        return hash(self.__reduce__())

    def __call__(self, value: str, mode: str = "", **options: Any) -> Iterator[analysis.Token]:
        """The tokens of a text; always the same object, as Whoosh does it."""
        terms_of = self._analyzer.terms if mode == "query" else self._analyzer.index_terms
        token = analysis.Token(positions=True, chars=True, mode=mode, boost=1.0, stopped=False)
        for token.pos, word in enumerate(TOKEN.finditer(value)):
            token.startchar, token.endchar = word.span()
            for token.text in terms_of(word.group()):
                yield token


class PassagePositions(formats.Positions):  # type: ignore[misc]  # Whoosh has no types
    """Positions as four bytes each; Whoosh's own are pickled lists, four times as large."""

    def encode(self, positions: Sequence[int]) -> bytes:
        """The value of a posting."""
        return pack(f"<{len(positions)}I", *positions)

    def decode_positions(self, value: bytes) -> list[int]:
        """Where the term stands."""
        return [position for (position,) in iter_unpack("<I", value)]

    def decode_frequency(self, value: bytes) -> int:
        """How often it stands there."""
        return len(value) // POSITION_BYTES


class PassageText(fields.TEXT):  # type: ignore[misc]  # Whoosh has no types
    """A text field with our analysis and positions."""

    def __init__(self, analyzer: PassageAnalyzer) -> None:
        super().__init__(analyzer)
        self.format = PassagePositions()


@lru_cache
def _passage_analyzer(without: tuple[Any, ...]) -> PassageAnalyzer:
    return PassageAnalyzer(Analyzer(without) if without else DUTCH)


def whoosh_schema(analyzer: Analyzer) -> fields.Schema:
    """The fields of a document."""
    passages = PassageAnalyzer(analyzer)
    schema = fields.Schema(
        key=fields.ID(unique=True),
        type=fields.ID(),
        id=fields.ID(sortable=True),
        owner=fields.ID(),
        concepts=fields.KEYWORD(commas=True),
        startYear=fields.NUMERIC(int, 32, sortable=True, shift_step=0),
        population=fields.NUMERIC(int, 32, sortable=True, shift_step=0),
        socialRent=fields.NUMERIC(int, 32, sortable=True, shift_step=0),
        year=fields.NUMERIC(int, 32, sortable=True, shift_step=0),
        laneRank=fields.NUMERIC(int, 32, sortable=True, shift_step=0),
        updatedAt=fields.NUMERIC(int, 64, sortable=True, shift_step=0),
        position=fields.NUMERIC(int, 32, sortable=True, shift_step=0),
        titleOrder=fields.ID(sortable=True),
        document=fields.STORED(),
    )
    for name in TEXT_FIELDS:
        schema.add(name, PassageText(passages))
    for name in (*KEYWORD_FIELDS, *NESTED_FIELDS):
        schema.add(name, fields.KEYWORD(commas=True))
    return schema


def refuse_other_schema(schema: fields.Schema, analyzer: Analyzer) -> None:
    """Raises CorruptIndex when an index has other fields than ours: another release made it."""
    own = whoosh_schema(analyzer)
    if list(map(repr, schema.items())) != list(map(repr, own.items())):  # columns have no ==
        raise CorruptIndex("the index has another schema")


def indexed_values(document: StoredDocument) -> dict[str, Sequence[str | int]]:
    """The values of a document by field, each once; without those of its texts."""
    values: dict[str, Iterable[str]] = {
        "key": [document.key],
        "type": [document.type],
        "id": [document.id],
        "owner": [owner] if (owner := owner_of(document.type, document.id)) else [],
        "concepts": document.concepts,
        "titleOrder": [folded_title(document.title)],
        "findings": map(ROW_SEPARATOR.join, document.findings),
        "pitfalls": map(ROW_SEPARATOR.join, document.pitfalls),
        **document.values,
    }
    updated_at = document.updated_at
    numbers = {
        "startYear": document.start_year,
        "population": document.population,
        "socialRent": document.social_rent,
        "year": document.year,
        "laneRank": document.lane_rank,
        "updatedAt": None if updated_at is None else round(updated_at * 1e6),
        "position": document.position,
    }
    return {
        **{name: list(filter(None, dict.fromkeys(each))) for name, each in values.items()},
        **{name: [number] for name, number in numbers.items() if number is not None},
    }


def state_fields(state: IndexState) -> dict[str, Any]:
    """The values of the fields of the document that holds the state of the index."""
    return {"key": STATE_KEY, "document": to_json(state)}


def stored_document(stored_fields: dict[str, Any]) -> StoredDocument | IndexState:
    """What was stored: a document, or the state of the index."""
    content = json.loads(stored_fields["document"])
    return StoredDocument(**content) if "type" in content else IndexState(**content)


def to_json(content: StoredDocument | IndexState) -> str:
    """What is stored."""
    return JSON_ENCODER.encode(content._asdict())
