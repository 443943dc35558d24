"""Write the examples of the API document: `python -m tools.api_examples` (`make docs`).

They are responses about the first cases, shortened; test_openapi.py fails when they are outdated.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

from kb.editors import seed, seed_files
from tests.conftest import PUBLIC_URL, KnowledgeBase, make
from tests.contract.addresses import PATH_EXAMPLES

FILE = Path(str(resources.files("kb.web"))) / "openapi_examples.json"
PLACEHOLDER = "{KB_PUBLIC_URL}"
MAX_TEXT_LENGTH = 160  # characters of a text
MAX_ITEMS = 1  # of a list
QUERIES = {
    "getCases": "q=statushouders&facets=scale&pageSize=1",
    "getSearch": "q=sloop-nieuwbouw&pageSize=1",
    "getPitfalls": "phase=uitvoering&pageSize=1",
    "getSuggestions": "q=buddy&pageSize=1",
    "getCasesCaseIdVersionsVersionChanges": "from=1",
    "getStudiesStudyIdVersionsVersionChanges": "from=1",
    "getQuestionsQuestionIdVersionsVersionChanges": "from=1",
    "getComparisons": "case=place2bu-utrecht&case=stek-oost-amsterdam",
    "getTransferChecks": "case=place2bu-utrecht&municipality=Roosendaal&targetGroup=jongeren",
    "getDossiers": "item=case:place2bu-utrecht",
    "getMemos": "item=case:place2bu-utrecht&change=1",
    "getOembed": "url=/casussen/place2bu-utrecht",
}


def examples(kb: KnowledgeBase) -> dict[str, Any]:
    """A response body for each operation, by its operationId."""
    bodies = {}
    for path, item in kb.app.extensions["kb"].api_document()["paths"].items():
        operation = item.get("get", {"security": ["none"]})
        if operation["security"] or operation["operationId"] == "getOpenapiJson":
            continue
        name = operation["operationId"]
        base = "" if path.startswith("/health") else "/v1"
        address = re.sub(r"{(\w+)}", lambda part: PATH_EXAMPLES[part[1]], path)
        response = kb.client.get(f"{base}{address}?{QUERIES.get(name, '')}".rstrip("?"))
        text = json.dumps(shortened(response.get_json()))
        bodies[name] = json.loads(text.replace(PUBLIC_URL, PLACEHOLDER))
    return bodies


def shortened(value: Any) -> Any:
    """The same shape with less in it, without what differs from place to place."""
    if isinstance(value, dict):
        whole = {"html", "text"} & value.keys()  # marked places must stay where they are
        return value if whole and "href" not in str(value) else _each_shortened(value)
    if isinstance(value, list):
        items = value if all(isinstance(each, int) for each in value) else value[:MAX_ITEMS]
        if any(isinstance(each, dict) and "input" in each for each in items):
            items = []  # the Design Rules' linter takes this key for an operation with "put" in it
        return [shortened(each) for each in items]
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
        return "2026-11-25T09:30:00Z"
    value = re.sub(
        r"(?<=\d)-[0-9a-f]{16}\b", "-5f2c81d09e3ab764", value
    )  # marks of changes are random
    if value.startswith(PUBLIC_URL):
        return value.replace(PUBLIC_URL, PLACEHOLDER)
    return (
        value
        if len(value) <= MAX_TEXT_LENGTH
        else value[: MAX_TEXT_LENGTH - 1].rsplit(" ", 1)[0] + "…"
    )


def _each_shortened(value: dict[str, Any]) -> dict[str, Any]:
    """All keys, but for what refers to a part elsewhere in the response.

    Generators follow a `$ref` in an example as if it were their own, and find nothing there.
    """
    return {key: shortened(each) for key, each in value.items() if not _refers(each)}


def _refers(value: Any) -> bool:
    """Whether a value is a reference, or a list with one in it."""
    if isinstance(value, list):
        return any(map(_refers, value))
    return isinstance(value, dict) and "$ref" in value


def main() -> None:
    """Write the examples anew."""
    with tempfile.TemporaryDirectory() as folder:
        kb = make(Path(folder))
        seed.seed(kb.database, seed_files.read_folder(Path(str(resources.files("seed_data")))))
        kb.catch_up()
        text = json.dumps(examples(kb), ensure_ascii=False, indent=1)
        kb.close()
    FILE.write_text(f"{text}\n", "utf-8")
    sys.stdout.write(f"{FILE}\n")


if __name__ == "__main__":
    main()
