"""N-grams as features."""

from __future__ import annotations

from bot.assistant.nlu.grams import Grams
from bot.assistant.nlu.ngrams import ngrams


def test_rarer_grams_weigh_more() -> None:
    grams, matrix = Grams.learn(["de kat", "de hond", "de vis", "de kat"], least=2)
    assert (matrix != grams.matrix(["de kat", "de hond", "de vis", "de kat"])).nnz == 0
    assert "{kat}" in grams.rows and "{hond}" not in grams.rows
    assert grams.idf[grams.rows["{kat}"]] > grams.idf[grams.rows["{de}"]]


def test_a_text_that_is_known_is_weighed_as_it_was_learnt() -> None:
    grams, matrix = Grams.learn(["een kat", "een hond"])
    rows, values = grams.weigh("een kat")
    assert dict(zip(rows.tolist(), values.tolist(), strict=True)) == dict(
        zip(matrix[0].indices.tolist(), matrix[0].data.tolist(), strict=True)
    )


def test_only_the_commonest_are_kept() -> None:
    grams, _ = Grams.learn(["de kat", "de hond"], most=3)
    assert len(grams.rows) == 3
    assert all(gram in ngrams("de kat") and gram in ngrams("de hond") for gram in grams.rows)
