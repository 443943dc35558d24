"""The variable parts of paths: what each is, with an example of the first cases."""

from __future__ import annotations

from typing import NamedTuple


class PathParameter(NamedTuple):
    """A part of a path, for the API document."""

    description: str
    example: str | int


PATH_PARAMETERS = {  # by their names in routes
    "case_id": PathParameter("The id of a case.", "place2bu-utrecht"),
    "pitfall_id": PathParameter(
        "The id of a pitfall: that of its case or study, two dashes, a name.",
        "place2bu-utrecht--onrustige-start-op-grote-schaal",
    ),
    "finding_id": PathParameter(
        "The id of a finding: that of its case or study, two dashes, a name.",
        "kleinhans-2004--menging-van-eigendom-leidt-niet-vanzelf-tot-contact-tussen",
    ),
    "study_id": PathParameter("The id of a study.", "kleinhans-2004"),
    "question_id": PathParameter("The id of a question.", "leidt-mengen-tot-contact"),
    "ingredient_id": PathParameter(
        "The id of an active ingredient; a term of the vocabulary `ingredients`.", "buddy-systeem"
    ),
    "scheme": PathParameter("The id of a vocabulary.", "ingredients"),
    "version": PathParameter("The number of a publication of the case, counted from 1.", 1),
    "revision": PathParameter("The number of a saved text, as the history of the case has it.", 1),
    "import_id": PathParameter("The id of an import.", "0f3c2d1e9b8a7c6d5e4f3a2b"),
}
