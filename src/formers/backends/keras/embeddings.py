"""The embedding block: ids to the first hidden states."""
from typing import Any

import keras
import numpy as np
from keras import ops

from formers.architecture import Embeddings as EmbeddingsSpec
from formers.architecture import Init, Learned, PaddingAware, Sinusoid, TypeTable, WordTypes
from formers.architecture.sinusoids import sinusoids

from .construction import deviation, drop, dropout, normal, table
from .norms import build_norm


class TFSharedEmbeddings(keras.layers.Layer):
    """A table of words that also serves as the map to the vocabulary.

    Args:
        vocab_size: number of words.
        hidden_size: length of a word's vector.
        initializer_range: standard deviation of fresh values; by default `hidden_size ** -0.5`.
        **kwargs: passed to the Keras layer.
    """

    def __init__(self, vocab_size: int, hidden_size: int, initializer_range: float | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.initializer_range = hidden_size**-0.5 if initializer_range is None else initializer_range
        self.autocast = False  # ids stay whole numbers of full width

    def build(self, input_shape: Any = None) -> None:
        """Create the table."""
        self.weight = self.add_weight(
            shape=(self.vocab_size, self.hidden_size), initializer=normal(self.initializer_range), name="weight"
        )
        self.built = True

    def call(self, inputs: Any, mode: str = "embedding") -> Any:
        """Look words up, or score all words.

        Args:
            inputs: ids, *shape* `[...]`, or for `linear` vectors, *shape* `[..., hidden_size]`.
            mode: `embedding` or `linear`.

        Returns:
            *Shape:* `[..., hidden_size]`, or for `linear` `[..., vocab_size]`.

        Raises:
            ValueError: the mode is another.
        """
        if mode == "embedding":
            return ops.cast(ops.take(self.weight, ops.cast(inputs, "int32"), axis=0), self.compute_dtype)
        if mode == "linear":
            return ops.einsum("...h,vh->...v", inputs, ops.cast(self.weight, inputs.dtype))  # no copy, turned over
        raise ValueError(f"mode is {mode!r}; expected 'embedding' or 'linear'")

    def check_ids(self, ids: Any, name: str = "input_ids") -> None:
        """Raise if the table has not all words that are asked for; Keras counts negative numbers from its end.

        Args:
            ids: ids. Where they have no values yet (in a compiled function), or on JAX, nothing is checked.
            name: what the caller calls them.

        Raises:
            IndexError: naming the first id that is out of range, and its place.
        """
        if not hasattr(ids, "numpy"):
            return
        values = np.asarray(ids.numpy())
        if not values.size or (values.min() >= 0 and values.max() < self.vocab_size):
            return
        place = tuple(np.argwhere((values < 0) | (values >= self.vocab_size))[0].tolist())
        raise IndexError(
            f"{name}{list(place)} is {values[place]}, but the model knows 0 to {self.vocab_size - 1}: check that the "
            "tokenizer belongs to the model; after adding tokens call model.resize_token_embeddings(len(tokenizer))"
        )

    def get_config(self) -> dict[str, Any]:
        """What the layer can be made from again."""
        own = ("vocab_size", "hidden_size", "initializer_range")
        return super().get_config() | {name: getattr(self, name) for name in own}


class Embeddings(keras.layers.Layer):
    """Words, positions and types, summed, normed, dropped out (see `formers.architecture.Embeddings`).

    As documented for the Keras classes, `inputs_embeds` always stand for the words' vectors.

    Args:
        spec: the numbers.
        init: where fresh weights come from.
        tokens: a table of words to share; a new one by default.
        name: name of the layer.
    """

    def __init__(
        self,
        spec: EmbeddingsSpec,
        init: Init,
        tokens: TFSharedEmbeddings | None = None,
        name: str = "embeddings",
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        self.spec = spec
        self.tokens = words(spec, init) if tokens is None else tokens
        self.positions = self.types = None
        self._sinusoids: Any = None  # those that no file holds
        match spec.positions:
            case Learned(size, offset):
                self.positions = table(size + offset, spec.size, init, "positions")
            case PaddingAware(size):
                self.positions = table(size, spec.size, init, "positions")
            case Sinusoid(size, layout, stored=True):
                self.positions = table(size, spec.size, init, "positions")
                self.positions.embeddings.assign(sinusoids(size, spec.size, layout))
                self.positions.trainable = False
            case Sinusoid(size, layout, stored=False):
                self._sinusoids = sinusoids(size, spec.size, layout)
        if isinstance(spec.types, TypeTable):
            self.types = table(spec.types.size, spec.size, init, "types")
        self.LayerNorm = build_norm(spec.norm, spec.size, "LayerNorm") if spec.norm else None
        self.dropout = dropout(spec.dropout)
        self.built = True

    @property
    def first_position(self) -> int:
        """Row of the table of positions that the first token has."""
        match self.spec.positions:
            case Learned(_, offset):
                return offset
            case PaddingAware(_, pad):
                return pad + 1
        return 0

    def check_length(self, length: Any) -> None:
        """Raise if an input, with what came before it, is longer than the model knows positions.

        Args:
            length: a number; if it is not known yet, nothing is checked.

        Raises:
            ValueError: naming both lengths.
        """
        if self.spec.positions is None or not isinstance(length, int):
            return
        known = (len(self._sinusoids) if self.positions is None else self.positions.input_dim) - self.first_position
        if length > known:
            raise ValueError(
                f"the input has {length} positions, but the model knows {known}: "
                "truncate the input (truncation=True) or split it"
            )

    def call(
        self,
        input_ids: Any | None = None,
        inputs_embeds: Any | None = None,
        token_type_ids: Any | None = None,
        position_ids: Any | None = None,
        start: Any = 0,
        training: bool = False,
    ) -> Any:
        """Embed ids, or vectors in their place.

        Args:
            input_ids: *Shape:* `[batch, seq]`.
            inputs_embeds: *Shape:* `[batch, seq, size]`.
            token_type_ids, position_ids: *Shape:* `[batch, seq]`; zeros, and the positions of the spec, by default.
            start: the first position, where there are none.
            training: drop values.

        Returns:
            *Shape:* `[batch, seq, size]`.
        """
        if inputs_embeds is None:
            self.tokens.check_ids(input_ids)
            hidden = self.tokens(input_ids)
        else:
            hidden = inputs_embeds
        if self.spec.scale != 1.0:
            hidden = hidden * self.spec.scale
        if self.spec.positions is not None:
            places = self._places(hidden, input_ids, position_ids, start)
            if self.positions is not None:
                hidden = hidden + self.positions(places)
            else:
                hidden = hidden + ops.take(ops.convert_to_tensor(self._sinusoids, hidden.dtype), places, axis=0)
        if isinstance(self.spec.types, WordTypes):
            if token_type_ids is not None:
                hidden = hidden + self.tokens(token_type_ids) * self.spec.scale
        elif self.types is not None:
            first = ops.zeros((1, 1), "int32")
            hidden = hidden + self.types(first if token_type_ids is None else token_type_ids)
        if self.LayerNorm is not None:
            hidden = self.LayerNorm(hidden)
        return drop(self.dropout, hidden, training)

    def _places(self, hidden: Any, input_ids: Any | None, position_ids: Any | None, start: Any) -> Any:
        """Rows of the table of positions. *Shape:* `[batch or 1, seq]`."""
        spec = self.spec.positions
        if position_ids is not None:
            position_ids = ops.cast(position_ids, "int32")
            return position_ids + spec.offset if isinstance(spec, Learned) else position_ids
        if isinstance(spec, PaddingAware) and input_ids is not None:
            real = ops.cast(ops.not_equal(input_ids, spec.pad), "int32")
            return (ops.cumsum(real, axis=1) + start) * real + spec.pad
        length = ops.shape(hidden)[1]
        if isinstance(start, int) and start:  # else the model has looked already, before Keras tries lengths of its own
            self.check_length(start + length)
        return ops.arange(length)[None, :] + (self.first_position + start)


def words(spec: EmbeddingsSpec, init: Init) -> TFSharedEmbeddings:
    """A new table of words."""
    tokens = TFSharedEmbeddings(spec.vocabulary, spec.size, deviation(init), name="tokens")
    tokens.build()
    return tokens
