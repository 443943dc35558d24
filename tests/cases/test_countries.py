"""Countries are codes; who types a name is helped on."""

from __future__ import annotations

import pytest

from tests.builders import a_case
from tests.cases.mistakes import all_mistakes


@pytest.mark.parametrize(
    ("typed", "meant"), [("Nederland", "NL"), ("belgium", "BE"), ("nl", "NL"), ("Atlantis", None)]
)
def test_the_name_of_a_country_leads_to_its_code(typed: str, meant: str | None) -> None:
    [(at, mistake)] = all_mistakes(a_case(place={"country": typed}))

    assert (at, mistake.code, mistake.suggestion) == ("/place/country", "bad-format", meant)
