"""What judges expect of the first content, asked as the bench does (bench/relevance.py)."""

from __future__ import annotations

from bench.relevance import in_process, judged, per_kind, run
from tests.conftest import KnowledgeBase


def test_an_engine_finds_what_judges_expect(seeded: KnowledgeBase) -> None:
    queries = [each for each in judged() if each.kind in ("name", "inflection", "compound")]

    scores = per_kind(run(in_process(seeded.engine), queries))

    assert scores["all"].success >= 0.9
    assert scores["all"].ndcg >= 0.7
