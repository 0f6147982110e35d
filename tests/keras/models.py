"""Small models for the tests of the Keras backend."""
from typing import Any

import numpy as np

import formers
from formers.families import families

SIZES = {
    "bert": {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 20},
    "roberta": {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 20},
    "distilbert": {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 20},
}
# The documented library has no Keras class for a BERT decoder.
TWINS = [
    (family, name)
    for family in SIZES
    for name in sorted(set(families()[family].classes.values()))
    if name != "BertLMHeadModel"
]


def config(family: str, **options: Any) -> Any:
    """A small configuration."""
    return families()[family].config(vocab_size=50, max_position_embeddings=24, **SIZES[family], **options)


def make(family: str, name: str, **options: Any) -> Any:
    """A small model with fresh weights, the larger for the differences to show."""
    return getattr(formers, name)(config(family, initializer_range=0.2, **options))


def ids(*shape: int, seed: int = 0) -> np.ndarray:
    """Token ids that are no special ones."""
    return np.random.default_rng(seed).integers(5, 50, shape).astype("int32")


def inputs_for(name: str) -> np.ndarray:
    """Token ids of the shape that a class takes."""
    return ids(2, 3, 7) if "MultipleChoice" in name else ids(2, 7)


def arrays(output: Any) -> list[np.ndarray]:
    """A flat output of a model of either framework as arrays."""
    return [np.asarray(value.detach() if hasattr(value, "detach") else value) for value in output]
