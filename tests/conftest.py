"""A whole knowledge base per test: a real database, a real index and Flask's client."""

from __future__ import annotations

import atexit
import fcntl
import gc
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from kb.app import create_app
from kb.cases.aliases import Thing
from kb.database import Database, now
from kb.editors import seed, seed_files, workflow
from kb.migrations import steps
from kb.search.catch_up import catch_up
from kb.search.engine import SearchEngine
from kb.settings import Settings
from kb.vocabulary.terms import schemes
from schemas.cases import CaseDocument
from tests import compiled_once, postgres

settings.register_profile(  # `make test`: the same examples in every run
    "short",
    deadline=None,  # no test depends on the clock
    derandomize=True,
    max_examples=20,
    suppress_health_check=[
        *(HealthCheck.too_slow, HealthCheck.data_too_large),  # whole documents take long to draw
        HealthCheck.function_scoped_fixture,  # examples may share a knowledge base
    ],
    print_blob=True,
)
settings.register_profile(  # `make test-long`: new examples in every run
    "long", settings.get_profile("short"), derandomize=False, max_examples=400
)
settings.load_profile("short")

PUBLIC_URL = "http://kennisbank.test"
DATABASE = "kb.sqlite3"  # in the folder of the data
TEMPLATE = "kb_template"  # a database in the cluster of a worker
RUN_FOLDER = "KB_TEST_RUN_FOLDER"  # in the environment, so that all workers of a run share it
GC_THRESHOLDS = (10_000, 20, 20)  # as rarely as in the server, which freezes what it has, too
MAX_SECONDS = 10.0  # of processor time, for a test of `make test`
REQUIRED = set(filter(None, os.environ.get("KB_TEST_REQUIRE", "").split(",")))


def run_folder() -> Path:
    """The folder of what is made once per run; made now, unless this is a worker of that run."""
    if RUN_FOLDER not in os.environ:
        os.environ[RUN_FOLDER] = mkdtemp(prefix="kb-tests-")
        atexit.register(shutil.rmtree, os.environ[RUN_FOLDER], ignore_errors=True)
    return Path(os.environ[RUN_FOLDER])


def pytest_configure() -> None:
    """Make the folder that the workers of this run share, before there are any."""
    compiled_once.share(run_folder())


def pytest_collection_finish() -> None:
    """Do not look for garbage among what is there before any test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Count the processor time of a test and of the processes that ended with it."""
    before = sum(os.times()[:4])
    try:
        yield
    finally:
        item.user_properties.append(("processor_seconds", sum(os.times()[:4]) - before))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that are too heavy for `make test`."""
    for report in terminalreporter.getreports("passed"):
        seconds = dict(report.user_properties).get("processor_seconds", 0.0)
        if seconds > MAX_SECONDS and not {"slow", "long"} & report.keywords.keys():
            terminalreporter.write_line(
                f"{report.nodeid} took {seconds:.0f} s of processor time: make it cheaper, or slow"
            )


def slow(*values: Any) -> list[Any]:
    """These values of a parameter, for `make test-slow` alone."""
    return [pytest.param(value, marks=pytest.mark.slow) for value in values]


def need(what: str, present: bool, install: str) -> None:
    """Skip a test whose tool is not on this machine, or fail when it was required."""
    if present:
        return
    message = f"needs {what}: {install}"
    if what in REQUIRED:
        pytest.fail(message)
    pytest.skip(message)


@dataclass
class KnowledgeBase:
    """An application with its database and index, to publish in and to ask."""

    app: Flask
    database: Database
    engine: SearchEngine

    @property
    def client(self) -> FlaskClient:
        """A client that asks the application."""
        return self.app.test_client()

    def publish(self, *documents: dict[str, Any]) -> None:
        """Publish cases as an editor would, and bring the index up to date."""
        with self.database.transaction() as session:
            for document in documents:
                case = CaseDocument().load(document)
                draft = workflow.save_draft(session, case, author="redactie", at=now())
                workflow.publish(session, draft, at=now())
        self.catch_up()

    def draft(self, document: dict[str, Any]) -> None:
        """Save a draft that nobody has published."""
        with self.database.transaction() as session:
            case = CaseDocument().load(document)
            workflow.save_draft(session, case, author="redactie", at=now())
        self.catch_up()

    def withdraw(self, slug: str, reason: str = "Verouderd.", **options: Any) -> None:
        """Take a case away."""
        with self.database.transaction() as session:
            workflow.withdraw(
                session, Thing("case", slug), reason=reason, at=now(), by="redactie", **options
            )
        self.catch_up()

    def take(
        self,
        *,
        cases: list[dict[str, Any]] | None = None,
        studies: list[dict[str, Any]] | None = None,
        questions: list[dict[str, Any]] | None = None,
    ) -> seed.SeedReport:
        """Take documents over as `kb seed` does."""
        from schemas.questions import QuestionDocument
        from schemas.studies import StudyDocument

        files = seed_files.SeedFiles(
            list(schemes().values()),
            [StudyDocument().load(study) for study in studies or []],
            [QuestionDocument().load(question) for question in questions or []],
            [CaseDocument().load(case) for case in cases or []],
        )
        report = seed.seed(self.database, files)
        self.catch_up()
        return report

    def catch_up(self) -> None:
        """Bring the index level with the database."""
        catch_up(self.database, self.engine)

    def close(self) -> None:
        """Let go of connections and files."""
        self.engine.close()
        self.database.dispose()


def until(met: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for something that happens aside; the limit is for what never will."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.02)


def make(folder: Path, database_url: str = "") -> KnowledgeBase:
    """A knowledge base with the terms of this release and nothing else.

    On SQLite it is a copy of one that was made once: those of one run share their first changes.
    """
    url = make_url(database_url or "sqlite://")
    place = Path(url.database) if url.database else folder / DATABASE
    index = folder / "index"
    if url.get_backend_name() != "sqlite" or place.exists() or index.exists():
        return make_anew(folder, database_url)
    shutil.copytree(_template() / "index", index)
    shutil.copy(_template() / DATABASE, place)
    return _opened(folder, database_url)


def make_anew(folder: Path, database_url: str = "") -> KnowledgeBase:
    """The same, by all migrations and with a history of its own."""
    kb = _opened(folder, database_url)
    steps.upgrade(kb.database)
    kb.take()
    return kb


def made_once(name: str, fill: Callable[[Path], None]) -> Path:
    """The folder that the first worker of a run filled; the others wait for it and copy it."""
    run = run_folder()
    folder = run / name
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            state = random.getstate()
            random.seed()  # not as Hypothesis does: what a test adds to a copy has names of its own
            unfinished = Path(mkdtemp(dir=run))
            fill(unfinished)
            unfinished.rename(folder)
            random.setstate(state)
    return folder


def seeded_copy(folder: Path) -> None:
    """Put the first cases, studies and questions into a folder, database and index."""
    shutil.copytree(made_once("seeded", _fill_with_seed), folder, dirs_exist_ok=True)


@cache
def _template() -> Path:
    return made_once("empty", lambda folder: make_anew(folder).close())


def _fill_with_seed(folder: Path) -> None:
    made = make(folder)
    seed.seed(made.database, seed_files.read_folder(Path(str(resources.files("seed_data")))))
    made.catch_up()
    made.close()


def _opened(folder: Path, database_url: str) -> KnowledgeBase:
    app_settings = Settings(data_dir=folder, database_url=database_url, public_url=PUBLIC_URL)
    app = create_app(app_settings, serving=False)
    return KnowledgeBase(app, app.extensions["kb"].database, app.extensions["kb"].search)


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    """An empty knowledge base on SQLite."""
    made = make(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(kb: KnowledgeBase) -> FlaskClient:
    """A client of the empty knowledge base."""
    return kb.client


@pytest.fixture
def published(kb: KnowledgeBase) -> Callable[..., None]:
    """Publish cases."""
    return kb.publish


@pytest.fixture
def drafted(kb: KnowledgeBase) -> Callable[..., None]:
    """Save drafts."""
    return kb.draft


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """The first cases, studies and questions; for tests that only read."""
    folder = tmp_path_factory.mktemp("seeded")
    seeded_copy(folder)
    made = _opened(folder, "")
    yield made
    made.close()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """A throw-away PostgreSQL cluster."""
    need("postgresql", postgres.binaries() is not None, "apt-get install postgresql")
    with postgres.cluster() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_cluster: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a knowledge base whose database is the template TEMPLATE."""
    folder = tmp_path_factory.mktemp("postgres-template")
    make_anew(folder, create_database(postgres_cluster, TEMPLATE)).close()
    return folder


def create_database(cluster: str, name: str, template: str = "template1") -> str:
    """The address of a new database."""
    execute_outside_transactions(cluster, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return make_url(cluster).set(database=name).render_as_string()


def execute_outside_transactions(cluster: str, command: str) -> None:
    """Let the server of a cluster do what no transaction may."""
    engine = create_engine(cluster, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(command))
    engine.dispose()


@pytest.fixture
def postgres_url(postgres_cluster: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database in the cluster."""
    name = f"kb_{abs(hash(request.node.nodeid))}"
    yield create_database(postgres_cluster, name)
    execute_outside_transactions(postgres_cluster, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def postgres_kb(
    postgres_cluster: str, postgres_template: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[KnowledgeBase]:
    """An empty knowledge base on PostgreSQL."""
    name = f"kb_{abs(hash(request.node.nodeid))}"
    url = create_database(postgres_cluster, name, TEMPLATE)
    shutil.copytree(postgres_template / "index", tmp_path / "index")
    opened = _opened(tmp_path, url)
    yield opened
    opened.close()
    execute_outside_transactions(postgres_cluster, f'DROP DATABASE "{name}" WITH (FORCE)')


ON_BOTH = (
    "sqlite",
    pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.slow]),
)


@pytest.fixture(params=ON_BOTH)
def any_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database: SQLite and PostgreSQL in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / DATABASE}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=ON_BOTH)
def any_kb(request: pytest.FixtureRequest) -> KnowledgeBase:
    """An empty knowledge base, on SQLite and on PostgreSQL in turn."""
    fixture = "kb" if request.param == "sqlite" else "postgres_kb"
    opened: KnowledgeBase = request.getfixturevalue(fixture)
    return opened


@pytest.fixture(scope="session")
def opensearch_url() -> str:
    """The address of a throw-away OpenSearch node, which all workers of a run share."""
    from tests.opensearch import node

    return node.address()
