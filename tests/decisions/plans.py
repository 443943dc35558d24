"""A plan, and what a check says of it."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

PLAN = """Projectplan Kade: studio's voor jongeren en statushouders

Wij verhuren alle 120 studio's in één keer. De ene helft is voor statushouders, de andere voor
jongeren. Een beheerder in het gebouw is niet begroot. Een huurcontract duurt maximaal vijf jaar.

Wat levert het op
Doordat jongeren en statushouders naast elkaar wonen, leren zij elkaar kennen en neemt de sociale
samenhang toe. Het project wordt de eerste twee jaar betaald uit een projectsubsidie.
"""


def check(client: FlaskClient, text: str = PLAN, **body: Any) -> Any:
    """The answer about a plan."""
    answer = client.post("/v1/plan-checks", json={"text": text, **body})
    assert answer.status_code == 200, answer.text
    return answer.json


def abouts(remarks: list[Any], kind: str) -> set[str]:
    return {each["about"]["id"] for each in remarks if each["kind"] == kind}
