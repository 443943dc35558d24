"""A file that somebody uploads → the text in it: plain text, Word, OpenDocument or PDF.

What it is, its first bytes tell. A file is read within bounds, so that a small one that unpacks
into a huge one is refused before it is unpacked.
"""

from __future__ import annotations

import codecs
import logging
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from xml.etree.ElementTree import Element

import defusedxml.ElementTree
import docx
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from pypdf import PdfReader

from kb.input_errors import InputError, Mistake
from kb.problems import InvalidInput, TooLarge, UnsupportedMediaType
from kb.translation import N_

MAX_TEXT_BYTES = 100_000  # of a plan, as UTF-8
CHECKS_LIMIT = "120 per 10 minutes"  # of one visitor, beside the limit of the operator
MAX_UPLOAD_BYTES = 5 * 2**20
MAX_UNPACKED_BYTES = 30 * 2**20  # of all that is in a file of Word or OpenDocument
MAX_XML_BYTES = 8 * 2**20  # of the text in it, with its marks
MAX_MEMBERS = 2000
MAX_PAGES = 60  # of a PDF
MAX_PDF_SECONDS = 10.0  # for its pages; looked at after each
ODT = "application/vnd.oasis.opendocument.text"
logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it quotes names that stand in a file
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def text_of(content: bytes, pdf_seconds: float = MAX_PDF_SECONDS) -> str:
    """The text of a file. Raises TooLarge, UnsupportedMediaType, InvalidInput."""
    if content.startswith(b"%PDF"):
        text = _text_of_pdf(content, pdf_seconds)
    elif content.startswith(b"PK\x03\x04"):
        text = _text_of_archive(content)
    else:
        text = _plain_text(content)
    if not text.strip():
        raise _unreadable(N_("There is no text in this file."))
    return check_length(text)


def check_length(text: str) -> str:
    """The text itself. Raises TooLarge."""
    if len(text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
        raise TooLarge(
            N_("A plan may have at most %(most)s kB of text; send the part that matters."),
            most=MAX_TEXT_BYTES // 1000,
        )
    return text


def _unreadable(detail: str) -> InvalidInput:
    mistake = Mistake("bad-format", {"value": "file", "expected": "readable-file"})
    return InvalidInput([InputError(mistake, "body", "/file")], detail)


def _plain_text(content: bytes) -> str:
    if content.startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf")):
        raise UnsupportedMediaType(N_("Save this document as .docx, .odt, .pdf or .txt first."))
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # “Unicode” of Notepad
        text = content.decode("utf-16", "replace")
        if "\0" not in text:
            return text
    if b"\0" in content:
        raise UnsupportedMediaType(N_("Send a file of plain text, Word, OpenDocument or PDF."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("windows-1252", "replace")


@contextmanager
def _as_it_says() -> Iterator[None]:
    """Raises InvalidInput where a file is not what it says; libraries then raise anything."""
    try:
        yield
    except (TooLarge, InvalidInput):
        raise
    except Exception:
        raise _unreadable(
            N_("This file cannot be read; save it anew, or paste its text.")
        ) from None


def _text_of_archive(content: bytes) -> str:
    with _as_it_says(), zipfile.ZipFile(BytesIO(content)) as archive:
        members = archive.infolist()
        if len(members) > MAX_MEMBERS:
            raise TooLarge
        if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
            raise TooLarge(N_("This file unpacks into more than this service takes."))
        if any(member.flag_bits & 1 for member in members):
            raise _unreadable(N_("This file is protected with a password."))
        names = {member.filename: member.file_size for member in members}
        main = "word/document.xml" if "word/document.xml" in names else "content.xml"
        if names.get(main, 0) > MAX_XML_BYTES:
            raise TooLarge
        if main == "word/document.xml":
            return _text_of_word(content)
        if main in names and archive.read("mimetype").strip() == ODT.encode():
            return _text_of_open_document(archive.read(main))
    raise UnsupportedMediaType(N_("Send a file of plain text, Word, OpenDocument or PDF."))


def _text_of_word(content: bytes) -> str:
    """The paragraphs in the order of the document, those of tables too."""
    body = docx.Document(BytesIO(content)).element.body
    paragraphs = (Paragraph(each, body) for each in body.iter(qn("w:p")))
    return "\n\n".join(paragraph.text for paragraph in paragraphs)


def _text_of_open_document(content: bytes) -> str:
    root = defusedxml.ElementTree.fromstring(content)
    lines = (each for each in root.iter() if each.tag in {f"{_TEXT}p", f"{_TEXT}h"})
    return "\n\n".join("".join(_characters(line)) for line in lines)


def _characters(element: Element) -> list[str]:
    """The text of a paragraph: tabs, spaces and ends of lines are elements there."""
    own = {f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
    pieces = [own.get(element.tag, ""), element.text or ""]
    for child in element:
        if child.tag not in {f"{_TEXT}p", f"{_TEXT}note"}:
            pieces += _characters(child)
        pieces.append(child.tail or "")
    return pieces


def _text_of_pdf(content: bytes, most_seconds: float) -> str:
    start = time.monotonic()
    with _as_it_says():
        reader = PdfReader(BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):  # who may read it needs no password
            raise _unreadable(N_("This PDF is protected with a password."))
        if len(reader.pages) > MAX_PAGES:
            raise TooLarge(
                N_("A PDF may have at most %(most)s pages; send the part that matters."),
                most=MAX_PAGES,
            )
        text = ""
        for page in reader.pages:
            text = check_length(f"{text}{page.extract_text()}\n\n")
            if time.monotonic() - start > most_seconds:
                raise TooLarge(N_("This PDF takes too long to read; paste its text."))
    if not text.strip():
        raise _unreadable(
            N_("There is no text in this PDF, only pictures of it: it was scanned. Paste its text.")
        )
    return text
