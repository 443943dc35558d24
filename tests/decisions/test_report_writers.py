"""A report becomes Markdown and Word: real structure, and no text of it is markup."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from zipfile import ZipFile

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kb.decisions import report_markdown, report_word
from kb.decisions.report import Run, Section, content, plain, web_address, words
from tests.conftest import KnowledgeBase
from tests.decisions.reports import RUNS, WILD, a_report, read_word, word_texts

GITHUB = MarkdownIt("gfm-like", {"linkify": False})
TAG = re.compile(r"<(?!/?(?:p|ul|li|h[1-6]|table|thead|tbody|tr|th|td|strong|a|hr)\b)[^>]*>")


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@given(st.lists(RUNS, min_size=1, max_size=3), WILD)
def test_no_text_is_read_as_markdown(runs: list[Run], title: str) -> None:
    markdown = report_markdown.write(a_report(*runs, title=title))
    html = GITHUB.render(markdown)

    assert TAG.findall(html) == []
    for run in runs:
        assert " ".join(run.text.split()) in text_of(html)
    assert html.count("<li>") == len(runs) + 1
    assert html.count("<tr>") == len(runs) + 1
    assert {each for each in re.findall(r'href="([^"]*)"', html)} <= {"https://d.nl/%C3%A9%20f"}


@given(st.lists(RUNS, min_size=1, max_size=3), WILD)
def test_word_takes_every_text(runs: list[Run], title: str) -> None:
    document = read_word(report_word.write(a_report(*runs, title=title)))

    texts = word_texts(document)
    for run in runs:
        assert texts.count(run.text) >= 1


def test_a_word_document_has_a_real_structure(kb: KnowledgeBase) -> None:
    report = a_report(content("Een bevinding", "https://d.nl/é"), words("Twee"), title="Wat nu?")
    with kb.app.test_request_context("/v1/memos?lang=nl"):
        document = read_word(report_word.write(report))

    assert document.core_properties.title == "Wat nu?"
    assert document.core_properties.language == "nl-NL"
    assert document.core_properties.modified.year == 2026
    styles = [each.style.name for each in document.paragraphs]
    assert styles[0] == "Title"
    assert styles.count("Heading 1") == 2  # of the section, and of the annex
    assert styles.count("List Bullet") == 3
    [table] = document.tables
    assert "w:tblHeader" in table.rows[0]._tr.xml
    assert "w:tblHeader" not in table.rows[1]._tr.xml
    links = [each.address for each in document.paragraphs[3].hyperlinks]
    assert links == ["https://d.nl/%C3%A9"]
    lang = 'w:lang w:val="nl-NL"'
    assert lang in document.styles.element.xml


def test_no_moment_of_writing_stands_in_the_file() -> None:
    file = report_word.write(a_report(words("x")))

    assert file == report_word.write(a_report(words("x")))
    assert {each.date_time[0] for each in ZipFile(BytesIO(file)).infolist()} == {1980}


@given(WILD)
def test_a_run_is_one_line_that_can_be_seen(text: str) -> None:
    assert content(text).text.isprintable()


def test_only_the_web_is_linked_to() -> None:
    for url in ("javascript:alert(1)", "", "http://", "data:text/html,x", "//d.nl", "http:// a"):
        assert web_address(url) == ""
    assert web_address('https://d.nl/a"<b> c%20') == "https://d.nl/a%22%3Cb%3E%20c%20"


@given(st.lists(st.text(min_size=1, max_size=500), max_size=20), st.integers(0, 30))
def test_nothing_is_lost_of_what_there_is_no_room_for(texts: list[str], lines: int) -> None:
    section = Section("een", words("Deel"))

    section.add_list([(Run(each),) for each in texts], lines)

    shown = [plain(item) for block in section.blocks for item in getattr(block, "items", ())]
    others = [plain(item) for block in section.annex for item in getattr(block, "items", ())]
    assert shown + others == [Run(each).text for each in texts]
    assert sum(max(1, -(-len(each) // 100)) for each in shown) <= lines
    if others:
        assert any(
            str(len(others)) in plain(getattr(block, "text", ())) for block in section.blocks
        )
