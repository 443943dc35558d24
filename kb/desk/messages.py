"""What was done, said once on the page that follows: `?done=…` names it, and carries no words."""

from __future__ import annotations

from kb.translation import N_
from kb.web.translation import gettext

MESSAGES = {
    "saved": N_("Saved."),
    "merged": N_("Saved, together with what was changed elsewhere."),
    "verified": N_("Recorded. Readers see that it was checked."),
    "taken-back": N_("Taken back: this part was not checked."),
    "submitted": N_("Sent for review. A publisher reads it now."),
    "published": N_("Public now, and to be met in search."),
    "published-later": N_("Public now. Search will know of it in a moment."),
    "returned": N_("Returned to who wrote it, with your note."),
    "retracted": N_("Taken back: it is a draft again."),
    "commented": N_("Your comment is there."),
    "resolved": N_("The comment is resolved."),
    "reopened": N_("The comment is open again."),
    "deleted": N_("The comment is gone."),
    "revoked": N_("That address shows nothing any more."),
    "signed-out": N_("You have signed out."),
    "signed-out-here": N_("You have signed out here."),
    "discarded": N_("The draft is discarded; for 90 days it can be brought back."),
    "proposal-discarded": N_("The proposal is discarded; what is public stays."),
    "decided": N_("Somebody has decided on this proposal already."),
    "restored": N_("That text is the draft now."),
    "withdrawn": N_("It is withdrawn; its address says why."),
    "corrected": N_("The reason is corrected."),
    "renamed": N_("It has its new id; the former address leads here."),
    "note-approve": N_("Everybody can read it now."),
    "note-answer": N_("Everybody can read it now, with the answer."),
    "note-reject": N_("Nobody sees it."),
    "batch-made": N_("The drafts are made. Look at them, and submit the batch."),
    "batch-published": N_("Everything in this batch is public now."),
    "batch-extended": N_("What had come to use the term is in the batch now."),
    "batch-discarded": N_("The batch is discarded, with its drafts."),
    "batch-without": N_("It is out of the batch, and its draft is discarded."),
    "imported": N_("Taken over. Below stands what became of each row."),
    "file-forgotten": N_("The file is forgotten."),
    "erased": N_("The text is erased for good."),
}


def message(name: str) -> str:
    """The text of a message; empty for one that there is not."""
    return gettext(MESSAGES[name]) if name in MESSAGES else ""
