"""A check of a draft plan: what somebody sends, and what they get back."""

from __future__ import annotations

from marshmallow import fields, missing

from .base import Schema
from .links import Link
from .terms import TermField, TermList
from .validators import Length

SUBJECTS = ("pitfallCategory", "ingredient", "case", "effectDomain", "planQuestion")
KINDS = ("valkuil", "niet-genoemd", "lijkt-op", "tegenbewijs", "vraag")
TERMS_DETAIL = (
    "Ids of terms, or objects with an id. Left out: recognised in the text; `[]` or null: none."
)
TERM_DETAIL = "Left out: recognised in the text; null: not known."


def correction(scheme: str) -> TermList:
    """Terms of a scheme that are not there at all when they are left out."""
    described = {"description": TERMS_DETAIL}
    return TermList(scheme, load_default=missing, allow_none=True, metadata=described)


class PlanContextInput(Schema):
    """What kind of plan it is; each key takes the place of what would be recognised."""

    strategies = correction("strategies")
    target_groups = correction("target-groups")
    scale = TermField("scales", allow_none=True, metadata={"description": TERM_DETAIL})
    phase = TermField("phases", allow_none=True, metadata={"description": TERM_DETAIL})


class PlanCheckInput(Schema):
    """A plan to be checked."""

    text = fields.String(
        required=True,
        validate=Length(1),
        metadata={"description": "The plan, in Dutch; at most 100 kB as UTF-8."},
    )
    context = fields.Nested(
        PlanContextInput,
        load_default=None,
        allow_none=True,
        metadata={"description": "Keys that are left out are recognised in the text."},
    )


class PlanContext(Schema):
    """What kind of plan it is."""

    strategies = TermList("strategies")
    target_groups = TermList("target-groups")
    scale = TermField("scales", allow_none=True)
    phase = TermField("phases", allow_none=True)


class ComparableCases(Schema):
    """The cases that a plan is compared with."""

    basis = fields.String(
        required=True,
        metadata={
            "enum": ["group-or-scale", "strategy", "none"],
            "description": "What they share: a strategy and a target group or the scale; or, when "
            "there are fewer than five of those, a strategy.",
        },
    )
    cases = fields.Integer(required=True, metadata={"description": "How many."})


class PlanSentence(Schema):
    """A sentence of the plan; places count code points of the text as it was sent."""

    text = fields.String(required=True)
    start = fields.Integer(
        required=True, metadata={"description": "In code points, counted from 0."}
    )
    end = fields.Integer(required=True, metadata={"description": "Excluded."})


class RemarkSubject(Schema):
    """What a remark is about."""

    type = fields.String(
        required=True,
        metadata={"enum": list(SUBJECTS)},
    )
    slug = fields.String(required=True, data_key="id")
    label = fields.String(required=True)


class RemarkCase(Schema):
    """A case that a remark rests on."""

    slug = fields.String(required=True, data_key="id")
    title = fields.String(required=True)


class AvoidanceLinks(Schema):
    """Where to read about a pitfall."""

    self = fields.Nested(Link, required=True)
    html = fields.Nested(Link, required=True)


class RemarkAvoidance(Schema):
    """How a pitfall of a case can be avoided, as editors wrote it: advice, not evidence."""

    slug = fields.String(required=True, data_key="id", metadata={"description": "Of the pitfall."})
    title = fields.String(required=True)
    avoidance = fields.String(required=True)
    unverified = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "`pitfalls` or `pitfalls.avoidance` when nobody has checked it against "
            "a source yet."
        },
    )
    links = fields.Nested(AvoidanceLinks, required=True, data_key="_links")


class RemarkLinks(Schema):
    """Where to read more, and where to answer “not so”."""

    about = fields.Nested(Link, required=True)
    html = fields.Nested(Link, required=True)
    rejections = fields.Nested(
        Link, required=True, metadata={"description": "Where “not so” is counted."}
    )
    pitfalls = fields.Nested(
        Link,
        metadata={
            "description": "Of a pitfall: a dossier of the pitfalls of this kind in `cases`, which "
            "are the cases that `reason` counts; left out when there are none, or more than 50."
        },
    )
    findings = fields.Nested(Link, metadata={"description": "Of counter-evidence."})


class PlanRemark(Schema):
    """One remark on the plan."""

    kind = fields.String(required=True, metadata={"enum": list(KINDS)})
    about = fields.Nested(
        RemarkSubject, required=True, metadata={"description": "What the remark is about."}
    )
    strength = fields.String(
        required=True,
        metadata={
            "enum": ["strong", "fair", "weak"],
            "description": "How strong the evidence is; what is weak is always folded.",
        },
    )
    sentence = fields.Nested(
        PlanSentence,
        required=True,
        allow_none=True,
        metadata={"description": "Null when no words of the plan are the reason."},
    )
    trigger = fields.List(
        fields.String(), required=True, metadata={"description": "The words that triggered it."}
    )
    rule = fields.String(required=True, metadata={"description": "The id of the rule."})
    rule_version = fields.Integer(
        required=True, metadata={"description": "Higher after each change of the rule."}
    )
    reason = fields.String(required=True)
    cases = fields.List(
        fields.Nested(RemarkCase),
        required=True,
        metadata={"description": "Exactly the cases that `reason` counts."},
    )
    avoidances = fields.List(
        fields.Nested(RemarkAvoidance),
        required=True,
        metadata={
            "description": "Of a pitfall: how to avoid it, by at most two pitfalls of this kind in "
            "these cases, those most like the plan first."
        },
    )
    findings = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "Of counter-evidence: ids of the strongest findings, those of "
            "cases that share a strategy or target group with the plan first."
        },
    )
    links = fields.Nested(RemarkLinks, required=True, data_key="_links")


class LookedFor(Schema):
    """What a rule looked for and did not see, or saw only rejected, intended or doubted."""

    kind = fields.String(required=True, metadata={"enum": list(KINDS)})
    about = fields.Nested(RemarkSubject, required=True)
    rule = fields.String(required=True)
    status = fields.String(
        required=True, metadata={"enum": ["absent", "denied", "intended", "doubted"]}
    )
    sentence = fields.Nested(PlanSentence, required=True, allow_none=True)


class PlanCheck(Schema):
    """What was seen in a plan."""

    context = fields.Nested(PlanContext, required=True)
    comparable = fields.Nested(
        ComparableCases,
        required=True,
        metadata={"description": "The cases that the plan is compared with."},
    )
    remarks = fields.List(
        fields.Nested(PlanRemark),
        required=True,
        metadata={"description": "At most twelve, the strongest evidence first."},
    )
    folded = fields.List(
        fields.Nested(PlanRemark),
        required=True,
        metadata={"description": "The rest, and what is merely a hint."},
    )
    looked_for = fields.List(
        fields.Nested(LookedFor),
        required=True,
        metadata={"description": "What rules looked for in vain."},
    )
    rules_version = fields.String(
        required=True, metadata={"description": "Of the file with all rules."}
    )


class RejectionInput(Schema):
    """A remark that is not so: by which rule, about what. Nothing of the plan."""

    rule = fields.String(required=True, metadata={"description": "The `rule` of the remark."})
    about = fields.String(required=True, metadata={"description": "The `about.id` of the remark."})


class Rejection(Schema):
    """A rejection that was counted."""

    rule = fields.String(required=True)
    about = fields.String(required=True)
