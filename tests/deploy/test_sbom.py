"""The list of parts: valid, complete, with licences, and of nobody's registry."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from tools import sbom

pytestmark = pytest.mark.slow
ROOT = sbom.ROOT
BINARY = ("*.gz", "*.npz", "*.woff2")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return sbom.made()


@pytest.fixture(scope="module")
def packages(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The components that come from a registry, by name."""
    return {
        canonicalize_name(each["name"]): each for each in document["components"] if "purl" in each
    }


def test_it_is_valid_cyclonedx(document: dict[str, Any]) -> None:
    sbom.check(json.dumps(document))


def test_a_document_that_is_not_valid_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(sbom.BadDocument):
        sbom.check(json.dumps({**document, "components": [{"name": "of no type"}]}))


def test_every_pinned_package_is_in_it_with_its_licence(
    packages: dict[str, dict[str, Any]],
) -> None:
    text = (ROOT / "requirements.txt").read_text("utf-8")
    pins = dict(re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", text, re.MULTILINE))
    here = {name: pin for name, pin in pins.items() if name in sbom.runtime_names()}

    assert len(here) > 50
    assert {name: each["version"] for name, each in packages.items()} == here
    assert {name for name, each in packages.items() if not sbom.licences(each)} == set()


def test_tools_of_development_are_not_in_it(packages: dict[str, dict[str, Any]]) -> None:
    assert version("pytest")
    assert not {"pytest", "mypy", "axe-playwright-python", "cyclonedx-bom"} & packages.keys()


def test_what_the_repository_ships_of_others_is_in_it(document: dict[str, Any]) -> None:
    files = {
        place["location"]
        for each in document["components"]
        for place in each.get("evidence", {}).get("occurrences", [])
    }
    binary = {
        file.relative_to(ROOT).as_posix()
        for folder in ("kb", "schemas", "seed_data")
        for pattern in BINARY
        for file in (ROOT / folder).rglob(pattern)
    }

    assert binary <= files
    assert "kb/pages/netherlands.json" in files
    assert all(each.get("hashes") for each in document["components"] if "evidence" in each)


def test_no_address_and_no_path_of_this_machine_is_in_it(document: dict[str, Any]) -> None:
    text = json.dumps({**document, "$schema": ""})

    assert "://" not in text
    assert str(ROOT) not in text


def test_people_read_names_versions_and_licences(document: dict[str, Any]) -> None:
    lines = sbom.as_table(document).splitlines()

    assert f"Flask\t{version('flask')}\tBSD-3-Clause" in lines
    assert len(lines) == len(document["components"])
