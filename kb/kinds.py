"""The one registry of kinds: what is published here, where it stands, and its part in each room.

A new kind is added here and in its own room. A part is named as Python imports it and loaded when
it is first used, so everybody may look at this module, and it looks at nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, get_args

if TYPE_CHECKING:
    from marshmallow import Schema

KindName = Literal["case", "pitfall", "finding", "study", "question", "ingredient"]
KIND_NAMES: tuple[KindName, ...] = get_args(KindName)
Texts = Mapping[str, str]  # by language: nl, en
LIST_REPRESENTATIONS = ("json", "atom", "csv", "ndjson", "jsonld", "turtle")  # of any list
DOWNLOADS = ("csv", "bibtex", "ris", "csl", "docx", "markdown")  # of a thing, for people
T = TypeVar("T")


@dataclass(frozen=True)
class Part(Generic[T]):
    """Something of another module, as `package.module:name`; calling it loads that."""

    name: str

    def __call__(self) -> T:
        """What is there. Raises ImportError and AttributeError."""
        return cast("T", _load(self.name))


@cache
def _load(name: str) -> Any:
    return resolve_name(name)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of thing that is published; `name` is its `type` in JSON."""

    name: KindName
    collection: str  # /v1/{collection} lists them, /v1/{collection}/{id} is one
    label: Texts  # of one thing
    plural: Texts
    about: Texts  # what the list holds, for catalogues of data
    dataset: Texts | None = None  # what such a catalogue calls the list; else its plural
    example_id: str  # of the first cases and studies, for the API document
    about_id: str = ""  # there too; empty: “The id of a …”
    schema_org_type: str  # schema.org/…, in linked data
    list_path: str = "/zoeken"  # where people search the list
    page_path: str = ""  # {page_path}/{id} is its page; empty: on the page of its owner
    embed_path: str = ""  # {embed_path}/{id} shows it in a frame; empty: nothing does
    is_owned: bool = False  # by a case or study, with which it is published
    is_suggested: bool = False  # while people type
    list_representations: tuple[str, ...] = LIST_REPRESENTATIONS
    representations: tuple[str, ...] = ("json",)  # of one thing; the usual one first
    default_sort: tuple[str, ...] = ("-updatedAt",)  # of its list, without words

    model: Part[type[Any]] | None = None  # its rows; or else …
    scheme: str = ""  # … its things are the terms of this vocabulary
    loader_options: Part[tuple[Any, ...]] | None = None  # what is read along with a row
    schema: Part[type[Schema]]  # of one thing
    item_schema: Part[type[Any]]  # of a thing in a list
    query_schema: Part[type[Schema]]  # of the parameters of its list
    documents: Part[Callable[..., Iterator[Any]]] | None = None
    """A row, or a term and its notes → its SearchDocument, then those of what it owns; None: its
    owner has it."""
    editable: Part[Any] | None = None  # an EditableKind: editors write drafts of it

    @property
    def is_published_alone(self) -> bool:
        """Whether changes name it: it is neither owned nor a term."""
        return self.model is not None and not self.is_owned


CASE = Kind(
    name="case",
    collection="cases",
    example_id="place2bu-utrecht",
    label={"nl": "Casus", "en": "Case"},
    plural={"nl": "Casussen", "en": "Cases"},
    about={
        "nl": "Interventies in wijken en complexen: aanpak, resultaten, partijen en bronnen.",
        "en": "Interventions in neighbourhoods: approach, results, parties and sources.",
    },
    schema_org_type="Article",
    page_path="/casussen",
    embed_path="/embed/casus",
    is_suggested=True,
    representations=("json", *DOWNLOADS, "ndjson", "jsonld", "turtle", "atom"),
    model=Part("kb.cases.model:Case"),
    loader_options=Part("kb.cases.queries:CASE_OPTIONS"),
    schema=Part("schemas.cases:Case"),
    item_schema=Part("schemas.cases:CaseItem"),
    query_schema=Part("schemas.lists:CaseListQuery"),
    documents=Part("kb.search.documents:of_case"),
    editable=Part("kb.editors.case_texts:CASE"),
)
PITFALL = Kind(
    name="pitfall",
    collection="pitfalls",
    example_id="place2bu-utrecht--onrustige-start-op-grote-schaal",
    about_id="The id of a pitfall: that of its case or study, two dashes, a name.",
    label={"nl": "Valkuil", "en": "Pitfall"},
    plural={"nl": "Valkuilen", "en": "Pitfalls"},
    about={
        "nl": "Wat misging in het proces, in welke fase, en hoe anderen dat kunnen vermijden.",
        "en": "What went wrong in the process, in which phase, and how others can avoid it.",
    },
    list_path="/valkuilen",
    schema_org_type="CreativeWork",
    page_path="/valkuilen",
    embed_path="/embed/valkuil",
    is_owned=True,
    is_suggested=True,
    model=Part("kb.cases.model:Pitfall"),
    loader_options=Part("kb.cases.queries:PITFALL_OPTIONS"),
    schema=Part("schemas.pitfalls:Pitfall"),
    item_schema=Part("schemas.pitfalls:PitfallItem"),
    query_schema=Part("schemas.lists:PitfallListQuery"),
)
FINDING = Kind(
    name="finding",
    collection="findings",
    example_id="kleinhans-2004--menging-van-eigendom-leidt-niet-vanzelf-tot-contact-tussen",
    about_id="The id of a finding: that of its case or study, two dashes, a name.",
    label={"nl": "Bevinding", "en": "Finding"},
    plural={"nl": "Bevindingen", "en": "Findings"},
    about={
        "nl": "Wat van effecten is gevonden, met richting, niveau, soort bewijs en bron.",
        "en": "What was found of effects, with direction, level, kind of evidence and source.",
    },
    schema_org_type="Claim",
    is_owned=True,
    representations=("json", *DOWNLOADS),
    default_sort=("lane", "-year"),
    model=Part("kb.cases.model:Finding"),
    loader_options=Part("kb.cases.queries:FINDING_OPTIONS"),
    schema=Part("schemas.findings:Finding"),
    item_schema=Part("schemas.findings:Finding"),
    query_schema=Part("schemas.lists:FindingListQuery"),
)
STUDY = Kind(
    name="study",
    collection="studies",
    example_id="kleinhans-2004",
    label={"nl": "Onderzoek", "en": "Study"},
    plural={"nl": "Onderzoeken", "en": "Studies"},
    about={
        "nl": "Onze beschrijvingen van publicaties. Die hebben zelf hun eigen rechten.",
        "en": "Our descriptions of publications. The publications have rights of their own.",
    },
    dataset={"nl": "Beschrijvingen van onderzoeken", "en": "Descriptions of studies"},
    schema_org_type="Report",
    page_path="/onderzoeken",
    is_suggested=True,
    embed_path="/embed/onderzoek",
    list_representations=(*LIST_REPRESENTATIONS, "bibtex", "ris"),
    representations=("json", *DOWNLOADS, "jsonld", "turtle"),
    default_sort=("-year",),
    model=Part("kb.cases.model:Study"),
    loader_options=Part("kb.cases.queries:STUDY_OPTIONS"),
    schema=Part("schemas.studies:Study"),
    item_schema=Part("schemas.studies:StudyItem"),
    query_schema=Part("schemas.lists:StudyListQuery"),
    documents=Part("kb.search.documents:of_study"),
    editable=Part("kb.editors.study_texts:STUDY"),
)
QUESTION = Kind(
    name="question",
    collection="questions",
    example_id="leidt-mengen-tot-contact",
    label={"nl": "Kennisvraag", "en": "Question"},
    plural={"nl": "Vragen", "en": "Questions"},
    about={
        "nl": "Vragen uit de praktijk, met een antwoord en het onderzoek erachter.",
        "en": "Practitioners' questions, with an answer and the research behind it.",
    },
    dataset={"nl": "Kennisvragen", "en": "Questions"},
    list_path="/vragen",
    schema_org_type="Question",
    page_path="/vragen",
    is_suggested=True,
    embed_path="/embed/vraag",
    representations=("json", *DOWNLOADS),
    default_sort=("position",),
    model=Part("kb.cases.model:Question"),
    loader_options=Part("kb.cases.queries:QUESTION_OPTIONS"),
    schema=Part("schemas.questions:Question"),
    item_schema=Part("schemas.questions:QuestionItem"),
    query_schema=Part("schemas.lists:QuestionListQuery"),
    documents=Part("kb.search.documents:of_question"),
    editable=Part("kb.editors.question_texts:QUESTION"),
)
INGREDIENT = Kind(
    name="ingredient",
    collection="ingredients",
    example_id="buddy-systeem",
    about_id="The id of an active ingredient; a term of the vocabulary `ingredients`.",
    label={"nl": "Werkzaam bestanddeel", "en": "Active ingredient"},
    plural={"nl": "Werkzame bestanddelen", "en": "Active ingredients"},
    about={
        "nl": "Wat volgens betrokkenen hielp, per groep, met het aantal casussen.",
        "en": "What helped according to those involved, by group, with the number of cases.",
    },
    list_path="/bestanddelen",
    schema_org_type="DefinedTerm",
    page_path="/bestanddelen",
    is_suggested=True,
    default_sort=("position",),
    scheme="ingredients",
    schema=Part("schemas.vocabularies:Ingredient"),
    item_schema=Part("schemas.vocabularies:IngredientItem"),
    query_schema=Part("schemas.lists:IngredientListQuery"),
    documents=Part("kb.search.documents:of_ingredient"),
)
KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (CASE, PITFALL, FINDING, STUDY, QUESTION, INGREDIENT)
}
CHANGED_KINDS = (  # that a numbered change names: things, and the vocabularies
    *(kind.name for kind in KINDS.values() if kind.is_published_alone),
    "vocabulary",
)
EDITABLE_KINDS = tuple(kind for kind in KINDS.values() if kind.editable)
BY_COLLECTION: Mapping[str, Kind] = {kind.collection: kind for kind in KINDS.values()}


def kind_of(model: type[Any]) -> Kind:
    """The kind whose rows are of a model."""
    return next(kind for kind in KINDS.values() if kind.model and kind.model() is model)
