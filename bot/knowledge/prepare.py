"""Makes the finder of articles ready: from disk, or anew when articles, examples or encoder changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.assistant import rasa_import
from bot.assistant.held_out import held_out
from bot.assistant.nlu.vectors import VectorCache, encoder_digest, sentence_encoder
from bot.knowledge.articles import Article, Library, load_library
from bot.knowledge.figures import load_figures
from bot.knowledge.finding import Finder, asked_as, keep, kept, study, whole_text
from bot.settings import ROOT, Settings

Progress = Callable[[int, int], None]
"""Told how many sentences are read, of how many."""

STRANGE = frozenset(
    "out_of_scope chitchat complaint insult inform search_course refine_search course_details more_results praise help "
    "bot_challenge ask_referral_status request_human".split()
)
"""Intents whose examples no article answers."""
CACHE = ROOT / "var" / "cache"
"""Beside the vectors of the training examples: of the project as it stands, whatever database or port is used with it."""
FINDER = CACHE / "finder.npz"
SENTENCES = CACHE / "articles.npz"
"""Vectors by sentence, so that a changed article costs only its own."""


def load_finder(settings: Settings, library: Library, progress: Progress = lambda done, total: None) -> Finder:
    """The finder over the articles of a library. Takes a second per 40 sentences when it must be made anew.

    Raises `EncoderAbsent` without the sentence encoder.
    """
    articles = tuple(library)
    made_of = _made_of(settings, articles)
    stored = kept(FINDER, made_of)
    if stored is None:
        strangers = _strangers(settings)
        sentences = [sentence for article in articles for sentence in asked_as(article)]
        vectors = VectorCache(SENTENCES, known=None).encode([*sentences, *strangers], progress=progress)
        own, foreign = vectors[: len(sentences)], vectors[len(sentences) :]
        learnt = study(articles, own, strangers, foreign)
        keep(FINDER, made_of, own, learnt)
        stored = own, learnt
    vectors, learnt = stored
    return Finder(articles, vectors, sentence_encoder, learnt)


def prepare_finder(settings: Settings, progress: Progress = lambda done, total: None) -> None:
    """Makes sure that `load_finder` will be quick."""
    figures = load_figures(settings.data_dir / "knowledge")
    load_finder(settings, load_library(settings.data_dir / "knowledge" / "articles", figures), progress)


def _made_of(settings: Settings, articles: tuple[Article, ...]) -> bytes:
    made_of = hashlib.sha256(encoder_digest())
    for article in articles:
        made_of.update("\0".join((article.id, *asked_as(article), whole_text(article))).encode() + b"\1")
    for path in _examples(settings):
        made_of.update(path.read_bytes())
    return made_of.digest()


def _examples(settings: Settings) -> Iterator[Path]:
    yield from sorted((settings.data_dir / "nlu").glob("*.yml"))


def _strangers(settings: Settings) -> list[str]:
    """What people say that no article answers, of which the encoder saw nothing when it was taught."""
    rasa_import.prepare()
    from bot.assistant.training_importer import read

    examples = read([str(path) for path in _examples(settings)]).intent_examples
    return [
        example.get("text")
        for example in examples
        if example.get("intent") in STRANGE and held_out(example.get("text"))
    ]
