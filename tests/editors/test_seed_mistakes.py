"""Everything that is wrong with seed files is reported at once, and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_case, a_question, a_study
from tests.editors.seed_folders import edit, errors_in, write


def test_all_that_is_wrong_with_a_folder_is_reported_in_one_go(folder: Path) -> None:
    edit(
        folder,
        "cases/tuin",
        scale="buurtt",
        archetype="typ",
        place={"country": "NL", "province": "Noord Holland"},
        endYear=1999,
        unverified=["titel"],
    )
    edit(folder, "cases/type", kind="archetypee", titel="x")
    edit(folder, "studies/onderzoek", year=2099, sourceType=None, unverified=["jaar", "year"])
    write(folder, "cases/half", "{")
    write(folder, "cases/deel", a_case("deel", archetype="half"))
    write(folder, "questions", [a_question(theme="x"), a_question("b", studies=["onderzoekk"])])

    assert errors_in(folder) == [
        ("cases/half.json", "", "invalid-json", None),
        ("cases/tuin.json", "/archetype", "unknown-reference", "type"),
        ("cases/tuin.json", "/endYear", "inconsistent", None),
        ("cases/tuin.json", "/place/province", "bad-format", "Noord-Holland"),
        ("cases/tuin.json", "/scale", "not-in-vocabulary", "buurt"),
        ("cases/tuin.json", "/unverified/0", "bad-format", "title"),
        ("cases/type.json", "/kind", "not-in-vocabulary", "archetype"),
        ("cases/type.json", "/titel", "unknown-key", "title"),
        ("questions.json", "/0/theme", "not-in-vocabulary", None),
        ("questions.json", "/1/studies/0", "unknown-reference", "onderzoek"),
        ("studies/onderzoek.json", "/sourceType", "required", None),
        ("studies/onderzoek.json", "/unverified/0", "bad-format", None),
        ("studies/onderzoek.json", "/year", "out-of-range", None),
    ]


def test_a_review_holds_no_unknown_study_and_not_itself(folder: Path) -> None:
    write(folder, "studies/overzicht", a_study("overzicht", covers=["onderzoekk", "overzicht"]))

    assert errors_in(folder) == [
        ("studies/overzicht.json", "/covers/0", "unknown-reference", "onderzoek"),
        ("studies/overzicht.json", "/covers/1", "unknown-reference", None),
    ]


BROKEN_FILES: list[tuple[str, str, Any, list[tuple[str, str, str, str | None]]]] = [
    ("bad JSON", "cases/tuin", "{", [("cases/tuin.json", "", "invalid-json", None)]),
    ("an empty file", "cases/tuin", "", [("cases/tuin.json", "", "invalid-json", None)]),
    ("null", "cases/tuin", "null", [("cases/tuin.json", "", "wrong-type", None)]),
    ("a list", "cases/tuin", [], [("cases/tuin.json", "", "wrong-type", None)]),
    ("NaN", "cases/tuin", '{"id": NaN}', [("cases/tuin.json", "", "invalid-json", None)]),
    ("a key twice", "cases/tuin", '{"id": "tuin", "id": "tuin"}',
     [("cases/tuin.json", "", "invalid-json", None)]),
    ("deep nesting", "cases/tuin", "[" * 100_000, [("cases/tuin.json", "", "invalid-json", None)]),
    ("an unknown key", "cases/tuin", a_case("tuin", titel="x"),
     [("cases/tuin.json", "/titel", "unknown-key", "title")]),
    ("an unknown term", "cases/tuin", a_case("tuin", strategies=["sloop-nieuwbuow"]),
     [("cases/tuin.json", "/strategies/0", "not-in-vocabulary", "sloop-nieuwbouw")]),
    ("a wrong type", "cases/tuin", a_case("tuin", startYear="2016"),
     [("cases/tuin.json", "/startYear", "wrong-type", None)]),
    ("missing pieces", "cases/tuin", a_case("tuin", scale=None, sources=[]),
     [("cases/tuin.json", "/scale", "required", None),
      ("cases/tuin.json", "/sources", "too-short", None)]),
    ("another name", "cases/tuin", a_case("straat"),
     [("cases/tuin.json", "/id", "inconsistent", None)]),
    ("an unknown archetype", "cases/tuin", a_case("tuin", archetype="typ"),
     [("cases/tuin.json", "/archetype", "unknown-reference", "type")]),
    ("a local project as archetype", "cases/straat", a_case("straat", archetype="tuin"),
     [("cases/straat.json", "/archetype", "unknown-reference", None)]),
    ("the id of a study", "cases/onderzoek", a_case("onderzoek"),
     [("studies/onderzoek.json", "/id", "duplicate", None)]),
    ("a study's mistake", "studies/onderzoek", a_study(sourceType=None, pitfalls=[{"id": "x"}]),
     [("studies/onderzoek.json", "/pitfalls/0/category", "required", None),
      ("studies/onderzoek.json", "/pitfalls/0/description", "required", None),
      ("studies/onderzoek.json", "/pitfalls/0/id", "inconsistent", None),
      ("studies/onderzoek.json", "/pitfalls/0/phase", "required", None),
      ("studies/onderzoek.json", "/pitfalls/0/title", "required", None),
      ("studies/onderzoek.json", "/sourceType", "required", None)]),
    ("an unknown study", "questions", [a_question(studies=["onderzoek", "onderzoe"])],
     [("questions.json", "/0/studies/1", "unknown-reference", "onderzoek")]),
    ("a question twice", "questions", [a_question(), a_question()],
     [("questions.json", "/1/id", "duplicate", None)]),
    ("a null question", "questions", [a_question(), None],
     [("questions.json", "/1", "wrong-type", None)]),
    ("no list of questions", "questions", {}, [("questions.json", "", "wrong-type", None)]),
    ("null for questions", "questions", "null", [("questions.json", "", "wrong-type", None)]),
    ("null for terms", "terms/kinds", "null", [("terms/kinds.json", "", "wrong-type", None)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "document", "expected"),
    [(name, document, expected) for _, name, document, expected in BROKEN_FILES],
    ids=[title for title, *_ in BROKEN_FILES],
)
def test_a_broken_file_is_reported_precisely(
    folder: Path, name: str, document: Any, expected: list[Any]
) -> None:
    write(folder, name, document)

    assert errors_in(folder) == expected


def test_everything_wrong_with_several_files_is_reported_at_once(folder: Path) -> None:
    write(folder, "cases/tuin", a_case("tuin", titel="x", startYear="2016"))
    write(folder, "cases/type", "{")
    write(folder, "studies/onderzoek", a_study(summary=None))
    (folder / "questions.json").unlink()
    (folder / "terms/phases.json").unlink()

    assert errors_in(folder) == [
        ("cases/tuin.json", "/startYear", "wrong-type", None),
        ("cases/tuin.json", "/titel", "unknown-key", "title"),
        ("cases/type.json", "", "invalid-json", None),
        ("questions.json", "", "required", None),
        ("studies/onderzoek.json", "/summary", "required", None),
        ("terms/phases.json", "", "required", None),
    ]


def test_a_file_that_is_not_utf8_is_reported(folder: Path) -> None:
    (folder / "cases/tuin.json").write_bytes(b'{"id": "caf\xe9"}')

    assert errors_in(folder) == [("cases/tuin.json", "", "invalid-json", None)]


def test_broken_terms_are_reported(folder: Path) -> None:
    scheme = json.loads((folder / "terms/ingredients.json").read_text("utf-8"))
    scheme["terms"][1]["id"] = scheme["terms"][0]["id"]
    scheme["terms"][2]["broader"] = "menging-en-schal"
    scheme["terms"][3]["labels"].pop("en")
    write(folder, "terms/ingredients", scheme)

    assert errors_in(folder) == [
        ("terms/ingredients.json", "/terms/1/id", "duplicate", None),
        ("terms/ingredients.json", "/terms/2/broader", "unknown-reference", "menging-en-schaal"),
        ("terms/ingredients.json", "/terms/3/labels/en", "required", None),
    ]


def test_a_term_is_grouped_only_by_the_scheme_that_is_for_it(folder: Path) -> None:
    levels = json.loads((folder / "terms/evidence-levels.json").read_text("utf-8"))
    levels["terms"][0]["broader"] = "ontmoeting"  # a group of ingredients
    phases = json.loads((folder / "terms/phases.json").read_text("utf-8"))
    phases["terms"][0]["broader"] = "ontmoeting"  # phases have no groups
    write(folder, "terms/evidence-levels", levels)
    write(folder, "terms/phases", phases)

    assert sorted(errors_in(folder)) == [
        ("terms/evidence-levels.json", "/terms/0/broader", "unknown-reference", None),
        ("terms/phases.json", "/terms/0/broader", "unknown-reference", None),
    ]
