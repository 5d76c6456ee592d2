"""What stands in data/knowledge/articles: complete, in plain words, without own figures or claims no longer true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
import yaml

from bot.catalogue.subjects import Subjects
from bot.knowledge import language
from bot.knowledge.articles import Article, Level, load_library, render
from bot.knowledge.claims import load_claims, made
from bot.knowledge.figures import Certainty, load_figures, quotable, render_figure
from bot.knowledge.readability import flesch_douma
from bot.knowledge.vocabulary import INFORMATIONAL, INTENTS
from bot.places import Gazetteer
from bot.referral.directory import load_directory
from bot.settings import ROOT

DAY = date(2026, 11, 23)
FIGURES = load_figures(ROOT / "data" / "knowledge")
LIBRARY = load_library(ROOT / "data" / "knowledge" / "articles", FIGURES)
ARTICLES = list(LIBRARY)
EVERY = pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.id)


def day_of(article: Article) -> date:
    """A day on which the article is in force."""
    return article.valid_from or DAY


def read(article: Article, level: Level) -> str:
    """The article as the person reads it."""
    return render(article, level, FIGURES, day_of(article)).text


def written(article: Article) -> str:
    """Everything an editor wrote in it, figures left out."""
    texts = [article.title, *article.texts().values(), *(button.title for button in article.buttons)]
    return re.sub(r"\{figure:[^}]*\}", " ", "\n".join(texts))


# ---- complete ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("intent", sorted(INFORMATIONAL))
@pytest.mark.parametrize("day", [DAY, date(2027, 1, 1), date(2028, 6, 1)])
def test_every_question_for_information_has_an_answer_when_nothing_is_known(intent: str, day: date) -> None:
    assert LIBRARY.find(intent, {}, day) is not None


def test_the_intents_are_those_of_the_domain() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    known = {next(iter(intent)) if isinstance(intent, dict) else intent for intent in domain["intents"]}
    assert known >= INTENTS


@pytest.mark.parametrize(
    ("intent", "facts", "expected"),
    [
        ("ask_study_while_unemployed", {"employment_status": "incapacitated"}, "benefit-incapacitated"),
        ("ask_study_while_unemployed", {"employment_status": "job_seeker"}, "benefit-job-seeker"),
        ("ask_study_while_unemployed", {"employment_status": "living_wage"}, "benefit-living-wage"),
        (
            "ask_study_while_unemployed",
            {"employment_status": "job_seeker", "region": "brussels"},
            "benefit-job-seeker-brussels",
        ),
        ("ask_training_leave", {"region": "flanders"}, "leave"),
        ("ask_training_leave", {"region": "brussels"}, "leave-brussels"),
        ("ask_training_leave", {"employment_status": "self_employed"}, "leave-self-employed"),
        ("ask_training_vouchers", {"education_level": "higher"}, "vouchers-higher"),
        ("ask_training_vouchers", {"region": "brussels"}, "vouchers-brussels"),
        ("ask_training_credit", {"incentive": "time_credit"}, "credit-time"),
        ("ask_contact_point", {"provider": "VDAB"}, "contact-vdab"),
        ("ask_contact_point", {"provider": "Leerwinkel", "region": "brussels"}, "contact-leerwinkel-brussels"),
        ("ask_contact_point", {"provider": "CVO Vitant"}, "contact-cvo"),
        ("ask_cost", {"language": "Spaans"}, "cost-language"),
        ("ask_cost", {"language": "Nederlands"}, "cost-dutch"),
        ("ask_cost", {"language": "Vlaamse Gebarentaal"}, "cost-sign-language"),
        ("ask_cost", {"provider": "HOGENT"}, "cost-higher-education"),
        ("ask_discount", {"employment_status": "living_wage"}, "discount-living-wage"),
    ],
)
def test_what_is_known_chooses_the_answer(intent: str, facts: dict[str, str], expected: str) -> None:
    found = LIBRARY.find(intent, facts, DAY)
    assert found is not None and found.id == expected


def test_every_provider_that_an_article_asks_for_is_one_the_assistant_recognises() -> None:
    gazetteer = yaml.safe_load((ROOT / "data/nlu/gazetteers/organisations.yml").read_text(encoding="utf-8"))
    names = {name.casefold() for name in gazetteer["values"]}
    for article in ARTICLES:
        for value in article.when.get("provider", ()):
            fits = [name for name in names if name == value or (value[-1] == "*" and name.startswith(value[:-1]))]
            assert fits or value in {"hogeschool*", "universiteit*"}, (article.id, value)


# ---- in plain words ------------------------------------------------------------------------------------------------


@EVERY
@pytest.mark.parametrize("level", list(Level))
def test_every_wording_keeps_the_rules_of_plain_language(article: Article, level: Level) -> None:
    assert language.problems(read(article, level), level) == []
    assert language.banned_words(article.title) == []
    assert [problem for button in article.buttons if (problem := language.button_problem(button.title))] == []


@EVERY
def test_the_simple_wording_is_simpler(article: Article) -> None:
    plain, simple = (language.measure(read(article, level)) for level in (Level.PLAIN, Level.SIMPLE))
    assert simple.words < plain.words
    assert simple.average < plain.average
    assert flesch_douma(read(article, Level.SIMPLE)) > flesch_douma(read(article, Level.PLAIN))


@EVERY
def test_the_opening_is_no_yes_or_no(article: Article) -> None:
    """The opposite question reaches the same article: "mag ik mijn dop houden" and "verlies ik mijn dop"."""
    for text in (article.plain, article.simple):
        assert not re.match(
            r"(?:ja|nee|neen|(?:meestal|vaak|soms|misschien|vermoedelijk) (?:wel|niet))\b[ ,.:!]", text, re.I
        )


@EVERY
def test_what_is_not_certain_is_said_to_be_so(article: Article) -> None:
    if article.certainty is Certainty.LIKELY:
        assert language.hedged(read(article, Level.PLAIN))
        assert language.hedged(read(article, Level.SIMPLE))


# ---- no figure of its own ------------------------------------------------------------------------------------------

AMOUNT = re.compile(
    r"(\d[\d.,]*|\b(een|twee|drie|vier|vijf|zes|zeven|acht|negen|tien)\b)\s*(€|%|euro|procent|uur\b|studiepunt)|€\s*\d",
    re.IGNORECASE,
)
OPENING_HOURS = re.compile(r"8\s+tot\s+16\.30\s+uur")
NO_AMOUNTS = [
    r"\b\d{1,2} [a-z]+ 20\d\d\b",
    r"\b20\d\d-20\d\d\b",
    r"\b20\d\d\b",
    r"\b(?:15|16|18|25|46) jaar\b",
    r"\b18 tegen 31 december\b",
    r"\bvanaf 16\b",
    r"\bmeer dan 20 werknemers\b",
    r"\b29 tot 34 centra\b",
    r"\b103(?:/7)?\b",
    r"\bGwH 115/",
    r"\bVKS-niveau 4\b",
    r"\brichtgraad 1 en 2\b",
    r"\bbijlage 25 of 26\b",
    r"\bHBO5\b",
    r"\bNT2\b",
    r"\b1700\b",
    r"\bA2\b",
    r"\b(?:Rouppeplein 1[56]|Sterrenkundelaan 14|Birminghamstraat 225|1000 Brussel|Carnotstraat 110)\b",
]
"""Numbers that are no amounts: days, ages, laws, addresses. Phone numbers must stand in the directory."""


def phone_numbers() -> Iterator[str]:
    """Every number in the directory, as it is written."""
    for organisation in load_directory(ROOT / "data" / "referral", Gazetteer.load(ROOT / "data" / "places")):
        if organisation.phone:
            yield organisation.phone
    yield "+32 2 508 38 11"


PHONES = sorted(set(phone_numbers()), key=len, reverse=True)


@EVERY
def test_amounts_come_from_the_figures_alone(article: Article) -> None:
    assert AMOUNT.findall(OPENING_HOURS.sub("", written(article))) == []


@EVERY
def test_every_other_number_is_known_to_be_no_amount(article: Article) -> None:
    text = re.sub(r"\s+", " ", OPENING_HOURS.sub("", re.sub(r"\s+", " ", written(article))))
    for phone in PHONES:
        text = text.replace(phone, "")
    for pattern in NO_AMOUNTS:
        text = re.sub(pattern, "", text, flags=re.IGNORECASE)
    assert re.findall(r"\S*\d\S*", text) == []


@pytest.mark.parametrize(
    "text",
    ["Het kost 3 euro.", "Je krijgt 5,50 euro per uur.", "Dat is 40%.", "€ 12", "Twee uur les.", "125 uur verlof"],
)
def test_an_amount_written_out_would_be_found(text: str) -> None:
    assert AMOUNT.search(text)


def numbers(text: str) -> set[str]:
    """The numbers in a text, as they are written."""
    return set(re.findall(r"\d(?:[\d.,]*\d)?", text))


def numbers_in_force(article: Article, day: date) -> set[str]:
    """The numbers that the figures of an article may give on a day."""
    figures = (FIGURES[identifier] for identifier in article.figure_ids())
    return {
        number
        for figure in figures
        if quotable(figure, day)
        for part in ("", "reduced", *figure.parts)
        if figure.quantity(part)
        for number in numbers(render_figure(figure, part))
    }


@EVERY
@pytest.mark.parametrize("day", [DAY, date(2027, 1, 1), date(2027, 9, 1), date(2030, 1, 1)])
@pytest.mark.parametrize("level", list(Level))
def test_on_no_day_is_a_figure_named_that_is_not_in_force(article: Article, day: date, level: Level) -> None:
    shown = render(article, level, FIGURES, day).text
    assert "{" not in shown and "}" not in shown
    shown = re.sub(r"Let op: dit moest op .* opnieuw nagekeken worden\.", "", shown)
    assert numbers(shown) <= numbers(written(article)) | numbers_in_force(article, day)


# ---- no claim that is no longer true -------------------------------------------------------------------------------

CLAIMS = load_claims(ROOT / "data" / "knowledge")


def claims(text: str) -> list[str]:
    """The false claims in a text."""
    return [f"{claim.id}: {sentence}" for claim, sentence in made(text, CLAIMS)]


@EVERY
def test_no_article_makes_a_claim_that_is_no_longer_true(article: Article) -> None:
    for level in Level:
        assert claims(read(article, level)) == []


@pytest.mark.parametrize(
    "text",
    [
        "VDAB geeft een stimulanspremie van 100 euro per maand.",
        "Je krijgt 1 euro per uur.",
        "VDAB betaalt 0,15 euro per km.",
        "Voor een verre verplaatsing krijg je 50 euro per dag.",
        "Een CVO kost 1,50 euro per lestijd.",
        "Een loopbaancheque kost 40 euro.",
        "Je krijgt twee loopbaancheques per zes jaar.",
        "Een loopbaancheque krijg je na 1 jaar werk.",
        "Opleidingsverlof kan vanaf een halftijdse job.",
        "Opleidingscheques bestel je bij VDAB.",
        "Kortgeschoolden krijgen de opleidingscheque gratis.",
        "Met de kmo-portefeuille krijg je 40 procent terug.",
        "De kmo-portefeuille geldt ook voor advies.",
        "Een graduaat volg je in een CVO.",
        "HBO5 duurt drie jaar.",
        "Met een knelpuntopleiding mag je je uitkering houden.",
        "Je hebt een attest bedrijfsbeheer nodig om te starten.",
        "Betaald educatief verlof kan vanaf 4/5.",
    ],
)
def test_each_false_claim_would_be_found(text: str) -> None:
    assert len(claims(text)) >= 1


@pytest.mark.parametrize(
    "text",
    [
        "De stimulanspremie is afgeschaft.",
        "HBO5 slaat enkel nog op verpleegkunde.",
        "Een attest bedrijfsbeheer is niet meer nodig.",
        "Vanaf 2026 is behoud van uitkering bij een knelpuntopleiding er enkel nog in de zorg.",
    ],
)
def test_what_corrects_a_false_claim_is_not_one(text: str) -> None:
    assert claims(text) == []


def test_the_courses_that_an_article_leads_to_are_of_a_subject() -> None:
    subjects = Subjects.load(ROOT / "data" / "catalogue")
    assert [
        article.id for article in ARTICLES if article.courses and not subjects.resolve(article.courses).matches
    ] == []


def test_every_municipality_that_an_article_is_for_exists() -> None:
    known = {place.municipality.casefold() for place in Gazetteer.load(ROOT / "data" / "places")}
    named = {name for article in ARTICLES for name in article.when.get("municipality", ())}
    assert named and named <= known
