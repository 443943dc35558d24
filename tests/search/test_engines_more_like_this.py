"""What is like a case, the same in every engine."""

from __future__ import annotations

from typing import ClassVar

from kb.search.engine import MoreLikeThis, SearchEngine
from tests.search.engines import a_document, put


class TestMoreLikeThis:
    FIELDS: ClassVar = {"ingredient": 1.0, "scale": 0.3, "archetype": 1.5}

    def shared(
        self, engine: SearchEngine, id: str, limit: int = 6
    ) -> dict[str, dict[str, tuple[str, ...]]]:
        """What each similar case shares, by field; the best first."""
        request = MoreLikeThis(id, self.FIELDS, not_alone=("scale",), limit=limit)
        return {hit.id: {**dict(hit.shared)} for hit in engine.more_like_this(request)}

    def test_a_rare_value_weighs_more(self, engine: SearchEngine) -> None:
        put(
            engine,
            a_document("vraag", values={"ingredient": ("p", "q")}),
            a_document("a", values={"ingredient": ("p",)}),
            a_document("b", values={"ingredient": ("q",)}),
            a_document("c", values={"ingredient": ("p",)}),
        )

        shared = self.shared(engine, "vraag")

        assert list(shared) == ["b", "a", "c"]
        assert shared["b"] == {"ingredient": ("q",)}

    def test_an_archetype_and_its_cases_are_alike(self, engine: SearchEngine) -> None:
        put(
            engine,
            a_document("soort"),
            a_document("een", values={"archetype": ("soort",)}),
            a_document("twee", values={"archetype": ("soort",)}),
            a_document("ander"),
        )

        archetype = {"archetype": ("soort",)}
        assert self.shared(engine, "een") == {"soort": archetype, "twee": archetype}
        assert list(self.shared(engine, "soort")) == ["een", "twee"]
        assert list(self.shared(engine, "soort", limit=1)) == ["een"]

    def test_the_head_of_a_family_may_be_of_another(self, engine: SearchEngine) -> None:
        put(
            engine,
            a_document("soort", values={"archetype": ("groep",)}),
            a_document("een", values={"archetype": ("soort",)}),
            a_document("twee", values={"archetype": ("soort",)}),
        )

        assert list(self.shared(engine, "een")) == ["twee"]
        assert self.shared(engine, "soort") == {}

    def test_what_counts_only_with_more_makes_none_similar(self, engine: SearchEngine) -> None:
        put(
            engine,
            a_document("een", values={"scale": ("wijk",), "ingredient": ("p",)}),
            a_document("twee", values={"scale": ("wijk",)}),
            a_document("drie", values={"scale": ("wijk",), "ingredient": ("p",)}),
        )

        assert self.shared(engine, "een") == {"drie": {"ingredient": ("p",), "scale": ("wijk",)}}

    def test_what_was_taken_out_is_neither_similar_nor_counted(self, engine: SearchEngine) -> None:
        put(
            engine,
            *(a_document(each, values={"ingredient": ("p",)}) for each in ("een", "twee", "drie")),
        )
        with engine.writing() as batch:
            batch.remove("case:twee")

        assert list(self.shared(engine, "een")) == ["drie"]
        assert self.shared(engine, "twee") == {}
