"""Reading an index with Whoosh's own searcher: slower by far, but it needs no arrays.

It finds, counts and sorts what `whoosh_engine.py` does, and ranks by Whoosh's BM25F. That engine
answers with it while its arrays are damaged or being made; for the tests it is a witness.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA
from whoosh import query, sorting
from whoosh.searching import Searcher

from kb.kinds import KIND_NAMES, KINDS, KindName
from kb.search.analysis.analyzer import Analyzer, folded_title
from kb.search.document_table import TableOfDocuments
from kb.search.engine import (
    FAMILY_FILTER,
    FacetCounts,
    FindingValues,
    Hit,
    HitStream,
    IndexState,
    MoreLikeThis,
    PitfallValues,
    SearchDocument,
    SearchRequest,
    SearchResult,
    SearchUnavailable,
    SimilarHit,
    Suggestion,
)
from kb.search.execute import suggest as beginnings
from kb.search.execute.highlight import AnalyzedText, highlight
from kb.search.execute.more_like_this import WeightedValue, shared_values, weight
from kb.search.execute.suggest import max_edits_of
from kb.search.execute.whoosh_queries import (
    NESTED_GROUP,
    clause_query,
    filter_queries,
    order,
    row_meets,
)
from kb.search.index.postings_writer import MIN_FORM_LENGTH
from kb.search.index.schema import STATE_KEY, refuse_other_schema, stored_document
from kb.search.index.segment_file import CorruptIndex
from kb.search.index.segment_writer import StoredDocument, from_stored
from kb.search.index.snapshot import SegmentChecks, newest_commit_point, open_storage
from kb.search.query.parse import Clause, ParsedQuery
from kb.vocabulary.terms import Language

Docs = frozenset[int]  # numbers of documents


class PlainWhooshEngine:
    """The reading half of a `SearchEngine`, which opens the newest commit for each request."""

    def __init__(self, folder: Path, analyzer: Analyzer) -> None:
        self.analyzer = analyzer
        self._folder = folder
        self._checks = SegmentChecks(folder)

    @contextmanager
    def _searcher(self) -> Iterator[Searcher]:
        """Whoosh's searcher of the newest commit, whose files are as they were written.

        Raises SearchUnavailable when there is none.
        """
        reader = None
        try:
            reader = open_storage(self._folder).open_index().reader()
            refuse_other_schema(reader.schema, self.analyzer)
            for leaf, _ in reader.leaf_readers():
                self._checks.verify(leaf.segment())
            searcher = Searcher(reader)
            _state(searcher)
        except Exception as error:  # pickles and packed numbers fail in any way when damaged
            if reader is not None:
                reader.close()
            raise SearchUnavailable(str(self._folder)) from error
        with searcher:
            yield searcher

    def search(self, request: SearchRequest) -> SearchResult:
        """The hits in order; see the promise. Raises SearchUnavailable."""
        with self._searcher() as searcher:
            return _Search(searcher, request, self.analyzer).result()

    def search_all(self, request: SearchRequest) -> HitStream:
        """All hits in order, read at once. Raises SearchUnavailable."""
        with self._searcher() as searcher:
            everything = replace(
                request, offset=0, limit=max(1, searcher.doc_count_all()), facets=()
            )
            result = _Search(searcher, everything, self.analyzer).result()
        return HitStream(result.total, iter(result.hits), result.state)

    def items(self, keys: Iterable[str], language: Language) -> dict[str, str]:
        """The stored items of these documents. Raises SearchUnavailable."""
        with self._searcher() as searcher:
            return {
                key: _document(searcher, docnum).items[language]
                for key in keys
                for docnum in _docs(searcher, query.Term("key", key))
            }

    def table(self, kind: KindName) -> TableOfDocuments:
        """All documents of a type. Raises SearchUnavailable."""
        with self._searcher() as searcher:
            docnums = sorted(_docs(searcher, query.Term("type", kind)))
            documents = [_document(searcher, docnum) for docnum in docnums]
        return TableOfDocuments(documents, self.search_all)

    def more_like_this(self, request: MoreLikeThis) -> tuple[SimilarHit, ...]:
        """The cases that share most with one. Raises SearchUnavailable."""
        with self._searcher() as searcher:
            ranked = sorted(
                (-sum(each.weight for each in values), _document(searcher, docnum).id, values)
                for docnum, values in _similar(searcher, request).items()
            )
        return tuple(SimilarHit(id_, shared_values(v)) for _, id_, v in ranked[: request.limit])

    def suggest(
        self, words: str, types: Iterable[str], limit: int, *, slips: bool = False
    ) -> list[Suggestion]:
        """What begins as the words do, best first. Raises SearchUnavailable."""
        prefix = folded_title(words)
        if len(prefix.replace(" ", "")) < beginnings.MIN_LETTERS:
            return []
        wanted = set(types)
        with self._searcher() as searcher:
            kinds = [name for name in KIND_NAMES if name in wanted and KINDS[name].is_suggested]
            ranked = list(_titles(searcher, prefix, kinds, slips=slips))
            for type_ in beginnings.PLACE_FIELDS.keys() & wanted:
                places = _live_values(searcher, beginnings.PLACE_FIELDS[type_])
                ranked += beginnings.ranked_places(places, type_, prefix, slips=slips)
        return [suggestion for *_, suggestion in sorted(ranked)[:limit]]

    def spelling_suggestion(self, word: str) -> str | None:
        """The nearest word of the titles; no other texts are kept word by word.

        Raises SearchUnavailable.
        """
        with self._searcher() as searcher:
            titles = [text.decode() for text in searcher.lexicon("titleOrder")]
            doc_freqs = Counter(form for title in titles for form in set(title.split()))
            forms = [form for form in doc_freqs if len(form) >= MIN_FORM_LENGTH]
            near = process.extract(
                word, forms, scorer=OSA.distance, score_cutoff=max_edits_of(word), limit=None
            )
            ranked = sorted(
                (edits, form[:1] != word[:1], -doc_freqs[form], form) for form, edits, _ in near
            )
            return next((form for *_, form in ranked if _is_live(searcher, titles, form)), None)

    def state(self) -> IndexState:
        """What it answers with. Raises SearchUnavailable."""
        with self._searcher() as searcher:
            return _state(searcher)

    def can_answer(self) -> bool:
        """Whether Whoosh's own files are as they were written."""
        try:
            self.state()
        except SearchUnavailable:
            return False
        return True

    def snapshot_id(self) -> Hashable:
        """The newest commit point. Raises SearchUnavailable."""
        try:
            return "plain", newest_commit_point(self._folder)
        except OSError as error:
            raise SearchUnavailable(str(self._folder)) from error

    def counts(self) -> dict[str, int]:
        """How many documents of each type there are. Raises SearchUnavailable."""
        with self._searcher() as searcher:
            counts = {kind: len(_docs(searcher, query.Term("type", kind))) for kind in KIND_NAMES}
            return {kind: count for kind, count in counts.items() if count}

    def keys(self) -> Iterator[str]:
        """The keys of all documents. Raises SearchUnavailable."""
        with self._searcher() as searcher:
            for text in searcher.lexicon("key"):
                key = text.decode()
                if key != STATE_KEY and _docs(searcher, query.Term("key", key)):
                    yield key


def _docs(searcher: Searcher, wanted: query.Query) -> Docs:
    return frozenset(searcher.docs_for_query(wanted))


def _is_live(searcher: Searcher, titles: Iterable[str], form: str) -> bool:
    """Whether a document that is not deleted has one of these titles, with a word in it."""
    return any(
        _docs(searcher, query.Term("titleOrder", title))
        for title in titles
        if form in title.split()
    )


def _document(searcher: Searcher, docnum: int) -> SearchDocument:
    stored = stored_document(searcher.stored_fields(docnum))
    assert isinstance(stored, StoredDocument)  # the state has no type, words or title
    return from_stored(stored)


def _state(searcher: Searcher) -> IndexState:
    """The state of the index. Raises CorruptIndex."""
    stored = searcher.document(key=STATE_KEY)
    state = stored_document(stored) if stored else None
    if not isinstance(state, IndexState):
        raise CorruptIndex("no document holds the state")
    return state


def _similar(searcher: Searcher, request: MoreLikeThis) -> dict[int, list[WeightedValue]]:
    """The cases that share more with one than what makes none similar by itself, and all that."""
    cases = _docs(searcher, query.Term("type", "case"))
    own = _docs(searcher, query.Term("key", f"case:{request.id}"))
    shared: dict[int, list[WeightedValue]] = {}
    for field, value in _compared(_document(searcher, min(own)), request) if own else ():
        chosen = SearchRequest(("case",), filters={field: (value,)})
        docs = _docs(searcher, filter_queries(chosen).popitem()[1]) & cases
        doc_freq = len(docs)
        if field == FAMILY_FILTER:
            head = _docs(searcher, query.Term("key", f"case:{value}"))
            docs, doc_freq = docs | head - _docs(searcher, query.Every(FAMILY_FILTER)), 1
        number = weight(request.fields[field], len(cases), doc_freq)
        for docnum in docs - own:
            shared.setdefault(docnum, []).append(WeightedValue(field, value, number))
    return {
        docnum: values
        for docnum, values in shared.items()
        if any(each.field not in request.not_alone for each in values)
    }


def _compared(document: SearchDocument, request: MoreLikeThis) -> Iterator[tuple[str, str]]:
    """The values of a case that others are compared by, after their fields."""
    for field in request.fields:
        values = [row._asdict()[field] for row in _rows(document, field)]
        values += document.values.get(field, ())
        if field == FAMILY_FILTER and not values:
            values = [document.id]
        yield from ((field, value) for value in dict.fromkeys(values))


def _rows(document: SearchDocument, field: str) -> Sequence[FindingValues | PitfallValues]:
    """The findings or pitfalls that have a field; none when it is one of the document."""
    group = NESTED_GROUP.get(field)
    rows: Sequence[FindingValues | PitfallValues] = getattr(document, group) if group else ()
    return rows


def _titles(
    searcher: Searcher, prefix: str, kinds: Sequence[str], *, slips: bool
) -> Iterator[beginnings.Ranked]:
    """What has a title with a word for each typed word that begins so."""
    of_kinds = _docs(searcher, query.Or([query.Term("type", kind) for kind in kinds]))
    for text in searcher.lexicon("titleOrder"):
        title = text.decode()
        if beginnings.has_beginnings(title, prefix, slips=slips):
            for docnum in _docs(searcher, query.Term("titleOrder", title)) & of_kinds:
                document = _document(searcher, docnum)
                suggestion = Suggestion(document.type, document.id, document.title)
                yield not title.startswith(prefix), len(document.title), suggestion


def _live_values(searcher: Searcher, field: str) -> Iterator[str]:
    """The values of a field of cases that are not deleted."""
    cases = _docs(searcher, query.Term("type", "case"))
    for text in searcher.lexicon(field):
        if _docs(searcher, query.Term(field, text.decode())) & cases:
            yield text.decode()


class _Search:
    """One request on one searcher."""

    def __init__(self, searcher: Searcher, request: SearchRequest, analyzer: Analyzer) -> None:
        self._searcher, self._analyzer = searcher, analyzer
        self._request = request
        self._query = request.query or ParsedQuery()
        types = [query.Term("type", kind) for kind in request.types]
        self._all_docs = _docs(searcher, query.Or(types))
        self._met = {clause: self._meeting(clause_query(clause)) for clause in self._query.clauses}

    def _meeting(self, wanted: query.Query) -> Docs:
        return _docs(self._searcher, wanted) & self._all_docs

    def result(self) -> SearchResult:
        """The page, totals and facets."""
        matches, dropped = self._matches_and_dropped()
        excluded = (self._met[clause] for clause in self._query.clauses if clause.excluded)
        matches = matches.difference(*excluded)
        hits = self._matching(matches)
        return SearchResult(
            hits=tuple(self._page(hits)),
            total=len(hits),
            total_full=len(hits & self._full),
            facets={key: self._facet(key, matches) for key in self._request.facets},
            matched_before_filters=len(matches),
            dropped=dropped,
            unmet=tuple(clause for clause in self._query.required if not self._met[clause]),
            state=_state(self._searcher),
            degraded=True,
        )

    @cached_property
    def _full(self) -> Docs:
        """Those that meet all required clauses."""
        return self._all_docs.intersection(*(self._met[each] for each in self._query.required))

    def _matches_and_dropped(self) -> tuple[Docs, tuple[Clause, ...]]:
        """Those that meet all required clauses, or a part; and what even the best do not meet."""
        required = self._query.required
        if not self._query.allows_partial(len(self._full)):
            return self._full, ()
        phrases = (self._met[clause] for clause in required if clause.is_phrase)
        matches = frozenset().union(*(self._met[each] for each in required)).intersection(*phrases)
        doc_freqs = [len(self._met[clause]) for clause in required]
        weights = self._query.clause_weights(doc_freqs, len(self._all_docs))
        sums, counts = Counter[int](), Counter[int]()
        for clause, number in zip(required, weights, strict=True):
            for docnum in self._met[clause] & matches:
                sums[docnum] += number
                counts[docnum] += 1
        most = max(sums.values(), default=0)
        best = frozenset(docnum for docnum in matches if sums[docnum] == most)
        documents = [len(self._met[clause] & best) for clause in required]
        return matches, self._query.dropped(documents, max((counts[n] for n in best), default=0))

    @cached_property
    def _filters(self) -> Mapping[str, Docs]:
        return {k: self._meeting(q) for k, q in filter_queries(self._request).items()}

    def _matching(self, matches: Docs, skip: str = "") -> Docs:
        """Those that meet all filters, but for the one that is skipped."""
        if skip not in {*self._request.filters, *self._request.missing}:
            return matches.intersection(*self._filters.values())
        queries = filter_queries(self._request, skip)
        return matches.intersection(*map(self._meeting, queries.values()))

    def _page(self, hits: Docs) -> Iterator[Hit]:
        """The hits of the page, in the order of the request."""
        if not hits or not self._request.limit:  # an empty filter, or page, is none to Whoosh
            return
        end = self._request.offset + self._request.limit
        sortedby = order(self._request.sort, self._query)
        results = self._search(self._scoring(), hits, limit=end, sortedby=sortedby)
        for place in range(self._request.offset, results.scored_length()):
            yield self._hit(_document(self._searcher, results.docnum(place)))

    def _hit(self, document: SearchDocument) -> Hit:
        """A hit, its texts analysed once more to show where it meets the query."""
        request, match = self._request, None
        if request.query and request.highlight:
            text = AnalyzedText(document, request.query, self._analyzer)
            match = highlight(text, request.query)
        item = document.items.get(request.language, "{}")
        return Hit(document.type, document.id, 1.0, item, document.updated_at, match)

    def _scoring(self) -> query.Query:
        """What hits score by; the filter says which documents they are."""
        clauses = [clause_query(each) for each in self._query.clauses if not each.excluded]
        return query.AndMaybe(query.Every(), query.Or(clauses)) if clauses else query.Every()

    def _search(self, wanted: query.Query, within: Docs, **options: Any) -> Any:
        return self._searcher.search(wanted, filter=set(within), optimize=False, **options)

    def _facet(self, key: str, matches: Docs) -> FacetCounts:
        """How many have each value of a filter, without that filter; with its other rows."""
        itself = key == "ingredient" and self._request.all_ingredients
        base = self._matching(matches, "" if itself else key)
        if not base:
            return FacetCounts({}, 0)
        group = NESTED_GROUP.get(key)
        facet = sorting.FieldFacet(group or key, allow_overlap=True)
        groups = self._search(query.Every(), base, limit=None, groupedby={key: facet}).groups(key)
        missing = len(groups.pop(None, ()))
        counts: dict[str, set[int]] = {}
        others = {name: values for name, values in self._request.filters.items() if name != key}
        for value, docnums in groups.items():
            name = row_meets(value, group, others).get(key) if group else value
            if name is not None:
                counts.setdefault(name, set()).update(docnums)
        return FacetCounts({name: len(docnums) for name, docnums in counts.items()}, missing)
