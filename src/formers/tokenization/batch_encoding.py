"""What a tokenizer call returns: a dictionary of model inputs that also maps tokens to their texts."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable, ItemsView, KeysView, Sequence, ValuesView
from typing import Any, Self, cast

import numpy as np
from tokenizers import Encoding

from formers.tokenization.inputs.tensors import as_numpy, is_tensor, to_framework, with_batch_axis
from formers.tokenization.types import CharSpan, TensorType, TokenSpan

Encodings = Sequence[Encoding]


class BatchEncoding(UserDict):
    """Model inputs by name (`input_ids`, `attention_mask`, ...), for one sequence or a batch.

    With a fast tokenizer it also maps between characters, words and tokens. Those maps are computed when they are
    first asked for.

    Args:
        data: Lists or tensors by name.
        encoding: The `tokenizers.Encoding` of the sequence, a list of them for a batch, or a function that gives that
            list when it is needed.
        tensor_type: Convert `data` to the tensors of a framework: `"pt"`, `"tf"` or `"np"`.
        prepend_batch_axis: Whether `data` is a single sequence, to be made a batch of one.
    """

    def __init__(
        self,
        data: dict[str, Any] | None = None,
        encoding: Encoding | Encodings | Callable[[], Encodings] | None = None,
        tensor_type: str | TensorType | None = None,
        prepend_batch_axis: bool = False,
    ) -> None:
        # Not through UserDict.__init__, which copies item by item.
        self.data: dict[str, Any] = data if isinstance(data, dict) else dict(data or {})
        self._encodings: Encodings | Callable[[], Encodings] | None = (
            [encoding] if isinstance(encoding, Encoding) else encoding
        )
        self.convert_to_tensors(tensor_type=tensor_type, prepend_batch_axis=prepend_batch_axis)

    @property
    def is_fast(self) -> bool:
        """Whether a fast tokenizer made this, so that characters, words and tokens can be mapped."""
        return self._encodings is not None

    @property
    def encodings(self) -> list[Encoding] | None:
        """The `tokenizers.Encoding` of each sequence; None if a Python tokenizer made this."""
        if callable(self._encodings):
            self._encodings = self._encodings()
        return cast("list[Encoding] | None", self._encodings)

    def __getitem__(self, item: int | str) -> Any:
        """Get a value by its name, or the `Encoding` of a sequence by its index."""
        if isinstance(item, str):
            return self.data[item]
        if self._encodings is not None:
            return self._encoding(item)
        raise KeyError(
            f"{item!r}: a Python tokenizer made this encoding, so it can be indexed with names only "
            f"({', '.join(self.data)}); fast tokenizers also give the encoding of a sequence by its index"
        )

    def __getattr__(self, item: str) -> Any:
        try:
            return self.__dict__["data"][item]
        except KeyError:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {item!r}") from None

    def __getstate__(self) -> dict[str, Any]:
        return {"data": self.data, "encodings": self.encodings}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.data = state["data"]
        self._encodings = state["encodings"]

    def keys(self) -> KeysView[str]:
        """List the names of the values."""
        return self.data.keys()

    def values(self) -> ValuesView[Any]:
        """List the values."""
        return self.data.values()

    def items(self) -> ItemsView[str, Any]:
        """List names and values."""
        return self.data.items()

    # From tokens to texts and back: only with fast tokenizers.

    def _encoding(self, index: int) -> Encoding:
        encodings = self.encodings
        if encodings is None:
            raise ValueError(
                "tokens, words and characters cannot be mapped: a Python tokenizer made this encoding. "
                "Use the fast class of the tokenizer (its name ends in `Fast`, or `use_fast=True`)."
            )
        return encodings[index]

    def _at(self, batch_or_index: int, index: int | None) -> tuple[Encoding, int]:
        """Sort out the arguments of the mapping methods: (batch, index), or (index) in the first sequence."""
        batch, index = (0, batch_or_index) if index is None else (batch_or_index, index)
        encodings = self.encodings
        if batch < 0 and encodings is not None:
            batch += len(encodings)
        return self._encoding(batch), index

    def tokens(self, batch_index: int = 0) -> list[str]:
        """List the tokens of a sequence, special and padding tokens included."""
        return self._encoding(batch_index).tokens

    def words(self, batch_index: int = 0) -> list[int | None]:
        """List for each token of a sequence the index of its word; None for special tokens."""
        return self._encoding(batch_index).word_ids

    def word_ids(self, batch_index: int = 0) -> list[int | None]:
        """Do what `words` does, under its later name."""
        return self._encoding(batch_index).word_ids

    def sequence_ids(self, batch_index: int = 0) -> list[int | None]:
        """List for each token 0 if it comes from the first text, 1 from the second; None for special tokens."""
        return self._encoding(batch_index).sequence_ids

    def token_to_word(self, batch_or_token_index: int, token_index: int | None = None) -> int | None:
        """Find the index of the word that a token is part of.

        Args:
            batch_or_token_index: Index of the sequence; of the token, if that is the only argument.
            token_index: Index of the token in the sequence; negative ones count from its end.
        """
        encoding, index = self._at(batch_or_token_index, token_index)
        return encoding.token_to_word(index + len(encoding.ids) if index < 0 else index)

    def word_to_tokens(
        self, batch_or_word_index: int, word_index: int | None = None, sequence_index: int = 0
    ) -> TokenSpan | None:
        """Find the tokens that a word became; None if it became none.

        Args:
            batch_or_word_index: Index of the sequence; of the word, if that is the only argument.
            word_index: Index of the word in the text.
            sequence_index: Which text of a pair: 0 or 1.
        """
        encoding, index = self._at(batch_or_word_index, word_index)
        span = encoding.word_to_tokens(index, sequence_index)
        return None if span is None else TokenSpan(*span)

    def token_to_chars(self, batch_or_token_index: int, token_index: int | None = None) -> CharSpan | None:
        """Find the characters of the text that a token covers (arguments as in `token_to_word`).

        A special token covers none of them: its span is (0, 0).
        """
        encoding, index = self._at(batch_or_token_index, token_index)
        return CharSpan(*encoding.offsets[index])

    def char_to_token(
        self, batch_or_char_index: int, char_index: int | None = None, sequence_index: int = 0
    ) -> int | None:
        """Find the index of the token that covers a character of the text (arguments as in `word_to_tokens`)."""
        encoding, index = self._at(batch_or_char_index, char_index)
        return encoding.char_to_token(index, sequence_index)

    def word_to_chars(
        self, batch_or_word_index: int, word_index: int | None = None, sequence_index: int = 0
    ) -> CharSpan | None:
        """Find the characters of the text that make up a word (arguments as in `word_to_tokens`)."""
        encoding, index = self._at(batch_or_word_index, word_index)
        span = encoding.word_to_chars(index, sequence_index)
        return None if span is None else CharSpan(*span)

    def char_to_word(
        self, batch_or_char_index: int, char_index: int | None = None, sequence_index: int = 0
    ) -> int | None:
        """Find the index of the word that a character of the text is part of (arguments as in `word_to_tokens`)."""
        encoding, index = self._at(batch_or_char_index, char_index)
        return encoding.char_to_word(index, sequence_index)

    # Tensors

    def convert_to_tensors(self, tensor_type: str | TensorType | None, prepend_batch_axis: bool = False) -> Self:
        """Turn the lists into the tensors of a framework, in place.

        Tensors have two axes, `[batch, seq]`, where that can be: one of fewer gets a first axis of 1, one of more loses
        its first axis if that is 1.

        Args:
            tensor_type: `"pt"`, `"tf"` or `"np"`; None leaves everything as it is.
            prepend_batch_axis: Whether to put every value into a batch of one.

        Returns:
            Itself.

        Raises:
            ValueError: If the type is unknown, or sequences differ in length.
            ImportError: If the framework is not installed.
        """
        if tensor_type is None:
            return self
        kind = TensorType(tensor_type)
        for name, value in self.data.items():
            if is_tensor(value) and not isinstance(value, np.ndarray):
                self.data[name] = with_batch_axis(value)
            else:
                array = as_numpy(name, [value] if prepend_batch_axis else value)
                self.data[name] = to_framework(with_batch_axis(array), kind)
        return self

    def to(self, device: Any) -> Self:
        """Move all PyTorch tensors to a device, in place.

        Args:
            device: A `torch.device` or its name, such as `"cuda:0"`.

        Returns:
            Itself.

        Raises:
            TypeError: If a value is not a PyTorch tensor.
        """
        for name, value in self.data.items():
            if not is_tensor(value) or not hasattr(value, "to"):
                raise TypeError(
                    f"cannot move {name!r} to {device}: it is a {type(value).__name__}, and only PyTorch tensors can "
                    "be moved. Call the tokenizer with return_tensors='pt'."
                )
        self.data = {name: value.to(device) for name, value in self.data.items()}
        return self
