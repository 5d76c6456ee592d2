"""The word pieces as the `tokenizers` library reads them: the same division of a text as `pieces.Tokenizer`."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from scripts.encoder.e5_file import Encoder


def write(encoder: Encoder, path: Path) -> None:
    """Writes the pieces with their scores, and how a text is made ready for them."""
    vocabulary = [
        (piece.decode("utf-8", "replace"), float(score))
        for piece, score in zip(encoder.pieces, encoder.scores, strict=True)
    ]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=encoder.specials["unk"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Replace(Regex(r"\p{Cf}|\p{Cc}"), " "), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    begin, end = (vocabulary[encoder.specials[name]][0] for name in ("bos", "eos"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        special_tokens=[(begin, encoder.specials["bos"]), (end, encoder.specials["eos"])],
    )
    tokenizer.enable_truncation(encoder.positions)
    tokenizer.save(str(path), pretty=False)
