"""Reports as wild as they may be, and what can be read in what is made of them."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from hypothesis import strategies as st

from kb.decisions.report import Bullets, Report, Section, Subheading, Table, content, words

SIGNS = "\\`*_{}[]()<>#+-.!|&;:~$^=@\"'/ \t\n\0\x0b\x1b\u202e\ufffe\ud800éß漢🏘️ab1"
WILD = st.text(st.sampled_from(SIGNS), max_size=30) | st.text(max_size=20)
MARKUP = ("<script>alert(1)</script>", "[a](http://b.nl)", "1. een", "- twee", "https://c.nl/x")
RUNS = st.builds(content, WILD | st.sampled_from(MARKUP), st.sampled_from(["", "https://d.nl/é f"]))


def a_report(*texts: Any, title: str = "Titel") -> Report:
    """A report in which these runs stand in every kind of block, in the main part and the annex."""
    section = Section("een", words("Deel"))
    section.add(*texts)
    section.add_list([(text,) for text in texts], len(texts) // 2)
    section.blocks.append(Table((words("Kop"), words("Leeg")), [[(text,), ()] for text in texts]))
    section.annex.append(Subheading(tuple(texts[:1]) or (words("x"),)))
    section.annex.append(Bullets([tuple(texts)]))
    written_at = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
    return Report(
        words(title), "nl", "https://e.nl/memo", written_at, [(words("Adres"),)], [section]
    )


def read_word(file: bytes) -> Any:
    """A Word document as python-docx reads it."""
    return Document(BytesIO(file))


def word_texts(document: Any) -> list[str]:
    """All texts of a Word document, with those of its links and tables."""
    paragraphs = document.element.body.iter(qn("w:p"))
    return ["".join(part.text for part in each.iter(qn("w:t"))) for each in paragraphs]
