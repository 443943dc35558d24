"""Publications for reference managers (BibTeX, RIS, tags of Highwire Press) and for readers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kb.sharing.authors import Author, parse_authors

Publication = Mapping[str, Any]  # a study, or a source of a case, as JSON
BIBTEX_TYPES = {  # by source type
    "rapport": "techreport",
    "wetenschappelijk-artikel": "article",
    "artikel": "article",
    "nieuwsartikel": "article",
    "boek": "book",
    "proefschrift": "phdthesis",
}
RIS_TYPES = {
    "rapport": "RPRT",
    "wetenschappelijk-artikel": "JOUR",
    "artikel": "MGZN",
    "nieuwsartikel": "NEWS",
    "webpagina": "ELEC",
    "boek": "BOOK",
    "proefschrift": "THES",
    "persbericht": "PRESS",
}
CSL_TYPES = {
    "rapport": "report",
    "wetenschappelijk-artikel": "article-journal",
    "artikel": "article-magazine",
    "nieuwsartikel": "article-newspaper",
    "webpagina": "webpage",
    "boek": "book",
    "proefschrift": "thesis",
}
RIS_PERIODICALS = {"JOUR", "MGZN", "NEWS"}  # what holds them is a title, not a publisher
BIBTEX_PUBLISHER_FIELDS = {"techreport": "institution", "article": "journal", "phdthesis": "school"}
HIGHWIRE_PUBLISHER_TAGS = {  # by the type of entry
    "techreport": "citation_technical_report_institution",
    "article": "citation_journal_title",
    "phdthesis": "citation_dissertation_institution",
}
MAX_AUTHORS = 20  # that a reference names (APA, 7th edition)
TEX_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "&%$#_"},
    }
)


def bibtex(publications: Iterable[Publication], owner: str = "") -> Iterator[str]:
    """An entry for each publication; `owner` comes before the ids of a case's sources."""
    for publication in publications:
        kind = BIBTEX_TYPES.get(_source_type(publication), "misc")
        publisher_field = BIBTEX_PUBLISHER_FIELDS.get(kind, "publisher")
        fields = {
            "title": f"{{{_tex(publication['title'])}}}",
            "author": " and ".join(_bibtex_name(who) for who in _authors(publication)),
            "year": _year(publication),
            publisher_field: _tex(publication.get("publisher") or ""),
            "url": _address(publication),
        }
        written = "".join(f",\n  {name} = {{{text}}}" for name, text in fields.items() if text)
        yield f"@{kind}{{{_key(owner, publication)}{written}\n}}\n"


def ris(publications: Iterable[Publication], owner: str = "") -> Iterator[str]:
    """A record for each publication; `owner` comes before the ids of a case's sources."""
    for publication in publications:
        kind = RIS_TYPES.get(_source_type(publication), "GEN")
        publisher_tag = "T2" if kind in RIS_PERIODICALS else "PB"
        lines = [
            *(("TY", kind), ("ID", _key(owner, publication)), ("TI", publication["title"])),
            *(("AU", _ris_name(who)) for who in _authors(publication)),
            *(("PY", _year(publication)), (publisher_tag, publication.get("publisher") or "")),
            *(("UR", _address(publication)), ("ER", "")),
        ]
        yield "".join(
            f"{tag}  - {_one_line(text)}\r\n" for tag, text in lines if text or tag == "ER"
        )


def csl(publications: Iterable[Publication]) -> Iterator[dict[str, Any]]:
    """An item of CSL-JSON for each publication, as citation processors and Zotero read it."""
    for publication in publications:
        kind = CSL_TYPES.get(_source_type(publication), "document")
        holder = "container-title" if kind.startswith(("article", "webpage")) else "publisher"
        year = publication.get("year")
        item = {
            "id": str(publication["id"]),
            "type": kind,
            "title": _one_line(publication["title"]),
            "author": [_csl_name(who) for who in _authors(publication) if not who.is_et_al],
            "issued": {"date-parts": [[year]]} if year else None,
            holder: _one_line(publication.get("publisher") or ""),
            "URL": _address(publication),
        }
        yield {key: value for key, value in item.items() if value}


def _csl_name(who: Author) -> dict[str, str]:
    if not who.is_person:
        return {"literal": _one_line(who.name)}
    name = {"family": who.family, "given": who.given, "suffix": who.suffix}
    return {key: _one_line(part) for key, part in name.items() if part}


def highwire(publication: Publication) -> list[tuple[str, str]]:
    """The tags by which reference managers and Google Scholar know a publication on a page."""
    kind = BIBTEX_TYPES.get(_source_type(publication), "misc")
    publisher_tag = HIGHWIRE_PUBLISHER_TAGS.get(kind, "citation_publisher")
    tags = [
        ("citation_title", publication["title"]),
        *(("citation_author", _inverted(who)) for who in _authors(publication) if not who.is_et_al),
        ("citation_publication_date", _year(publication)),
        (publisher_tag, publication.get("publisher") or ""),
        ("citation_public_url", _address(publication)),
    ]
    return [(name, _one_line(text)) for name, text in tags if text]


def reference(publication: Publication, undated: str) -> str:
    """How a text refers to a publication (APA, 7th edition); `undated` stands for its year."""
    written = _author_list(_authors(publication))
    publisher = publication.get("publisher") or ""
    year = f"({publication.get('year') or undated})"
    if written:
        parts = [f"{written} {year}", publication["title"], publisher]
    elif publisher:  # it is the author, then
        parts = [f"{_sentence(publisher)} {year}", publication["title"]]
    else:
        parts = [f"{_sentence(publication['title'])} {year}"]
    sentences = [_sentence(_one_line(part)) for part in parts if part]
    return " ".join([*sentences, *filter(None, [publication.get("url")])])


def _source_type(publication: Publication) -> str:
    source_type: str = (publication.get("sourceType") or {}).get("id", "")
    return source_type


def _year(publication: Publication) -> str:
    return str(publication.get("year") or "")


def _authors(publication: Publication) -> list[Author]:
    return parse_authors(publication.get("authors") or ())


def _author_list(writers: list[Author]) -> str:
    """The authors as a reference names them; empty when there are none."""
    names = [_in_reference(who) for who in writers if not who.is_et_al]
    if len(names) < len(writers) and names:
        return f"{', '.join(names)}, et al."
    if len(names) > MAX_AUTHORS:
        return f"{', '.join(names[: MAX_AUTHORS - 1])}, … {names[-1]}"
    if len(names) > 1:
        return f"{', '.join(names[:-1])}, & {names[-1]}"
    return "".join(_sentence(name) for name in names)


def _in_reference(who: Author) -> str:
    if not who.is_person:
        return who.name
    return ", ".join(filter(None, [who.family, who.initials, who.suffix]))


def _inverted(who: Author) -> str:
    """Family name first, as lists of references sort by it."""
    if not who.is_person:
        return who.name
    return ", ".join(filter(None, [who.family, who.given, who.suffix]))


def _bibtex_name(who: Author) -> str:
    """A person in parts, so that styles may shorten them; braces keep an organisation whole."""
    if who.is_et_al:
        return "others"
    if not who.is_person:
        return f"{{{_tex(who.name)}}}"
    return _tex(", ".join(filter(None, [who.family, who.suffix, who.given])))


def _ris_name(who: Author) -> str:
    """A comma parts family and given name, so a name that is whole has none."""
    if who.is_et_al:
        return "et al."
    return _inverted(who) if who.is_person else re.sub(r"\s*,\s*", " - ", who.name)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def _key(owner: str, publication: Publication) -> str:
    return f"{owner}-{publication['id']}" if owner else str(publication["id"])


def _address(publication: Publication) -> str:
    address = publication.get("url") or ""
    return re.sub(r'[{}\\"<>^`|]', lambda sign: f"%{ord(sign[0]):02X}", address)


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _tex(text: str) -> str:
    return _one_line(text).translate(TEX_ESCAPES)


WRITERS: Mapping[str, Callable[..., Iterator[str]]] = {"bibtex": bibtex, "ris": ris}
