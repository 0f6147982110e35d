"""T5's Keras layers by themselves."""
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import keras

from formers.architecture.buckets import bucket_of_distance
from formers.backends.keras import Parts, TFInnerLayer, TFSteps, find, flag, ops
from formers.network.call import LayerCall, Scores
from formers.network.layer import Step, run_layer
from formers.network.position_bias import position_bias as table_of
from formers.network.weights import Embedding, Weight, layer_weights, std_of, sublayer_weights

from . import FAMILY
from .alone import MISSING_BIAS, attending, caches_of, layer_alone, sublayer_alone, table_alone
from .architecture import architecture, is_gated

BOTH = ("attention", "cross_attention")


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


class _Sublayer(TFSteps):
    """Steps of a sublayer of T5."""

    def describe(self) -> tuple[Any, Iterable[tuple[str, Weight]]]:
        """See `TFInnerLayer.describe`."""
        spec = sublayer_alone(self.config, self.scope.rpartition(".")[2])
        return spec, sublayer_weights(spec, self.config.d_model, architecture(self.config).init)


class TFT5DenseReluDense(_Sublayer, family=FAMILY, arguments=("hidden_states",)):
    """T5's feed-forward block, without norm and residual. *Shape:* `[batch, seq, hidden]`."""

    first_step, last_step = Step.MIX, Step.PROJECT


class TFT5LayerFF(_Sublayer, family=FAMILY, arguments=("hidden_states",)):
    """T5's feed-forward block with norm and residual. *Shape:* `[batch, seq, hidden]`."""


class _Attends(TFInnerLayer):
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
        return spec, [*weights, *self.tables(("",))]

    def tables(self, owners: Iterable[str]) -> Iterator[tuple[str, Weight]]:
        """Yield the tables of position biases of attentions, whose names have a dot at their end."""
        if self.has_relative_attention_bias:
            bias, std = table_alone(self.config), std_of(architecture(self.config).init, self.config.d_model)
            yield from ((f"{owner}table", Embedding(bias.buckets, bias.heads, std)) for owner in owners)

    def hub_name(self, name: str) -> str | None:
        """See `TFInnerLayer.hub_name`; a table stands beside the linear layers of its attention."""
        owner, table, leaf = name.rpartition("table")
        if not table:
            return super().hub_name(name)
        beside = super().hub_name(f"{owner}query")
        return f"{str(beside).removesuffix('.q')}.relative_attention_bias{leaf}"

    def attend(
        self,
        compute: Callable[[LayerCall], tuple[Any, tuple[Any, ...]]],
        hidden: Any,
        masks: Mapping[str, Any],
        biases: tuple[Any, ...],
        source: Any,
        past: Any,
        total: Any,
        head_mask: Any,
        use_cache: bool,
        output_attentions: bool,
    ) -> tuple[Any, ...]:
        """Compute attentions.

        Args:
            compute: computes them for a call of the network.
            hidden: the states. *Shape:* `[batch, query, hidden]`.
            masks: name of each attention -> what its mask adds to the scores, or None.
            biases: the sum of position biases and mask of each, or None. *Shape:* `[batch, heads, query, key]` each.
            source: the encoder's states, or None. *Shape:* `[batch, encoder seq, hidden]`.
            past: key and value of each, or None.
            total: number of queries with those before; by default, `past` says it.
            head_mask, use_cache, output_attentions: as documented.

        Returns:
            The states, keys and values or None, and for each attention its weights, and its sum if it has a table.

        Raises:
            ValueError: there are earlier keys and values and this is no decoder, or there is no position bias.
        """
        decoder, names = self.config.is_decoder, tuple(masks)
        if past is not None and not decoder:
            raise ValueError("Encoder cannot cache past key value states: past_key_value_state is for decoders")
        use_cache = flag(use_cache) and decoder
        caches = caches_of(ops, past, names) if past is not None or use_cache else None
        queries = ops.size(hidden, 1)
        if total is None:
            total = queries if past is None else queries + ops.size(past[0], 2)
        scores = {}
        for name, given in zip(names, biases, strict=True):
            keys = ops.size(source, 1) if name == "cross_attention" else total
            if given is None:
                given = self.sum_of(name, masks[name], total - queries, queries, keys, hidden)
            scores[name] = Scores(given)
        call = LayerCall(scores, source, caches, head_mask, flag(output_attentions))
        x, weights = compute(call)
        present = tuple(tensor for name in names for tensor in caches[name].read()) if use_cache and caches else None
        result: tuple[Any, ...] = (x, present)
        for index, name in enumerate(names):
            result += weights[index : index + 1]
            result += (scores[name].bias,) if self.has_relative_attention_bias else ()
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
        constants = {"buckets": bucket_of_distance(spec).astype("int32")}
        parts = Parts(find(self, name) or self, False, constants)
        bias = table_of(ops, parts, spec, start, queries, keys, hidden)
        return bias if mask is None else bias + mask


class _AttentionSteps(_Attends, _Sublayer):
    """Steps of a sublayer with an attention."""

    def attend_steps(
        self, hidden: Any, mask: Any, source: Any, bias: Any, past: Any, head_mask: Any, total: Any, use_cache: bool,
        output_attentions: bool, training: bool,
    ) -> tuple[Any, ...]:  # fmt: skip
        """Compute the steps; see `attend`."""
        spec = attending(self.spec, source is not None)

        def compute(call: LayerCall) -> tuple[Any, tuple[Any, ...]]:
            _, y, weights = self.steps(hidden, hidden, call, bool(training), spec)
            return y, () if weights is None else (weights,)

        return self.attend(
            compute, hidden, {spec.name: mask}, (bias,), source, past, total, head_mask, use_cache, output_attentions
        )


class TFT5Attention(_AttentionSteps, family=FAMILY):
    """T5's attention, without norm and residual; with `kv` it attends to that."""

    first_step, last_step = Step.MIX, Step.PROJECT

    def call(
        self, input: Any, mask: Any = None, kv: Any = None, position_bias: Any = None, cache: Any = None,
        past_key_value_state: Any = None, head_mask: Any = None, query_length: Any = None, use_cache: bool = False,
        training: bool = False, output_attentions: bool = False,
    ) -> tuple[Any, ...]:  # fmt: skip
        """Compute, with the documented arguments and result; `cache` has no effect."""
        return self.attend_steps(
            input, mask, kv, position_bias, past_key_value_state, head_mask, query_length, use_cache,
            output_attentions, training,
        )  # fmt: skip


class TFT5LayerSelfAttention(_AttentionSteps, family=FAMILY):
    """T5's self-attention with norm and residual."""

    def call(
        self, hidden_states: Any, attention_mask: Any = None, position_bias: Any = None, head_mask: Any = None,
        past_key_value_state: Any = None, use_cache: bool = False, output_attentions: bool = False,
        training: bool = False,
    ) -> tuple[Any, ...]:  # fmt: skip
        """Compute, with the documented arguments and result."""
        return self.attend_steps(
            hidden_states, attention_mask, None, position_bias, past_key_value_state, head_mask, None, use_cache,
            output_attentions, training,
        )  # fmt: skip


class TFT5LayerCrossAttention(_AttentionSteps, family=FAMILY):
    """T5's attention to an encoder, with norm and residual."""

    def call(
        self, hidden_states: Any, kv: Any, attention_mask: Any = None, position_bias: Any = None,
        head_mask: Any = None, past_key_value_state: Any = None, query_length: Any = None, use_cache: bool = False,
        output_attentions: bool = False, training: bool = False,
    ) -> tuple[Any, ...]:  # fmt: skip
        """Compute, with the documented arguments and result."""
        return self.attend_steps(
            hidden_states, attention_mask, kv, position_bias, past_key_value_state, head_mask, query_length,
            use_cache, output_attentions, training,
        )  # fmt: skip


class TFT5Block(_Attends, family=FAMILY):
    """One block of T5; with `is_decoder` in the configuration it also attends to an encoder."""

    def describe(self) -> tuple[Any, Iterable[tuple[str, Weight]]]:
        """See `TFInnerLayer.describe`."""
        if self.config.is_decoder:
            self.scope, self.hub_path = (name.replace("encoder", "decoder") for name in (self.scope, self.hub_path))
        spec = layer_alone(self.config)
        owners = [f"{sublayer.name}." for sublayer in spec.sublayers if sublayer.name in BOTH]
        weights = layer_weights(spec, self.config.d_model, architecture(self.config).init)
        return spec, [*weights, *self.tables(owners)]

    def call(
        self, hidden_states: Any, attention_mask: Any = None, position_bias: Any = None,
        encoder_hidden_states: Any = None, encoder_attention_mask: Any = None,
        encoder_decoder_position_bias: Any = None, head_mask: Any = None, past_key_value_state: Any = None,
        use_cache: bool = False, output_attentions: bool = False, training: bool = False,
    ) -> tuple[Any, ...]:  # fmt: skip
        """Compute, with the documented arguments and result."""
        source = encoder_hidden_states if self.config.is_decoder else None
        both = BOTH if source is not None else BOTH[:1]
        masks = dict(zip(both, (attention_mask, encoder_attention_mask), strict=False))
        biases = (position_bias, encoder_decoder_position_bias)[: len(both)]

        def compute(call: LayerCall) -> tuple[Any, tuple[Any, ...]]:
            return run_layer(ops, self.parts(bool(training)), self.spec, hidden_states, call)

        return self.attend(
            compute, hidden_states, masks, biases, source, past_key_value_state, None, head_mask, use_cache,
            output_attentions,
        )  # fmt: skip


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
