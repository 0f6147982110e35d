"""What every tokenizer has: the documented calls, padding, truncation, decoding of batches."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from tokenizers import AddedToken

from formers.tokenization.batch_encoding import BatchEncoding
from formers.tokenization.loading import LoadingMixin
from formers.tokenization.options import Options, Padding, Tensors, Truncation, call_options, notice_deprecated
from formers.tokenization.preparing import PreparingMixin
from formers.tokenization.special_tokens import text_of
from formers.tokenization.tensors import as_ids, as_list
from formers.tokenization.types import VERY_LARGE_INTEGER

logger = logging.getLogger(__name__)

# Where detokenised English text has a space too many: "do n't", "he 's", "boat ."
_CLEAN = (" .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're")


class PreTrainedTokenizerBase(PreparingMixin, LoadingMixin):
    """Base class of all tokenizers.

    Args:
        model_max_length: Longest input of the model, in tokens; what `truncation=True` cuts to. Also as `max_len`.
        padding_side: `"right"` or `"left"`.
        model_input_names: What the model's `forward` takes besides `input_ids`.
        **kwargs: Special tokens (see `SpecialTokensMixin`), `verbose`; anything else is kept in `init_kwargs`.
    """

    padding_side: str = "right"
    model_input_names: list[str] = ["token_type_ids", "attention_mask"]

    def __init__(self, **kwargs: Any) -> None:
        older_length = kwargs.pop("max_len", None)
        length = kwargs.pop("model_max_length", older_length)
        self.model_max_length: int = VERY_LARGE_INTEGER if length is None else length
        self.padding_side = kwargs.pop("padding_side", self.padding_side)
        if self.padding_side not in ("right", "left"):
            raise ValueError(f"padding_side should be 'right' or 'left', but it is {self.padding_side!r}")
        self.model_input_names = kwargs.pop("model_input_names", self.model_input_names)
        self.init_inputs: tuple[Any, ...] = ()
        self.init_kwargs: dict[str, Any] = kwargs
        super().__init__(**kwargs)

    # Sizes

    @property
    def max_len(self) -> int:
        """The older name of `model_max_length`."""
        return self.model_max_length

    @property
    def max_len_single_sentence(self) -> int:
        """How many tokens of one sentence fit between the special tokens."""
        return self.model_max_length - self.num_special_tokens_to_add(pair=False)

    @max_len_single_sentence.setter
    def max_len_single_sentence(self, value: int) -> None:
        self._refuse("max_len_single_sentence", value)

    @property
    def max_len_sentences_pair(self) -> int:
        """How many tokens of two sentences fit between the special tokens."""
        return self.model_max_length - self.num_special_tokens_to_add(pair=True)

    @max_len_sentences_pair.setter
    def max_len_sentences_pair(self, value: int) -> None:
        self._refuse("max_len_sentences_pair", value)

    def _refuse(self, name: str, value: int) -> None:
        if value != getattr(self, name):
            raise ValueError(f"Setting {name!r} is not possible: it follows from model_max_length, set that instead")
        if self.verbose:
            notice_deprecated(name, "it follows from model_max_length, set that instead.")

    # The calls

    def __call__(
        self,
        text: Any,
        text_pair: Any = None,
        add_special_tokens: bool = True,
        padding: Padding = False,
        truncation: Truncation = False,
        max_length: int | None = None,
        stride: int = 0,
        is_pretokenized: bool = False,
        pad_to_multiple_of: int | None = None,
        return_tensors: Tensors = None,
        return_token_type_ids: bool | None = None,
        return_attention_mask: bool | None = None,
        return_overflowing_tokens: bool = False,
        return_special_tokens_mask: bool = False,
        return_offsets_mapping: bool = False,
        return_length: bool = False,
        verbose: bool = True,
        **kwargs: Any,
    ) -> BatchEncoding:
        """Turn a text or a batch of texts into model inputs.

        Args:
            text: A text, or a list of texts; with `is_pretokenized` a list of words, or a list of such lists.
            text_pair: The second sequence of each input, in the same form.
            add_special_tokens: Whether to put in the special tokens of the model.
            padding: False; True or `"longest"`: to the longest of the batch; `"max_length"`: to `max_length`.
            truncation: False; True or `"longest_first"`: tokens go from the longer sequence; `"only_first"`,
                `"only_second"`: from that sequence.
            max_length: Length for padding and truncation, in tokens (default: the model's).
            stride: With `return_overflowing_tokens`: how many tokens the pieces of a long text share.
            is_pretokenized: Whether texts come split into words. Later name: `is_split_into_words`.
            pad_to_multiple_of: Round the padded length up to a multiple of this.
            return_tensors: `"pt"`, `"tf"` or `"np"` for tensors instead of lists.
            return_token_type_ids: Default: if the model takes them (`model_input_names`).
            return_attention_mask: Default: if the model takes it.
            return_overflowing_tokens: Whether to return what truncation cut off. Fast tokenizers give it as further
                rows, with `overflow_to_sample_mapping`; the others as `overflowing_tokens`, `num_truncated_tokens`.
            return_special_tokens_mask: Whether to return 1 for special tokens and 0 for others.
            return_offsets_mapping: Whether to return (first character, one after the last) of each token. Fast
                tokenizers only.
            return_length: Whether to return the number of tokens as `length`.
            verbose: Whether to log warnings.
            **kwargs: For `prepare_for_tokenization` of the tokenizer, such as `add_prefix_space`.

        Returns:
            Names to lists of numbers `[seq]`, of a batch `[batch, seq]`, or to tensors `[batch, seq]`.

        Raises:
            AssertionError: If `text` or `text_pair` is of the wrong type.
            ValueError: If an argument has an unknown value, or tensors of unequal rows are asked for.
        """
        options = call_options(self, locals())
        check_input("text", text)
        if text_pair is not None:
            check_input("text_pair", text_pair)
        if not is_batch(text, options.is_pretokenized):
            return self._encode_batch([text], None if text_pair is None else [text_pair], options, False, kwargs)
        if text_pair is not None and (not isinstance(text_pair, (list, tuple)) or len(text_pair) != len(text)):
            found = f"{len(text_pair)} items" if isinstance(text_pair, (list, tuple)) else type(text_pair).__name__
            raise ValueError(f"text is a batch of {len(text)} items, so text_pair must be one too, but it is {found}")
        return self._encode_batch(list(text), None if text_pair is None else list(text_pair), options, True, kwargs)

    def encode(
        self,
        text: Any,
        text_pair: Any = None,
        add_special_tokens: bool = True,
        padding: Padding = False,
        truncation: Truncation = False,
        max_length: int | None = None,
        stride: int = 0,
        return_tensors: Tensors = None,
        **kwargs: Any,
    ) -> Any:
        """Token ids of a text, special tokens included; arguments as in `__call__`.

        Args:
            text: A text; for Python tokenizers also a list of tokens or of token ids.
            text_pair: The second sequence.

        Returns:
            Token ids: a list, or with `return_tensors` a tensor `[1, seq]`.
        """
        return self.encode_plus(
            text,
            text_pair,
            add_special_tokens=add_special_tokens,
            padding=padding,
            truncation=truncation,
            max_length=max_length,
            stride=stride,
            return_tensors=return_tensors,
            **kwargs,
        )["input_ids"]

    def encode_plus(
        self,
        text: Any,
        text_pair: Any = None,
        add_special_tokens: bool = True,
        padding: Padding = False,
        truncation: Truncation = False,
        max_length: int | None = None,
        stride: int = 0,
        is_pretokenized: bool = False,
        pad_to_multiple_of: int | None = None,
        return_tensors: Tensors = None,
        return_token_type_ids: bool | None = None,
        return_attention_mask: bool | None = None,
        return_overflowing_tokens: bool = False,
        return_special_tokens_mask: bool = False,
        return_offsets_mapping: bool = False,
        return_length: bool = False,
        verbose: bool = True,
        **kwargs: Any,
    ) -> BatchEncoding:
        """Turn one text, or two, into one model input; arguments and result as in `__call__`.

        Args:
            text: A text; for Python tokenizers also a list of tokens or of token ids.
            text_pair: The second sequence.
        """
        options = call_options(self, locals())
        return self._encode_batch([text], None if text_pair is None else [text_pair], options, False, kwargs)

    def batch_encode_plus(
        self,
        batch_text_or_text_pairs: Any,
        add_special_tokens: bool = True,
        padding: Padding = False,
        truncation: Truncation = False,
        max_length: int | None = None,
        stride: int = 0,
        is_pretokenized: bool = False,
        pad_to_multiple_of: int | None = None,
        return_tensors: Tensors = None,
        return_token_type_ids: bool | None = None,
        return_attention_mask: bool | None = None,
        return_overflowing_tokens: bool = False,
        return_special_tokens_mask: bool = False,
        return_offsets_mapping: bool = False,
        return_length: bool = False,
        verbose: bool = True,
        **kwargs: Any,
    ) -> BatchEncoding:
        """Turn a batch into model inputs; arguments and result as in `__call__`.

        Args:
            batch_text_or_text_pairs: Texts, or pairs of texts (tuples); with `is_pretokenized` lists of words, or
                pairs of such lists.
        """
        options = call_options(self, locals())
        batch = batch_text_or_text_pairs
        if not isinstance(batch, (list, tuple)):
            raise ValueError(
                f"batch_text_or_text_pairs has to be a list or a tuple (got {type(batch).__name__}); "
                "use encode_plus, or call the tokenizer, for a single text"
            )
        firsts, seconds = split_pairs(batch, options.is_pretokenized)
        return self._encode_batch(firsts, seconds, options, True, kwargs)

    def _encode_batch(
        self,
        firsts: list[Any],
        seconds: list[Any] | None,
        options: Options,
        batched: bool,
        kwargs: dict[str, Any],
    ) -> BatchEncoding:
        """Encode inputs.

        Args:
            firsts: The first sequence of each.
            seconds: The second of each, None where there is none.
            options: The call's options.
            batched: Whether the answer is a batch; else the answer for the only input.
            kwargs: Keywords of the call that are not among the options.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define _encode_batch")

    # Back to text

    def batch_decode(self, sequences: Any, **kwargs: Any) -> list[str]:
        """Texts of a batch of token ids; keywords as in `decode`.

        Args:
            sequences: Lists of token ids, or a tensor `[batch, seq]`.
        """
        return [self.decode(sequence, **kwargs) for sequence in as_list(sequences)]

    def decode(
        self, token_ids: Any, skip_special_tokens: bool = False, clean_up_tokenization_spaces: bool = True
    ) -> str:
        """Text of token ids.

        Args:
            token_ids: A list of token ids, or a tensor `[seq]`.
            skip_special_tokens: Whether to leave out special tokens.
            clean_up_tokenization_spaces: Whether to remove spaces before punctuation and contractions.

        Raises:
            TypeError: If they are no numbers.
        """
        text = self._decode(as_ids(token_ids), skip_special_tokens)
        return self.clean_up_tokenization(text) if clean_up_tokenization_spaces else text

    def _decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        raise NotImplementedError(f"{type(self).__name__} does not define _decode")

    def convert_tokens_to_ids(self, tokens: Any) -> Any:
        """Number of a token, or of each token of a list; that of the unknown token for those not known.

        Args:
            tokens: A token or a list of tokens; None gives None.
        """
        if tokens is None:
            return None
        if isinstance(tokens, (str, AddedToken)):
            return self._number(text_of(tokens))
        return [self._number(text_of(token)) for token in tokens]

    def _number(self, token: str) -> int | None:
        """Number of a token."""
        raise NotImplementedError(f"{type(self).__name__} does not define convert_tokens_to_ids")

    def convert_ids_to_tokens(self, ids: Any, skip_special_tokens: bool = False) -> Any:
        """Token of a number, or of each number of a list.

        Args:
            ids: A number or a list of numbers.
            skip_special_tokens: Whether to leave out special tokens (of lists).
        """
        ids = as_list(ids)
        if isinstance(ids, int):
            return self._token(ids)
        special = set(self.all_special_ids) if skip_special_tokens else ()
        return [self._token(index) for index in as_ids(ids) if index not in special]

    def _token(self, index: int) -> str:
        """Token of a number."""
        raise NotImplementedError(f"{type(self).__name__} does not define convert_ids_to_tokens")

    @staticmethod
    def clean_up_tokenization(out_string: str) -> str:
        """Remove the spaces before punctuation and English contractions that tokenization leaves behind."""
        for spaced in _CLEAN:
            out_string = out_string.replace(spaced, spaced.strip())
        return out_string


def check_input(name: str, value: Any) -> None:
    """Check that a text argument is a text, texts, words or lists of words (the first item speaks for all).

    Raises:
        AssertionError: If it is not, naming the type found.
    """
    inner = value
    for _ in range(3):
        if isinstance(inner, str):
            return
        if not isinstance(inner, (list, tuple)):
            break
        if len(inner) == 0:
            return
        inner = inner[0]
    found = type(value).__name__
    if inner is not value:
        found = f"a {found} that holds {type(inner).__name__}"
    raise AssertionError(
        f"{name} input must of type `str` (single example), `List[str]` (batch or single pretokenized example) or "
        f"`List[List[str]]` (batch of pretokenized examples), but it is {found}."
    )


def is_batch(text: Any, is_pretokenized: bool) -> bool:
    """Whether a text argument is a batch."""
    if not isinstance(text, (list, tuple)):
        return False
    return not is_pretokenized or (len(text) > 0 and isinstance(text[0], (list, tuple)))


def split_pairs(batch: Sequence[Any], is_pretokenized: bool) -> tuple[list[Any], list[Any] | None]:
    """Take a batch of texts or pairs apart into first and second sequences."""
    firsts: list[Any] = []
    seconds: list[Any] = []
    for item in batch:
        is_pair = isinstance(item, (list, tuple)) and len(item) == 2
        if is_pair and is_pretokenized:
            is_pair = isinstance(item[0], (list, tuple))
        if is_pair and isinstance(item[0], int):
            is_pair = False  # two token ids
        firsts.append(item[0] if is_pair else item)
        seconds.append(item[1] if is_pair else None)
    return firsts, None if all(second is None for second in seconds) else seconds
