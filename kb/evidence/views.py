"""/v1/findings/{id}, /v1/studies/{id} and /v1/questions/{id}."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from kb.cases import queries
from kb.cases.model import Finding, Question, Study
from kb.kinds import FINDING, QUESTION, STUDY
from kb.services import session
from kb.web.blueprint import Blueprint
from kb.web.negotiation import represent
from schemas import findings, questions, studies
from schemas.lists import OneFindingQuery, OneQuestionQuery, OneStudyQuery

blp = Blueprint("evidence", __name__, url_prefix="/v1", description="What is known.")


@blp.route("/findings/<slug:finding_id>")
class OneFinding(MethodView):
    representations = FINDING.representations

    @blp.arguments(OneFindingQuery, location="query")
    @blp.response(200, findings.Finding)
    @blp.alt_responses(301, 410)
    def get(self, _query: dict[str, Any], finding_id: str) -> Any:
        """Read a finding: its claim, how strong the evidence is, and the source.

        An unknown id answers 404 with ids that come near.
        """
        return represent(queries.one(session(), Finding, finding_id))


@blp.route("/studies/<slug:study_id>")
class OneStudy(MethodView):
    representations = STUDY.representations

    @blp.arguments(OneStudyQuery, location="query")
    @blp.response(200, studies.Study)
    @blp.alt_responses(301, 410)
    def get(self, _query: dict[str, Any], study_id: str) -> Any:
        """Read a study with its findings and pitfalls.

        An unknown id answers 404 with ids that come near.
        """
        return represent(queries.one(session(), Study, study_id))


@blp.route("/questions/<slug:question_id>")
class OneQuestion(MethodView):
    representations = QUESTION.representations

    @blp.arguments(OneQuestionQuery, location="query")
    @blp.response(200, questions.Question)
    @blp.alt_responses(301, 410)
    def get(self, _query: dict[str, Any], question_id: str) -> Any:
        """Read a practitioner's question with its answer, studies and terms to go on with.

        An unknown id answers 404 with ids that come near.
        """
        return represent(queries.one(session(), Question, question_id))
