"""Publications for reference managers: BibTeX and RIS."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

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
PUBLISHED_BY = {"techreport": "institution", "article": "journal", "phdthesis": "school"}
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
            "author": " and ".join(f"{{{_tex(name)}}}" for name in each.get("authors") or ()),
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
        lines += [("AU", name) for name in each.get("authors") or ()]
        lines += [("PY", str(each.get("year") or "")), ("PB", each.get("publisher") or "")]
        lines += [("UR", _address(each)), ("ER", "")]
        yield "".join(
            f"{tag}  - {_one_line(text)}\r\n" for tag, text in lines if text or tag == "ER"
        )


def _key(owner: str, told: Mapping[str, Any]) -> str:
    return f"{owner}-{told['id']}" if owner else str(told["id"])


def _address(told: Mapping[str, Any]) -> str:
    address = told.get("url") or ""
    return re.sub(r'[{}\\"<>^`|]', lambda found: f"%{ord(found[0]):02X}", address)


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _tex(text: str) -> str:
    return _one_line(text).translate(TEX)
