"""Documents in bulk: every row told, none harmed by another, a second run changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from kb.cases import changes
from kb.database import Base
from kb.editors import revisions, workflow
from kb.editors.imports.intake import import_rows
from kb.editors.imports.key_changes import key_changes
from kb.editors.imports.report import ImportReport
from kb.editors.imports.rows import unreadable
from kb.editors.model import Revision
from kb.editors.tables.csv_import import read_csv
from kb.input_errors import DETAILS, REASONS
from schemas.cases import PLACE_KEYS, CaseDocument
from tests import strategies
from tests.builders import a_case, a_finding, a_pitfall, a_study
from tests.cases.test_ids import bare
from tests.conftest import KnowledgeBase, make
from tests.strategies import examples


def run(kb: KnowledgeBase, *documents: Any, **options: Any) -> ImportReport:
    return import_rows(
        kb.database, list(enumerate(documents, start=1)), **({"author": "sanne"} | options)
    )


def results(report: ImportReport) -> list[tuple[str | None, str, list[tuple[str, str]]]]:
    """Of each row: id, outcome, and what is wrong with it."""
    return [
        (row.id, row.outcome, sorted((pointer, mistake.code) for pointer, mistake in row.errors))
        for row in report.rows
    ]


def outcomes(report: ImportReport) -> list[str]:
    return [row.outcome for row in report.rows]


def reasons(report: ImportReport) -> list[str]:
    return [mistake.values["reason"] for row in report.rows for _, mistake in row.errors]


def states(kb: KnowledgeBase, slug: str = "tuin") -> list[tuple[str, int | None, str, int | None]]:
    query = select(Revision).where(Revision.slug == slug).order_by(Revision.id)
    with kb.database.reading() as session:
        return [
            (each.state, each.version, each.author, each.based_on)
            for each in session.scalars(query)
        ]


def everything(kb: KnowledgeBase) -> dict[str, list[Any]]:
    """All that is in the database, by table."""
    with kb.database.reading() as session:
        tables = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        return {
            table: [tuple(row) for row in session.execute(text(f'SELECT * FROM "{table}"'))]
            for table in tables.all()
        }


def title(kb: KnowledgeBase, slug: str = "tuin") -> str | None:
    answer: Any = kb.client.get(f"/v1/cases/{slug}").get_json()
    return answer["title"] if "version" in answer else None


def test_an_import_makes_drafts_that_nobody_sees(any_kb: KnowledgeBase) -> None:
    report = run(any_kb, a_case("tuin"), {"title": "Nog een idee"})

    assert results(report) == [("tuin", "created", []), ("nog-een-idee", "created", [])]
    assert report.totals == {"created": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    assert states(any_kb) == [("draft", None, "sanne", None)]
    assert title(any_kb) is None


def test_an_import_can_publish(any_kb: KnowledgeBase) -> None:
    whole = a_case("tuin", pitfalls=[a_pitfall("tuin")], findings=[a_finding("tuin")])

    report = run(any_kb, whole, a_case("straat"), publish=True)
    any_kb.catch_up()

    assert outcomes(report) == ["created", "created"]
    assert states(any_kb) == [("published", 1, "sanne", None)]
    answer: Any = any_kb.client.get("/v1/cases/tuin").get_json()
    assert answer["findings"][0]["source"]["id"] == "bron-1"
    body: Any = any_kb.client.get("/v1/cases").get_json()
    assert {each["id"] for each in body["items"]} == {"tuin", "straat"}


@pytest.mark.parametrize("publish", [False, True])
def test_the_same_rows_again_change_nothing(kb: KnowledgeBase, publish: bool) -> None:
    documents = [
        a_case("tuin", pitfalls=[bare(a_pitfall("tuin"))], findings=[bare(a_finding("tuin"))]),
        bare(
            a_case(), title="Zonder kenmerk", sources=[bare(each) for each in a_case()["sources"]]
        ),
        a_case("fout", scale="wijkk"),
    ]
    run(kb, *documents, publish=publish)
    before = everything(kb)

    report = run(kb, *documents, publish=publish)

    assert outcomes(report) == ["unchanged", "unchanged", "rejected"]
    assert everything(kb) == before


def test_a_changed_row_is_the_next_version(any_kb: KnowledgeBase) -> None:
    run(any_kb, a_case("tuin", pitfalls=[a_pitfall("tuin", "a", title="Geld")]), publish=True)
    changed = a_case("tuin", title="Anders", pitfalls=[bare(a_pitfall("tuin"), title="Geld")])

    report = run(any_kb, changed, publish=True)

    assert outcomes(report) == ["updated"]
    assert [each[:2] for each in states(any_kb)] == [("superseded", 1), ("published", 2)]
    answer: Any = any_kb.client.get("/v1/cases/tuin").get_json()
    assert (answer["title"], answer["version"]) == ("Anders", 2)
    assert [each["id"] for each in answer["pitfalls"]] == ["tuin--a"]


def test_a_draft_of_a_public_case_leaves_the_public_text(kb: KnowledgeBase) -> None:
    run(kb, a_case("tuin"), publish=True)

    assert outcomes(run(kb, a_case("tuin"))) == ["unchanged"]
    assert outcomes(run(kb, a_case("tuin", title="Anders"))) == ["updated"]
    assert states(kb)[1] == ("draft", None, "sanne", 1)
    assert title(kb) == "Tuin"


def test_ones_own_draft_is_updated_and_published(kb: KnowledgeBase) -> None:
    run(kb, a_case("tuin", title="Een"))
    run(kb, a_case("tuin", title="Twee"))
    assert len(states(kb)) == 1

    report = run(kb, a_case("tuin", title="Twee"), publish=True)

    assert outcomes(report) == ["updated"]
    assert states(kb) == [("published", 1, "sanne", None)]
    with kb.database.reading() as session:
        draft = session.scalars(select(Revision).where(Revision.slug == "tuin")).one()
        assert [event.what for event in draft.events] == ["saved", "saved", "published"]


@pytest.mark.parametrize("publish", [False, True])
def test_the_draft_of_another_is_left_alone_and_reported(kb: KnowledgeBase, publish: bool) -> None:
    run(kb, a_case("tuin"), author="joris")

    report = run(kb, a_case("tuin", title="Anders"), publish=publish)

    assert results(report) == [("tuin", "rejected", [("/id", "inconsistent")])]
    assert reasons(report) == ["other-draft"]
    assert states(kb) == [("draft", None, "joris", None)]


def test_a_draft_of_another_with_the_same_text_is_unchanged(kb: KnowledgeBase) -> None:
    run(kb, a_case("tuin"), author="joris")

    assert outcomes(run(kb, a_case("tuin"))) == ["unchanged"]


def test_a_withdrawn_case_comes_back_as_a_draft_only(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    kb.withdraw("tuin")

    assert reasons(run(kb, a_case("tuin"), publish=True)) == ["withdrawn"]
    assert outcomes(run(kb, a_case("tuin"))) == ["created"]


FINDING = ("direction", "domain", "evidence", "level", "source")


def test_every_mistake_of_every_row_is_reported_and_harms_no_other(kb: KnowledgeBase) -> None:
    kb.take(studies=[a_study("onderzoek")])
    report = run(
        kb,
        a_case("een"),
        unreadable("encoding"),
        [],
        a_case("drie", scale="wijkk", startYear="2016", pitfalls=[{}]),
        a_case("vier", summary=None, startYear=2020, endYear=2010, findings=[{"claim": "x"}]),
        a_case("een", title="Nog eens"),
        a_case("onderzoek"),
        a_case("vijf", version=3, archetype="bestaat-niet"),
        {},
        a_case("zes"),
        publish=True,
    )

    assert results(report) == [
        ("een", "created", []),
        (None, "rejected", [("", "invalid-json")]),
        (None, "rejected", [("", "wrong-type")]),
        (
            "drie",
            "rejected",
            [
                ("/pitfalls/0/title", "required"),
                ("/scale", "not-in-vocabulary"),
                ("/startYear", "wrong-type"),
            ],
        ),
        (
            "vier",
            "rejected",
            [
                ("/endYear", "inconsistent"),
                *[(f"/findings/0/{key}", "required") for key in FINDING],
                ("/summary", "required"),
            ],
        ),
        ("een", "rejected", [("/id", "duplicate")]),
        ("onderzoek", "rejected", [("/id", "duplicate")]),
        ("vijf", "rejected", [("/archetype", "unknown-reference"), ("/version", "read-only")]),
        (None, "rejected", [("/id", "required")]),
        ("zes", "created", []),
    ]
    assert (title(kb, "een"), title(kb, "zes")) == ("Een", "Zes")


def test_a_case_may_come_before_its_archetype(any_kb: KnowledgeBase) -> None:
    documents = [a_case("tuin", archetype="type"), a_case("type", kind="archetype")]

    report = run(any_kb, *documents, publish=True)

    assert results(report) == [("tuin", "created", []), ("type", "created", [])]
    assert outcomes(run(any_kb, *documents, publish=True)) == ["unchanged", "unchanged"]


def test_an_archetype_that_an_earlier_row_makes_a_project_is_none(kb: KnowledgeBase) -> None:
    run(kb, a_case("type", kind="archetype"), publish=True)

    report = run(kb, a_case("tuin", archetype="type"), a_case("type"), publish=True)

    assert results(report)[0] == ("tuin", "rejected", [("/archetype", "unknown-reference")])


def test_changes_are_numbered_row_by_row(any_kb: KnowledgeBase) -> None:
    with any_kb.database.reading() as session:
        before = changes.last_number(session)

    run(any_kb, *[a_case(f"tuin-{n}") for n in range(600)], publish=True)

    with any_kb.database.reading() as session:
        made = changes.changed_since(session, before, 1000)
    assert [each.slug for each in made] == [f"tuin-{n}" for n in range(600)]


def test_progress_is_reported(kb: KnowledgeBase) -> None:
    heard: list[int] = []

    run(kb, *[a_case(f"tuin-{n}") for n in range(300)], progress=heard.append)

    assert heard == [250, 300]


def test_a_dry_run_changes_nothing(any_kb: KnowledgeBase) -> None:
    run(any_kb, a_case("tuin"), publish=True)

    report = run(any_kb, a_case("tuin", title="A"), a_case("b"), publish=True, dry_run=True)

    assert (report.dry_run, outcomes(report)) == (True, ["updated", "created"])
    assert title(any_kb) == "Tuin"
    assert states(any_kb, "b") == []


def test_who_is_overtaken_hears_so_row_by_row(kb: KnowledgeBase) -> None:
    """Another writes one of these cases between our look and our writing, again and again."""
    refused = text("CREATE TRIGGER busy BEFORE INSERT ON revision WHEN NEW.slug = 'tuin' BEGIN "
                   "INSERT INTO revision SELECT * FROM revision; END")  # fmt: skip
    run(kb, a_case("ander"))
    with kb.database.transaction() as session:
        session.execute(refused)

    report = run(kb, a_case("straat"), a_case("tuin"), a_case("plein"))

    assert outcomes(report) == ["created", "rejected", "created"]
    assert reasons(report) == ["meanwhile"]


def text_of(kb: KnowledgeBase, slug: str = "tuin") -> dict[str, Any]:
    """The newest text of a case."""
    query = select(Revision.document).where(Revision.slug == slug).order_by(Revision.id.desc())
    with kb.database.reading() as session:
        document: dict[str, Any] | None = session.scalars(query).first()
    assert document is not None
    return document


def whole(slug: str = "tuin") -> dict[str, Any]:
    pitfalls = [a_pitfall(slug, "a", title="Geld"), a_pitfall(slug, "b", title="Tijd")]
    return a_case(slug, pitfalls=pitfalls, findings=[a_finding(slug)])


@pytest.mark.parametrize("publish", [False, True])
def test_what_a_row_leaves_out_stays(any_kb: KnowledgeBase, publish: bool) -> None:
    run(any_kb, whole(), publish=True)
    before = text_of(any_kb)

    report = run(any_kb, {"id": "tuin", "title": "Anders"}, publish=publish)

    assert outcomes(report) == ["updated"]
    assert text_of(any_kb) == before | {"title": "Anders"}
    assert report.rows[0].changes == (("title", "Tuin", "Anders"),)


@pytest.mark.parametrize(
    ("row", "key", "expected"),
    [
        ({"summary": None}, "summary", None),
        ({"findings": []}, "findings", []),
        ({"pitfalls": None}, "pitfalls", []),
        ({"strategies": []}, "strategies", []),
        ({"place": None}, "place", dict.fromkeys(PLACE_KEYS)),
    ],
)
def test_emptying_is_requested_and_reported(
    kb: KnowledgeBase, row: dict[str, Any], key: str, expected: Any
) -> None:
    run(kb, whole(), publish=True)
    before = text_of(kb)

    tried = run(kb, {"id": "tuin", **row}, dry_run=True)
    done = run(kb, {"id": "tuin", **row})

    assert text_of(kb) == before | {key: expected}
    assert tried.rows == done.rows
    [(value, old, new)] = done.rows[0].changes
    assert (value, new) == (key, expected)
    assert old == before[key]


def test_parts_that_are_left_out_stay_in_a_place_and_in_items_that_were_there(
    kb: KnowledgeBase,
) -> None:
    run(kb, whole(), publish=True)
    before = text_of(kb)
    row = {
        "id": "tuin",
        "place": {"neighbourhood": "Overvecht"},
        "pitfalls": [
            {"title": "TIJD", "avoidance": None},
            {"title": "Nieuw"},
            {"id": "tuin--a", "title": "Poen"},
        ],
    }

    assert outcomes(run(kb, row)) == ["updated"]

    after = text_of(kb)
    assert after["place"] == before["place"] | {"neighbourhood": "Overvecht"}
    money, hours = before["pitfalls"]
    changed, new, poen = after["pitfalls"]
    assert changed == hours | {"title": "TIJD", "avoidance": None}
    assert poen == money | {"title": "Poen"}
    assert (new["id"], new["category"]) == ("tuin--nieuw", None)


def test_a_row_of_a_sheet_takes_no_item_away_unless_requested(kb: KnowledgeBase) -> None:
    run(kb, whole(), publish=True)
    before = text_of(kb)

    def take_sheet(*lines: str) -> list[str]:
        rows = read_csv("\n".join(lines).encode()).rows
        return outcomes(import_rows(kb.database, rows, author="sanne"))

    assert take_sheet("id,pitfall1.title,pitfall2.title", "tuin,Tijd,Nieuw") == ["updated"]
    assert [each["title"] for each in text_of(kb)["pitfalls"]] == ["Geld", "Tijd", "Nieuw"]
    assert text_of(kb)["pitfalls"][:2] == before["pitfalls"]
    assert take_sheet("id,pitfalls,pitfall1.title", "tuin,[leeg],Tijd") == ["updated"]
    assert text_of(kb)["pitfalls"] == before["pitfalls"][1:]
    assert take_sheet("id,pitfalls", "tuin,[leeg]") == ["updated"]
    assert text_of(kb)["pitfalls"] == []


def test_a_mistake_in_a_sheet_is_reported_with_its_cell(kb: KnowledgeBase) -> None:
    run(kb, whole(), publish=True)
    sheet = "id;pitfall1.title;Soort valkuil 1;Schaal\ntuin;Nieuw;geldgebrek;wijkk"

    [row] = import_rows(kb.database, read_csv(sheet.encode()).rows, author="sanne").rows

    assert {at: row.cells[at] for at, _ in row.errors} == {
        "/scale": (2, "D", "Schaal", "wijkk"),
        "/pitfalls/2/category": (2, "C", "Soort valkuil 1", "geldgebrek"),
    }


@pytest.mark.parametrize("path", ["/v1/cases", "/v1/cases?q=tuin", "/v1/search", "/v1/pitfalls"])
def test_an_item_of_a_list_is_refused(kb: KnowledgeBase, path: str) -> None:
    run(kb, whole(), publish=True)
    kb.catch_up()
    before = everything(kb)
    listed: Any = kb.client.get(path).get_json()

    report = run(kb, *listed["items"], publish=True)

    assert {*outcomes(report)} == {"rejected"}
    assert {*reasons(report)} == {"list-item"}
    assert everything(kb) == before


def test_what_one_case_answers_goes_in_unchanged(kb: KnowledgeBase) -> None:
    run(kb, whole(), publish=True)

    assert outcomes(run(kb, kb.client.get("/v1/cases/tuin").get_json())) == ["unchanged"]


def test_a_row_without_an_id_is_a_new_case_unless_title_place_and_year_are_the_same(
    any_kb: KnowledgeBase,
) -> None:
    here = {"place": {"municipality": "Utrecht"}, "startYear": 2016}
    rows = [
        {"title": "Buurthuis", "summary": "In Utrecht"},
        {"title": "Buurthuis", "summary": "In Groningen"},
        {"title": "Tuin", **here},
    ]
    run(any_kb, *rows[:1])
    run(any_kb, *rows[1:])

    assert text_of(any_kb, "buurthuis")["summary"] == "In Utrecht"
    assert text_of(any_kb, "buurthuis-2")["summary"] == "In Groningen"
    again = run(any_kb, *rows, {"title": " TUIN", "summary": "x", **here})
    assert results(again) == [
        ("buurthuis", "unchanged", []),
        ("buurthuis-2", "unchanged", []),
        ("tuin", "unchanged", []),
        (None, "rejected", [("", "duplicate")]),
    ]
    same = run(any_kb, {"title": "tuin ", "summary": "x", **here})
    assert results(same) == [("tuin", "updated", [])]
    other = run(
        any_kb, {"title": "Tuin", **here, "startYear": 2017}, {"title": "Tuin", "place": {}}
    )
    assert results(other) == [("tuin-2", "created", []), ("tuin-3", "created", [])]


def test_titles_in_another_script_do_not_meet_in_one_case(kb: KnowledgeBase) -> None:
    report = run(kb, *({"title": title} for title in ("Сад", "花园", "حديقة", "🌷", "🌻", "!!")))

    assert [row.outcome for row in report.rows] == ["created"] * 6
    assert [row.id for row in report.rows] == [
        "sad", "huayuan", "hdyqh", "casus", "casus-2", "casus-3",
    ]  # fmt: skip


def test_a_row_of_a_withdrawn_case_keeps_what_it_leaves_out(kb: KnowledgeBase) -> None:
    kb.publish(whole())
    before = text_of(kb)
    kb.withdraw("tuin")

    assert outcomes(run(kb, {"id": "tuin", "title": "Anders"})) == ["created"]
    assert text_of(kb) == before | {"title": "Anders"}


def test_words_of_a_colleague_in_a_draft_are_not_overwritten_unseen(kb: KnowledgeBase) -> None:
    run(kb, a_case("tuin"))
    run_as = {"_draft": {"savedAt": "2001-01-01T00:00:00Z"}}
    with kb.database.transaction() as session:
        draft = revisions.revision_in(session, "tuin", "draft")
        assert draft is not None
        for who in ("joris", "sanne"):  # the importer was the last to save, but not by this file
            document = draft.document | {"summary": f"Van {who}"}
            workflow.rewrite(session, draft, document, who=who, at=draft.saved_at)
        moment = f"{draft.saved_at:%Y-%m-%dT%H:%M:%SZ}"

    for row in (a_case("tuin", title="Oud"), a_case("tuin", title="Oud", **run_as)):
        assert reasons(run(kb, row)) == ["other-draft"]
    assert text_of(kb)["summary"] == "Van sanne"
    read = a_case("tuin", title="Nieuw", _draft={"savedAt": moment})
    assert outcomes(run(kb, read)) == ["updated"]


def test_long_texts_are_reported_where_they_differ() -> None:
    before = {"context": "a" * 5000 + "oud" + "b" * 5000, "pitfalls": [{"title": "c" * 999}]}
    after = {"context": "a" * 5000 + "nieuw" + "b" * 5000, "pitfalls": []}

    context, pitfalls = key_changes(before, after)

    assert (len(context.before), context.before[41:44]) == (202, "oud")
    assert context.after[41:46] == "nieuw"
    assert pitfalls == ("pitfalls", [{"title": "c" * 200 + "…"}], [])


def test_every_reason_has_a_text() -> None:
    assert {"other-draft", "withdrawn", "meanwhile"} <= REASONS.keys()
    assert "%(reason)s" in DETAILS["inconsistent"]


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """A knowledge base to be emptied for each example."""
    made = make(tmp_path_factory.mktemp("emptied"))
    yield made
    made.close()


def empty(kb: KnowledgeBase) -> None:
    with kb.database.transaction() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in {"term", "change_counter"}:
                session.execute(table.delete())


AUTHORS = st.sampled_from(("sanne", "joris"))


@st.composite
def batches(draw: st.DrawFn) -> list[Any]:
    """Rows about a few cases: right, incomplete, broken, archetypes and what names them."""
    rows: list[Any] = []
    for _ in range(draw(st.integers(1, 6))):
        slug = draw(st.sampled_from(("a", "b", "c", "d")))
        names = (None, "a", "b", "c")
        document = draw(strategies.cases(id=slug)) | {"archetype": draw(st.sampled_from(names))}
        document |= draw(
            st.sampled_from(
                ({}, {}, {"title": "Vast"}, {"title": None}, {"scale": "x"}, {"kind": "archetype"})
            )
        )
        rows.append(draw(st.sampled_from((document, document, document, a_case(slug), []))))
    return rows


def state_of(kb: KnowledgeBase) -> Any:
    """The texts of all cases and what became of them, without moments and numbers of rows."""
    with kb.database.reading() as session:
        return [
            (each.slug, each.state, each.version, each.document, each.author)
            for each in session.scalars(select(Revision).order_by(Revision.id))
        ]


@examples(20)
@given(
    st.lists(st.tuples(batches(), st.booleans(), st.sampled_from(("sanne", "joris"))), max_size=3)
)
def test_what_a_dry_run_tells_the_real_one_does(
    emptied: KnowledgeBase, imports: Iterable[tuple[list[Any], bool, str]]
) -> None:
    kb = emptied
    empty(kb)
    for rows, publish, author in imports:
        before = everything(kb)
        tried = run(kb, *rows, publish=publish, author=author, dry_run=True)
        assert everything(kb) == before

        done = run(kb, *rows, publish=publish, author=author)

        assert done.rows == tried.rows
        stored = state_of(kb)
        again = run(kb, *rows, publish=publish, author=author)
        assert not {"created", "updated"} & set(outcomes(again))
        assert state_of(kb) == stored
        with kb.database.reading() as session:
            for revision in session.scalars(select(Revision).where(Revision.state == "published")):
                case = CaseDocument().load(revision.document)
                wrong = {at for at, _ in workflow.all_publication_errors(session, case)}
                assert wrong <= {"/archetype"}  # which a later row may have made a project
