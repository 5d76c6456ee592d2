"""Entity recognition as a whole, trained on a handful of sentences, and as a Rasa component."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bot.assistant.nlu  # noqa: F401 - makes Rasa importable
from bot.assistant.nlu import sources
from bot.assistant.nlu.entity_extractor import LeerwijzerEntityExtractor
from bot.assistant.nlu.mentions import Mention, allowed
from bot.assistant.nlu.recogniser import Example, Recogniser, Words, train
from bot.assistant.nlu.resolution import Resolver
from bot.assistant.nlu.tagger import Span, Tagging
from bot.assistant.nlu.text import tokenise
from bot.assistant.nlu.typos import misspell
from bot.assistant.nlu.values import ValueFinder
from bot.assistant.nlu.wordlists import WordIndex, load
from bot.settings import ROOT

from rasa.engine.graph import ExecutionContext, GraphSchema  # isort: skip
from rasa.engine.storage.local_model_storage import LocalModelStorage  # isort: skip
from rasa.engine.storage.resource import Resource  # isort: skip
from rasa.shared.nlu.training_data.message import Message  # isort: skip
from rasa.shared.nlu.training_data.training_data import TrainingData  # isort: skip

MARKED = """
search_course|ik zoek een cursus [lassen](course_topic) in [Gent](location)
search_course|ik zoek een cursus [boekhouden](course_topic) in [Aalst](location), ['s avonds](schedule:evening)
search_course|waar kan ik [metselen](course_topic) leren in [Brugge](location)
search_course|ik wil [kapster](course_topic) worden
search_course|een opleiding [zorgkundige](course_topic) bij de [VDAB](provider) graag
search_course|ik wil [Frans](language) leren [online](delivery_mode:online)
search_course|is er een cursus [Spaans](language) in het [weekend](schedule:weekend)
refine_search|liever [overdag](schedule:day)
refine_search|niet in [Gent](location)
refine_search|geen [avondles](schedule:evening)
refine_search|kan het ook [online](delivery_mode:online)
refine_search|iets dichter bij [Hasselt](location)
refine_search|op [zaterdag](schedule:saturday) alstublieft
course_details|vertel meer over de [tweede](ordinal:2)
course_details|wanneer start de [laatste](ordinal:last)
course_details|de [eerste](ordinal:1) graag
inform|ik ben [34](age:34)
inform|ik ben [werkloos](employment_status:job_seeker)
inform|ik zit op de [ziekenkas](employment_status:incapacitated)
inform|ik woon in [Kortrijk](location)
inform|ik heb [geen diploma](education_level:none)
inform|ik ben bakker
inform|mijn nummer is [0470 12 34 56](phone_number)
ask_training_vouchers|hoe vraag ik [opleidingscheques](incentive:training_vouchers) aan
ask_training_vouchers|wat is zo'n [cheque](incentive:training_vouchers) waard
ask_training_leave|heb ik recht op [opleidingsverlof](incentive:training_leave)
ask_cost|hoeveel kost dat
ask_cost|wat kost het in euro
greet|hallo
greet|goeiedag
thank|dank u wel
deny|nee
"""


def example(line: str) -> Example:
    """The example of a line as above."""
    intent, _, marked = line.partition("|")
    text, entities = "", []
    while "[" in marked:
        before, _, rest = marked.partition("[")
        words, _, rest = rest.partition("](")
        label, _, marked = rest.partition(")")
        kind, _, value = label.partition(":")
        text += before
        entities.append((len(text), len(text) + len(words), kind, value or words))
        text += words
    return Example(text + marked, tuple(entities), intent)


PIECES = """ik ben 34 jaar niet in Gent of 9300 's avonds geen VDAB de tweede lassen frans 0470123456 a@b.be maandag , .
! ’t é""".split()
EXAMPLES = [example(line) for line in MARKED.strip().splitlines()]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with our own lists, places and subjects, that a test may change."""
    folder = tmp_path_factory.mktemp("data")
    shutil.copytree(ROOT / "data" / "nlu" / "gazetteers", folder / "nlu" / "gazetteers")
    shutil.copytree(ROOT / "data" / "places", folder / "places")
    (folder / "catalogue").mkdir()
    for name in ("subjects.yml", "words.yml", "descriptions.yml"):
        shutil.copy(ROOT / "data" / "catalogue" / name, folder / "catalogue")
    return folder


@pytest.fixture(scope="module")
def recogniser(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Recogniser:
    """A recogniser trained on the examples above."""
    folder = tmp_path_factory.mktemp("model")
    entries, nearby = load(data / "nlu" / "gazetteers")
    places = sources.places(data)
    train(EXAMPLES, Words(tuple(entries), tuple(nearby)), places, folder)
    return Recogniser.load(folder, places)


def found(recogniser: Recogniser, text: str, intent: str = "") -> list[tuple[str, str]]:
    return [(entity["entity"], entity["value"]) for entity in recogniser.recognise(text, intent)]


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        (
            "ik zoek een cursus lassen in Gent, 's avonds",
            [("course_topic", "lassen"), ("location", "Gent"), ("schedule", "evening")],
        ),
        ("cursus Frans in Leuven", [("language", "Frans"), ("location", "Leuven")]),
        ("9300 Aalst", [("location", "9300"), ("location", "Aalst")]),
        ("de tweede", [("ordinal", "2")]),
        ("nummer 3", [("ordinal", "3")]),
        ("vijftig", [("age", "50")]),
        ("ik ben 34 jaar", [("age", "34")]),
        ("savonds", [("schedule", "evening")]),
        ("tijdens de week overdag", [("schedule", "day")]),
        ("dinsdagavond", [("schedule", "tuesday")]),
        ("ik zit op de zieknkas", [("employment_status", "incapacitated")]),
        ("hoe vraag ik opleidigscheques aan", [("incentive", "training_vouchers")]),
        ("bel 0470/12.34.56 of mail jan@example.be", [("phone_number", "+32470123456"), ("email", "jan@example.be")]),
        ("hallo", []),
        ("hoeveel kost dat", []),
        ("", []),
        ("!!! ???", []),
        ("👍", []),
    ],
)
def test_entities(recogniser: Recogniser, text: str, entities: list[tuple[str, str]]) -> None:
    assert found(recogniser, text) == entities


def test_a_cheque_for_career_guidance_is_another_cheque(recogniser: Recogniser) -> None:
    assert found(recogniser, "wat is zo'n cheque waard") == [("incentive", "training_vouchers")]
    assert ("incentive", "career_vouchers") in found(recogniser, "wat is zo'n cheque voor een loopbaancoach waard")


def test_places_are_canonical_and_carry_their_id(recogniser: Recogniser) -> None:
    (plain,) = recogniser.recognise("ik woon in bruhhe of zo", "inform") or [{}]
    assert plain.get("value") in (None, "Brugge")
    (misspelt,) = recogniser.recognise("ik woon in Kortijk", "inform")
    assert (misspelt["value"], misspelt["place"], misspelt["misspelt"]) == ("Kortrijk", "34022", True)
    (french,) = recogniser.recognise("ik woon in Courtrai", "inform")
    assert (french["value"], french["place"]) == ("Kortrijk", "34022")


def test_a_name_of_several_places_keeps_them(recogniser: Recogniser) -> None:
    (vague,) = recogniser.recognise("ik woon in Heusden", "inform")
    assert vague["value"] == "Heusden" and len(vague["candidates"]) == 2 and "place" not in vague
    clear, _ = recogniser.recognise("ik woon in Hofstade bij Aalst", "inform")
    assert clear["value"] == "Hofstade (Aalst)" and clear["place"] == "41002-hofstade"


def test_canonical_names_lead_back_to_the_same_place(recogniser: Recogniser, data: Path) -> None:
    places = sources.places(data)
    for said in ("Hofstade bij Aalst", "Beveren bij Roeselare", "Sint-Niklaas", "9300", "Brussel"):
        entity = recogniser.recognise(f"ik woon in {said}", "inform")[0]
        again = places.resolve(entity["value"]).place
        assert again is not None and again.id == entity["place"]


def test_what_is_not_wanted_is_marked(recogniser: Recogniser) -> None:
    not_wanted = recogniser.recognise("niet in Gent maar in Aalst", "refine_search")
    assert [(entity["value"], entity.get("negated", False)) for entity in not_wanted] == [
        ("Gent", True),
        ("Aalst", False),
    ]
    wondering = recogniser.recognise("waarom niet in Gent", "refine_search")
    assert "negated" not in wondering[0]


def test_a_weekday_keeps_its_part_of_the_day(recogniser: Recogniser) -> None:
    (entity,) = recogniser.recognise("zaterdagvoormiddag", "refine_search")
    assert (entity["value"], entity["part"]) == ("saturday", "day")


def test_ordinary_words_are_no_places(recogniser: Recogniser) -> None:
    assert found(recogniser, "meer", "more_results") == []
    assert found(recogniser, "wat kost het in 2018", "ask_cost") == []
    assert found(recogniser, "dat kost 1500 euro", "ask_cost") == []
    assert found(recogniser, "ik woon in Boom", "inform") == [("location", "Boom")]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(
        st.text(),
        st.lists(st.sampled_from(PIECES)).map(" ".join),
    ),
    intent=st.sampled_from(["", "inform", "greet", "nonsense"]),
)
def test_any_text_gives_entities_within_the_contract(recogniser: Recogniser, text: str, intent: str) -> None:
    before = 0
    for entity in recogniser.recognise(text, intent):
        assert entity["start"] >= before
        assert text[entity["start"] : entity["end"]].strip()
        assert allowed(entity["entity"], entity["value"])
        assert 0.0 <= entity["confidence_entity"] <= 1.0
        before = entity["end"]


@pytest.mark.parametrize(
    "text", ["a" * 3000, "a." * 1500, "0" * 3000, "a@" * 1500, "0 " * 1500, "na " * 1000, "vijf en " * 400, "-" * 3000]
)
def test_a_text_made_to_take_long_is_read(recogniser: Recogniser, text: str) -> None:
    """What backtracks without end would never come back."""
    assert all(allowed(found["entity"], found["value"]) for found in recogniser.recognise(text))


def test_training_twice_gives_the_same(recogniser: Recogniser, data: Path, tmp_path: Path) -> None:
    entries, nearby = load(data / "nlu" / "gazetteers")
    places = sources.places(data)
    train(EXAMPLES, Words(tuple(entries), tuple(nearby)), places, tmp_path)
    again = Recogniser.load(tmp_path, places)
    for text in ("ik zoek een cursus lassen in Gent", "ik ben 34 en werkloos"):
        assert again.recognise(text) == recogniser.recognise(text)


def test_training_without_entities_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no training example has an entity"):
        train([Example("hallo", (), "greet")], Words(()), None, tmp_path)


def test_words_are_kept_as_they_are(data: Path, tmp_path: Path) -> None:
    entries, nearby = load(data / "nlu" / "gazetteers")
    words = Words(tuple(entries), tuple(nearby), frozenset({"dessert", "elfde"}), tuple(entries[:2]))
    words.save(tmp_path / "words.json")
    assert Words.load(tmp_path / "words.json") == words


# ---- resolution ----------------------------------------------------------------------------------------------------


def resolve(
    text: str, candidates: list[Mention], spans: tuple[Span, ...], outside: float = 1.0
) -> list[tuple[str, str]]:
    tokens = tokenise(text)
    tagging = Tagging(spans, tuple(outside for _ in tokens))
    resolver = Resolver(ValueFinder({"schedule": WordIndex([])}))
    return [(m.entity, m.value) for m in resolver.resolve(text, tokens, candidates, tagging, "ask_cost_of_living")]


def test_a_language_inside_a_topic_is_a_language() -> None:
    language = Mention("language", 7, 12, "Frans", "words")
    assert resolve("cursus frans leren", [language], (Span(0, 3, "course_topic", 0.9),)) == [("language", "Frans")]


def test_a_tagged_word_without_a_value_in_the_contract_is_dropped() -> None:
    assert resolve("cursus volgende eeuw", [], (Span(1, 3, "schedule", 0.9),)) == []


def test_the_tagger_goes_before_a_sure_word() -> None:
    place = Mention("location", 0, 4, "Boom", "words")
    assert resolve("boom snoeien", [place], (Span(0, 2, "course_topic", 0.9),)) == [("course_topic", "boom snoeien")]


@pytest.mark.parametrize(("outside", "entities"), [(0.5, [("location", "Gent")]), (0.999, [])])
def test_a_sure_word_stands_unless_the_tagger_is_near_certain(outside: float, entities: list[tuple[str, str]]) -> None:
    place = Mention("location", 5, 9, "Gent", "words")
    assert resolve("naar gent toe", [place], (), outside) == entities


def test_what_a_pattern_proves_goes_first() -> None:
    text = "0470123456"
    phone = Mention("phone_number", 0, 10, "+32470123456", "pattern")
    assert resolve(text, [phone], (Span(0, 1, "location", 0.9),)) == [("phone_number", "+32470123456")]


@given(st.text(), st.integers(0, 100), st.data())
def test_typing_errors_keep_the_spans_in_place(text: str, seed: int, data: st.DataObject) -> None:
    import random

    borders = sorted(data.draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=2))) if len(text) > 1 else []
    spans = [(borders[0], borders[1])] if borders else []
    wrong, moved = misspell(text, spans, random.Random(seed), 0.5)
    assert len(moved) == len(spans)
    for start, end in moved:
        assert 0 <= start < end <= len(wrong)


# ---- the Rasa component --------------------------------------------------------------------------------------------


def message(example: Example) -> Message:
    entities = [{"start": s, "end": e, "entity": kind, "value": value} for s, e, kind, value in example.entities]
    return Message(data={"text": example.text, "intent": example.intent, "entities": entities})


@pytest.fixture
def trained(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, Any], LocalModelStorage, Resource, ExecutionContext]:
    """A component that was trained and left its model in the storage."""
    monkeypatch.setattr(sources, "_dictionary", lambda: frozenset({"dessert", "elfde"}))
    config = {**LeerwijzerEntityExtractor.get_default_config(), "data": str(data)}
    storage, resource, context = LocalModelStorage(tmp_path), Resource("entities"), ExecutionContext(GraphSchema({}))
    component = LeerwijzerEntityExtractor.create(config, storage, resource, context)
    assert component.train(TrainingData([message(example) for example in EXAMPLES])) == resource
    return config, storage, resource, context


def test_component_trains_persists_loads_and_processes(
    trained: tuple[dict[str, Any], LocalModelStorage, Resource, ExecutionContext],
) -> None:
    component = LeerwijzerEntityExtractor.load(*trained)
    asked = Message(data={"text": "ik zoek een cursus lassen in Gent", "intent": {"name": "search_course"}})
    component.process([asked])
    assert [(e["entity"], e["value"], e["extractor"]) for e in asked.get("entities")] == [
        ("course_topic", "lassen", "LeerwijzerEntityExtractor"),
        ("location", "Gent", "LeerwijzerEntityExtractor"),
    ]
    assert "entities" in asked.as_dict(only_output_properties=True)


def test_component_keeps_what_others_found_and_looks_past_the_fallback(
    trained: tuple[dict[str, Any], LocalModelStorage, Resource, ExecutionContext],
) -> None:
    component = LeerwijzerEntityExtractor.load(*trained)
    other = {"entity": "offering", "start": 0, "end": 2, "value": "x", "extractor": "other"}
    asked = Message(
        data={
            "text": "de tweede",
            "entities": [other],
            "intent": {"name": "nlu_fallback"},
            "intent_ranking": [{"name": "nlu_fallback"}, {"name": "course_details"}],
        }
    )
    silent = Message(data={"text": None})
    component.process([asked, silent])
    assert [e["value"] for e in asked.get("entities")] == ["x", "2"]
    assert silent.get("entities") == []


def test_component_listens_to_the_entity_ruler(
    trained: tuple[dict[str, Any], LocalModelStorage, Resource, ExecutionContext],
) -> None:
    import spacy

    nlp = spacy.blank("nl")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "provider", "pattern": "Zonneschool"}, {"label": "PERSON", "pattern": "cursus"}])
    text = "een opleiding zorgkundige bij de Zonneschool graag"
    asked = Message(data={"text": text, "text_spacy_doc": nlp(text)})
    LeerwijzerEntityExtractor.load(*trained).process([asked])
    assert ("provider", "Zonneschool") in [(e["entity"], e["value"]) for e in asked.get("entities")]


def test_component_without_training_leaves_messages_alone(tmp_path: Path) -> None:
    context = ExecutionContext(GraphSchema({}))
    component = LeerwijzerEntityExtractor.create({}, LocalModelStorage(tmp_path), Resource("entities"), context)
    asked = Message(data={"text": "Gent"})
    assert component.process([asked]) == [asked] and asked.get("entities") is None


def test_a_changed_list_asks_for_training(data: Path) -> None:
    config = {"data": str(data)}
    before = LeerwijzerEntityExtractor.fingerprint_addon(config)
    path = data / "nlu" / "gazetteers" / "ordinals.yml"
    kept = path.read_bytes()
    try:
        path.write_bytes(kept + b"# more\n")
        assert LeerwijzerEntityExtractor.fingerprint_addon(config) != before
    finally:
        path.write_bytes(kept)
    assert LeerwijzerEntityExtractor.fingerprint_addon(config) == before


def test_subjects_of_the_catalogue_are_words_and_languages_stay_languages(data: Path) -> None:
    entries = sources.entries(data)
    topics = {entry.words for entry in entries if entry.entity == "course_topic"}
    assert {"Heftruck", "lassen"} & topics
    assert "Frans" not in topics


def test_ordinary_words_are_those_of_the_dictionary_that_resemble_an_entry(data: Path) -> None:
    entries, _ = load(data / "nlu" / "gazetteers")
    index = WordIndex([entry for entry in entries if entry.entity == "ordinal"])
    ordinary = sources.ordinary_words(index)
    assert ordinary and all(index.closest(word) and not index.lookup(word) for word in ordinary)


def test_words_file_is_plain_json(recogniser: Recogniser, tmp_path: Path) -> None:
    Words(()).save(tmp_path / "words.json")
    assert set(json.loads((tmp_path / "words.json").read_text(encoding="utf-8"))) == {
        "entries",
        "nearby",
        "ordinary",
        "learnt",
    }
