"""The variable parts of paths: what each is, with an example of the first cases."""

from __future__ import annotations

from typing import NamedTuple

from kb.kinds import KINDS


class PathParameter(NamedTuple):
    """A part of a path, for the API document."""

    description: str
    example: str | int


PATH_PARAMETERS = {  # by their names in routes
    **{
        f"{kind.name}_id": PathParameter(
            kind.about_id or f"The id of a {kind.label['en'].lower()}.", kind.example_id
        )
        for kind in KINDS.values()
    },
    "effect_domain": PathParameter("A term of the vocabulary `effect-domains`.", "leefbaarheid"),
    "scheme": PathParameter("The id of a vocabulary.", "ingredients"),
    "term_id": PathParameter("The id of a term of that vocabulary.", "buddy-systeem"),
    "version": PathParameter("The number of a publication of the case, counted from 1.", 1),
    "revision": PathParameter("The number of a saved text, as the history of the case has it.", 1),
    "preview": PathParameter("The number of a preview of the draft.", 1),
    "comment": PathParameter("The number of a comment on the draft.", 1),
    "verification": PathParameter("The number of a check of the thing.", 1),
    "image_id": PathParameter("The id of an image.", "3f0c9a1de25b7c4486a0b1d2e3f4a5e1-1600x900"),
    "note_id": PathParameter("The id of a note from practice.", "5d1f0c9a3b7e2468"),
    "batch_id": PathParameter("The number of a batch.", 1),
    "item_type": PathParameter("What kind of thing an item is.", "case"),
    "item_id": PathParameter("The id of that thing.", "place2bu-utrecht"),
    "import_id": PathParameter("The id of an import.", "0f3c2d1e9b8a7c6d5e4f3a2b"),
    "file_id": PathParameter("The id of an uploaded file.", "1f3c2d1e9b8a7c6d5e4f3a2b"),
}
