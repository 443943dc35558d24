"""What can be written at the desk, by the addresses of its pages and of its API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kb.desk import api
from kb.desk.form.layout import REFERENCES
from kb.desk.form.model import FormModel, form_model
from kb.kinds import EDITABLE_KINDS, Kind
from kb.problems import NotFound

BY_PAGE: Mapping[str, Kind] = {kind.page_path.strip("/"): kind for kind in EDITABLE_KINDS}
PAGE_SIZE = 100  # of the lists that a form offers references from
REFERENCE_QUERIES = {"archetype": {"kind": "archetype"}}


@dataclass(frozen=True)
class Thing:
    """One thing that is written: `casussen`, `tuin`. Raises NotFound for another collection."""

    collection: str  # as in the addresses of its pages
    slug: str

    @property
    def kind(self) -> Kind:
        """What kind of thing it is. Raises NotFound."""
        return kind_of(self.collection)

    @property
    def page(self) -> str:
        """Its page at the desk."""
        return f"/redactie/{self.collection}/{self.slug}"

    @property
    def form(self) -> str:
        """The page on which it is written."""
        return f"{self.page}/bewerken"

    @property
    def draft(self) -> str:
        """The path of its draft below /v1."""
        return f"/{self.kind.collection}/{self.slug}/draft"


def kind_of(collection: str) -> Kind:
    """The kind of thing that pages call so. Raises NotFound."""
    if collection not in BY_PAGE:
        raise NotFound
    return BY_PAGE[collection]


def model_of(kind: Kind) -> FormModel:
    """The form for a kind of thing, in the language of the page."""
    return form_model(api.read(f"/schemas/{kind.name}"))


def reference_choices(model: FormModel) -> dict[str, list[tuple[str, str]]]:
    """What references of a form may name, by their paths: ids and titles."""
    return {
        each.path: _choices(each.path, each.target)
        for each in model.walk()
        if each.shape in {"reference", "references"} and each.path in REFERENCES
    }


def _choices(path: str, collection: str) -> list[tuple[str, str]]:
    query = {"pageSize": PAGE_SIZE, "sort": "title", **REFERENCE_QUERIES.get(path, {})}
    first = api.read(f"/{collection}", query)
    rest = range(2, first["page"]["totalPages"] + 1)
    pages = [first, *(api.read(f"/{collection}", {**query, "page": number}) for number in rest)]
    return [(each["id"], each["title"]) for page in pages for each in page["items"]]
