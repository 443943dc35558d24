"""A spreadsheet that was not made for an import is read as its maker meant it."""

from __future__ import annotations

from typing import Any

from kb.editors.tables.csv_import import read_csv


def only_document(*lines: str) -> Any:
    """The document in the only row of a table."""
    [(_, document)] = read_csv("\n".join(lines).encode()).rows
    return document


def test_a_column_called_type_is_the_kind_of_case() -> None:
    assert only_document("id,type", "a,Archetype")["kind"] == "archetype"


def test_terms_in_a_cell_may_have_semicolons_between_them() -> None:
    document = only_document("id,targetGroups,searchTerms", "a,jongeren; Ouderen;,a; b")

    assert document["targetGroups"] == ["jongeren", "ouderen"]
    assert document["searchTerms"] == ["a; b"]
