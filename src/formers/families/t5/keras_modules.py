"""T5's Keras layers by themselves."""
from collections.abc import Callable, Iterable, Mapping
from inspect import Parameter
from typing import Any

import keras

from formers.architecture import Layer
from formers.architecture.buckets import bucket_of_distance
from formers.backends.keras import Parts, TFInnerLayer, TFSteps, find, flag, ops
from formers.network.call import LayerCall, Scores
from formers.network.layer import Step, run_layer
from formers.network.position_bias import position_bias
from formers.network.weights import Embedding, Weight, alone, std_of

from . import FAMILY
from .alone import MISSING_BIAS, attending, caches_of, layer_alone, sublayer_alone, table_alone
from .architecture import architecture, is_gated


class TFT5LayerNorm(keras.layers.RMSNormalization):
    """T5's norm. *Shape:* `[..., hidden]`.

    Args:
        epsilon: added to the mean of the squares.
        **kwargs: passed to the Keras layer.
    """

    def __init__(self, epsilon: float = 1e-6, **kwargs: Any):
        super().__init__(epsilon=epsilon, **kwargs)

    def build(self, input_shape: Any) -> None:
        """Create the weight."""
        super().build(input_shape)
        self.scale._path = f"{self.name}/weight"

    @property
    def weight(self) -> Any:
        """The weight. *Shape:* `[hidden]`."""
        return self.scale

    def call(self, x: Any) -> Any:
        """Compute the norm."""
        return super().call(x)


class _Alone(TFInnerLayer):
    """A block of T5, or a sublayer of one."""

    def describe(self) -> tuple[Any, Iterable[tuple[str, Weight]]]:
        """See `TFInnerLayer.describe`."""
        config, name = self.config, self.scope.rpartition(".")[2]
        spec = layer_alone(config) if name.isdigit() else sublayer_alone(config, name)
        return alone(spec, config.d_model, architecture(config).init)


class _Attends(_Alone):
    """Attentions with T5's documented arguments and results.

    Args:
        config: the model's configuration, or its dict.
        has_relative_attention_bias: they have tables of position biases.
        **kwargs: passed to the Keras layer.
    """

    def __init__(self, config: Any, has_relative_attention_bias: bool = False, **kwargs: Any):
        self.has_relative_attention_bias = has_relative_attention_bias
        super().__init__(config, **kwargs)

    def describe(self) -> tuple[Any, Iterable[tuple[str, Weight]]]:
        """See `TFInnerLayer.describe`."""
        spec, weights = super().describe()
        if not self.has_relative_attention_bias:
            return spec, weights
        bias, std = table_alone(self.config), std_of(architecture(self.config).init, self.config.d_model)
        sublayers = [f"{sublayer.name}." for sublayer in spec.sublayers] if isinstance(spec, Layer) else [""]
        owners = [owner for owner in sublayers if owner != "feed_forward."]
        return spec, [*weights, *((f"{owner}table", Embedding(bias.buckets, bias.heads, std)) for owner in owners)]

    def hub_name(self, name: str) -> str | None:
        """See `TFInnerLayer.hub_name`; a table stands beside the linear layers of its attention."""
        owner, table, leaf = name.rpartition("table")
        if not table:
            return super().hub_name(name)
        return f"{str(super().hub_name(f'{owner}query')).removesuffix('.q')}.relative_attention_bias{leaf}"

    def attend(
        self,
        compute: Callable[[LayerCall], tuple[Any, tuple[Any, ...]]],
        given: Mapping[str, Any],
        hidden: Any,
        source: Any,
        attentions: Mapping[str, tuple[Any, Any]],
    ) -> tuple[Any, ...]:
        """Compute attentions.

        Args:
            compute: computes them for a call of the network.
            given: the documented arguments.
            hidden: the states. *Shape:* `[batch, query, hidden]`.
            source: the encoder's states, or None. *Shape:* `[batch, encoder seq, hidden]`.
            attentions: name of each -> what its mask adds to the scores, and the sum of position biases and mask, or
                None. *Shape:* broadcast to `[batch, heads, query, key]`.

        Returns:
            The states, keys and values or None, and for each attention its weights, and its sum if it has a table.

        Raises:
            ValueError: there are earlier keys and values and this is no decoder, or there is no position bias.
        """
        past, names, decoder = given["past_key_value_state"], tuple(attentions), self.config.is_decoder
        if past is not None and not decoder:
            raise ValueError("Encoder cannot cache past key value states: past_key_value_state is for decoders")
        cached = flag(given["use_cache"]) and decoder
        caches = caches_of(ops, past, names) if past is not None or cached else None
        total = queries = ops.size(hidden, 1)
        if past is not None:
            before = given.get("query_length")
            total = queries + ops.size(past[0], 2) if before is None else before
        scores = {}
        for name, (mask, bias) in attentions.items():
            if bias is None:
                keys = ops.size(source, 1) if name == "cross_attention" else total
                bias = self.sum_of(name, mask, total - queries, queries, keys, hidden)
            scores[name] = Scores(bias)
        call = LayerCall(scores, source, caches, given["head_mask"], flag(given["output_attentions"]))
        x, weights = compute(call)
        present = tuple(tensor for name in names for tensor in caches[name].read()) if cached and caches else None
        result: tuple[Any, ...] = (x, present)
        for index, name in enumerate(names):
            result += weights[index : index + 1] + ((scores[name].bias,) if self.has_relative_attention_bias else ())
        return result

    def sum_of(self, name: str, mask: Any, start: Any, queries: Any, keys: Any, hidden: Any) -> Any:
        """Return the sum of position biases and mask of an attention. *Shape:* `[batch, heads, query, key]`.

        Raises:
            ValueError: the attention has no table.
        """
        if not self.has_relative_attention_bias:
            if name == "cross_attention" and is_gated(self.config):
                return mask  # version 1.1 has no bias there
            raise ValueError(MISSING_BIAS)
        spec = table_alone(self.config)
        parts = Parts(find(self, name) or self, False, {"buckets": bucket_of_distance(spec).astype("int32")})
        bias = position_bias(ops, parts, spec, start, queries, keys, hidden)
        return bias if mask is None else bias + mask


class _AttentionSteps(_Attends, TFSteps):
    """Steps of a sublayer with an attention; with `kv` it attends to that."""

    def run(self, given: Mapping[str, Any], training: bool) -> tuple[Any, ...]:
        """See `TFInnerLayer.run`."""
        x, source = next(iter(given.values())), given.get("kv")
        spec = attending(self.spec, source is not None)

        def compute(call: LayerCall) -> tuple[Any, tuple[Any, ...]]:
            _, y, weights = self.steps(x, x, call, training, spec)
            return y, () if weights is None else (weights,)

        mask = given["mask"] if "mask" in given else given["attention_mask"]
        return self.attend(compute, given, x, source, {spec.name: (mask, given["position_bias"])})


def _by_name(required: str, optional: str) -> dict[str, Any]:
    """Return the arguments of a call with their defaults."""
    flags = ("use_cache", "output_attentions", "training")
    defaults = {name: False if name in flags else None for name in optional.split()}
    return dict.fromkeys(required.split(), Parameter.empty) | defaults


class TFT5DenseReluDense(_Alone, TFSteps, family=FAMILY, arguments=("hidden_states",)):
    """T5's feed-forward block, without norm and residual. *Shape:* `[batch, seq, hidden]`."""

    first_step, last_step = Step.MIX, Step.PROJECT


class TFT5LayerFF(_Alone, TFSteps, family=FAMILY, arguments=("hidden_states",)):
    """T5's feed-forward block with norm and residual. *Shape:* `[batch, seq, hidden]`."""


class TFT5Attention(
    _AttentionSteps,
    family=FAMILY,
    arguments=_by_name(
        "input",
        "mask kv position_bias cache past_key_value_state head_mask query_length use_cache training output_attentions",
    ),
):
    """T5's attention, without norm and residual; with `kv` it attends to that, and `cache` has no effect."""

    first_step, last_step = Step.MIX, Step.PROJECT

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """Return None: its mask is added to scores, and is not what Keras calls a mask."""


class TFT5LayerSelfAttention(
    _AttentionSteps,
    family=FAMILY,
    arguments=_by_name(
        "hidden_states",
        "attention_mask position_bias head_mask past_key_value_state use_cache output_attentions training",
    ),
):
    """T5's self-attention with norm and residual."""


class TFT5LayerCrossAttention(
    _AttentionSteps,
    family=FAMILY,
    arguments=_by_name(
        "hidden_states kv",
        "attention_mask position_bias head_mask past_key_value_state query_length use_cache output_attentions training",
    ),
):
    """T5's attention to an encoder, with norm and residual."""


class TFT5Block(
    _Attends,
    family=FAMILY,
    arguments=_by_name(
        "hidden_states",
        "attention_mask position_bias encoder_hidden_states encoder_attention_mask encoder_decoder_position_bias "
        "head_mask past_key_value_state use_cache output_attentions training",
    ),
):
    """One block of T5; with `is_decoder` in the configuration it also attends to an encoder."""

    def describe(self) -> tuple[Any, Iterable[tuple[str, Weight]]]:
        """See `TFInnerLayer.describe`."""
        if self.config.is_decoder:
            self.scope, self.hub_path = (name.replace("encoder", "decoder") for name in (self.scope, self.hub_path))
        return super().describe()

    def run(self, given: Mapping[str, Any], training: bool) -> tuple[Any, ...]:
        """See `TFInnerLayer.run`."""
        x, source = given["hidden_states"], given["encoder_hidden_states"] if self.config.is_decoder else None
        attentions = {"attention": (given["attention_mask"], given["position_bias"])}
        if source is not None:
            cross = given["encoder_attention_mask"], given["encoder_decoder_position_bias"]
            attentions["cross_attention"] = cross
        parts = self.parts(training)
        return self.attend(lambda call: run_layer(ops, parts, self.spec, x, call), given, x, source, attentions)


class _NoLayerEmbedTokens:
    """Token embeddings for a layer that is not to own them: Keras looks for weights in layers alone.

    Args:
        layer: the token embeddings.
        abs_scope_name: without effect: variables have their names for good.
    """

    def __init__(self, layer: Any, abs_scope_name: str | None = None):
        self._layer, self._abs_scope_name = layer, abs_scope_name

    def call(self, inputs: Any, mode: str = "embedding") -> Any:
        """Look tokens up, or score all tokens; see `TFSharedEmbeddings.call`."""
        return self._layer(inputs, mode=mode)

    __call__ = call
