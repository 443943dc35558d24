"""What the form says beside its fields: states, buttons, and what script says of saving."""

from __future__ import annotations

from kb.translation import N_

STATES = {
    "draft": N_("Draft"),
    "submitted": N_("Waits for review"),
    "returned": N_("Returned to be mended"),
}
ADD = {  # one more item of a list; of any other list the last
    "parties": N_("Add a party"),
    "ingredients": N_("Add an ingredient"),
    "pitfalls": N_("Add a pitfall"),
    "findings": N_("Add a finding"),
    "sources": N_("Add a source"),
    "events": N_("Add an event"),
    "": N_("Add one more"),
}
SAVE_TEXTS = {  # braces: script fills them in
    "saved": N_("Saved at {time}"),
    "saving": N_("Saving…"),
    "typed": N_("Not saved yet"),
    "partly": N_("Saved at {time}, except: {fields}."),
    "refused": N_("Not saved yet: {fields}."),
    "mend": N_("Mend first: {fields}."),
    "waits": N_("Text of yours that was not saved waits. Nothing is saved until you choose."),
    "toStored": N_("Choose what becomes of it"),
    "offline": N_("No connection. What you type stays in this browser until it can be saved."),
    "ended": N_("You are signed out. What you type stays in this browser."),
    "signIn": N_("Sign in in a new tab"),
    "stale": N_("This text was changed elsewhere as well. Yours is not lost."),
    "look": N_("Look at both"),
    "failed": N_("This could not be saved. What you type stays in this browser."),
    "full": N_("This browser has no room to keep what you type: save often."),
    "moved": N_("“{title}” is now number {place} of {total}."),
    "removed": N_("“{title}” was removed."),
    "loose": N_("Findings that have no source now: {number}."),
    "undo": N_("Put it back"),
    "back": N_("“{title}” is back."),
    "untitled": N_("Nothing filled in yet"),
    "source": N_("Source %(number)s, without a title"),
    "search": N_("Search in these, also by other names"),
    "nothing": N_("Nothing here is called that"),
    "matches": N_("{number} of {total} shown"),
    "pasted": N_("Pasted as plain text: {changes}."),
    "asCopied": N_("Paste it as it was"),
    "markup": N_("markup left out"),
    "bullets": N_("bullets became dashes"),
    "spaces": N_("spaces and line ends tidied"),
    "invisible": N_("invisible characters left out"),
    "joined": N_("lines joined into one"),
    "storedAt": N_("From {time}."),
    "over": N_("characters too many: {number}"),
    "count": N_("{number} of {limit} characters"),
}
