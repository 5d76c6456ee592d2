"""spaCy's Dutch tokeniser without its exceptions: six thousand abbreviations, which take longer to load than all the rest.

They keep the dot of "bijv." with the word. Nothing here reads what they add: the words that the entity ruler looks for are cut
by the same tokeniser, and the tagger cuts words itself (`bot.assistant.nlu.text`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spacy import util
from spacy.tokenizer import Tokenizer
from spacy.util import registry

if TYPE_CHECKING:
    from spacy.language import Language

NAME = "leerwijzer.Tokenizer.v1"


@registry.tokenizers(NAME)
def make_tokenizer() -> Callable[[Language], Tokenizer]:
    """For spaCy's configuration: makes the tokeniser of a language from its punctuation alone."""

    def of(nlp: Language) -> Tokenizer:
        defaults: Any = nlp.Defaults
        return Tokenizer(
            nlp.vocab,
            prefix_search=util.compile_prefix_regex(defaults.prefixes).search,
            suffix_search=util.compile_suffix_regex(defaults.suffixes).search,
            infix_finditer=util.compile_infix_regex(defaults.infixes).finditer,
            token_match=defaults.token_match,
            url_match=defaults.url_match,
        )

    return of
