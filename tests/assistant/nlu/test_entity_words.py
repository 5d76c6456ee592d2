"""Tokens, numbers and word lists: the ground that entity recognition stands on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant.nlu.mentions import VALUES, allowed
from bot.assistant.nlu.numbers import number, numbers
from bot.assistant.nlu.text import MAX_TOKENS, key, sound, tokenise
from bot.assistant.nlu.wordlists import Entry, WordIndex, WordListError, load
from bot.settings import ROOT

GAZETTEERS = ROOT / "data" / "nlu" / "gazetteers"


@given(st.text())
def test_tokens_stand_where_they_say(text: str) -> None:
    tokens = tokenise(text)
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert all(one.end <= other.start for one, other in zip(tokens, tokens[1:], strict=False))


def test_a_text_of_any_length_costs_a_bounded_number_of_tokens() -> None:
    assert len(tokenise("a " * 10_000)) == MAX_TOKENS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("'s avonds in 't weekend", ["'s", "avonds", "in", "'t", "weekend"]),
        ("Sint-Niklaas, 9100", ["Sint-Niklaas", ",", "9100"]),
        ("foto's bewerken?", ["foto's", "bewerken", "?"]),
        ("dag/avond", ["dag", "/", "avond"]),
        ("", []),
    ],
)
def test_tokens(text: str, words: list[str]) -> None:
    assert [token.text for token in tokenise(text)] == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("opleiding", "oplijding"),
        ("metselen", "metsele"),
        ("werkloosheid", "werkloosheit"),
        ("Pools", "pools"),
        ("élève", "eleve"),
    ],
)
def test_common_misspellings_sound_alike(one: str, other: str) -> None:
    assert sound(key(one)) == sound(key(other))


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("34", 34),
        ("vierendertig", 34),
        ("vier en dertig", 34),
        ("vijvenveertig", 45),
        ("vijfenveertig", 45),
        ("tweeëntwintig", 22),
        ("achttien", 18),
        ("achtien", 18),
        ("tachtig", 80),
        ("tseventig", 70),
        ("honderd", 100),
        ("elf", 11),
    ],
)
def test_numbers(said: str, value: int) -> None:
    assert [item.value for item in numbers(tokenise(said))] == [value]


@pytest.mark.parametrize("said", ["lassen", "vijver", "tienen", "", "123456", "achter"])
def test_what_is_no_number(said: str) -> None:
    assert number(key(said)) is None


def test_the_lists_load_and_hold_only_values_of_the_contract() -> None:
    entries, nearby = load(GAZETTEERS)
    for entry in entries:
        assert key(entry.words)
        if entry.entity in VALUES:
            assert entry.value in VALUES[entry.entity]
    for entity, values in VALUES.items():
        assert values == {entry.value for entry in entries if entry.entity == entity}
    assert all(allowed(rule.entity, rule.value) for rule in nearby)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("entity: colour\nvalues: {red: {sure: [rood]}}", "entity: 'colour' is none of"),
        ("entity: schedule\nvalues: {noon: {sure: [middag]}}", "noon: not a value of schedule"),
        ("entity: schedule\nvalues: {day: {certain: [dag]}}", "day: must have sure, maybe or both"),
        ("entity: schedule\nvalues: {day: {sure: [yes]}}", "day, sure: must be a list of words"),
        ("entity: schedule\nvalues: {day: {sure: ['!']}}", "'!' has no letter"),
        ("entity: schedule\nwords: {sure: [[dag]]}", "schedule has agreed values"),
        ("entity: course_topic\nwords: {sure: [lassen]}", "must be a list of lists"),
        ("entity: schedule\nvalues: [day]", "values: must be a mapping"),
        (
            "entity: schedule\nvalues: {day: {sure: [dag]}}\ncontext: [{words: [x]}]",
            "context 1: must have words, near and value",
        ),
        ("entity: schedule\nextra: 1", "extra is unknown"),
        ("- a", "must have entity"),
        ("entity: [", "bad.yml"),
    ],
)
def test_a_wrong_list_is_refused_with_file_entry_and_field(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "bad.yml").write_text(content, encoding="utf-8")
    with pytest.raises(WordListError, match="bad.yml") as error:
        load(tmp_path)
    assert said in str(error.value)


INDEX = WordIndex(
    [
        Entry("incentive", "training_vouchers", "opleidingscheques", True),
        Entry("employment_status", "incapacitated", "ziekenkas", True),
        Entry("provider", "Leerwinkel", "leerwinkel", True),
        Entry("schedule", "evening", "'s avonds", True),
        Entry("location", "Dessel", "Dessel", True),
        Entry("location", "Aalst", "Aalst", True),
    ],
    ordinary=frozenset({"dessert"}),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("opleidings cheques", "training_vouchers"),
        ("Opleidingscheques!", "training_vouchers"),
        ("s avonds", "evening"),
        ("savonds", "evening"),
        ("op de Ziekenkas", "incapacitated"),
    ],
)
def test_words_are_found_whatever_the_spaces_and_capitals(text: str, value: str) -> None:
    assert [hit.entry.value for hit in INDEX.exact(tokenise(text))] == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("opleidigscheqes", "training_vouchers"),
        ("oplijdingsscheques", "training_vouchers"),
        ("zieknkas", "incapacitated"),
        ("leer winkul", "Leerwinkel"),
        ("Desel", "Dessel"),
    ],
)
def test_misspelt_words_are_found(text: str, value: str) -> None:
    assert value in [hit.entry.value for hit in INDEX.misspelt(tokenise(text))]


@pytest.mark.parametrize(
    "text", ["dessert", "alst", "winkel", "kas", "ik wil leren", "de leerling", "hals", "opleiding"]
)
def test_ordinary_words_are_no_misspellings(text: str) -> None:
    assert not INDEX.misspelt(tokenise(text))


@given(st.text())
def test_looking_up_never_fails(text: str) -> None:
    tokens = tokenise(text)
    for hit in (*INDEX.exact(tokens), *INDEX.misspelt(tokens)):
        assert 0 <= hit.start < hit.end <= len(tokens)


NAMED = WordIndex(Entry("course_topic", words, words, True) for words in ("lassen", "boekhouden", "Spaans", "heftruck"))


@given(st.lists(st.text("lasenbokhudptcrif", min_size=1, max_size=12)))
def test_many_words_resemble_what_each_of_them_does(words: list[str]) -> None:
    keys = [key(word) for word in (*words, "lasssen", "boekhoude", "heftrok")]
    assert NAMED.resembling(keys) == {joined for joined in keys if NAMED.closest(joined)}
