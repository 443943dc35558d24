"""Files that people can download of a list or of one thing: other representations, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kb.kinds import BY_COLLECTION, LIST_REPRESENTATIONS
from kb.translation import N_
from kb.web.addresses import local_address
from kb.web.translation import gettext
from schemas.dossiers import REPRESENTATIONS as DOSSIER_REPRESENTATIONS

UNPAGED = (
    "csv",
    "ndjson",
    "bibtex",
    "ris",
    "csl",
)  # these have the whole list; others a page of it
LABELS: Mapping[str, str] = {  # of representations, in the order of a page
    "docx": N_("Text (Word)"),
    "markdown": N_("Text (Markdown)"),
    "csv": N_("Table (CSV)"),
    "ndjson": N_("Data, one on each line (NDJSON)"),
    "bibtex": N_("References (BibTeX)"),
    "ris": N_("References for EndNote, Zotero or Mendeley (RIS)"),
    "csl": N_("References for other programs (CSL-JSON)"),
    "jsonld": N_("Linked data (JSON-LD)"),
    "turtle": N_("Linked data (Turtle)"),
}


@dataclass(frozen=True)
class Download:
    """A file: what people call it, and where it is."""

    label: str
    address: str


def downloads(api_address: str, *, whole_list: bool) -> list[Download]:
    """The files of a list, or of one thing, for which the API has its address."""
    collection = api_address.removeprefix(local_address("/v1/")).partition("?")[0].split("/")[0]
    kind = BY_COLLECTION.get(collection)
    offered: tuple[str, ...] = LIST_REPRESENTATIONS  # of /v1/search
    if kind:
        offered = kind.list_representations if whole_list else kind.representations
    if collection == "dossiers":
        offered = DOSSIER_REPRESENTATIONS
    return [
        download
        for name in LABELS
        if name in offered and (name in UNPAGED or not whole_list)
        for download in _of_representation(name, api_address)
    ]


def _of_representation(name: str, api_address: str) -> list[Download]:
    """The file of a representation; of a table the one that a Dutch Excel opens comes first."""
    address = f"{api_address}{'&' if '?' in api_address else '?'}format={name}"
    plain = Download(gettext(LABELS[name]), address)
    if name != "csv":
        return [plain]
    label = gettext("Table for Excel (CSV with semicolons)")
    return [Download(label, f"{address}&csvSeparator=semicolon"), plain]
