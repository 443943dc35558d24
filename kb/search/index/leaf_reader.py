"""A segment as a part of an index reader."""

from __future__ import annotations

from typing import NamedTuple

from kb.search.index.arrays import Mask
from kb.search.index.segment_reader import SegmentReader


class LeafReader(NamedTuple):
    """A segment with its live documents, and the number of its first one in the index reader."""

    reader: SegmentReader
    live_docs: Mask  # over the documents of the segment
    doc_base: int

    @property
    def doc_range(self) -> slice:
        """Where its documents stand among those of the index reader."""
        return slice(self.doc_base, self.doc_base + self.reader.max_doc)

    def has_live_form(self, form: str) -> bool:
        """Whether a live document has the term of a word that is spelled so."""
        return bool(self.live_docs[self.reader.form_doc_ids(form)].any())
