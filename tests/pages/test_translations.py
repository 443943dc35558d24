"""Every text that a Dutch reader meets is Dutch."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from kb.problems import PROBLEMS_BY_NAME

ROOT = Path(__file__).parents[2]
PO = ROOT / "kb" / "translations" / "nl" / "LC_MESSAGES" / "messages.po"
PLACE = re.compile(r"%\(\w+\)\w")


@pytest.fixture(scope="module")
def dutch() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="nl")


def test_every_marked_text_is_there_and_no_other(tmp_path: Path) -> None:
    for path in (PO, PO.with_suffix(".mo")):
        shutil.copy(path, tmp_path)
    folder = f"BIN={Path(sys.executable).parent}"
    make = ["make", "--silent", "--old-file=.venv/installed", folder]
    subprocess.run(
        [*make, f"CATALOGUE={tmp_path / PO.stem}", "translations"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )

    for path in (PO, PO.with_suffix(".mo")):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), "make translations"


def test_every_text_has_its_dutch(dutch: Catalog) -> None:
    assert [message.id for message in dutch if not message.string] == []


def test_no_dutch_is_a_guess(dutch: Catalog) -> None:
    assert [message.id for message in dutch if message.fuzzy] == []


def test_the_dutch_has_the_same_places_as_the_english(dutch: Catalog) -> None:
    def places(texts: object) -> list[str]:
        return sorted(PLACE.findall(str(texts)))

    differing = [
        message.id
        for message in dutch
        if message.id and places(message.id) != places(message.string)
    ]

    assert differing == []


@pytest.mark.parametrize(
    ("address", "headers", "language", "title"),
    [
        ("/v1/cases/niets", {}, "nl", "Niet gevonden"),
        ("/v1/cases/niets", {"Accept-Language": "fr"}, "nl", "Niet gevonden"),
        ("/v1/cases/niets", {"Accept-Language": "en-GB,en;q=0.9,nl;q=0.8"}, "en", "Not found"),
        ("/v1/cases/niets?lang=en", {}, "en", "Not found"),
        ("/v1/cases/niets?lang=nl", {"Accept-Language": "en"}, "nl", "Niet gevonden"),
    ],
)
def test_an_answer_is_dutch_unless_english_is_requested(
    client: FlaskClient, address: str, headers: dict[str, str], language: str, title: str
) -> None:
    answer = client.get(address, headers=headers)

    assert answer.json["title"] == title
    assert answer.headers["Content-Language"] == language


@pytest.mark.parametrize("name", sorted(PROBLEMS_BY_NAME))
def test_a_type_of_problem_is_explained_in_dutch_and_in_english(
    client: FlaskClient, name: str
) -> None:
    page = client.get(f"/problems/{name}").text
    english = client.get(f"/problems/{name}?lang=en").text

    assert '<html lang="nl">' in page
    assert PROBLEMS_BY_NAME[name].explanation not in page
    assert '<html lang="en">' in english
    assert PROBLEMS_BY_NAME[name].explanation in english
