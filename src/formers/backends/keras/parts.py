"""The parts of a model: Keras layers made from the network's plan of weights, found again by their names."""
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import keras
from keras import ops

from formers.architecture import Layer, LayerNorm, NoNorm, RMSNorm, Sinusoid, Stack
from formers.architecture.buckets import bucket_of_distance
from formers.architecture.sinusoids import sinusoids
from formers.network.call import LayerCall
from formers.network.layer import run_layer
from formers.network.weights import (
    Dropout,
    Embedding,
    FixedBias,
    Linear,
    Normalization,
    Scorer,
    Sinusoids,
    Weight,
)

from . import ops as backend
from .construction import normal
from .documented import TFConv1D
from .embeddings import TFSharedEmbeddings


class Group(keras.layers.Layer):
    """A node on the way to parts; it may own a bias that a part below shares."""

    def __init__(self, name: str):
        super().__init__(name=name)
        self.built = True


class Affine(keras.layers.Layer):
    """`x * gamma + beta`. *Shape:* `[..., hidden]`."""

    def build(self, input_shape: Any) -> None:
        """Create the weights."""
        self.gamma = self.add_weight(shape=input_shape[-1:], initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=input_shape[-1:], initializer="zeros", name="beta")

    def call(self, x: Any) -> Any:
        """Scale and shift."""
        return x * self.gamma + self.beta


class TokenScorer(keras.layers.Layer):
    """Scores of the vocabulary by the token embeddings, and perhaps a bias.

    Args:
        token_embeddings: the token embeddings.
        name: name of the layer.
        bias: a bias that another layer owns; the number of tokens for one of its own.
    """

    def __init__(self, token_embeddings: TFSharedEmbeddings, name: str, bias: Any | None = None):
        super().__init__(name=name)
        self.token_embeddings = token_embeddings
        if isinstance(bias, int):
            bias = self.add_weight(shape=(bias,), initializer="zeros", name="bias")
        self.bias = bias
        self.built = True

    def call(self, hidden: Any) -> Any:
        """Score all tokens. *Shape:* `[..., hidden]` to `[..., vocabulary]`."""
        scores = self.token_embeddings(hidden, mode="linear")
        return scores if self.bias is None else scores + ops.cast(self.bias, scores.dtype)


# --- making -----------------------------------------------------------------------------------------------------------


def grow(
    root: Any, weights: Iterable[tuple[str, Weight]], tokens: TFSharedEmbeddings | None = None, rows: bool = False
) -> None:
    """Make the parts of a plan below a layer, which keeps the plan.

    Args:
        root: the layer.
        weights: the parts by their names, such as `layers.0.attention.query`.
        tokens: token embeddings that are there already; where the plan has some, these take their place.
        rows: linear layers keep their bias as a matrix of one row.
    """
    root.plan = MappingProxyType(dict(weights))
    for name, weight in root.plan.items():
        owner, leaf = _owner(root, name)
        part = tokens if leaf == "tokens" and tokens is not None else _make(weight, leaf, rows)
        if isinstance(weight, Scorer) and weight.tied:
            assert tokens is not None
            part = TokenScorer(tokens, leaf, _bias(root, weight))
        elif isinstance(weight, FixedBias):
            part = owner.add_weight(shape=(1, weight.size), initializer="zeros", trainable=False, name=leaf)
        if part is not None:
            setattr(owner, attribute(leaf), part)


def _owner(root: Any, name: str) -> tuple[Any, str]:
    """Return the layer that a part belongs to, made if it is missing, and the last word of the part's name."""
    *way, leaf = name.split(".")
    at = owner = root
    owned = ""
    for word, following in zip(way, [*way[1:], leaf], strict=False):
        if isinstance(at, list):
            if int(word) == len(at):
                group = Group(word)
                at.append(group)
                _let_checkpoints_see(owner, f"{owned}-{word}", group)
            at = at[int(word)]
            continue
        owner, owned = at, attribute(word)
        if not hasattr(owner, owned):
            setattr(owner, owned, [] if following.isdigit() else Group(word))
        at = getattr(owner, owned)
    return at, leaf


def _let_checkpoints_see(owner: Any, name: str, part: Any) -> None:
    """Let `tf.train.Checkpoint` see a part that its owner keeps in a list: by itself it sees attributes alone."""
    if keras.backend.backend() == "tensorflow":
        owner._track_trackable(part, name=name)


def _bias(root: Any, weight: Scorer) -> Any:
    """Return the bias that a scorer shares with others; the number of tokens for one of its own, None without."""
    if weight.shared_bias is None:
        return weight.outputs if weight.bias else None
    owner, leaf = _owner(root, weight.shared_bias)
    if not hasattr(owner, leaf):
        setattr(owner, leaf, owner.add_weight(shape=(weight.outputs,), initializer="zeros", name=leaf))
    return getattr(owner, leaf)


def _make(weight: Weight, name: str, rows: bool) -> keras.layers.Layer | None:
    """Make a part with its weights; None where there is nothing to make."""
    layer: keras.layers.Layer
    shape: tuple[int | None, ...] = ()
    match weight:
        case Linear(inputs, outputs, True, std) if rows:
            layer = TFConv1D(outputs, inputs, std, name=name)
        case Linear(inputs, outputs, bias, std):
            layer = keras.layers.Dense(outputs, use_bias=bias, kernel_initializer=normal(std), name=name)
            shape = (None, inputs)
        case Embedding(count, size, std) if name == "tokens":
            layer = TFSharedEmbeddings(count, size, std, name=name)
        case Embedding(count, size, std):
            layer = keras.layers.Embedding(count, size, embeddings_initializer=normal(std), name=name)
        case Sinusoids(count, size, layout):
            layer = keras.layers.Embedding(count, size, embeddings_initializer=_Values(sinusoids(count, size, layout)))
            layer.trainable = False
        case Normalization(LayerNorm(eps), size):
            layer, shape = keras.layers.LayerNormalization(epsilon=eps, name=name), (None, size)
        case Normalization(RMSNorm(eps), size):
            layer, shape = keras.layers.RMSNormalization(epsilon=eps, name=name), (None, size)
        case Normalization(NoNorm(), size):
            layer, shape = Affine(name=name), (None, size)
        case Dropout(rate) if rate:
            return keras.layers.Dropout(rate, name=name)
        case _:
            return None
    layer.build(shape)
    return layer


class _Values(keras.initializers.Initializer):
    """Gives certain values."""

    def __init__(self, values: Any):
        self.values = values

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return ops.convert_to_tensor(self.values, dtype)


@cache
def attribute(name: str) -> str:
    """Return the attribute under which a layer has a part; Keras has some of the names for itself."""
    return f"{name}_" if hasattr(keras.Model, name) and name != "layers" else name


# --- finding ----------------------------------------------------------------------------------------------------------


def stack_constants(stack: Stack) -> Mapping[str, Any]:
    """Compute what follows from the spec of a stack alone, by the network's names."""
    found: dict[str, Any] = {}
    positions = stack.embeddings.positions
    if isinstance(positions, Sinusoid) and not positions.stored:
        found["embeddings.positions"] = sinusoids(positions.size, stack.embeddings.tokens.size, positions.layout)
    for name, bias in (("position_bias", stack.position_bias), ("cross_position_bias", stack.cross_position_bias)):
        if bias is not None:
            found[f"{name}.buckets"] = bucket_of_distance(bias).astype("int32")
    return MappingProxyType(found)


class Parts:
    """The parts below a layer, in one call of it.

    Args:
        root: the layer.
        training: whether values are dropped.
        constants: what follows from the spec alone, by the network's names.
        name: the network's name of the root.
        token_embeddings: the model's token embeddings, for heads.
    """

    __slots__ = ("constants", "name", "root", "token_embeddings", "training")

    whole = None  # Keras's models have no containers that compute by themselves
    containers: tuple[int, ...] = ()

    def __init__(
        self,
        root: Any,
        training: bool,
        constants: Mapping[str, Any] = MappingProxyType({}),
        name: str = "",
        token_embeddings: TFSharedEmbeddings | None = None,
    ):
        self.root, self.training, self.constants, self.name = root, training, constants, name
        self.token_embeddings = token_embeddings

    def __call__(self, name: str) -> Any:
        """Return a part; None if there is none of the name."""
        return find(self.root, name)

    def below(self, name: str) -> "Parts":
        """Return the parts of an inner scope."""
        inner = find(self.root, name)
        return Parts(inner, self.training, self.constants, f"{self.name}{name}." if self.constants else "")

    def constant(self, name: str) -> Any:
        """Return what follows from the spec alone; None if there is nothing of the name."""
        return self.constants.get(f"{self.name}{name}") if self.constants else None

    def layers(self, stack: Stack) -> list["BoundLayer"]:
        """Return the layers of a stack in the order in which they compute."""
        groups = self.root.layers if stack.layers else []
        return [BoundLayer(stack.layers[step], Parts(groups[step], self.training)) for step in stack.steps]

    def layer_count(self, stack: Stack) -> int:
        """Return the number of layers that compute."""
        return len(stack.steps)

    def checkpointing(self, stack: Stack) -> bool:
        """Tell that layers are not computed again in the backward pass."""
        return False

    def container(self, step: int, spec: Any) -> None:
        """Return None: the network computes all steps of a sublayer."""

    def reading_container(self, head: Any) -> None:
        """Return None: the network computes what a head reads."""

    def container_of(self, step: Any) -> None:
        """Return None: the network computes all steps of a head."""

    def joint_container(self, heads: Any) -> None:
        """Return None: the network computes each head."""


class BoundLayer:
    """A layer in one call: its spec and its parts."""

    __slots__ = ("parts", "spec")

    def __init__(self, spec: Layer, parts: Parts):
        self.spec, self.parts = spec, parts

    def is_untouched(self) -> bool:
        """Tell that nothing but the network looks at what the layer computes."""
        return True

    def run(self, x: Any, call: LayerCall) -> tuple[Any, tuple[Any, ...]]:
        """Compute the layer. *Shape:* `[batch, seq, hidden]`."""
        return run_layer(backend, self.parts, self.spec, x, call)


def find(root: Any, name: str) -> Any:
    """Return the part of a name below a layer; None if there is none."""
    at = root
    for word in name.split("."):
        at = at[int(word)] if isinstance(at, list) else getattr(at, attribute(word), None)
        if at is None:
            return None
    return at
