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


PAGE_HEIGHT = 734.0  # points of an A4 within its margins
LINE_HEIGHT = 11.6  # of text of 9.5 points in Calibri
SIGNS_OF_LINE = 115  # that such a line has room for, on average


def height_in_word(report: Report) -> float:
    """How high the main part is on paper, about, in points: no printer is needed to measure it."""
    texts = [(report.title,), *report.head]
    height = sum(_height((text,)) for text in texts) + LINE_HEIGHT
    for section in report.sections:
        height += 8 + 12 * 1.22
        for block in section.blocks:
            height += _block_height(block)
    return height


def _block_height(block: Any) -> float:
    if isinstance(block, Table):
        widths = [SIGNS_OF_LINE * each for each in block.widths]
        return sum(
            max(_lines(cell, width) for cell, width in zip(row, widths, strict=True)) * LINE_HEIGHT
            for row in ([(each,) for each in block.header], *block.rows)
        )
    return _height(block.items if isinstance(block, Bullets) else (block.text,))


def _height(texts: Any) -> float:
    return sum(_lines(each, SIGNS_OF_LINE) * LINE_HEIGHT + 2 for each in texts)


def _lines(text: Any, signs: float) -> int:
    return max(1, -(-len("".join(run.text for run in text)) // int(signs)))
