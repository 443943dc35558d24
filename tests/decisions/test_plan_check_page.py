"""/plan-toets: a plan is pasted, put right, and gets remarks."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from kb.pages.plan_check_views import measurement
from tests.conftest import KnowledgeBase
from tests.decisions.plans import PLAN


def test_the_page_tells_once_what_is_comparable(seeded: KnowledgeBase) -> None:
    form = {"text": PLAN, "step": "check", "strategy": "gemengd-wonencomplex", "scale": "complex"}
    page = seeded.client.post("/plan-toets", data=form).text

    assert page.count("Vergelijkbaar is") == 1
    assert '<label for="scale-1">Schaal</label>' in page
    assert '<label for="phase-1">Fase</label>' in page


def test_the_page_asks_what_a_plan_is_about_and_then_makes_remarks(seeded: KnowledgeBase) -> None:
    client = seeded.client
    empty = client.get("/plan-toets")
    about = client.post("/plan-toets", data={"text": PLAN, "step": "context"})
    remarks = client.post(
        "/plan-toets",
        data={
            "text": PLAN,
            "step": "check",
            "strategy": "gemengd-wonencomplex",
            "scale": "complex",
        },
    )

    assert (empty.status_code, about.status_code, remarks.status_code) == (200, 200, 200)
    assert '<option value="gemengd-wonencomplex" selected>' in about.text
    assert about.headers["Cache-Control"] == "no-store"
    assert "<mark>beheerder</mark>" in remarks.text
    assert "Klopt niet" in remarks.text
    assert "Projectplan Kade" in remarks.text


def test_every_link_of_a_page_with_remarks_leads_somewhere(seeded: KnowledgeBase) -> None:
    form = {"text": PLAN, "step": "check", "strategy": "gemengd-wonencomplex", "scale": "complex"}
    for query in ("", "?lang=en"):
        page = seeded.client.post(f"/plan-toets{query}", data=form).text
        links = set(re.findall(r'<a [^>]*href="(/[^"#]*)', page))

        assert any(each.startswith("/valkuilen?") for each in links)
        for href in sorted(links):
            answer = seeded.client.get(unescape(href), follow_redirects=True)
            assert answer.status_code == 200, href


def test_the_page_tells_how_often_remarks_were_right(seeded: KnowledgeBase) -> None:
    document = Path("docs/plan-check.md").read_text("utf-8")
    table = document.partition("## The test half")[2].partition("\n\nWith")[0]
    rows = re.findall(r"\| ([a-z-]+) \| (\d+) \| ([\d.]+) \| \d+ \| ([\d.]+) \| (\d+) \|", table)
    page = seeded.client.get("/plan-toets").text

    figures = measurement()["kinds"]
    assert [kind for kind, *_ in rows] == list(figures)
    for kind, shown, precision, recall, folded in rows:
        own = figures[kind]
        assert (own["shown"], own["folded"]) == (int(shown), int(folded))
        assert (own["precision"], own["recall"]) == (float(precision), float(recall))
        assert f"Gemeten: {float(precision) * 100:.0f} van de 100" in page
    assert measurement()["rulesVersion"] in document
    assert 'href="/werkwijze#plan-toets"' in page
    assert 'id="plan-toets"' in seeded.client.get("/werkwijze").text


def test_the_page_keeps_what_was_typed_when_something_is_wrong(seeded: KnowledgeBase) -> None:
    empty = seeded.client.post("/plan-toets", data={"text": "  "})
    long = seeded.client.post("/plan-toets", data={"text": "lang woord " * 10_000})

    assert (empty.status_code, long.status_code) == (400, 413)
    assert "lang woord lang woord" in long.text
    assert 'role="alert"' in empty.text


def test_the_page_writes_a_hostile_plan_as_text(seeded: KnowledgeBase) -> None:
    text = '<script>alert(1)</script> Er is geen beheerder"><img src=x onerror=y>.'
    page = seeded.client.post("/plan-toets", data={"text": text, "step": "check", "scale": "wijk"})

    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img" not in page.text


def test_a_remark_can_be_rejected_without_a_script(kb: KnowledgeBase) -> None:
    rejection = {"rule": "vraag-wie-meet", "about": "wie-meet"}
    page = kb.client.post("/plan-toets/klopt-niet", data=rejection)
    wrong = kb.client.post("/plan-toets/klopt-niet", data={"rule": "x"})

    assert (page.status_code, wrong.status_code) == (200, 400)
    assert "Dank je wel" in page.text
