"""Publications for reference managers (BibTeX, RIS, tags of Highwire Press) and for readers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kb.sharing.authors import Author, authors

BIBTEX = {  # by source type
    "rapport": "techreport",
    "wetenschappelijk-artikel": "article",
    "artikel": "article",
    "nieuwsartikel": "article",
    "boek": "book",
    "proefschrift": "phdthesis",
}
RIS = {
    "rapport": "RPRT",
    "wetenschappelijk-artikel": "JOUR",
    "artikel": "MGZN",
    "nieuwsartikel": "NEWS",
    "webpagina": "ELEC",
    "boek": "BOOK",
    "proefschrift": "THES",
    "persbericht": "PRESS",
}
PERIODICALS = {"JOUR", "MGZN", "NEWS"}  # what holds them is a title, not a publisher
PUBLISHED_BY = {"techreport": "institution", "article": "journal", "phdthesis": "school"}
HIGHWIRE = {  # what a publisher is, by the kind of entry
    "techreport": "citation_technical_report_institution",
    "article": "citation_journal_title",
    "phdthesis": "citation_dissertation_institution",
}
MOST_AUTHORS = 20  # that a reference names (APA, 7th edition)
SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}
TEX = str.maketrans(SPECIAL)


def bibtex(publications: Iterable[Mapping[str, Any]], owner: str = "") -> Iterator[str]:
    """An entry for each publication; `owner` comes before the ids of a case's sources."""
    for each in publications:
        kind = BIBTEX.get((each.get("sourceType") or {}).get("id", ""), "misc")
        fields = {
            "title": f"{{{_tex(each['title'])}}}",
            "author": " and ".join(_bibtex_name(who) for who in authors(each.get("authors") or ())),
            "year": str(each["year"]) if each.get("year") else "",
            PUBLISHED_BY.get(kind, "publisher"): _tex(each.get("publisher") or ""),
            "url": _address(each),
        }
        told = "".join(f",\n  {name} = {{{text}}}" for name, text in fields.items() if text)
        yield f"@{kind}{{{_key(owner, each)}{told}\n}}\n"


def ris(publications: Iterable[Mapping[str, Any]], owner: str = "") -> Iterator[str]:
    """A record for each publication."""
    for each in publications:
        lines = [("TY", RIS.get((each.get("sourceType") or {}).get("id", ""), "GEN"))]
        lines += [("ID", _key(owner, each)), ("TI", each["title"])]
        lines += [("AU", _ris_name(who)) for who in authors(each.get("authors") or ())]
        published_by = "T2" if lines[0][1] in PERIODICALS else "PB"
        lines += [("PY", str(each.get("year") or "")), (published_by, each.get("publisher") or "")]
        lines += [("UR", _address(each)), ("ER", "")]
        yield "".join(
            f"{tag}  - {_one_line(text)}\r\n" for tag, text in lines if text or tag == "ER"
        )


def highwire(publication: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The tags by which reference managers and Google Scholar know a publication on a page."""
    kind = BIBTEX.get((publication.get("sourceType") or {}).get("id", ""), "misc")
    told = [("citation_title", publication["title"])]
    told += [
        ("citation_author", _inverted(who))
        for who in authors(publication.get("authors") or ())
        if not who.stands_for_others
    ]
    told.append(("citation_publication_date", str(publication.get("year") or "")))
    told.append((HIGHWIRE.get(kind, "citation_publisher"), publication.get("publisher") or ""))
    told.append(("citation_public_url", _address(publication)))
    return [(name, _one_line(text)) for name, text in told if text]


def reference(publication: Mapping[str, Any], undated: str) -> str:
    """How a text refers to a publication (APA, 7th edition); `undated` stands for its year."""
    written = _authors(authors(publication.get("authors") or ()))
    publisher = publication.get("publisher") or ""
    year = f"({publication.get('year') or undated})"
    if written:
        parts = [f"{written} {year}", publication["title"], publisher]
    elif publisher:  # it is the author, then
        parts = [f"{_sentence(publisher)} {year}", publication["title"]]
    else:
        parts = [f"{_sentence(publication['title'])} {year}"]
    told = [_sentence(_one_line(part)) for part in parts if part]
    return " ".join([*told, *filter(None, [publication.get("url")])])


def _authors(writers: list[Author]) -> str:
    names = [_in_reference(who) for who in writers if not who.stands_for_others]
    if len(names) < len(writers) and names:
        return f"{', '.join(names)}, et al."
    if len(names) > MOST_AUTHORS:
        return f"{', '.join(names[: MOST_AUTHORS - 1])}, … {names[-1]}"
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
    if who.stands_for_others:
        return "others"
    if not who.is_person:
        return f"{{{_tex(who.name)}}}"
    return _tex(", ".join(filter(None, [who.family, who.suffix, who.given])))


def _ris_name(who: Author) -> str:
    """A comma parts family and given name, so a name that is whole has none."""
    if who.stands_for_others:
        return "et al."
    return _inverted(who) if who.is_person else re.sub(r"\s*,\s*", " - ", who.name)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def _key(owner: str, told: Mapping[str, Any]) -> str:
    return f"{owner}-{told['id']}" if owner else str(told["id"])


def _address(told: Mapping[str, Any]) -> str:
    address = told.get("url") or ""
    return re.sub(r'[{}\\"<>^`|]', lambda found: f"%{ord(found[0]):02X}", address)


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _tex(text: str) -> str:
    return _one_line(text).translate(TEX)


WRITERS: Mapping[str, Callable[..., Iterator[str]]] = {"bibtex": bibtex, "ris": ris}
