"""An exported folder tells what is public now; what others put there is theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kb.cli.main import main
from kb.editors.export import MANIFEST, export
from kb.editors.imports.intake import import_rows
from tests.builders import a_case
from tests.conftest import KnowledgeBase, make


def test_what_is_no_longer_public_leaves_the_folder(kb: KnowledgeBase, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    kb.publish(a_case("tuin"), a_case("plein"))
    export(kb.database, folder)
    kb.withdraw("plein")

    again = export(kb.database, folder)

    assert again.removed == ("cases/plein.json",)
    assert again.left == ()
    assert [path.name for path in (folder / "cases").iterdir()] == ["tuin.json"]


def test_files_of_others_and_changed_ones_stay_and_are_named(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    kb.publish(a_case("tuin"), a_case("plein"), a_case("weg"))
    export(kb.database, folder)
    (folder / "cases" / "plein.json").write_text("{}")
    (folder / "cases" / "eigen.json").write_text("{}")
    (folder / "notities.txt").write_text("van ons")
    for slug in ("plein", "weg"):
        kb.withdraw(slug)

    first, second = (export(kb.database, folder) for _ in range(2))

    assert (first.removed, second.removed) == (("cases/weg.json",), ())
    assert first.left == second.left == ("cases/eigen.json", "cases/plein.json")
    assert (folder / "notities.txt").read_text() == "van ons"


@pytest.mark.parametrize(
    "harm", ["not json", "[]", '{"files": 3}', '{"files": {"cases/x.json": 1}}']
)
def test_a_damaged_list_of_files_removes_nothing(
    kb: KnowledgeBase, tmp_path: Path, harm: str
) -> None:
    folder = tmp_path / "out"
    kb.publish(a_case("tuin"), a_case("plein"))
    export(kb.database, folder)
    (folder / MANIFEST).write_text(harm)
    kb.withdraw("plein")

    again = export(kb.database, folder)

    assert (again.removed, again.left) == ((), ("cases/plein.json",))


def test_no_file_outside_the_folder_is_ever_removed(kb: KnowledgeBase, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    (tmp_path / "cases").mkdir()
    precious = tmp_path / "cases" / "plein.json"
    kb.publish(a_case("plein"))
    export(kb.database, folder)
    precious.write_bytes((folder / "cases" / "plein.json").read_bytes())
    seals = json.loads((folder / MANIFEST).read_text())["files"]
    seals["../cases/plein.json"] = seals["cases/plein.json"]
    (folder / MANIFEST).write_text(json.dumps({"files": seals}))
    (folder / "cases" / "plein.json").unlink()
    (folder / "cases").rmdir()
    (folder / "cases").symlink_to(tmp_path / "cases")
    kb.withdraw("plein")

    assert export(kb.database, folder).removed == ()
    assert precious.exists()


def test_the_command_names_what_it_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_DATA_DIR", str(tmp_path))
    made = make(tmp_path)
    made.publish(a_case("tuin"))
    folder = tmp_path / "out #1"
    first = CliRunner().invoke(main, ["export", str(folder)])
    made.withdraw("tuin")
    made.close()

    second = CliRunner().invoke(main, ["export", str(folder)])
    seeded = CliRunner().invoke(main, ["seed", str(folder)])

    assert (first.exit_code, second.exit_code, seeded.exit_code) == (0, 0, 0)
    assert f"no longer public: {folder / 'cases' / 'tuin.json'}" in second.output
    assert "Removed" not in first.output


def test_an_archetype_that_is_away_is_left_out_so_that_an_import_keeps_it(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    kb.publish(a_case("vorm", kind="archetype"), a_case("tuin", archetype="vorm"), a_case("plein"))
    kb.withdraw("vorm")

    export(kb.database, tmp_path)

    files = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "cases").iterdir()}
    assert "archetype" not in files["tuin"]
    assert files["plein"]["archetype"] is None
    report = import_rows(kb.database, list(enumerate(files.values(), start=1)), author="Anna")
    assert report.totals["unchanged"] == 2
