"""Adding, moving and removing items of the lists in a form, for who has no script."""

from __future__ import annotations

from typing import NamedTuple

from kb.desk.form.model import FormModel
from kb.desk.form.values import Document, Submission

ACTIONS = ("add", "up", "down", "remove")


class ItemAction(NamedTuple):
    """What a button does: `up:findings.3`, `add:ingredients`, `add:ingredients:buddy-systeem`."""

    what: str  # one of ACTIONS
    key: str  # of a list
    token: str = ""  # of the item
    term: str = ""  # that a new item begins with


def item_action(model: FormModel, name: str) -> ItemAction | None:
    """The action that a button names; None for a button that does something else."""
    what, _, target = name.partition(":")
    target, _, term = target.partition(":")
    key, _, token = target.partition(".")
    field = model.field(key)
    if what not in ACTIONS or field is None or field.shape != "blocks":
        return None
    return ItemAction(what, key, token, term)


def changed(model: FormModel, sent: Submission, action: ItemAction) -> Document:
    """The document after an action; as it was when there is no such item, or nowhere to go."""
    items, tokens = list(sent.document[action.key]), sent.tokens[action.key]
    if action.what == "add":
        field = model.field(action.key)
        assert field is not None
        items.append({field.fields[0].key: action.term} if action.term else {})
    elif action.token in tokens:
        index = tokens.index(action.token)
        item = items.pop(index)
        if action.what != "remove":
            shift = 1 if action.what == "down" else -1
            items.insert(max(0, index + shift), item)
    return {**sent.document, action.key: items}
