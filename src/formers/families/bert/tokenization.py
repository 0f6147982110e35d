"""BERT's tokenizers: texts are split at white space and punctuation, words into word pieces."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from typing import Any

from tokenizers import processors

from formers.files import replacing
from formers.tokenization.engine_tokenizer import EngineTokenizer
from formers.tokenization.engines.added import add_specials, with_ids
from formers.tokenization.engines.vocabularies import read_engine, wordpiece_vocabulary
from formers.tokenization.engines.wordpiece import python_wordpiece_engine, wordpiece_engine
from formers.tokenization.engines.words import at_spaces
from formers.tokenization.fast import PreTrainedTokenizerFast
from formers.tokenization.types import Token, text_of

from .steps import BasicTokenizer, WordpieceTokenizer
from .steps import _is_control as _is_control
from .steps import _is_punctuation as _is_punctuation
from .steps import _is_whitespace as _is_whitespace
from .steps import whitespace_tokenize as whitespace_tokenize

logger = logging.getLogger(__name__)

VOCAB_FILES_NAMES = {"vocab_file": "vocab.txt"}

# Names on the hub, and whether the model is lower-case.
_LOWERCASE = {
    "bert-base-uncased": True,
    "bert-large-uncased": True,
    "bert-base-cased": False,
    "bert-large-cased": False,
    "bert-base-multilingual-uncased": True,
    "bert-base-multilingual-cased": False,
    "bert-base-chinese": False,
    "bert-base-german-cased": False,
    "bert-large-uncased-whole-word-masking": True,
    "bert-large-cased-whole-word-masking": False,
    "bert-large-uncased-whole-word-masking-finetuned-squad": True,
    "bert-large-cased-whole-word-masking-finetuned-squad": False,
    "bert-base-cased-finetuned-mrpc": False,
    "bert-base-german-dbmdz-cased": False,
    "bert-base-german-dbmdz-uncased": True,
    "TurkuNLP/bert-base-finnish-cased-v1": False,
    "TurkuNLP/bert-base-finnish-uncased-v1": True,
    "wietsedv/bert-base-dutch-cased": False,
}


def vocabulary_address(name: str, file: str = "vocab.txt") -> str:
    """Make the address of a model's vocabulary on the hub."""
    return f"https://huggingface.co/{name}/resolve/main/{file}"


PRETRAINED_VOCAB_FILES_MAP = {"vocab_file": {name: vocabulary_address(name) for name in _LOWERCASE}}
PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES: dict[str, int | None] = dict.fromkeys(_LOWERCASE, 512)
PRETRAINED_INIT_CONFIGURATION = {name: {"do_lower_case": lower} for name, lower in _LOWERCASE.items()}


def load_vocab(vocab_file: str) -> dict[str, int]:
    """Read tokens and their ids from a vocabulary file, a token a line."""
    return wordpiece_vocabulary(vocab_file)


def write_vocabulary(vocab_path: str, vocabulary: Mapping[str, int]) -> tuple[str]:
    """Write a vocabulary, a token a line.

    Args:
        vocab_path: A folder (the file is `vocab.txt` in it), or the path of the file.
        vocabulary: Tokens and their ids.

    Returns:
        The path of the file.
    """
    path = os.path.join(vocab_path, VOCAB_FILES_NAMES["vocab_file"]) if os.path.isdir(vocab_path) else vocab_path
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    if sorted(vocabulary.values()) != list(range(len(tokens))):
        logger.warning(
            "Saving vocabulary to %s: vocabulary indices are not consecutive. Please check that the vocabulary is not "
            "corrupted!",
            path,
        )
    with replacing(path) as temporary:
        temporary.write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8", newline="\n")
    return (path,)


class WordPieces:
    """BERT's files and model inputs, for the Python and the fast class."""

    vocab_files_names = VOCAB_FILES_NAMES
    pretrained_vocab_files_map = PRETRAINED_VOCAB_FILES_MAP
    pretrained_init_configuration = PRETRAINED_INIT_CONFIGURATION
    max_model_input_sizes = PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES

    cls_token_id: Any
    sep_token_id: Any

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Make the model input of one sequence or two: `[CLS] A [SEP]`, `[CLS] A [SEP] B [SEP]`."""
        first = [self.cls_token_id, *token_ids_0, self.sep_token_id]
        return first if token_ids_1 is None else [*first, *token_ids_1, self.sep_token_id]

    def create_token_type_ids_from_sequences(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Make token types: 0 up to the first `[SEP]`, 1 for the second sequence and its `[SEP]`."""
        first = [0] * (len(token_ids_0) + 2)
        return first if token_ids_1 is None else first + [1] * (len(token_ids_1) + 1)

    def save_vocabulary(self, vocab_path: str) -> tuple[str]:
        """Write the vocabulary.

        Args:
            vocab_path: A folder, or the path of the file.

        Returns:
            The path of the file.
        """
        tokenizer: Any = self
        return write_vocabulary(vocab_path, tokenizer._base_vocabulary())


class BertTokenizer(WordPieces, EngineTokenizer):
    """BERT's tokenizer with the interface of the Python tokenizers.

    Args:
        vocab_file: Path of `vocab.txt` (a token a line), or of a `tokenizer.json`.
        do_lower_case: Whether to make everything lower case and drop accents.
        do_basic_tokenize: Whether to split at punctuation before splitting words into word pieces.
        never_split: Words, between white space, that are neither split at punctuation nor made lower case.
        unk_token: Unknown token, for words that the vocabulary has no pieces for.
        sep_token: Separator between and after sequences.
        pad_token: Padding token.
        cls_token: First token of an input.
        mask_token: Masked token.
        tokenize_chinese_chars: Whether to split at every Chinese character.
        **kwargs: As in `PreTrainedTokenizer`.

    Raises:
        ValueError: If there is no such file.
    """

    def __init__(
        self,
        vocab_file: str,
        do_lower_case: bool = True,
        do_basic_tokenize: bool = True,
        never_split: Iterable[str] | None = None,
        unk_token: Token = "[UNK]",
        sep_token: Token = "[SEP]",
        pad_token: Token = "[PAD]",
        cls_token: Token = "[CLS]",
        mask_token: Token = "[MASK]",
        tokenize_chinese_chars: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            unk_token=unk_token,
            sep_token=sep_token,
            pad_token=pad_token,
            cls_token=cls_token,
            mask_token=mask_token,
            **kwargs,
        )
        self.vocab = load_vocab(vocab_file)
        self.do_lower_case = do_lower_case
        self.do_basic_tokenize = do_basic_tokenize
        self.never_split = list(never_split) if never_split is not None else None
        self.tokenize_chinese_chars = tokenize_chinese_chars
        if do_basic_tokenize:
            self.basic_tokenizer = BasicTokenizer(do_lower_case, never_split, tokenize_chinese_chars)
        self.wordpiece_tokenizer = WordpieceTokenizer(self.vocab, text_of(unk_token))
        engine = python_wordpiece_engine(
            self.vocab,
            text_of(unk_token),
            basic=do_basic_tokenize,
            lowercase=do_lower_case,
            chinese_characters=tokenize_chinese_chars,
        )
        self._set_engine(engine, self.vocab, at_spaces)

    @property
    def ids_to_tokens(self) -> dict[int, str]:
        """Tokens by id."""
        return self._tokens

    def _unsplit(self) -> set[str]:
        if not self.do_basic_tokenize:
            return set()
        return {*(self.never_split or ()), *self.all_special_tokens}

    def _strings_for_python(self) -> Iterable[str]:
        return self._unsplit().union(super()._strings_for_python())

    def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
        unsplit = self._unsplit()
        if not any(word in text for word in unsplit):
            return super()._tokenize(text)
        tokens: list[str] = []
        for word in self.basic_tokenizer.tokenize(text, never_split=self.all_special_tokens):
            tokens.extend([word] if word in unsplit else self.wordpiece_tokenizer.tokenize(word))
        return tokens

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Join tokens to a text: word pieces to words, spaces between words."""
        return " ".join(tokens).replace(" ##", "").strip()


class BertTokenizerFast(WordPieces, PreTrainedTokenizerFast):
    """BERT's tokenizer with offsets.

    Args:
        vocab_file: Path of `vocab.txt` (a token a line), or of a `tokenizer.json`, which then decides everything.
        do_lower_case: Whether to make everything lower case.
        unk_token: As in `BertTokenizer`, and so the other special tokens.
        sep_token: As above.
        pad_token: As above.
        cls_token: As above.
        mask_token: As above.
        clean_text: Whether to drop control characters.
        tokenize_chinese_chars: Whether to split at every Chinese character.
        strip_accents: Whether to drop accents; None: if `do_lower_case`.
        wordpieces_prefix: How tokens begin that continue a word.
        **kwargs: As in `PreTrainedTokenizerFast`.

    Raises:
        ValueError: If there is no such file.
    """

    def __init__(
        self,
        vocab_file: str,
        do_lower_case: bool = True,
        unk_token: Token = "[UNK]",
        sep_token: Token = "[SEP]",
        pad_token: Token = "[PAD]",
        cls_token: Token = "[CLS]",
        mask_token: Token = "[MASK]",
        clean_text: bool = True,
        tokenize_chinese_chars: bool = True,
        strip_accents: bool | None = None,
        wordpieces_prefix: str = "##",
        **kwargs: Any,
    ) -> None:
        if os.path.basename(vocab_file) == "tokenizer.json":
            engine = read_engine(vocab_file)
        else:
            engine = wordpiece_engine(
                load_vocab(vocab_file),
                text_of(unk_token),
                lowercase=do_lower_case,
                clean_text=clean_text,
                chinese_characters=tokenize_chinese_chars,
                strip_accents=strip_accents,
                prefix=wordpieces_prefix,
            )
        add_specials(engine, [unk_token, sep_token, cls_token, pad_token, mask_token])
        super().__init__(
            engine,
            unk_token=unk_token,
            sep_token=sep_token,
            pad_token=pad_token,
            cls_token=cls_token,
            mask_token=mask_token,
            **kwargs,
        )
        self.do_lower_case = do_lower_case
        self.clean_text = clean_text
        self.tokenize_chinese_chars = tokenize_chinese_chars
        self.strip_accents = strip_accents
        self.wordpieces_prefix = wordpieces_prefix
        self._put_special_tokens()

    def _post_processor(self) -> Any:
        ends = with_ids(self._tokenizer, self.sep_token, self.cls_token)
        return None if ends is None else processors.BertProcessing(*ends)

    @property
    def vocab(self) -> dict[str, int]:
        """All tokens and their ids."""
        return self.get_vocab()

    def _decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        # The engine of v3.0.2 cleaned up by itself, whatever `clean_up_tokenization_spaces` said, "do not" included.
        return self.clean_up_tokenization(super()._decode(ids, skip_special_tokens)).replace(" do not", " don't")
