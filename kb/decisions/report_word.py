"""A report as a Word document (.docx), the same bytes for the same report.

Real styles, so that a reader of the screen knows headings, lists and the header of a table, and an
organisation can give it a look of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph

from kb.decisions.report import Block, Bullets, Report, Run, Subheading, Table, Text
from kb.web.translation import gettext

LOCALES = {"nl": "nl-NL", "en": "en-GB"}
CONTENT_LOCALE = LOCALES["nl"]
FONT = "Calibri"  # LibreOffice has Carlito, of the same widths
INK = RGBColor(0x0B, 0x5A, 0x48)  # of headings and links
MARGIN = Cm(1.9)
SIZES = {  # in points
    **{"Normal": 9.5, "List Bullet": 9.5, "Title": 16},
    **{"Heading 1": 12, "Heading 2": 11, "Heading 3": 10},
}
SPACES = {  # in points, before and after a paragraph
    **{"Normal": (0, 2), "List Bullet": (0, 1.5), "Title": (0, 3)},
    **{"Heading 1": (7, 1), "Heading 2": (6, 1), "Heading 3": (4, 1)},
}
MAX_PROPERTY_LENGTH = 255  # characters, says python-docx
FIRST_ZIP_MOMENT = (1980, 1, 1, 0, 0, 0)


def write(report: Report) -> bytes:
    """The whole report."""
    document = Document()
    _remove_thumbnail(document)
    _set_page(document)
    _set_styles(document, LOCALES[report.language])
    _set_properties(document, report)
    _add_paragraph(document, "Title", (report.title,))
    for text in report.head:
        _add_paragraph(document, "", text)
    for section in report.sections:
        _add_paragraph(document, "Heading1", (section.title,))
        _add_blocks(document, section.blocks, 2)
    for number, section in enumerate(report.annexes):
        if not number:
            heading = _add_paragraph(document, "Heading1", (Run(gettext("Annex")),))
            heading.paragraph_format.page_break_before = True
        _add_paragraph(document, "Heading2", (section.title,))
        _add_blocks(document, section.annex, 3)
    return _packed(document)


def _remove_thumbnail(document: Any) -> None:
    """Take out the picture of another document that the template has."""
    relations = document.part.package.rels
    for key in [key for key, each in relations.items() if each.reltype.endswith("/thumbnail")]:
        del relations[key]


def _set_page(document: Any) -> None:
    """A4, on which two pages have to do."""
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = MARGIN
    footer = page.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    number = _element("w:fldSimple", instr="PAGE")
    number.append(OxmlElement("w:r"))
    number[0].append(OxmlElement("w:t"))
    number[0][0].text = "1"
    footer._p.append(number)


def _set_styles(document: Any, locale: str) -> None:
    styles = document.styles
    for name, size in SIZES.items():
        style = styles[name]
        style.font.size, style.font.name = Pt(size), FONT
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        before, after = SPACES[name]
        style.paragraph_format.space_before, style.paragraph_format.space_after = (
            Pt(before),
            Pt(after),
        )
        style.paragraph_format.line_spacing = 1.0
        if name.startswith(("Title", "Heading")):
            style.font.color.rgb = INK
    link = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb, link.font.underline = INK, True
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    language = defaults.find(qn("w:lang"))
    language.set(qn("w:val"), locale)


def _set_properties(document: Any, report: Report) -> None:
    properties = document.core_properties
    properties.title, properties.language = (
        report.title.text[:MAX_PROPERTY_LENGTH],
        LOCALES[report.language],
    )
    properties.author = properties.last_modified_by = gettext(
        "Knowledge base on mixed neighbourhoods"
    )
    if report.written_at:
        moment = report.written_at.replace(microsecond=0, tzinfo=None)
        properties.created = properties.modified = moment
    else:  # no date rather than that of the empty document of python-docx
        for name in ("dcterms:created", "dcterms:modified"):
            for each in document.part.package.core_properties._element.findall(qn(name)):
                each.getparent().remove(each)
    properties.revision, properties.comments = 1, report.address[:MAX_PROPERTY_LENGTH]


def _add_blocks(document: Any, blocks: Sequence[Block], level: int) -> None:
    for block in blocks:
        if isinstance(block, Subheading):
            _add_paragraph(document, f"Heading{level}", block.text)
        elif isinstance(block, Bullets):
            for item in block.items:
                _add_paragraph(document, "ListBullet", item)
        elif isinstance(block, Table):
            _add_table(document, block)
        else:
            _add_paragraph(document, "", block.text)


def _add_paragraph(document: Any, style_id: str, text: Text) -> WordParagraph:
    """A paragraph; to look for its style by name takes longer than all else together."""
    paragraph: WordParagraph = document.add_paragraph()
    if style_id:
        paragraph._p.style = style_id
    _add_text(paragraph, text)
    return paragraph


def _add_table(document: Any, block: Table) -> None:
    """A table whose first row is its header, on every page."""
    table = document.add_table(1 + len(block.rows), len(block.header), "Table Grid")
    table.autofit = False
    page = document.sections[0]
    room = page.page_width - page.left_margin - page.right_margin
    widths = [int(room * share) for share in block.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    header = [(replace(each, is_strong=True),) for each in block.header]
    for row, texts in zip(table.rows, (header, *block.rows), strict=True):
        row._tr.get_or_add_trPr().append(_element("w:cantSplit", val="true"))
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = width
            _add_text(cell.paragraphs[0], text)
    table.rows[0]._tr.get_or_add_trPr().append(_element("w:tblHeader", val="true"))
    document.add_paragraph()


def _add_text(paragraph: WordParagraph, text: Text) -> None:
    for each in text:
        run = paragraph.add_run(each.text)
        run.bold = True if each.is_strong else None
        if each.is_content:
            run._r.get_or_add_rPr().append(_element("w:lang", val=CONTENT_LOCALE))
        if each.href:
            run._r.style = "Hyperlink"
            link = OxmlElement("w:hyperlink")
            kind = RELATIONSHIP_TYPE.HYPERLINK
            link.set(qn("r:id"), paragraph.part.relate_to(each.href, kind, is_external=True))
            paragraph._p.append(link)
            link.append(run._r)


def _element(tag: str, **attributes: str) -> Any:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element


def _packed(document: Any) -> bytes:
    """The document as a file in which no time of writing stands."""
    written, packed = BytesIO(), BytesIO()
    document.save(written)
    with ZipFile(written) as source, ZipFile(packed, "w") as target:
        for name in source.namelist():
            target.writestr(ZipInfo(name, FIRST_ZIP_MOMENT), source.read(name), ZIP_DEFLATED)
    return packed.getvalue()
