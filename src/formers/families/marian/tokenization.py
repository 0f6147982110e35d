"""Marian's tokenizer: one SentencePiece model for the source language, one for the target, one vocabulary."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from formers.files import write_text
from formers.frameworks import EXTRAS, is_installed
from formers.tokenization.batch_encoding import BatchEncoding
from formers.tokenization.engines.sentencepiece import Pieces
from formers.tokenization.engines.vocabularies import read_json
from formers.tokenization.inputs.layout import Layout
from formers.tokenization.loading import vocabulary_folder
from formers.tokenization.sentencepiece import SentencePieceTokenizer
from formers.tokenization.translating import translation_batch
from formers.tokenization.types import Ids, Padding, Tensors, Token

logger = logging.getLogger(__name__)

VOCAB_FILES_NAMES = {"source_spm": "source.spm", "target_spm": "target.spm", "vocab": "vocab.json"}
vocab_files_names = VOCAB_FILES_NAMES


def load_spm(path: str) -> Any:
    """Load a SentencePiece model with the library of that name.

    Args:
        path: The model's file.

    Returns:
        A `sentencepiece.SentencePieceProcessor`.
    """
    from sentencepiece import SentencePieceProcessor

    return SentencePieceProcessor(model_file=path)


def save_json(data: Any, path: str) -> None:
    """Write a value as JSON.

    Args:
        data: The value.
        path: The file to write.
    """
    write_text(path, json.dumps(data, indent=2))


def load_json(path: str) -> Any:
    """Read a JSON file.

    Args:
        path: The file.
    """
    return json.loads(Path(path).read_text(encoding="utf-8"))


class MarianTokenizer(SentencePieceTokenizer):
    """Marian's tokenizer.

    A text may begin with a code such as `>>fr<<` that says into which language a model of several is to translate.

    Args:
        vocab: Path of `vocab.json`: tokens of both languages and their ids.
        source_spm: Path of `source.spm`.
        target_spm: Path of `target.spm`.
        source_lang: Code of the source language.
        target_lang: Code of the target language.
        unk_token: Unknown token.
        eos_token: Token for the end of a text.
        pad_token: Padding token.
        model_max_length: Longest input of the model, in tokens.
        **kwargs: As in `PreTrainedTokenizer`.

    Raises:
        KeyError: If the vocabulary lacks `unk_token` or `pad_token`.
        ValueError: If there is no such file, or it does not hold what it should.
    """

    vocab_files_names = VOCAB_FILES_NAMES
    model_input_names = ["attention_mask"]
    language_code_re = re.compile(">>.+<<")

    def __init__(
        self,
        vocab: str,
        source_spm: str,
        target_spm: str,
        source_lang: str | None = None,
        target_lang: str | None = None,
        unk_token: Token = "<unk>",
        eos_token: Token = "</s>",
        pad_token: Token = "<pad>",
        model_max_length: int = 512,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            model_max_length=model_max_length, eos_token=eos_token, unk_token=unk_token, pad_token=pad_token, **kwargs
        )
        self.encoder: dict[str, int] = read_json(vocab)
        if not isinstance(self.encoder, dict):
            raise ValueError(f"{vocab!r} holds a {type(self.encoder).__name__}, and an object of tokens was expected")
        for role, token in (("unk_token", self.unk_token), ("pad_token", self.pad_token)):
            if token not in self.encoder:
                raise KeyError(f"the vocabulary {vocab!r} lacks the {role} {token!r}")
        self.source_lang = source_lang
        self.target_lang = target_lang
        self.supported_language_codes = [
            token for token in self.encoder if token.startswith(">>") and token.endswith("<<")
        ]
        self.spm_files = [source_spm, target_spm]
        self._source, self._target = Pieces(source_spm), Pieces(target_spm)
        self._set_pieces(self._source, self.encoder)
        self._clean: Callable[[str], str] | None = None

    @property
    def decoder(self) -> dict[int, str]:
        """Tokens by id."""
        return self._tokens

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_clean": None}

    # Text to tokens and back

    def _strings_for_python(self) -> Iterable[str]:
        return [">>", *super()._strings_for_python()]

    def remove_language_code(self, text: str) -> tuple[list[str], str]:
        """Split the code of the target language off a text.

        Args:
            text: The text, such as `">>fr<< a boat"`.

        Returns:
            The code, in a list that is empty if there is none, and the rest of the text.
        """
        match = self.language_code_re.match(text)
        return [match.group(0)] if match else [], self.language_code_re.sub("", text)

    def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
        code, text = self.remove_language_code(text)
        return code + super()._tokenize(text)

    def _engine_ids(self, texts: list[str]) -> list[Ids]:
        rows = super()._engine_ids(texts)
        # What one language's model does not have may be a token of the other's.
        return [
            self.convert_tokens_to_ids(self._sentencepiece.tokenize(text)) if self._unknown_id in row else row
            for text, row in zip(texts, rows, strict=True)
        ]

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Join tokens of the target language to a text."""
        return self._target.decode(tokens)

    def normalize(self, x: str) -> str:
        """Make punctuation uniform as Moses does; that takes `sacremoses`, and without it nothing is done.

        Args:
            x: A text.
        """
        if self._clean is None:
            self._clean = _cleaner(self.source_lang)
        return self._clean(x) if x else ""

    # Model inputs

    def num_special_tokens_to_add(self, pair: bool = False) -> int:
        """Count the special tokens that an input gets: one, whether of one sequence or of two."""
        return 1

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Make the model input of one sequence or two: `A </s>`, `A B </s>`."""
        return [*token_ids_0, *(token_ids_1 or ()), self.eos_token_id]

    def create_token_type_ids_from_sequences(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Make token types, none for `</s>` (as in v3.0.2; the model takes none): 0, and 1 for a second sequence."""
        return [0] * len(token_ids_0) + [1] * len(token_ids_1 or ())

    def get_special_tokens_mask(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None, already_has_special_tokens: bool = False
    ) -> list[int]:
        """Mark the tokens of a model input: 1 for special tokens and 0 for the others, the unknown token among these.

        Args:
            token_ids_0: Token ids of a sequence.
            token_ids_1: Of a second one.
            already_has_special_tokens: Whether `token_ids_0` is the whole model input.
        """
        special = set(self.all_special_ids) - {self.unk_token_id}
        mask = [int(index in special) for index in [*token_ids_0, *(token_ids_1 or ())]]
        return mask if already_has_special_tokens else [*mask, 1]

    def _layout(self, pair: bool) -> Layout:
        return self._built_layout(pair)  # which tokens count as special depends on the input

    def prepare_translation_batch(
        self,
        src_texts: list[str],
        tgt_texts: list[str] | None = None,
        max_length: int | None = None,
        pad_to_max_length: bool = True,
        return_tensors: Tensors = "pt",
        truncation_strategy: str = "only_first",
        padding: Padding = "longest",
    ) -> BatchEncoding:
        """Make model inputs for translation.

        Args:
            src_texts: Texts to translate.
            tgt_texts: Their translations, for training.
            max_length: Longest input, in tokens; longer ones are truncated.
            pad_to_max_length: Not used any more: see `padding`.
            return_tensors: As in `__call__`.
            truncation_strategy: `truncation` of `__call__`.
            padding: As in `__call__`.

        Returns:
            `input_ids` and `attention_mask` of the texts; with translations theirs too, under `decoder_...`.

        Raises:
            ValueError: If there is an empty text; otherwise as in `__call__`.
        """
        if "" in src_texts:
            raise ValueError(f"found empty string in src_texts: {src_texts}")
        options = {
            "padding": padding,
            "return_tensors": return_tensors,
            "max_length": max_length,
            "truncation": truncation_strategy,
        }
        texts = [self.normalize(text) for text in src_texts]
        return translation_batch(self, texts, tgt_texts, self._set_language, options)

    def _set_language(self, target: bool) -> None:
        self._use(self._target if target else self._source)

    # Files

    def save_vocabulary(self, save_directory: str) -> tuple[str, ...]:
        """Write both SentencePiece models and the vocabulary.

        Args:
            save_directory: Folder to write to.

        Returns:
            Paths of the files.

        Raises:
            ValueError: If it is not a folder.
        """
        folder = vocabulary_folder(save_directory)
        source, target, vocabulary = (os.path.join(folder, name) for name in VOCAB_FILES_NAMES.values())
        write_text(vocabulary, json.dumps(self.encoder, ensure_ascii=False, indent=2))
        return self._source.save(source), self._target.save(target), vocabulary


def _cleaner(language: str | None) -> Callable[[str], str]:
    if not is_installed("sacremoses"):
        logger.warning(
            "the punctuation of texts to translate is left as it is, while the models expect that Moses has made it "
            "uniform: run `pip install 'formers[%s]'`",
            EXTRAS["sacremoses"],
        )
        return str
    from sacremoses import MosesPunctNormalizer

    return MosesPunctNormalizer(lang=language or "en").normalize
