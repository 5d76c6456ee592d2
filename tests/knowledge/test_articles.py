"""Finding and rendering articles, and refusing wrong ones: on small libraries made here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.message import Button
from bot.knowledge.articles import Article, Level, Library, load_library, render
from bot.knowledge.datafile import DataError
from bot.knowledge.figures import load_figures
from bot.knowledge.vocabulary import EMPLOYMENT_STATUSES
from bot.settings import ROOT

DAY = date(2026, 11, 23)
FIGURES = load_figures(ROOT / "data" / "knowledge")
STANDARD = "{figure:cvo-standaard-2025}"


def entry(identifier: str = "one", **changes: Any) -> dict[str, Any]:
    """An article as an editor would write it."""
    return {
        "id": identifier,
        "intent": "ask_cost",
        "title": "Prijs",
        "short": "Prijs",
        "plain": "Het kost vermoedelijk geld. Vraag het na.",
        "simple": "Het kost geld.",
        "professional": "Tarief vermoedelijk.",
        "next_step": "Vraag het aan de school.",
        "sources": ["edukempen-kostprijs-2025"],
        "certainty": "vermoedelijk",
        "checked": "2026-11-23",
        "check_again": "2027-08-15",
        **changes,
    }


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Library]:
    """Loads a library of these articles, each in its file."""

    def make(**files: list[dict[str, Any]]) -> Library:
        for name, entries in files.items():
            (tmp_path / f"{name}.yml").write_text(yaml.safe_dump({"articles": entries}), encoding="utf-8")
        return load_library(tmp_path, FIGURES)

    return make


def article(**changes: Any) -> Article:
    """One valid article."""
    return Article.model_validate(entry(**changes))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, "general"),
        ({"employment_status": ""}, "general"),
        ({"employment_status": "student"}, "general"),
        ({"employment_status": "job_seeker"}, "seeker"),
        ({"employment_status": "employee"}, "working"),
        ({"employment_status": "civil_servant", "favourite_colour": "groen"}, "working"),
        ({"region": "brussels"}, "brussels"),
        ({"region": "flanders", "employment_status": "job_seeker"}, "seeker"),
        ({"region": "brussels", "employment_status": "job_seeker"}, "seeker-brussels"),
        # Of two that fit as closely, what the question is about wins over who asks it, and that over where.
        ({"region": "brussels", "employment_status": "employee"}, "working"),
        ({"provider": "VDAB", "employment_status": "job_seeker"}, "provider"),
        ({"provider": "CVO Gent"}, "evening-school"),
        ({"provider": "cvo"}, "evening-school"),
        ({"language": "Frans"}, "language"),
        ({"language": "Nederlands"}, "dutch"),
        ({"language": "Frans", "region": "brussels"}, "brussels"),
    ],
)
def test_the_most_specific_article_that_fits_answers(
    load: Callable[..., Library], facts: Mapping[str, str], expected: str
) -> None:
    library = load(
        prices=[
            entry("general"),
            entry("seeker", when={"employment_status": "job_seeker"}),
            entry("working", when={"employment_status": ["employee", "civil_servant"]}),
            entry("brussels", when={"region": "brussels"}),
        ],
        more=[
            entry("seeker-brussels", when={"employment_status": "job_seeker", "region": "brussels"}),
            entry("provider", when={"provider": "VDAB"}),
            entry("evening-school", when={"provider": "cvo*"}),
            entry("language", when={"language": "*"}),
            entry("dutch", when={"language": "Nederlands"}),
        ],
    )
    found = library.find("ask_cost", facts, DAY)
    assert found is not None and found.id == expected
    assert library.get(expected) is found


def test_an_intent_without_an_article_has_none(load: Callable[..., Library]) -> None:
    library = load(prices=[entry(when={"region": "brussels"})])
    assert library.find("greet", {}, DAY) is None
    assert library.find("ask_cost", {}, DAY) is None
    assert library.get("nothing") is None
    assert len(library) == 1 and [one.id for one in library] == ["one"]


def test_an_article_answers_only_while_it_is_in_force(load: Callable[..., Library]) -> None:
    library = load(prices=[entry("old", valid_until="2026-12-31"), entry("new", valid_from="2027-01-01")])
    answers = [library.find("ask_cost", {}, day) for day in (DAY, date(2026, 12, 31), date(2027, 1, 1))]
    assert [one.id if one else None for one in answers] == ["old", "old", "new"]


@given(status=st.sampled_from(["", *sorted(EMPLOYMENT_STATUSES)]), region=st.sampled_from(["", "brussels", "flanders"]))
def test_knowing_more_never_takes_the_answer_away(status: str, region: str) -> None:
    library = Library(
        [
            article(identifier="general"),
            article(identifier="seeker", when={"employment_status": "job_seeker"}),
            article(identifier="brussels", when={"region": "brussels"}),
        ]
    )
    assert library.find("ask_cost", {"employment_status": status, "region": region}, DAY) is not None


def test_figures_are_filled_in_where_they_are_named() -> None:
    rendered = render(
        article(plain=f"Het kost {STANDARD}, of {{figure:cvo-standaard-2025:reduced}}. Vraag het na."),
        Level.PLAIN,
        FIGURES,
        DAY,
    )
    assert rendered.text == (
        "Het kost 2,25 euro, of 1 euro. Vraag het na.\n\n**Volgende stap:** Vraag het aan de school."
    )


def test_each_level_has_its_own_wording() -> None:
    one = article()
    texts = {level: render(one, level, FIGURES, DAY).text for level in Level}
    assert texts[Level.PLAIN].startswith("Het kost vermoedelijk geld.")
    assert texts[Level.SIMPLE].startswith("Het kost geld.")
    assert "Tarief" not in texts[Level.PLAIN] + texts[Level.SIMPLE]
    assert texts[Level.PROFESSIONAL] == (
        "Het kost vermoedelijk geld. Vraag het na.\n\n**Voor begeleiders**\nTarief vermoedelijk.\n"
        "Zekerheid: vermoedelijk.\n\n**Volgende stap:** Vraag het aan de school."
    )


def test_a_sentence_whose_figure_is_out_of_force_is_left_out_and_that_is_said() -> None:
    one = article(
        plain="Je werkte {figure:loopbaancheque-tijdelijk-2025:experience}, met ervaring. Vraag het na.\n- Dit blijft.",
        sources=["serv-2018"],
        check_again="2030-01-01",
    )
    before = render(one, Level.PLAIN, FIGURES, date(2026, 12, 31))
    after = render(one, Level.PLAIN, FIGURES, date(2027, 1, 1))
    assert "7 jaar" in before.text and "ken ik op dit moment niet" not in before.text
    assert "7 jaar" not in after.text and "ervaring" not in after.text
    assert after.text.startswith("Vraag het na.\n- Dit blijft.")
    assert after.text.endswith("Het juiste cijfer ken ik op dit moment niet. Vraag het na bij de dienst zelf.")
    # The source of a figure that is not named is not shown.
    assert [len(one.sources) for one in (before, after)] == [2, 1]


def test_a_wording_that_is_all_out_of_force_leaves_the_next_step() -> None:
    one = article(plain="Het is {figure:loopbaancheque-tijdelijk-2025:experience}.", check_again="2030-01-01")
    text = render(one, Level.PLAIN, FIGURES, date(2027, 1, 1)).text
    assert text.startswith("**Volgende stap:** Vraag het aan de school.\n\nHet juiste cijfer ken ik")


@pytest.mark.parametrize(
    ("plain", "day", "said"),
    [
        ("Vraag het na.", date(2027, 8, 15), None),
        ("Vraag het na.", date(2027, 8, 16), "15 augustus 2027"),
        # What must be checked sooner, a figure or the article, counts.
        ("Het is {figure:vdab-erkend-gratis}.", date(2027, 1, 15), None),
        ("Het is {figure:vdab-erkend-gratis}.", date(2027, 1, 16), "15 januari 2027"),
    ],
)
def test_past_its_check_date_an_answer_says_so(plain: str, day: date, said: str | None) -> None:
    text = render(article(plain=plain), Level.PLAIN, FIGURES, day).text
    assert ("opnieuw nagekeken" in text) == (said is not None)
    assert said is None or said in text


def test_sources_are_those_of_the_article_and_of_the_figures_it_names_once_each() -> None:
    one = article(
        plain=f"Het kost {STANDARD} of {{figure:vdab-erkend-gratis}}.",
        sources=["deze-assistent", "edukempen-kostprijs-2025"],
        checked="2026-10-01",
    )
    sources = render(one, Level.PLAIN, FIGURES, DAY).sources
    assert [(source.title, source.checked) for source in sources] == [
        ("Hoe deze assistent werkt", "2026-10-01"),
        ("CVO EduKempen: kostprijs vanaf 2025-2026", "2026-10-01"),
        ("VDAB: veelgestelde vragen over erkende opleidingen", "2026-11-23"),
    ]
    assert sources[0].url is None
    assert sources[1].url == "https://edukempen.be/opleidingen/kostprijs2025"
    assert len(render(one, Level.SIMPLE, FIGURES, DAY).sources) == 2


def test_buttons_come_as_they_stand() -> None:
    payload = '/search_course{"course_topic": "lassen"}'
    rendered = render(article(buttons=[{"title": "Lassen", "payload": payload}]), Level.PLAIN, FIGURES, DAY)
    assert rendered.buttons == (Button(title="Lassen", payload=payload),)


def button(title: str = "Meer", payload: str = "/ask_cost") -> dict[str, Any]:
    return {"buttons": [{"title": title, "payload": payload}]}


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"intent": "ask_weather"}, "intent", "unknown intent 'ask_weather'"),
        ({"plain": "Het kost {figure:brood}."}, "plain", "unknown figure 'brood'"),
        ({"simple": "Het kost {figure:bev-brussel}."}, "simple", "has no amount for '{figure:bev-brussel}'"),
        ({"simple": "{figure:cvo-aav-2025:reduced}"}, "simple", "has no amount"),
        ({"professional": "{figure:naric:level}"}, "professional", "'verouderd?' and may not be named"),
        ({"next_step": "{figure:cvo-nt2-2025}"}, "next_step", "'na te kijken' and may not be named"),
        ({"plain": STANDARD, "certainty": "zeker"}, "certainty", "more certain than figure 'cvo-standaard-2025'"),
        ({"plain": "Het kost {prijs}."}, "plain", "a brace that is not"),
        ({"plain": "Het kost {figure:}."}, "plain", "a brace that is not"),
        ({"related": ["elders"]}, "related", "unknown related article 'elders'"),
        ({"related": ["one"]}, "related", "unknown related article 'one'"),
        ({"follow_ups": {"cost": "elders"}}, "follow_ups", "unknown article 'elders' for 'cost'"),
        ({"elsewhere": {"provider": "leerwinkel"}}, "elsewhere", "must have the intent"),
        ({"elsewhere": {"intent": "ask_cost", "colour": "red"}}, "elsewhere", "unknown condition 'colour'"),
        ({"follow_ups": {"colour": "one"}}, "follow_ups", "unknown question 'colour'"),
        ({"sources": ["krant"]}, "sources", "unknown source 'krant'"),
        ({"sources": []}, "sources", "at least 1"),
        ({"when": {"weather": "wet"}}, "when", "unknown condition 'weather'"),
        ({"when": {"employment_status": "rijk"}}, "when", "unknown value 'rijk'"),
        ({"when": {"region": []}}, "when", "accepts nothing"),
        ({"when": "brussels"}, "when", "dictionary"),
        ({"certainty": "verouderd?"}, "", "say less"),
        ({"check_again": "2026-11-23"}, "", "after checked"),
        ({"valid_from": "2027-01-01", "valid_until": "2026-01-01"}, "", "before valid_from"),
        ({"checked": "gisteren"}, "checked", "date"),
        ({"simple": "  "}, "simple", "at least 1"),
        ({"prijs": 3}, "prijs", "not permitted"),
        (button(title="x" * 21), "buttons.0.title", "at most 20"),
        (button(payload="ask_cost"), "buttons.0.payload", "is not /intent"),
        (button(payload="/bake_bread"), "buttons.0.payload", "known intent"),
        (button(payload='/ask_cost{"x": }'), "buttons.0.payload", "not valid JSON"),
        (button(payload='/ask_cost{"price": "3"}'), "buttons.0.payload", "unknown entity 'price'"),
        ({"buttons": button()["buttons"] * 2}, "", "same title"),
        ({"buttons": [{"title": str(n), "payload": "/help"} for n in range(4)]}, "buttons", "at most 3"),
    ],
)
def test_a_wrong_article_is_named_with_file_entry_and_field(
    load: Callable[..., Library], changes: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(DataError) as raised:
        load(prices=[entry("fine", intent="ask_discount"), entry(**changes)])
    assert (raised.value.file, raised.value.entry, raised.value.field) == ("prices.yml", "one", field)
    assert message in str(raised.value)


def test_an_id_may_stand_in_one_file_only(load: Callable[..., Library]) -> None:
    with pytest.raises(DataError, match=r"b\.yml, entry 'one', field 'id': stands in another file too"):
        load(a=[entry()], b=[entry(intent="ask_discount")])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({"when": {"region": "brussels"}}, {"when": {"region": ["flanders", "brussels"]}}),
        ({"when": {"provider": "cvo*"}}, {"when": {"provider": "CVO Gent"}}),
        ({"valid_until": "2027-01-01"}, {"valid_from": "2027-01-01"}),
    ],
)
def test_two_articles_may_not_answer_the_same(
    load: Callable[..., Library], one: dict[str, Any], other: dict[str, Any]
) -> None:
    with pytest.raises(DataError, match="entry 'second', field 'when': answers the same as 'first'"):
        load(prices=[entry("first", **one), entry("second", **other)])


def test_a_directory_without_articles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no \.yml file"):
        load_library(tmp_path, FIGURES)
