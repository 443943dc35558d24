"""The word lists of the Dutch analysis: stop words, filler words, exceptions of lemmas, places.

All words are folded: lower case without accents.
"""

from __future__ import annotations

from collections.abc import Mapping

STOP_WORDS = frozenset(
    """
    aan af al alle als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus een
    eens elk elke en er ge geen geweest haar had hadden heb hebben heeft hem het hier hij hoe hun
    iemand iets ik in is ja je jij jou jouw jullie kan kon kunnen kun kunt maar me mee meer men met
    mij mijn moet moeten na naar niet niets nog nu of om omdat onder ons onze ook op over per reeds
    s te tegen ten ter terwijl toch toe toen tot tussen u uit uw van vanuit veel via volgens voor
    waar waarom waarbij waardoor wanneer want waren was wat we wel welk welke werd werden wie wij
    wil wilt willen word worden wordt zal zelf zich zij zijn zo zonder zou zouden ze
    a an and are as at by do does for from how in is it of on or that the their to what when which
    who why with
    """.split()
)
FILLER_WORDS = frozenset(  # how a question is put, or what every document is about
    """
    project projecten people
    aanpakken beste beter betere blijf blijft blijven doet ga gaan gaat gebeuren gebeurt gemaakt
    geven geeft goed goede heel helpen helpt hielp hoort hoeveel hou houd houden houdt kiezen kies
    kom komen komt krijg krijgen krijgt laat laten lukt maak maakt maken mag mogelijk mogen nodig
    ontstaat regel regelen stopt voorbeeld voorbeelden voorkom voorkomen voorkomt vast werken
    werkt weten zet zetten zien ziet zorgen zorgt casus casussen valkuil valkuilen
    alleen allemaal allerlei bijna bijvoorbeeld blijkt daarna daardoor daarom echt eerder eerst
    eigenlijk elders enkel ergens erg erbij erdoor erin erop ervan gewoon hele helemaal hierdoor
    ieder iedere iedereen ineens inmiddels later makkelijk manier manieren meestal misschien mocht
    mochten moeilijk nergens nooit ooit opeens opnieuw overal precies snel soms steeds straks
    telkens tijdens vaak vaker vooral vroeger weer weinig zeer zelfs zoals zodat zoveel
    ding dingen gebracht ging gingen heet kwam kwamen leidde leidt loop loopt lopen neemt
    nemen probeert proberen raakt raken staan staat vindt vinden vond wilde wilden zit zitten
    best better can could get good help helps make prevent should work works
    """.split()
)
NO_PARTICIPLES = frozenset(  # though they look like it
    """
    gebed gebeent gebied gebint gebit gebod geboort gebraad gedeelt gedicht gedrocht geduld
    gegrond gehakt gehalt gehucht gekant gelaat gelid geliefd geluid gemeent gemiddeld gemoed
    gerecht gereed gerucht gerust geschikt geschut geslacht gestalt gesteent gesticht gevecht
    gewaad gewand geweld gewest gewicht gewild gewoont gewricht gezant gezicht gezind gezond
    ingewikkeld
    """.split()
)
TERM_EXCEPTIONS: Mapping[str, str] = {  # word or lemma → term, where lemma and stem go astray
    "jongere": "jongere",
    "jongeren": "jongere",
    "twintiger": "twintiger",  # and not twintig
    "twintigers": "twintiger",
    "youngsters": "youngster",
    "oudere": "oudere",
    "ouderen": "oudere",
    "slopen": "sloop",
    "sloopt": "sloop",
    "gesloopt": "sloop",
    "gesloopte": "sloop",
    "woning": "woning",  # and not wonen, which is everywhere
    "woningen": "woning",
    "gezin": "gezin",
    "gezinnen": "gezin",
    "zorgen": "zorg",
    "schuld": "schuld",
    "schulden": "schuld",
    "grens": "grens",
    "kans": "kans",
    "plaats": "plaats",
    "fonds": "fonds",
    "succes": "succes",
    "wens": "wens",
    "open": "open",
    "gewoon": "gewoon",
    "gewone": "gewoon",
    "daklozen": "dakloos",
    "mens": "mens",
    "mensen": "mens",
    "geld": "geld",
    "initiatief": "initiatief",
    "initiatieven": "initiatief",
    "inkomen": "inkomen",
    "inkomens": "inkomen",
    "huishouden": "huishouden",
    "huishoudens": "huishouden",
    "corporatie": "corporatie",
    "corporaties": "corporatie",
    "beheer": "beheer",
    "beheren": "beheer",
    "beheert": "beheer",
    "beheerd": "beheer",
    "beheerder": "beheer",
    "beheerders": "beheer",
    "negatief": "negatief",  # and not negeren
    "beleid": "beleid",
    "geslacht": "geslacht",  # and not slachten
    "geslachten": "geslacht",
    "bezig": "bezig",  # and not beest
    "haring": "haring",
    "paling": "paling",
    "heftig": "heftig",
    "lift": "lift",
    "liften": "lift",
    "living": "living",
    "enig": "enig",  # and not een
    "meeting": "meeting",
    "wijziging": "wijzig",  # and not wijzen
    "wijzigen": "wijzig",
    "vegetatie": "vegetatie",
    "verlies": "verlies",
    "spelling": "spelling",
    "stelsel": "stelsel",
    "raming": "raming",
    "hagen": "hagen",  # and not Den Haag
    "den": "den",  # and not de
    **{  # places, and no forms of a word
        name: name
        for name in "delft dronten losser rading soest weert wierden woerden zwolle".split()
    },
    **{  # another word than the noun or verb that their stem is
        word: term
        for term, words in {
            "rijke": "rijke rijker rijkere rijkste rijken",  # and not het Rijk
            "geweldig": "geweldig geweldige",
            "schuldig": "schuldig schuldige",
            "verhuurder": "verhuurder verhuurders",
            "huurder": "huurder huurders",
            "investeerder": "investeerder investeerders",
            "vrijwilliger": "vrijwilliger vrijwilligers",
            "overheid": "overheid overheden",
            "scholing": "scholing geschoold geschoolde",
            "maatje": "maatje maatjes",
            "matig": "matig matige",
            "duren": "duren duurt duurde duurden durend durende during",
            "gepland": "gepland geplande",
            "lopend": "lopend lopende",
            "overwegend": "overwegend overwegende",
            "gestoord": "gestoord gestoorde",
            "vermogend": "vermogend vermogende",
            "spannend": "spannend spannende",
            "aanvaring": "aanvaring aanvaringen",
            "samenleving": "samenleving samenlevingen",
            "ingrijpend": "ingrijpend ingrijpende",
            "verdeeld": "verdeeld verdeelde",
            "gestopt": "gestopt gestopte",
            "wisselend": "wisselend wisselende",
            "geboekt": "geboekt geboekte",
            "minima": "minima",
            "branding": "branding",
            "pooling": "pooling",
        }.items()
        for word in words.split()
    },
    "hofje": "hofje",
    "hofjes": "hofje",
    **{f"{number}tig": f"{number}tig" for number in ("vijf", "zes", "zeven")},
}
NOUNS_OF_VERBS: Mapping[str, str] = {  # with another vowel than their verb
    "aanbod": "aanbieden",
    "aanname": "aannemen",
    "afname": "afnemen",
    "afspraak": "afspreken",
    "begrip": "begrijpen",
    "deelname": "deelnemen",
    "keuze": "kiezen",
    "opname": "opnemen",
    "overname": "overnemen",
    "toename": "toenemen",
    "verbod": "verbieden",
}
# Municipalities of the Netherlands (2025) with a name of several words, and other names of them.
PLACE_NAMES = frozenset(  # of several words: Den Haag is one name, neither de nor a haag
    tuple(name.split())
    for name in (
        "aa en hunze",
        "alphen aan den rijn",
        "berg en dal",
        "bergen op zoom",
        "capelle aan den ijssel",
        "de bilt",
        "de fryske marren",
        "de ronde venen",
        "de wolden",
        "den bosch",
        "den haag",
        "den helder",
        "dijk en waard",
        "gooise meren",
        "het hogeland",
        "hoeksche waard",
        "hof van twente",
        "hollands kroon",
        "horst aan de maas",
        "krimpen aan den ijssel",
        "land van cuijk",
        "loon op zand",
        "oost gelre",
        "oude ijsselstreek",
        "peel en maas",
        "son en breugel",
        "stede broec",
        "stichtse vecht",
        "utrechtse heuvelrug",
        "valkenburg aan de geul",
        "voorne aan zee",
        "west betuwe",
        "west maas en waal",
        "wijk bij duurstede",
    )
)
