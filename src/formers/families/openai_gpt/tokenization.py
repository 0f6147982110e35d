"""GPT's tokenizers: lower case, byte-pair encoding on characters, `</w>` where a word ends."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from typing import Any

from tokenizers import normalizers, pre_tokenizers

from formers.families.bert.steps import BasicTokenizer
from formers.families.gpt2.tokenization import VOCAB_FILES_NAMES as VOCAB_FILES_NAMES
from formers.families.gpt2.tokenization import BytePairs, vocabulary_addresses
from formers.frameworks import EXTRAS, is_installed
from formers.tokenization.engine_tokenizer import EngineTokenizer
from formers.tokenization.engines.added import add_specials
from formers.tokenization.engines.byte_pairs import END_OF_WORD, character_engine, word_parts
from formers.tokenization.engines.byte_pairs import get_pairs as get_pairs
from formers.tokenization.engines.running import encodable
from formers.tokenization.engines.vocabularies import bpe_merges, bpe_vocabulary, read_engine, whole_vocabulary
from formers.tokenization.engines.wordpiece import python_words
from formers.tokenization.engines.words import at_spaces
from formers.tokenization.fast import PreTrainedTokenizerFast
from formers.tokenization.types import Ids, Token, text_of

logger = logging.getLogger(__name__)

PRETRAINED_VOCAB_FILES_MAP = vocabulary_addresses({"openai-gpt": "openai-gpt"})
PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES: dict[str, int | None] = {"openai-gpt": 512}

_PLAIN_SIGNS = str.maketrans({"—": "-", "–": "-", "―": "-", "…": "...", "´": "'"})
# Signs that become words, a run of one of them one word.
_SIGNS = re.compile(r"(-+|~+|!+|\"+|;+|\?+|\++|,+|\)+|\(+|\\+|\/+|\*+|\[+|\]+|}+|{+|\|+|_+)")


def text_standardize(text: str) -> str:
    """Make dashes and quotation marks plain, put spaces around signs, and make all other white space one space."""
    text = _SIGNS.sub(r" \1 ", text.translate(_PLAIN_SIGNS))
    text = re.sub(r"\s*\n\s*", " \n ", text)
    return re.sub(r"[^\S\n]+", " ", text).strip()


class OpenAIGPTTokenizer(BytePairs, EngineTokenizer):
    """GPT's tokenizer with the interface of the Python tokenizers.

    With `ftfy` and `spacy` (both in the extra `text`) texts are repaired and split as they were for the model; without
    them words are what BERT takes for words.

    Args:
        vocab_file: Path of `vocab.json` (or of a `tokenizer.json`).
        merges_file: Path of `merges.txt` (or of a `tokenizer.json`).
        unk_token: Unknown token.
        **kwargs: As in `PreTrainedTokenizer`.

    Raises:
        ValueError: If there is no such file.
    """

    pretrained_vocab_files_map = PRETRAINED_VOCAB_FILES_MAP
    max_model_input_sizes = PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES
    model_input_names = ["attention_mask"]

    def __init__(self, vocab_file: str, merges_file: str, unk_token: Token = "<unk>", **kwargs: Any) -> None:
        super().__init__(unk_token=unk_token, **kwargs)
        self.encoder = bpe_vocabulary(vocab_file)
        self._merges = bpe_merges(merges_file)
        self.bpe_ranks = {pair: rank for rank, pair in enumerate(self._merges)}
        engine = character_engine(whole_vocabulary(self.encoder, self._merges, []), self._merges, text_of(unk_token))
        self._words_of = _as_trained()
        if self._words_of is None:
            missing = " and ".join(name for name in ("ftfy", "spacy") if not is_installed(name))
            logger.warning(
                "%s not installed: words are split as BERT's are, slightly otherwise than for the model. For the same "
                "run `pip install 'formers[%s]'`",
                missing,
                EXTRAS["ftfy"],
            )
            self.nlp = BasicTokenizer(do_lower_case=True)
            engine.normalizer, engine.pre_tokenizer = python_words(lowercase=True, chinese_characters=True)
        self._set_engine(engine, self.encoder, at_spaces if self._words_of is None else None)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_words_of": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self._engine.pre_tokenizer is None:
            self._words_of = _as_trained()

    @property
    def decoder(self) -> dict[int, str]:
        """Tokens by id."""
        return self._tokens

    def bpe(self, token: str) -> str:
        """Merge a word.

        Returns:
            Its tokens, with spaces between them.
        """
        return " ".join(word_parts(self._engine, token)) + END_OF_WORD

    def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
        text = encodable(text)
        if self._words_of is not None:
            words = self._words_of(text)
        else:
            normal = self._engine.normalizer.normalize_str(text)
            words = [word for word, _ in self._engine.pre_tokenizer.pre_tokenize_str(normal)]
        return [token for word in words for token in self.bpe(word).split(" ")]

    def _engine_ids(self, texts: list[str]) -> list[Ids]:
        if self._words_of is None:
            return super()._engine_ids(texts)
        return [self.convert_tokens_to_ids(self._tokenize(text)) for text in texts]

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Join tokens to a text: parts of words to words, spaces between words."""
        return "".join(tokens).replace(END_OF_WORD, " ").strip()


def _as_trained() -> Callable[[str], list[str]] | None:
    """Make what splits texts as the model's authors did, if it is installed."""
    if not (is_installed("ftfy") and is_installed("spacy")):
        return None
    import ftfy
    import spacy

    split = spacy.blank("en").tokenizer

    def words(text: str) -> list[str]:
        # A line break is a token of its own, however many spaces stand with it.
        found = (token.text.lower() for token in split(text_standardize(ftfy.fix_text(text))))
        return ["\n" if word.strip(" ") == "\n" else word for word in found if word.strip(" ")]

    return words


class OpenAIGPTTokenizerFast(BytePairs, PreTrainedTokenizerFast):
    """GPT's tokenizer with offsets. Words are what BERT takes for words; accents stay.

    Args:
        vocab_file: Path of `vocab.json`, or of a `tokenizer.json`, which then decides everything.
        merges_file: Path of `merges.txt`, or of the same `tokenizer.json`.
        unk_token: Unknown token, for characters that the vocabulary lacks.
        **kwargs: As in `PreTrainedTokenizerFast`.

    Raises:
        ValueError: If there is no such file.
    """

    pretrained_vocab_files_map = PRETRAINED_VOCAB_FILES_MAP
    max_model_input_sizes = PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES
    model_input_names = ["attention_mask"]

    def __init__(self, vocab_file: str, merges_file: str, unk_token: Token = "<unk>", **kwargs: Any) -> None:
        self._merges = bpe_merges(merges_file)
        if os.path.basename(vocab_file) == "tokenizer.json":
            engine = read_engine(vocab_file)
        else:
            engine = character_engine(bpe_vocabulary(vocab_file), self._merges, text_of(unk_token))
            engine.normalizer = normalizers.Sequence(
                [normalizers.BertNormalizer(lowercase=False), normalizers.Lowercase()]
            )
            engine.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        add_specials(engine, [unk_token])
        super().__init__(engine, unk_token=unk_token, **kwargs)
