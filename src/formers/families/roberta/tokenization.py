"""RoBERTa's tokenizers: GPT-2's byte-pair encoding with BERT-like special tokens."""

from __future__ import annotations

from typing import Any

from tokenizers import processors

from formers.families.gpt2.tokenization import (
    VOCAB_FILES_NAMES as VOCAB_FILES_NAMES,
)
from formers.families.gpt2.tokenization import (
    GPT2Tokenizer,
    GPT2TokenizerFast,
    as_added,
    vocabulary_addresses,
)
from formers.tokenization.engines.added import add_specials, with_ids
from formers.tokenization.types import AddedToken, Token

# Names on the hub, and whose vocabulary each uses.
_SOURCES = {
    "roberta-base": "roberta-base",
    "roberta-large": "roberta-large",
    "roberta-large-mnli": "roberta-large-mnli",
    "distilroberta-base": "distilroberta-base",
    "roberta-base-openai-detector": "roberta-base",
    "roberta-large-openai-detector": "roberta-large",
}

PRETRAINED_VOCAB_FILES_MAP = vocabulary_addresses(_SOURCES)
PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES: dict[str, int | None] = dict.fromkeys(_SOURCES, 512)


class SentencePair:
    """RoBERTa's model inputs, for the Python and the fast class."""

    pretrained_vocab_files_map = PRETRAINED_VOCAB_FILES_MAP
    max_model_input_sizes = PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES

    bos_token_id: Any
    eos_token_id: Any
    cls_token_id: Any
    sep_token_id: Any

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Make the model input of one sequence or two: `<s> A </s>`, `<s> A </s></s> B </s>`."""
        first = [self.cls_token_id, *token_ids_0, self.sep_token_id]
        return first if token_ids_1 is None else [*first, self.sep_token_id, *token_ids_1, self.sep_token_id]

    def create_token_type_ids_from_sequences(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Make token types: all 0, RoBERTa does not use them."""
        return [0] * len(self.build_inputs_with_special_tokens(token_ids_0, token_ids_1))


class RobertaTokenizer(SentencePair, GPT2Tokenizer):
    """RoBERTa's tokenizer with the interface of the Python tokenizers.

    A space is part of the word after it, so a word is encoded differently at the beginning of a text.

    Args:
        vocab_file: Path of `vocab.json` (or of a `tokenizer.json`).
        merges_file: Path of `merges.txt` (or of a `tokenizer.json`).
        errors: What to do with bytes that are not UTF-8 when decoding: see `bytes.decode`.
        bos_token: Token for the beginning of a text.
        eos_token: Token for the end of a text.
        sep_token: Separator between and after sequences.
        cls_token: First token of an input.
        unk_token: Unknown token.
        pad_token: Padding token.
        mask_token: Masked token, with the space before it.
        add_prefix_space: Whether to put a space before a text.
        **kwargs: As in `PreTrainedTokenizer`.

    Raises:
        ValueError: If there is no such file.
    """

    def __init__(
        self,
        vocab_file: str,
        merges_file: str,
        errors: str = "replace",
        bos_token: Token = "<s>",
        eos_token: Token = "</s>",
        sep_token: Token = "</s>",
        cls_token: Token = "<s>",
        unk_token: Token = "<unk>",
        pad_token: Token = "<pad>",
        mask_token: Token = "<mask>",
        add_prefix_space: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            vocab_file,
            merges_file,
            errors=errors,
            bos_token=bos_token,
            eos_token=eos_token,
            unk_token=unk_token,
            sep_token=as_added(sep_token),
            cls_token=as_added(cls_token),
            pad_token=as_added(pad_token),
            mask_token=as_added(mask_token, lstrip=True),
            add_prefix_space=add_prefix_space,
            **kwargs,
        )

    def prepare_for_tokenization(
        self, text: str, is_pretokenized: bool = False, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Put a space before a text that has none, if asked to or if it is one word of several.

        Args:
            text: The text.
            is_pretokenized: Whether it is one word of several.
            **kwargs: `add_prefix_space` goes before the tokenizer's.

        Returns:
            The text, and the keywords that are not known.
        """
        wanted = kwargs.pop("add_prefix_space", self.add_prefix_space) or is_pretokenized
        if wanted and text and not text[0].isspace():
            text = f" {text}"
        return text, kwargs


class RobertaTokenizerFast(SentencePair, GPT2TokenizerFast):
    """RoBERTa's tokenizer with offsets.

    Args:
        vocab_file: Path of `vocab.json`, or of a `tokenizer.json`, which then decides everything.
        merges_file: Path of `merges.txt`, or of the same `tokenizer.json`.
        errors: For calls that fit the Python tokenizer too; bytes that are not UTF-8 are replaced.
        bos_token: As in `RobertaTokenizer`, and so the other special tokens.
        eos_token: As above.
        sep_token: As above.
        cls_token: As above.
        unk_token: As above.
        pad_token: As above.
        mask_token: As above.
        add_prefix_space: Whether to put a space before a text; needed for texts split into words.
        trim_offsets: Whether the space before a word does not count as part of it in offsets.
        **kwargs: As in `PreTrainedTokenizerFast`.

    Raises:
        ValueError: If there is no such file.
    """

    def __init__(
        self,
        vocab_file: str,
        merges_file: str,
        errors: str = "replace",
        bos_token: Token = "<s>",
        eos_token: Token = "</s>",
        sep_token: Token = "</s>",
        cls_token: Token = "<s>",
        unk_token: Token = "<unk>",
        pad_token: Token = "<pad>",
        mask_token: Token = "<mask>",
        add_prefix_space: bool = False,
        trim_offsets: bool = True,
        **kwargs: Any,
    ) -> None:
        if isinstance(mask_token, str):
            mask_token = AddedToken(mask_token, lstrip=True, rstrip=False, normalized=False)
        super().__init__(
            vocab_file,
            merges_file,
            unk_token=unk_token,
            bos_token=bos_token,
            eos_token=eos_token,
            sep_token=sep_token,
            cls_token=cls_token,
            pad_token=pad_token,
            mask_token=mask_token,
            add_prefix_space=add_prefix_space,
            trim_offsets=trim_offsets,
            **kwargs,
        )
        self.errors = errors
        add_specials(self._tokenizer, self.all_special_tokens_extended)
        self._put_special_tokens()

    def _post_processor(self) -> Any:
        ends = with_ids(self._tokenizer, self.sep_token, self.cls_token)
        if ends is None:
            return None
        return processors.RobertaProcessing(
            ends[0], ends[1], trim_offsets=self.trim_offsets, add_prefix_space=self.add_prefix_space
        )
