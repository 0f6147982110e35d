"""What every tokenizer has: the documented calls, padding, truncation, decoding of batches."""

from __future__ import annotations

from typing import Any, Unpack

from tokenizers import AddedToken

from formers.tokenization.batch_encoding import BatchEncoding
from formers.tokenization.inputs.arguments import CALL, ENCODE, CallKeywords, takes_call_arguments
from formers.tokenization.inputs.checking import check_input, check_pairs, is_batch, split_pairs
from formers.tokenization.inputs.options import Options, notice_deprecated
from formers.tokenization.inputs.tensors import as_ids, as_list
from formers.tokenization.loading import LoadingMixin
from formers.tokenization.preparing import PreparingMixin
from formers.tokenization.types import VERY_LARGE_INTEGER, text_of

# Where English text put together from tokens has a space too many: "do n't", "he 's", "boat ."
_CLEAN = (" .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're")


class PreTrainedTokenizerBase(PreparingMixin, LoadingMixin):
    """Base class of all tokenizers.

    Args:
        model_max_length: Longest input of the model, in tokens; what `truncation=True` truncates to. Also as `max_len`.
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

    @takes_call_arguments(CALL)
    def __call__(self, text: Any, text_pair: Any = None, **kwargs: Unpack[CallKeywords]) -> BatchEncoding:
        """Turn a text or a batch of texts into model inputs.

        Args:
            text: A text, or a list of texts or of pairs of texts (tuples or lists of two); with `is_pretokenized` a
                list of words, or a list of such lists or of pairs of them.
            text_pair: The second sequence of each input, in the same form.
            add_special_tokens: Whether to add the special tokens of the model.
            padding: False; True or `"longest"`: to the longest of the batch; `"max_length"`: to `max_length`.
            truncation: False; True or `"longest_first"`: tokens go from the longer sequence; `"only_first"`,
                `"only_second"`: from that sequence.
            max_length: Length for padding and truncation, in tokens (default: the model's).
            stride: With `return_overflowing_tokens`: how many tokens consecutive parts of a long text share.
            is_pretokenized: Whether texts are given split into words. Later name: `is_split_into_words`.
            pad_to_multiple_of: Round the padded length up to a multiple of this.
            return_tensors: `"pt"`, `"tf"` or `"np"` for tensors instead of lists.
            return_token_type_ids: Default: whether the model takes them (`model_input_names`).
            return_attention_mask: Default: whether the model takes it.
            return_overflowing_tokens: Whether to return the tokens that truncation removed. Fast tokenizers return
                them as further rows, with `overflow_to_sample_mapping`; the others as `overflowing_tokens`, with
                `num_truncated_tokens`.
            return_special_tokens_mask: Whether to return 1 for special tokens and 0 for others.
            return_offsets_mapping: Whether to return the span of characters (first, one after the last) of each
                token. Fast tokenizers only.
            return_length: Whether to return the number of tokens as `length`.
            verbose: Whether to log warnings.
            **kwargs: For `prepare_for_tokenization` of the tokenizer, such as `add_prefix_space`.

        Returns:
            Lists of integers by name, `[seq]` or of a batch `[batch, seq]`, or tensors `[batch, seq]`.

        Raises:
            AssertionError: If `text` or `text_pair` is of the wrong type.
            ValueError: If an argument has an unknown value, an item of a batch is neither one sequence nor a pair, or
                tensors of unequal rows are asked for.
        """
        options, rest = self._call_options(kwargs)
        check_input("text", text)
        if text_pair is not None:
            check_input("text_pair", text_pair)
        if not is_batch(text, options.is_pretokenized):
            return self._encode_batch([text], None if text_pair is None else [text_pair], options, False, rest)
        check_pairs(text, text_pair)
        firsts, seconds = split_pairs(text, options.is_pretokenized) if text_pair is None else (text, list(text_pair))
        return self._encode_batch(list(firsts), seconds, options, True, rest)

    @takes_call_arguments(ENCODE)
    def encode(self, text: Any, text_pair: Any = None, **kwargs: Unpack[CallKeywords]) -> Any:
        """Turn a text into token ids, special tokens included; arguments as in `__call__`.

        Args:
            text: A text; for Python tokenizers also a list of tokens or of token ids.
            text_pair: The second sequence.

        Returns:
            Token ids: a list, or with `return_tensors` a tensor `[1, seq]`.
        """
        return self.encode_plus(text, text_pair, **kwargs)["input_ids"]

    @takes_call_arguments(CALL)
    def encode_plus(self, text: Any, text_pair: Any = None, **kwargs: Unpack[CallKeywords]) -> BatchEncoding:
        """Turn one text, or two, into one model input; arguments and result as in `__call__`.

        Args:
            text: A text; for Python tokenizers also a list of tokens or of token ids.
            text_pair: The second sequence.
        """
        options, rest = self._call_options(kwargs)
        return self._encode_batch([text], None if text_pair is None else [text_pair], options, False, rest)

    @takes_call_arguments(CALL)
    def batch_encode_plus(self, batch_text_or_text_pairs: Any, **kwargs: Unpack[CallKeywords]) -> BatchEncoding:
        """Turn a batch into model inputs; arguments and result as in `__call__`.

        Args:
            batch_text_or_text_pairs: Texts, or pairs of texts (tuples or lists of two); with `is_pretokenized` lists of
                words, or pairs of such lists.
        """
        options, rest = self._call_options(kwargs)
        batch = batch_text_or_text_pairs
        if not isinstance(batch, (list, tuple)):
            raise ValueError(
                f"batch_text_or_text_pairs has to be a list or a tuple (got {type(batch).__name__}); "
                "use encode_plus, or call the tokenizer, for a single text"
            )
        firsts, seconds = split_pairs(batch, options.is_pretokenized)
        return self._encode_batch(firsts, seconds, options, True, rest)

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
            batched: Whether to return a batch; else what belongs to the only input.
            kwargs: Keywords of the call that are not among the options.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define _encode_batch")

    # Back to text

    def batch_decode(self, sequences: Any, **kwargs: Any) -> list[str]:
        """Turn a batch of token ids into texts; keywords as in `decode`.

        Args:
            sequences: Lists of token ids, or a tensor `[batch, seq]`.
        """
        return [self.decode(sequence, **kwargs) for sequence in as_list(sequences)]

    def decode(
        self, token_ids: Any, skip_special_tokens: bool = False, clean_up_tokenization_spaces: bool = True
    ) -> str:
        """Turn token ids into a text.

        Args:
            token_ids: A list of token ids, or a tensor `[seq]`.
            skip_special_tokens: Whether to leave out special tokens.
            clean_up_tokenization_spaces: Whether to remove spaces before punctuation and contractions.

        Raises:
            TypeError: If they are not integers.
        """
        text = self._decode(as_ids(token_ids), skip_special_tokens)
        return self.clean_up_tokenization(text) if clean_up_tokenization_spaces else text

    def _decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        raise NotImplementedError(f"{type(self).__name__} does not define _decode")

    def convert_tokens_to_ids(self, tokens: Any) -> Any:
        """Look up the id of a token, or of each token of a list: the unknown token's for those not in the vocabulary.

        Args:
            tokens: A token or a list of tokens; None gives None.
        """
        if tokens is None:
            return None
        if isinstance(tokens, (str, AddedToken)):
            return self._token_id(text_of(tokens))
        return [self._token_id(text_of(token)) for token in tokens]

    def _token_id(self, token: str) -> int | None:
        """Look up the id of a token."""
        raise NotImplementedError(f"{type(self).__name__} does not define convert_tokens_to_ids")

    def convert_ids_to_tokens(self, ids: Any, skip_special_tokens: bool = False) -> Any:
        """Look up the token of an id, or of each id of a list.

        Args:
            ids: An id or a list of ids.
            skip_special_tokens: Whether to leave out special tokens (of lists).
        """
        ids = as_list(ids)
        if isinstance(ids, int):
            return self._token_of(ids)
        special = set(self.all_special_ids) if skip_special_tokens else ()
        return [self._token_of(index) for index in as_ids(ids) if index not in special]

    def _token_of(self, index: int) -> str:
        """Look up the token of an id."""
        raise NotImplementedError(f"{type(self).__name__} does not define convert_ids_to_tokens")

    @staticmethod
    def clean_up_tokenization(out_string: str) -> str:
        """Remove the spaces before punctuation and English contractions that tokenization leaves behind."""
        for spaced in _CLEAN:
            out_string = out_string.replace(spaced, spaced.strip())
        return out_string
