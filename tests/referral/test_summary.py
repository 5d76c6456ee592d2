"""The summary that goes with a referral."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.vocabulary import EDUCATION_LEVELS, EMPLOYMENT_STATUSES
from bot.referral.organisations import Service
from bot.referral.summary import MAX_OWN_WORDS, lines_named, summarise


def test_a_full_summary_has_a_line_for_each_fact() -> None:
    assert summarise(
        need=Service.GUIDE,
        search="lassen in Gent, 's avonds",
        course="Lasser TIG",
        place="Oostakker (Gent)",
        employment_status="job_seeker",
        education_level="lower_secondary",
        age=34,
        own_words="ik kan\niet op woensdag",
    ) == (
        "Vraag: hulp bij het kiezen\n"
        "Zoekt: lassen in Gent, 's avonds\n"
        "Cursus: Lasser TIG\n"
        "Plaats: Oostakker (Gent)\n"
        "Situatie: werkzoekend\n"
        "Diploma: lager secundair\n"
        "Leeftijd: 34 jaar\n"
        "In eigen woorden: ik kan iet op woensdag"
    )


def test_what_is_not_known_is_left_out() -> None:
    assert summarise() == "Vraag: wil met iemand spreken over leren"
    assert summarise(need=Service.DEBT, age="", place=" ") == "Vraag: hulp bij geldzorgen"


@pytest.mark.parametrize("need", list(Service))
def test_every_need_has_its_words(need: Service) -> None:
    assert summarise(need=need).startswith("Vraag: ")


def test_every_value_the_assistant_gives_reads_in_dutch() -> None:
    statuses = {summarise(employment_status=status) for status in EMPLOYMENT_STATUSES}
    levels = {summarise(education_level=level) for level in EDUCATION_LEVELS}
    assert len(statuses) == len(EMPLOYMENT_STATUSES) and len(levels) == len(EDUCATION_LEVELS)
    assert not any("_" in text or text.endswith((": employee", ": none", ": higher")) for text in statuses | levels)


@given(st.text(max_size=3000))
def test_own_words_are_one_line_and_not_endless(words: str) -> None:
    lines = summarise(own_words=words).splitlines()
    assert len(lines) <= 2
    assert all(len(line) <= MAX_OWN_WORDS + 30 for line in lines)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("mijn leeftijd", ["Leeftijd"]),
        ("waar ik woon en mijn diploma", ["Plaats", "Diploma"]),
        ("dat ik geen job heb", ["Situatie"]),
        ("laat maar zo", []),
    ],
)
def test_a_line_is_named_in_ones_own_words(text: str, named: list[str]) -> None:
    assert lines_named(text, ["Plaats", "Situatie", "Diploma", "Leeftijd"]) == named
