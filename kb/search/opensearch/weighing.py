"""Documents weighed anew, when those of their type have become longer or shorter.

A word counts for less in a text that is long for its type, and what it counts is written with the
document. So when the mean lengths are no longer those that were written with, all is written again.
"""

from __future__ import annotations

import logging

from kb.search.index.fields import TEXT_FIELDS
from kb.search.index.segment_writer import StoredDocument, from_stored
from kb.search.opensearch.cluster_queries import all_buckets, of_types
from kb.search.opensearch.snapshots import Snapshot
from kb.search.opensearch.writer import Writer

MAX_DRIFT = 0.1  # of a mean length, as a share of it
MAX_DOCUMENTS = 20_000  # of a type that are written again in one batch, which stands in memory
MAX_TYPES = 100
log = logging.getLogger("kb.search")


def drifted_types(snapshot: Snapshot) -> dict[str, int]:
    """The types whose documents have other mean lengths, with how many there are."""
    means = {name: {"avg": {"field": f"lengths.{name}"}} for name in TEXT_FIELDS}
    types = {"terms": {"field": "type", "size": MAX_TYPES}, "aggs": means}
    answer = snapshot.search({"size": 0, "aggs": {"types": types}})
    return {
        each["key"]: each["doc_count"]
        for each in all_buckets(answer["aggregations"]["types"])
        for known in [snapshot.means.get(each["key"], [0.0] * len(TEXT_FIELDS))]
        if any(
            abs(each[name]["value"] - mean) > MAX_DRIFT * max(mean, 1.0)
            for name, mean in zip(TEXT_FIELDS, known, strict=True)
        )
    }


def weigh_anew(snapshot: Snapshot, writer: Writer) -> None:
    """Write the documents of such types again. Raises IndexBusy, SearchUnavailable."""
    drifted = drifted_types(snapshot)
    for type_ in [type_ for type_, count in drifted.items() if count > MAX_DOCUMENTS]:
        log.warning("texts of type %s are of another length by now: make the index anew", type_)
        del drifted[type_]
    if not drifted:
        return
    with writer.writing() as batch:
        if batch.before != snapshot.state:
            return  # it was written to meanwhile; the next time
        batch.weigh_anew(drifted)
        body = {"query": of_types(list(drifted)), "sort": [{"key": "asc"}], "_source": ["document"]}
        for page in snapshot.walk(body):
            for hit in page["hits"]["hits"]:
                batch.put(from_stored(StoredDocument(**hit["_source"]["document"])))
