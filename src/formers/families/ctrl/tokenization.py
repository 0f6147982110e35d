"""CTRL's tokenizer: byte-pair encoding on characters, `@@` where a word goes on, and control codes."""

from __future__ import annotations

from typing import Any

from tokenizers import Regex, pre_tokenizers

from formers.families.gpt2.tokenization import VOCAB_FILES_NAMES as VOCAB_FILES_NAMES
from formers.families.gpt2.tokenization import BytePairs
from formers.tokenization.engine_tokenizer import EngineTokenizer
from formers.tokenization.engines.byte_pairs import END_OF_WORD, character_engine, word_parts
from formers.tokenization.engines.byte_pairs import get_pairs as get_pairs
from formers.tokenization.engines.running import encodable
from formers.tokenization.engines.vocabularies import bpe_merges, bpe_vocabulary, whole_vocabulary
from formers.tokenization.engines.words import at_spaces
from formers.tokenization.types import Token

_ADDRESS = "https://raw.githubusercontent.com/salesforce/ctrl/master/ctrl"
PRETRAINED_VOCAB_FILES_MAP = {
    "vocab_file": {"ctrl": f"{_ADDRESS}-vocab.json"},
    "merges_file": {"ctrl": f"{_ADDRESS}-merges.txt"},
}
PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES: dict[str, int | None] = {"ctrl": 256}

# Kinds of text, and the token that a text of each began with when the model was trained.
CONTROL_CODES: dict[str, int] = {
    "Pregnancy": 168629,
    "Christianity": 7675,
    "Explain": 106423,
    "Fitness": 63440,
    "Saving": 63163,
    "Ask": 27171,
    "Ass": 95985,
    "Joke": 163509,
    "Questions": 45622,
    "Thoughts": 49605,
    "Retail": 52342,
    "Feminism": 164338,
    "Writing": 11992,
    "Atheism": 192263,
    "Netflix": 48616,
    "Computing": 39639,
    "Opinion": 43213,
    "Alone": 44967,
    "Funny": 58917,
    "Gaming": 40358,
    "Human": 4088,
    "India": 1331,
    "Joker": 77138,
    "Diet": 36206,
    "Legal": 11859,
    "Norman": 4939,
    "Tip": 72689,
    "Weight": 52343,
    "Movies": 46273,
    "Running": 23425,
    "Science": 2090,
    "Horror": 37793,
    "Confession": 60572,
    "Finance": 12250,
    "Politics": 16360,
    "Scary": 191985,
    "Support": 12654,
    "Technologies": 32516,
    "Teenage": 66160,
    "Event": 32769,
    "Learned": 67460,
    "Notion": 182770,
    "Wikipedia": 37583,
    "Books": 6665,
    "Extract": 76050,
    "Confessions": 102701,
    "Conspiracy": 75932,
    "Links": 63674,
    "Narcissus": 150425,
    "Relationship": 54766,
    "Relationships": 134796,
    "Reviews": 41671,
    "News": 4256,
    "Translation": 26820,
    "multilingual": 128406,
}

_GOES_ON = "@@"
# A line break belongs to the word before it. White space is Unicode's: U+0085, but not Python's U+001C to U+001F.
_WORDS = Regex("\\S+\n?")


class CTRLTokenizer(BytePairs, EngineTokenizer):
    """CTRL's tokenizer.

    Args:
        vocab_file: Path of `vocab.json`.
        merges_file: Path of `merges.txt`.
        unk_token: Unknown token.
        **kwargs: As in `PreTrainedTokenizer`.

    Raises:
        ValueError: If there is no such file.
    """

    pretrained_vocab_files_map = PRETRAINED_VOCAB_FILES_MAP
    max_model_input_sizes = PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES
    control_codes = CONTROL_CODES

    def __init__(self, vocab_file: str, merges_file: str, unk_token: Token = "<unk>", **kwargs: Any) -> None:
        super().__init__(unk_token=unk_token, **kwargs)
        self.encoder = bpe_vocabulary(vocab_file)
        self._merges = bpe_merges(merges_file)
        self.bpe_ranks = {pair: rank for rank, pair in enumerate(self._merges)}
        marked = {_marked(token): index for token, index in self.encoder.items()}
        engine = character_engine(whole_vocabulary(marked, self._merges, []), self._merges, str(self.unk_token))
        engine.pre_tokenizer = pre_tokenizers.Split(_WORDS, "removed", invert=True)
        self._set_engine(engine, self.encoder, at_spaces)

    @property
    def decoder(self) -> dict[int, str]:
        """Tokens by id."""
        return self._tokens

    def bpe(self, token: str) -> str:
        """Merge a word.

        Returns:
            Its tokens, with spaces between them.
        """
        return f"{_GOES_ON} ".join(word_parts(self._engine, token))

    def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
        words = self._engine.pre_tokenizer.pre_tokenize_str(encodable(text))
        return [token for word, _ in words for token in self.bpe(word).split(" ")]

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Join tokens to a text: parts of words to words, spaces between words."""
        return " ".join(tokens).replace(f"{_GOES_ON} ", "").strip()


def _marked(token: str) -> str:
    """Mark a token as the engine does: the vocabulary marks that a word goes on, the engine that it ends."""
    goes_on = token.endswith(_GOES_ON) and token != _GOES_ON
    return token[: -len(_GOES_ON)] if goes_on else token + END_OF_WORD
