"""The commands of the documentation, as they stand, on a server with the first content."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import documented
from tests.builders import a_case
from tests.conftest import seeded_copy
from tests.durability.served import Served, serving

ROOT = Path(__file__).parents[1]
COMPLETED = """curl -X PUT $draft -H "Authorization: Bearer $anna" -H "If-Match: $(etag $draft)" \
    -H 'Content-Type: application/json' -d @complete.json"""
CHANGED = "sed -i s/taalmaatje/taalvriend/ term.json"
ADDRESS = "127.0.0.1:8000"  # of the pages
CURLRC = 'silent\nshow-error\nwrite-out = "%{stderr}status %{http_code}\\n"\n'
LEAVES = st.none() | st.booleans() | st.integers() | st.text()
VALUES = st.recursive(LEAVES, lambda v: st.lists(v) | st.dictionaries(st.text(), v), max_leaves=8)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """What `make serve` gives."""
    folder = tmp_path_factory.mktemp("documented") / "var"
    seeded_copy(folder)
    with serving(folder, f"sqlite:///{folder / 'kb.sqlite3'}") as each:
        yield each


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the programs and the first content, and what a reader of the pages has."""
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    (tmp_path / ".curlrc").write_text(CURLRC)
    shutil.copytree(ROOT / "seed_data", tmp_path / "seed_data")
    case = {**a_case(id="mijn-casus"), "scale": "wijkk"}
    (tmp_path / "seed_data" / "cases" / "mijn-casus.json").write_text(json.dumps(case))
    (tmp_path / "casussen.csv").write_text("id;titels\nmijn-casus;Mijn café\n", "windows-1252")
    (tmp_path / "complete.json").write_text(json.dumps(a_case(id="onze-tuin")))
    return tmp_path


def run(page: str, served: Served, checkout: Path, before: dict[str, str]) -> list[Any]:
    """Let a shell do the steps of a page one after the other; each with what it printed.

    What a reader does besides stands in `before`, with words of the step that it comes before.
    """
    here = f"127.0.0.1:{served.port}"
    steps = documented.steps((ROOT / page).read_text("utf-8").replace(ADDRESS, here))
    script = []
    for number, step in enumerate(steps):
        script += [more for words, more in before.items() if words in step.commands]
        script.append(f"{{\n{step.commands}\n}} > {number}.out 2> {number}.err")
    environment = served.environment | {"CURL_HOME": str(checkout), "COLUMNS": "300"}
    subprocess.run(["bash", "-c", "\n".join(script)], cwd=checkout, env=environment, check=False)
    return [
        (step, (checkout / f"{n}.out").read_text(), (checkout / f"{n}.err").read_text())
        for n, step in enumerate(steps)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "least", "before"),
    [
        ("README.md", 2, {"make serve": "make() { :; }"}),
        ("docs/querying.md", 13, {}),
        ("docs/editing.md", 9, {"draft/reviews": COMPLETED, "-d @term.json": CHANGED}),
    ],
)
def test_the_commands_print_what_the_page_says(
    served: Served, checkout: Path, page: str, least: int, before: dict[str, str]
) -> None:
    results = run(page, served, checkout, before)

    assert len(results) >= least
    for step, output, errors in results:
        assert step.is_met_by(output + errors if not step.form else output), (step, output, errors)
        if step.answer is None:
            statuses = [line for line in errors.splitlines() if line.startswith("status")]
            assert all(status[7] in "23" for status in statuses), (step, output, errors)


@given(VALUES)
def test_a_value_is_what_a_page_shows_when_nothing_is_left_out(value: Any) -> None:
    answer = json.dumps(value, ensure_ascii=False)

    if "…" not in answer:
        assert documented.Step("", answer, "json").is_met_by(answer)


@pytest.mark.parametrize(
    ("answer", "output", "is_met"),
    [
        ('{"a": 1, …}', '{"a": 1, "b": 2}', True),
        ('{"a": 1, …}', '{"b": 2}', False),
        ('{"a": 1}', '{"a": 1, "b": 2}', False),
        ('{"a": …}', '{"a": {"b": 2}}', True),
        ('[{"a": 1}, …, 3]', '[{"a": 1}, 2, 3]', True),
        ("[…, 2]", "[1, 2, 3]", False),
        ("[1]", "[1, 2]", False),
        ('{"a": "ee… dag"}', '{"a": "een dag"}', True),
        ('{"a": "ee… dag"}', '{"a": "een dagje"}', False),
        ('{"b": 2}', '{"a": 1} {"b": 2}', True),
    ],
)
def test_what_a_page_leaves_out_is_free_and_the_rest_is_not(
    answer: str, output: str, is_met: bool
) -> None:
    assert documented.Step("", answer, "json").is_met_by(output) is is_met


def test_lines_stand_in_the_order_of_the_page() -> None:
    step = documented.Step("", 'HTTP/1.1 …\nETag: "…"\n…', "http")

    assert step.is_met_by('HTTP/1.1 200 OK\r\nVary: Accept\r\nETag: "a"\r\nDate: now\r\n')
    assert not step.is_met_by('ETag: "a"\r\nHTTP/1.1 200 OK\r\n')
