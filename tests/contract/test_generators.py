"""Tools that other people use read our document without an error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import npm
from tests.contract.test_openapi import SNAPSHOT

RULES = Path(__file__).with_name("design_rules.yaml")
READ = """
import parser from "@apidevtools/swagger-parser";
const document = await parser.validate(process.argv[2]);
console.log(document.info.version);
"""
FORMATS = {"date", "date-time", "uri", "int32", "email", "binary"}  # registered at openapis.org


@pytest.mark.slow
def test_swagger_parser_reads_the_document() -> None:
    folder = npm.installed("@apidevtools/swagger-parser")
    (folder / "read.mjs").write_text(READ, "utf-8")

    answer = npm.run(folder, "node", "read.mjs", str(SNAPSHOT))

    assert answer.stdout.strip() == json.loads(SNAPSHOT.read_text("utf-8"))["info"]["version"], (
        answer.stderr
    )


def test_redocly_has_nothing_to_say() -> None:
    folder = npm.installed("@redocly/cli")

    answer = npm.run(folder, "redocly", "lint", "--format=json", str(SNAPSHOT))

    report = json.loads(answer.stdout)
    assert [(each["ruleId"], each["message"]) for each in report["problems"]] == []


def spectral(document: Path) -> set[str]:
    """The rules of the Design Rules that a document breaks."""
    folder = npm.installed("@stoplight/spectral-cli")
    options = ("--ruleset", str(RULES), "--format", "json", "--quiet", "--fail-severity", "error")
    answer = npm.run(folder, "spectral", "lint", str(document), *options)
    assert answer.stdout.startswith("["), answer.stderr
    return {each["code"] for each in json.loads(answer.stdout)}


@pytest.mark.slow
def test_the_document_keeps_the_design_rules() -> None:
    assert spectral(SNAPSHOT) == set()


@pytest.mark.slow
def test_a_document_that_breaks_rules_is_noticed(tmp_path: Path) -> None:
    document = json.loads(SNAPSHOT.read_text("utf-8"))
    document["info"] |= {"version": "1.1", "contact": {"name": "Kennisbank"}}
    document["servers"][0]["url"] = "https://example.org"
    document["paths"] |= {"/cases/": {}, "/alle_casussen": {}}
    document["paths"]["/cases"]["get"]["tags"] = ["vreemd"]
    document["paths"]["/me"]["get"]["responses"] = {
        "200": {"description": "OK"},
        "500": {"description": "Oh", "content": {"application/json": {}}},
    }
    document["components"]["schemas"]["een_casus"] = {}
    document["components"]["schemas"]["Problem"]["required"] = []
    changed = tmp_path / "openapi.json"
    changed.write_text(json.dumps(document), "utf-8")

    assert spectral(changed) >= {
        *("semver", "doc-openapi-contact", "uri-version", "no-trailing-slash"),
        *("path-segments-kebab-case", "operation-tag-defined", "version-header"),
        *("problem-details", "problem-details-members", "invalid-input"),
        "schema-names-pascal-case",
    }


def test_formats_are_registered_ones() -> None:
    document = json.loads(SNAPSHOT.read_text("utf-8"))

    assert _formats(document["paths"]) | _formats(document["components"]["schemas"]) <= FORMATS


def _formats(value: object) -> set[str]:
    if isinstance(value, list):
        return {each for one in value for each in _formats(one)}
    if not isinstance(value, dict):
        return set()
    below = {each for key, one in value.items() if key != "example" for each in _formats(one)}
    format_ = value.get("format")
    return below | ({format_} if isinstance(format_, str) and "type" in value else set())
