"""The Dutch spaCy pipeline: a tokeniser, our word lists as an entity ruler, and on request lemmas.

No trained Dutch model can be had at installation, so this one is blank; whoever has one installed (`nl_core_news_md`) names
it in the settings and gets the ruler on top of it. The lookup lemmatiser is left out unless it is asked for: nothing here
reads lemmas, and it adds a third to the time of loading (docs/understanding.md).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.assistant.nlu import sources
from bot.assistant.nlu.candidates import place_entries
from bot.assistant.nlu.mentions import FREE
from bot.assistant.nlu.wordlists import Entry
from bot.settings import Settings, get_settings
from bot.trouble import Trouble

if TYPE_CHECKING:
    from spacy.language import Language

RULER = "leerwijzer_ruler"
NOTE = "made_of.json"
"""A file beside the pipeline with the hash of what it was made of."""


class PipelineError(Trouble, RuntimeError):
    """The pipeline cannot be made; the text says what to do."""


def build(target: Path, settings: Settings | None = None, *, lemmas: bool = False) -> bool:
    """Makes the pipeline in the folder `target` and gives True, or gives False when it already stands there unchanged.

    Raises `PipelineError` when the spaCy model of the settings is not installed, and what `sources.words` raises on word lists
    that cannot be used.
    """
    settings = settings or get_settings()
    made_of = _fingerprint(settings, lemmas)
    if _stands(target, made_of):
        return False
    nlp = _base(settings.spacy_model, lemmas)
    _add_ruler(nlp, _patterns(settings.data_dir))
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    nlp.to_disk(partial)
    (partial / NOTE).write_text(json.dumps({"made_of": made_of}), encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    return True


def _fingerprint(settings: Settings, lemmas: bool) -> str:
    digest = hashlib.sha256(f"{version('spacy')} {settings.spacy_model} {lemmas}".encode())
    digest.update(sources.fingerprint(settings.data_dir).encode())
    for file in (Path(__file__), Path(__file__).parent / "nlu" / "spacy_tokenizer.py"):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _stands(target: Path, made_of: str) -> bool:
    note = target / NOTE
    if not note.exists() or not (target / "config.cfg").exists():
        return False
    try:
        return bool(json.loads(note.read_text(encoding="utf-8")).get("made_of") == made_of)
    except (ValueError, AttributeError):
        return False


def _base(model: str, lemmas: bool) -> Language:
    import spacy

    from bot.assistant.nlu import spacy_tokenizer

    if model:
        try:
            nlp: Language = spacy.load(model)
        except OSError as error:
            raise PipelineError(
                f"the spaCy model {model!r} (LEERWIJZER_SPACY_MODEL) is not installed: install it, or leave the setting empty"
            ) from error
        return nlp
    nlp = spacy.blank("nl", config={"nlp": {"tokenizer": {"@tokenizers": spacy_tokenizer.NAME}}})
    if lemmas:
        nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()  # loads the lemma table; it would empty an entity ruler, so that comes after it
    return nlp


def _patterns(data: Path) -> list[dict[str, Any]]:
    """The sure words of all lists and all place names as phrases, each once, with the value as id."""
    gazetteer = sources.places(data)
    entries = [*sources.entries(data), *place_entries(gazetteer)]
    return list(_phrases(entry for entry in entries if entry.sure))


def _phrases(entries: Iterable[Entry]) -> Iterable[dict[str, Any]]:
    taken: set[str] = set()
    for entry in entries:
        written = entry.words.lower()
        if written not in taken:
            taken.add(written)
            pattern: dict[str, Any] = {"label": entry.entity, "pattern": entry.words}
            yield pattern if entry.entity in FREE and entry.value == entry.words else {**pattern, "id": entry.value}


def _add_ruler(nlp: Language, patterns: list[dict[str, Any]]) -> None:
    ruler: Any = nlp.add_pipe(
        "entity_ruler", name=RULER, config={"phrase_matcher_attr": "LOWER", "overwrite_ents": True}
    )
    ruler.add_patterns(patterns)
