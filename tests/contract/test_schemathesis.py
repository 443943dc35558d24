"""schemathesis walks the whole document with all its checks, on the first cases.

Its own `parametrize` makes the cases of all operations while tests are collected, half a minute of
work in every worker; here each test makes those of its own operation. It does so in a thread: where
a deep stack of Python 3.11 just fills a chunk, each call fetches memory for the next one and lets
it go again, which took as long as the work itself.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import load_all_checks
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.python._constants.orchestrator import make_constants_value_source
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    missing_required_header,
    positive_data_acceptance,
)

from kb.app import create_app
from kb.settings import Settings
from kb.web.openapi import BLANK_IN_BMP
from schemas.text import normalise
from tests.builders import a_case
from tests.conftest import PUBLIC_URL, KnowledgeBase, make
from tests.editors.conftest import Person, somebody
from tests.strategies import examples

Case: TypeAlias = "schemathesis.Case[Any]"
# The document needs no database, so it can be read before any test runs; the answers do.
APP = create_app(Settings(data_dir=Path("nowhere"), public_url=PUBLIC_URL), serving=False)
COUNTED = "{0,99}"  # in the pattern of a text to search for
NOT_BLANK = rf"^[^\u0000]*[^{BLANK_IN_BMP}\u0000][^\u0000]*$"
IN_EVERY_RUN = {  # of reading, of counting, of a form and of a draft; all others are slow
    *("GET /v1/cases", "GET /v1/effects/{effectDomain}", "GET /health/ready"),
    *("POST /v1/plan-check-rejections", "PUT /v1/questions/{questionId}/draft"),
}
UNSHRUNK = settings(
    examples(4, long=400),
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def with_whole_paths(document: dict[str, Any]) -> dict[str, Any]:
    """The document with one server, as schemathesis knows no other for an application in Python."""
    paths = {
        path if path.startswith("/health/") else f"/v1{path}": {
            key: value for key, value in item.items() if key != "servers"
        }
        for path, item in document["paths"].items()
    }
    return document | {"paths": paths, "servers": [{"url": PUBLIC_URL}]}


def in_json(document: dict[str, Any]) -> dict[str, Any]:
    """The document with JSON as the only body of an import: of lines, tables and workbooks
    schemathesis makes none, or texts that are right and wrong alike.
    """
    without: dict[str, Any] = copy.deepcopy(document)
    body = without["paths"]["/v1/imports"]["post"]["requestBody"]
    body["content"] = {"application/json": body["content"]["application/json"]}
    return without


def without_counted_words(document: dict[str, Any]) -> dict[str, Any]:
    """The document with texts to search for that are not blank, of any number of words: making
    some of at most a hundred takes minutes in each process.
    """
    changed: dict[str, Any] = copy.deepcopy(document)
    operations = (each for item in changed["paths"].values() for each in item.values())
    for operation in operations:
        for parameter in operation.get("parameters", []) if isinstance(operation, dict) else []:
            if COUNTED in parameter.get("schema", {}).get("pattern", ""):
                parameter["schema"]["pattern"] = NOT_BLANK
    return changed


DOCUMENT = without_counted_words(in_json(with_whole_paths(APP.extensions["kb"].api_document())))
schema = schemathesis.openapi.from_dict(DOCUMENT)
schema.app = APP
OPERATIONS = {each.ok().label: each.ok() for each in schema.get_all_operations()}
LABELS = [
    pytest.param(label, marks=[] if label in IN_EVERY_RUN else pytest.mark.slow)
    for label in OPERATIONS
]


@cache
def feedback() -> FeedbackSources:
    """The constants of our code, which it tries as values."""
    return FeedbackSources(constants_value_source=make_constants_value_source(schema))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """A publisher, and some cases and drafts to work on."""
    made = make(tmp_path_factory.mktemp("desk"))
    made.publish(a_case("place2bu-utrecht"))
    made.draft(a_case("place2bu-utrecht", title="Anders"))
    yield somebody(made, "Els", "publisher")
    made.close()


def is_for_editors(case: Case) -> bool:
    """Whether this operation takes a token."""
    return bool(case.operation.definition.raw["security"])


def check_writing(case: Case, desk: Person) -> None:
    """Ask as an editor; whether a text is right, free and not yet changed, no document can say."""
    case.headers["Authorization"] = f"Bearer {desk.token}"
    unsayable: Any = [positive_data_acceptance, ignored_auth, missing_required_header]
    case.call_and_validate(app=desk.kb.app, excluded_checks=unsayable)


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _keys(body: Any) -> set[str]:
    return set(body) if isinstance(body, dict) else set()


def _is_in_order(query: Any, name: str) -> bool:
    """Whether a range of numbers does not end before it begins."""
    ends = [str(query.get(f"{name}{end}", "")) for end in ("From", "To")]
    numbers = [int(end) for end in ends if end.lstrip("-").isdecimal()]
    return numbers == sorted(numbers)


def check(case: Case, kb: KnowledgeBase, desk: Person) -> None:
    """Ask and judge; no document can say which ranges are in order, which cursors there are, which
    parameters do not go together, which characters of the rarer planes nobody sees, which file
    holds a plan, which remarks there can be, or what a note may be about.
    """
    case.headers["Accept-Encoding"] = "identity"  # it accepts what it cannot decode by itself
    if is_for_editors(case):
        check_writing(case, desk)
        return
    query: Any = case.query or {}
    in_order = all(_is_in_order(query, name) for name in ("startYear", "population", "socialRent"))
    beyond = str(query.get("cursor", "0")) != "0"  # or of another history
    beyond = beyond or "change" in query or "change" in _keys(case.body)
    texts = [each for value in query.values() for each in _each(value) if isinstance(each, str)]
    blank = any(text and not normalise(text) for text in texts)
    apart = {"facets", "clusterDirection"} <= query.keys()
    free = blank or apart or not in_order or beyond
    free = free or "{version}" in case.operation.path or "/plan-check" in case.operation.path
    free = free or "/practice-notes" in case.operation.path
    unsayable: Any = [positive_data_acceptance] if free else []
    case.call_and_validate(app=kb.app, excluded_checks=unsayable)


def test_every_run_walks_operations_that_there_are() -> None:
    assert OPERATIONS.keys() >= IN_EVERY_RUN


@pytest.mark.hypothesis
@pytest.mark.parametrize("label", LABELS)
def test_the_api_does_what_its_document_says(
    label: str, seeded: KnowledgeBase, desk: Person
) -> None:
    @UNSHRUNK
    def check_case(case: Case) -> None:
        check(case, seeded, desk)

    load_all_checks()
    with ThreadPoolExecutor(1) as pool:  # whose stack is short: see the top
        test = pool.submit(
            build_operation_test,
            config=schema.config,
            operation=OPERATIONS[label],
            test_func=check_case,
            given_kwargs={},
            feedback=feedback(),
        ).result()
    test()
