"""Valid things with as little in them as can be; name what your test is about."""

from __future__ import annotations

from typing import Any

LONG = "Bewoners van de buurt werken samen met de gemeente."


def a_case(id: str = "tuin", **keys: Any) -> dict[str, Any]:
    """A document of a case that can be published."""
    document: dict[str, Any] = {
        "id": id,
        "kind": "praktijk",
        "title": id.replace("-", " ").capitalize(),
        "summary": LONG,
        "context": LONG,
        "approach": LONG,
        "results": LONG,
        "place": {"country": "NL", "province": "Utrecht", "municipality": "Utrecht"},
        "startYear": 2016,
        "status": "lopend",
        "scale": "buurt",
        "strategies": ["sociaal-beheer"],
        "targetGroups": ["jongeren"],
        "ingredients": [{"id": "buddy-systeem", "how": "Buren helpen elkaar."}],
        "sources": [a_source()],
    }
    return document | keys


def a_source(id: str = "bron-1", **keys: Any) -> dict[str, Any]:
    """A source of a case."""
    return {"id": id, "title": "Verslag van de buurt", "sourceType": "rapport"} | keys


def a_pitfall(owner: str, name: str = "korte-adem", **keys: Any) -> dict[str, Any]:
    """A pitfall of a case or a study."""
    return {
        "id": f"{owner}--{name}",
        "title": name.replace("-", " ").capitalize(),
        "category": "korte-adem",
        "phase": "uitvoering",
        "description": "Na een jaar was het geld op.",
        "avoidance": "Spreek vooraf af wie er na het eerste jaar betaalt.",
    } | keys


def a_finding(owner: str, name: str = "minder-overlast", **keys: Any) -> dict[str, Any]:
    """A finding of a case; leave `source` out for one of a study."""
    return {
        "id": f"{owner}--{name}",
        "claim": name.replace("-", " ").capitalize(),
        "domain": "leefbaarheid",
        "level": "wijk",
        "direction": "positief",
        "evidence": "praktijkervaring",
        "source": "bron-1",
    } | keys


def a_study(id: str = "onderzoek", **keys: Any) -> dict[str, Any]:
    """A document of a study."""
    return {
        "id": id,
        "title": id.replace("-", " ").capitalize(),
        "year": 2018,
        "sourceType": "rapport",
        "summary": LONG,
    } | keys


def a_question(id: str = "wat-werkt", **keys: Any) -> dict[str, Any]:
    """A document of a question."""
    return {"id": id, "theme": "proces", "title": "Wat werkt?", "answer": LONG} | keys
