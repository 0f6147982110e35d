"""GPT-2's tokenizers: byte-pair encoding on bytes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from tokenizers import Encoding

from formers.files import replacing
from formers.tokenization.engine_tokenizer import EngineTokenizer
from formers.tokenization.engines.byte_pairs import byte_alphabet, byte_level_engine
from formers.tokenization.engines.byte_pairs import get_pairs as get_pairs
from formers.tokenization.engines.vocabularies import Merges, bpe_merges, bpe_vocabulary, read_engine, whole_vocabulary
from formers.tokenization.engines.words import before_spaces
from formers.tokenization.fast import PreTrainedTokenizerFast
from formers.tokenization.inputs.options import Options
from formers.tokenization.loading import vocabulary_folder
from formers.tokenization.types import AddedToken, Token, text_of

VOCAB_FILES_NAMES = {"vocab_file": "vocab.json", "merges_file": "merges.txt"}

_NAMES = ("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", "distilgpt2")


def vocabulary_addresses(sources: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """List the addresses of vocabularies on the hub.

    Args:
        sources: Names of models, and the name of the one whose vocabulary each uses.
    """
    return {
        key: {name: f"https://huggingface.co/{source}/resolve/main/{file}" for name, source in sources.items()}
        for key, file in VOCAB_FILES_NAMES.items()
    }


PRETRAINED_VOCAB_FILES_MAP = vocabulary_addresses({name: name for name in _NAMES})
PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES: dict[str, int | None] = dict.fromkeys(_NAMES, 1024)


_SPACE = byte_alphabet()[ord(" ")]


def bytes_to_unicode() -> dict[int, str]:
    """List the printable letter that stands for each byte in the vocabulary."""
    return byte_alphabet()


def as_added(token: Token, lstrip: bool = False) -> Token:
    """Make a special token that keeps the white space around it, or takes in that on its left."""
    return AddedToken(token, lstrip=lstrip, rstrip=False, normalized=True) if isinstance(token, str) else token


def write_bpe(save_directory: str, vocabulary: Mapping[str, int], merges: Merges) -> tuple[str, str]:
    """Write `vocab.json` and `merges.txt` into a folder.

    Raises:
        ValueError: If it is not a folder.
    """
    folder = vocabulary_folder(save_directory)
    vocabulary_path, merges_path = (os.path.join(folder, file) for file in VOCAB_FILES_NAMES.values())
    ordered = dict(sorted(vocabulary.items(), key=lambda item: item[1]))
    with replacing(vocabulary_path) as temporary:
        temporary.write_text(json.dumps(ordered, ensure_ascii=False), encoding="utf-8")
    with replacing(merges_path) as temporary:
        lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return vocabulary_path, merges_path


class BytePairs:
    """The files of tokenizers that merge pairs, for the Python and the fast classes."""

    vocab_files_names = VOCAB_FILES_NAMES
    _merges: Merges

    def save_vocabulary(self, save_directory: str) -> tuple[str, str]:
        """Write the vocabulary and the merges.

        Args:
            save_directory: Folder to write to.

        Returns:
            Paths of the two files.

        Raises:
            ValueError: If it is not a folder.
        """
        tokenizer: Any = self
        return write_bpe(save_directory, tokenizer._base_vocabulary(), self._merges)


class GPT2Tokenizer(BytePairs, EngineTokenizer):
    """GPT-2's tokenizer with the interface of the Python tokenizers.

    A space is part of the word after it, so a word is encoded differently at the beginning of a text.

    Args:
        vocab_file: Path of `vocab.json` (or of a `tokenizer.json`).
        merges_file: Path of `merges.txt` (or of a `tokenizer.json`).
        errors: What to do with bytes that are not UTF-8 when decoding: see `bytes.decode`.
        unk_token: Unknown token.
        bos_token: Token for the beginning of a text.
        eos_token: Token for the end of a text.
        add_prefix_space: Whether to put a space before a text.
        **kwargs: As in `PreTrainedTokenizer`.

    Raises:
        ValueError: If there is no such file.
    """

    pretrained_vocab_files_map = PRETRAINED_VOCAB_FILES_MAP
    max_model_input_sizes = PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES
    model_input_names = ["attention_mask"]

    def __init__(
        self,
        vocab_file: str,
        merges_file: str,
        errors: str = "replace",
        unk_token: Token = "<|endoftext|>",
        bos_token: Token = "<|endoftext|>",
        eos_token: Token = "<|endoftext|>",
        add_prefix_space: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            unk_token=as_added(unk_token), bos_token=as_added(bos_token), eos_token=as_added(eos_token), **kwargs
        )
        self.encoder = bpe_vocabulary(vocab_file)
        self.errors = errors
        self.add_prefix_space = add_prefix_space
        self.byte_encoder = byte_alphabet()
        self.byte_decoder = {letter: byte for byte, letter in self.byte_encoder.items()}
        self._merges = bpe_merges(merges_file)
        self.bpe_ranks = {pair: rank for rank, pair in enumerate(self._merges)}
        everything = whole_vocabulary(self.encoder, self._merges, list(self.byte_encoder.values()))
        engine = byte_level_engine(everything, self._merges, None, prefix_space=False, trim_offsets=False)
        self._set_engine(engine, self.encoder, before_spaces)

    @property
    def decoder(self) -> dict[int, str]:
        """Tokens by id."""
        return self._tokens

    def bpe(self, token: str) -> str:
        """Merge a word, given in the letters that stand for bytes.

        Returns:
            Its tokens, with spaces between them.
        """
        return " ".join(piece.value for piece in self._engine.model.tokenize(token))

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Join tokens to a text."""
        letters = "".join(tokens)
        return bytearray(self.byte_decoder[letter] for letter in letters).decode("utf-8", errors=self.errors)

    def prepare_for_tokenization(
        self, text: str, is_pretokenized: bool = False, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Put a space before a text, if asked to or if it is one word of several.

        Args:
            text: The text.
            is_pretokenized: Whether it is one word of several.
            **kwargs: `add_prefix_space` goes before the tokenizer's.

        Returns:
            The text, and the keywords that are not known.
        """
        if kwargs.pop("add_prefix_space", self.add_prefix_space) or is_pretokenized:
            text = f" {text}"
        return text, kwargs


class WithoutPrefix:
    """An encoding where a space that was put before the text covers no characters of it.

    The engine has such a token cover the text's first character, too.

    Args:
        encoding: The `tokenizers.Encoding`, with all its other attributes.
    """

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_encoding"], name)

    def __reduce__(self) -> tuple[Any, ...]:
        return WithoutPrefix, (self._encoding,)

    @property
    def overflowing(self) -> list[WithoutPrefix]:
        """The further parts of a long text."""
        return [WithoutPrefix(part) for part in self._encoding.overflowing]

    def char_to_token(self, char_pos: int, sequence_index: int = 0) -> int | None:
        """Find the index of the token that covers a character."""
        index = self._encoding.char_to_token(char_pos, sequence_index)
        if index is not None and self.offsets[index][0] == self.offsets[index][1]:
            return index + 1
        return index

    @property
    def offsets(self) -> list[tuple[int, int]]:
        """The span of characters of each token: the first, the one after the last."""
        spans = self._encoding.offsets
        tokens = self._encoding.tokens
        sequences = self._encoding.sequence_ids
        for i, token in enumerate(tokens):
            if token != _SPACE or sequences[i] is None:
                continue
            follows = i + 1 < len(tokens) and sequences[i + 1] == sequences[i]
            only = not follows and (i == 0 or sequences[i - 1] != sequences[i])
            if only or (follows and spans[i + 1][0] == spans[i][0]):
                spans[i] = (0, 0) if only else (spans[i][0], spans[i][0])
        return spans


class GPT2TokenizerFast(BytePairs, PreTrainedTokenizerFast):
    """GPT-2's tokenizer with offsets.

    Args:
        vocab_file: Path of `vocab.json`, or of a `tokenizer.json`, which then decides everything.
        merges_file: Path of `merges.txt`, or of the same `tokenizer.json`.
        unk_token: As in `GPT2Tokenizer`, and so the other special tokens.
        bos_token: As above.
        eos_token: As above.
        add_prefix_space: Whether to put a space before a text; needed for texts split into words.
        trim_offsets: Whether the space before a word does not count as part of it in offsets.
        **kwargs: As in `PreTrainedTokenizerFast`.

    Raises:
        ValueError: If there is no such file.
    """

    pretrained_vocab_files_map = PRETRAINED_VOCAB_FILES_MAP
    max_model_input_sizes = PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES
    model_input_names = ["attention_mask"]

    def __init__(
        self,
        vocab_file: str,
        merges_file: str,
        unk_token: Token = "<|endoftext|>",
        bos_token: Token = "<|endoftext|>",
        eos_token: Token = "<|endoftext|>",
        add_prefix_space: bool = False,
        trim_offsets: bool = True,
        **kwargs: Any,
    ) -> None:
        full = os.path.basename(vocab_file) == "tokenizer.json"
        self._merges = bpe_merges(merges_file)
        engine = (
            read_engine(vocab_file)
            if full
            else byte_level_engine(
                bpe_vocabulary(vocab_file),
                self._merges,
                text_of(unk_token),
                prefix_space=add_prefix_space,
                trim_offsets=trim_offsets,
            )
        )
        super().__init__(engine, unk_token=unk_token, bos_token=bos_token, eos_token=eos_token, **kwargs)
        self.add_prefix_space = add_prefix_space
        self.trim_offsets = trim_offsets

    def _prepared_inputs(self, texts: list[Any]) -> list[Any]:
        # The engine puts no space before nothing; v3.0.2's did.
        return [" " if text == "" else text for text in texts] if self.add_prefix_space else texts

    def _encodings(self, firsts: list[Any], seconds: list[Any] | None, options: Options) -> list[Any]:
        encodings = super()._encodings(firsts, seconds, options)
        return [WithoutPrefix(encoding) for encoding in encodings] if self.add_prefix_space else encodings

    def _check_inputs(self, inputs: Any, options: Options) -> None:
        if options.is_pretokenized and not self.add_prefix_space:
            raise AssertionError(
                f"You need to instantiate {type(self).__name__} with add_prefix_space=True to use it with pretokenized "
                "inputs."
            )
        super()._check_inputs(inputs, options)
