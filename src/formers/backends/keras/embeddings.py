"""`TFSharedEmbeddings`: token embeddings."""
from typing import Any

import keras
from keras import ops

from .construction import normal


@keras.saving.register_keras_serializable(package=__name__)
class TFSharedEmbeddings(keras.layers.Layer):
    """Token embeddings that also score the vocabulary.

    Args:
        vocab_size: number of tokens.
        hidden_size: length of a token's vector.
        initializer_range: standard deviation of new values; by default `hidden_size ** -0.5`.
        **kwargs: passed to the Keras layer.
    """

    def __init__(self, vocab_size: int, hidden_size: int, initializer_range: float | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.initializer_range = hidden_size**-0.5 if initializer_range is None else initializer_range
        self.autocast = False  # ids stay whole numbers of full width

    def build(self, input_shape: Any = None) -> None:
        """Create the weight."""
        self.weight = self.add_weight(
            shape=(self.vocab_size, self.hidden_size), initializer=normal(self.initializer_range), name="weight"
        )
        self.built = True

    def call(self, inputs: Any, mode: str = "embedding") -> Any:
        """Look tokens up, or score all tokens.

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
            return ops.einsum("...h,vh->...v", inputs, ops.cast(self.weight, inputs.dtype))  # no transposed copy
        raise ValueError(f"mode is {mode!r}; expected 'embedding' or 'linear'")

    def get_config(self) -> dict[str, Any]:
        """Return what the layer can be made from again."""
        own = ("vocab_size", "hidden_size", "initializer_range")
        return super().get_config() | {name: getattr(self, name) for name in own}
