"""What an earlier release left on a machine is brought up to this one; nothing of it is lost."""

from __future__ import annotations

import lzma
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from kb.app import create_app
from kb.cases import queries
from kb.cases.model import Question, Study
from kb.database import Database
from kb.editors.editable_kind import editable_kind
from kb.editors.model import Revision
from kb.kinds import KINDS
from kb.migrations import steps
from kb.search.consistency import check
from kb.settings import Settings
from schemas.text import normalise
from tests import postgres
from tests.conftest import PUBLIC_URL, KnowledgeBase

RELEASES = Path(__file__).parent / "releases"
VERSIONS = sorted(file.name.removesuffix(".tar.xz") for file in RELEASES.glob("*.tar.xz"))
OPEN_DRAFTS = {
    "half-concept": "draft",
    "ingediend": "submitted",
    "teruggegeven": "returned",
    "drie-versies": "draft",
    "ingetrokken": "draft",
    "met-sleutel": "draft",
    "ingevoerd": "draft",
}


@pytest.fixture(params=VERSIONS)
def on_sqlite(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KnowledgeBase]:
    """The data folder of an earlier release, database and index, opened by this one."""
    with tarfile.open(RELEASES / f"{request.param}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    yield from brought_up(tmp_path, "")


@pytest.fixture(params=VERSIONS)
def on_postgresql(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str
) -> Iterator[KnowledgeBase]:
    """The same on PostgreSQL, where the index is made anew."""
    script = lzma.decompress((RELEASES / f"{request.param}.sql.xz").read_bytes())
    address = make_url(postgres_url).set(drivername="postgresql")
    place = address.render_as_string(hide_password=False)
    binaries = postgres.binaries()
    assert binaries is not None
    command: list[str | Path] = [
        binaries / "psql",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        "--dbname",
        place,
    ]
    subprocess.run(command, input=script, check=True, stdout=subprocess.DEVNULL)
    yield from brought_up(tmp_path, postgres_url)


def brought_up(folder: Path, database_url: str) -> Iterator[KnowledgeBase]:
    url = database_url or f"sqlite:///{folder / 'kb.sqlite3'}"
    database = Database(url)
    steps.upgrade(database)
    database.dispose()
    settings = Settings(data_dir=folder, database_url=database_url, public_url=PUBLIC_URL)
    app = create_app(settings, serving=False)
    opened = KnowledgeBase(app, app.extensions["kb"].database, app.extensions["kb"].search)
    opened.catch_up()
    yield opened
    opened.close()


def read(kb: KnowledgeBase, address: str) -> Any:
    answer = kb.client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json


def assert_nothing_is_lost(kb: KnowledgeBase) -> None:
    assert not check(kb.database, kb.engine)
    listed = read(kb, "/v1/cases?pageSize=100")
    assert listed["page"]["totalItems"] == 15
    assert read(kb, "/v1/cases?q=statushouders")["items"]
    assert read(kb, "/v1/cases/drie-versies")["summary"] == "De tekst van versie 3."
    assert read(kb, "/v1/cases/drie-versies/versions/1")["findings"][0]["source"]
    versions = read(kb, "/v1/cases/drie-versies/versions")["items"]
    assert [each["version"] for each in versions] == [
        3,
        2,
        1,
    ]
    assert read(kb, "/v1/cases/voorbeeld-drie")["archetype"]["id"] == "levende-vorm"
    gone = kb.client.get("/v1/cases/ingetrokken")
    assert (gone.status_code, gone.json["reason"]) == (410, "Privacy.")
    assert gone.json["replacedBy"]
    with kb.database.reading() as session:
        drafts = session.query(Revision).filter(Revision.state.in_(set(OPEN_DRAFTS.values())))
        assert {draft.slug: draft.state for draft in drafts} == OPEN_DRAFTS
        texts = {draft.slug: draft.document["title"] for draft in drafts}
    assert texts["drie-versies"] == "Vier versies"
    assert "place2bu-utrecht" in [each["id"] for each in read(kb, "/v1/changes")["items"]]
    assert_what_looks_the_same_is_the_same(kb)
    assert_studies_and_questions_have_a_first_version(kb)
    assert read(kb, "/v1/cases/voorbeeld-een")["archetype"] is None
    kb.publish({**read(kb, "/v1/cases/levende-vorm"), "id": "oude-vorm", "title": "Oude vorm"})
    for example in ("voorbeeld-een", "voorbeeld-twee"):  # 1.0.0 had forgotten it
        assert read(kb, f"/v1/cases/{example}")["archetype"]["id"] == "oude-vorm"


def assert_what_looks_the_same_is_the_same(kb: KnowledgeBase) -> None:
    facet = read(kb, "/v1/cases?facets=municipality")["facets"]["municipality"]["values"]
    names = [each["value"] for each in facet]
    assert [name for name in names if "Utrecht" in name] == ["Utrecht"]
    assert all(normalise(name, one_line=True) == name for name in names)
    with kb.database.reading() as session:
        public = session.query(Revision).filter_by(kind="case", state="published")
        texts = {each.slug: each.document for each in public}
    for slug, document in texts.items():
        assert read(kb, f"/v1/cases/{slug}")["place"].items() >= document["place"].items()


def assert_studies_and_questions_have_a_first_version(kb: KnowledgeBase) -> None:
    with kb.database.reading() as session:
        rows = [
            (kind, row.slug, editable_kind(kind).as_document(row))
            for kind, model in (("study", Study), ("question", Question))
            for row in queries.every(session, model)
        ]
        texts = session.query(Revision).filter(Revision.kind != "case").all()
        saved = [(each.kind, each.slug, each.document) for each in texts]
        assert {(each.state, each.version, each.author) for each in texts} == {
            ("published", 1, "seed")
        }
    assert sorted(saved, key=str) == sorted(rows, key=str)
    assert {kind for kind, _, _ in saved} == {"study", "question"}
    for kind, slug, document in saved:
        address = f"/v1/{KINDS[kind].collection}/{slug}/versions"
        assert [each["version"] for each in read(kb, address)["items"]] == [1]
        assert read(kb, f"{address}/1")["title"] == document["title"]


def test_a_data_folder_of_an_earlier_release_loses_nothing(on_sqlite: KnowledgeBase) -> None:
    assert_nothing_is_lost(on_sqlite)


@pytest.mark.postgresql
def test_a_postgresql_database_of_an_earlier_release_loses_nothing(
    on_postgresql: KnowledgeBase,
) -> None:
    assert_nothing_is_lost(on_postgresql)
