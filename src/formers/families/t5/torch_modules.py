"""T5's PyTorch modules."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from formers.backends.torch import ops
from formers.backends.torch.constants import stack_constants
from formers.backends.torch.containers import Arguments, LayerContainer, StackContainer, Update
from formers.backends.torch.modules import ModuleUtilsMixin
from formers.backends.torch.presents import for_rows
from formers.network.caches import Cache
from formers.network.call import Call, StackOutput
from formers.network.layer import Step
from formers.network.weights import layer_weights, stack_specs, stack_weights

from .alone import caches_of, keep, layer_alone
from .architecture import architecture
from .configuration import T5Config
from .torch_attention import TREE as TREE
from .torch_attention import T5Attention as T5Attention
from .torch_attention import T5LayerCrossAttention as T5LayerCrossAttention
from .torch_attention import T5LayerSelfAttention as T5LayerSelfAttention
from .torch_attention import add_table, build_sublayer, fill_scores, given_sum
from .torch_biases import Biases, T5Call, T5Context, documented_past, documented_sum

BOTH = ("attention", "cross_attention")


class T5DenseReluDense(Update, tree=TREE):
    """T5's feed-forward block, without norm and residual. *Shape:* `[batch, seq, hidden]`.

    Args:
        config: the model's configuration.
    """

    first_step, last_step = Step.MIX, Step.PROJECT

    def __init__(self, config: T5Config):
        build_sublayer(self, config, "feed_forward")


class T5LayerFF(Update, tree=TREE):
    """T5's feed-forward block with norm and residual. *Shape:* `[batch, seq, hidden]`.

    Args:
        config: the model's configuration.
    """

    def __init__(self, config: T5Config):
        build_sublayer(self, config, "feed_forward")


class T5Block(LayerContainer, tree=TREE):
    """One block of T5.

    Args:
        config: the model's configuration; with `is_decoder` it also attends to an encoder.
        has_relative_attention_bias: its attentions have tables of position biases.
    """

    def __init__(self, config: T5Config, has_relative_attention_bias: bool = False):
        layer = layer_alone(config)
        specs = {sublayer.name: sublayer for sublayer in layer.sublayers}
        weights = layer_weights(layer, config.d_model, architecture(config).init)
        part = "decoder.layers.{i}" if config.is_decoder else "encoder.layers.{i}"
        self.build(layer, weights, specs, config, part)
        for module in self.modules():
            if isinstance(module, T5Attention) and has_relative_attention_bias:
                add_table(module, config)

    def settled(self) -> None:
        """See `Container.settled`."""
        self.is_decoder = self.spec.cross_attention is not None

    def read(
        self,
        hidden_states: Tensor,
        attention_mask: Tensor | None = None,
        position_bias: Tensor | None = None,
        encoder_hidden_states: Tensor | None = None,
        encoder_attention_mask: Tensor | None = None,
        encoder_decoder_position_bias: Tensor | None = None,
        head_mask: Tensor | None = None,
        past_key_value_state: Any = None,
        use_cache: bool = False,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        source, past = encoder_hidden_states if self.is_decoder else None, past_key_value_state
        if past is not None and not self.is_decoder:
            raise ValueError("Only decoder can use past_key_value_state: this is a block of an encoder")
        names = BOTH if source is not None else BOTH[:1]
        use_cache = use_cache and self.is_decoder
        caches = caches_of(ops, past, names) if past is not None or use_cache else None
        biases = Biases({"attention": attention_mask, "cross_attention": encoder_attention_mask})
        call = T5Call({}, source, caches, head_mask, output_attentions, biases=biases, use_cache=use_cache)
        length = hidden_states.shape[1]
        total = length if caches is None else length + caches["attention"].length
        for index, name in enumerate(names):
            keys, given = (source.shape[1], encoder_decoder_position_bias) if index else (total, position_bias)  # type: ignore[union-attr]
            attention = self._attention(index)
            asked = (self.layer[index], attention)  # type: ignore[index]
            fill_scores(call, name, attention, asked, given, (length, total, keys))
        return hidden_states, call

    def _attention(self, index: int) -> Any:
        layer: Any = self.layer
        return getattr(layer[index], "attention", None)

    def write(self, computed: Any, given: Any) -> tuple[Any, ...]:
        """See `Container.write`."""
        x, weights = computed
        call: T5Call = given[1]
        names = BOTH if call.source is not None else BOTH[:1]
        result: tuple[Any, ...] = (x, documented_past(call.caches, names, x.shape[0]) if call.use_cache else None)
        for index, name in enumerate(names):
            result += weights[index : index + 1] + given_sum(call, name, self._attention(index))
        return result

    @classmethod
    def arguments(cls, x: Tensor, call: Any) -> Arguments:
        """See `Container.arguments`."""
        rows, length = x.shape[:2]
        own = None if call.caches is None else call.caches["attention"]
        source = for_rows(call.source, rows)
        source_mask = source_sum = None
        if source is not None:
            source_mask = for_rows(call.biases.documented_mask("cross_attention"), rows)
            source_sum = documented_sum(call, "cross_attention", x, source.shape[1])
        return Arguments(
            x,
            attention_mask=for_rows(call.biases.documented_mask("attention"), rows),
            position_bias=documented_sum(call, "attention", x, length + (own.length if own is not None else 0)),
            encoder_hidden_states=source,
            encoder_attention_mask=source_mask,
            encoder_decoder_position_bias=source_sum,
            head_mask=call.head_mask,
            past_key_value_state=documented_past(call.caches, BOTH, rows),
            use_cache=call.use_cache,
            output_attentions=call.want_weights,
        )

    @classmethod
    def parse(cls, result: Any, x: Tensor, call: Any) -> Any:
        """See `Container.parse`."""
        keep(call.caches, BOTH if call.source is not None else BOTH[:1], result[1])
        # Weights and sum of the self-attention, then those of the cross-attention.
        indices = (1, 3) if call.want_weights else (0, 1)
        rest = result[2:]
        for name, index in zip(BOTH, indices, strict=True):
            if name in call.unknown and len(rest) > index and rest[index] is not None:
                call.biases.take(name, rest[index])
        return result[0], (rest[0],) if call.want_weights else ()


@dataclass(slots=True)
class StackCall(Call):
    """A documented call of a stack.

    Attributes:
        use_cache: the caller gets keys and values back.
    """

    use_cache: bool = False


class T5Stack(ModuleUtilsMixin, StackContainer, tree=TREE):
    """T5's encoder, or with `is_decoder` in the configuration its decoder.

    Args:
        config: the model's configuration.
        embed_tokens: the token embeddings, which it shares; without them it takes `inputs_embeds` alone.
    """

    def __init__(self, config: T5Config, embed_tokens: nn.Module | None = None):
        whole, name = architecture(config), "decoder" if config.is_decoder else "encoder"
        stack = whole.decoder if config.is_decoder else whole.encoder
        weights = [pair for pair in stack_weights(stack, whole.init) if pair[0] != "embeddings.tokens"]
        given = {} if embed_tokens is None else {"embeddings.tokens": embed_tokens}
        self.build(stack, weights, dict(stack_specs(stack)), config, name, given)
        if embed_tokens is None:
            self.embed_tokens = None
        self.constants = stack_constants(stack)
        find_tables(self)

    def settled(self) -> None:
        """See `Container.settled`."""
        self.is_decoder = self.spec.attends_to_encoder

    def compute(self, call: Call, context: Any = T5Context) -> StackOutput:
        """Run the stack; see `network.stack`."""
        return self.run_as(self.spec, call, context)

    def get_output_embeddings(self) -> nn.Module:
        """Return the token embeddings."""
        return self.get_input_embeddings()

    def read(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        encoder_hidden_states: Tensor | None = None,
        encoder_attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        head_mask: Any = None,
        past_key_value_states: Any = None,
        use_cache: bool | None = None,
        output_attentions: bool | None = None,
        output_hidden_states: bool | None = None,
    ) -> Any:
        """See `Container.read`."""
        if input_ids is not None and self.embed_tokens is None:
            raise ValueError("this stack was made without embed_tokens: pass inputs_embeds")
        use_cache = bool(self.config.use_cache if use_cache is None else use_cache) and self.is_decoder
        past, cache = past_key_value_states, None
        if past is not None:
            given = input_ids if input_ids is not None else inputs_embeds
            if not self.is_decoder or (given is not None and given.shape[1] != 1):
                found = "an encoder" if not self.is_decoder else f"{given.shape[1]} positions"  # type: ignore[union-attr]
                raise ValueError(f"past_key_value_states are for one new position of a decoder, found {found}")
        if past is not None or use_cache:
            cache = Cache(ops, len(self.block))  # type: ignore[arg-type]
            for index, layer in enumerate(past or ()):
                keep(cache.of_layer(index), BOTH, layer)
        return (
            StackCall(
                input_ids, inputs_embeds, attention_mask, head_mask=head_mask,
                encoder_states=encoder_hidden_states if self.is_decoder else None,
                encoder_mask=encoder_attention_mask if self.is_decoder else None,
                cache=cache, want_weights=bool(output_attentions), want_states=bool(output_hidden_states),
                use_cache=use_cache,
            ),
        )  # fmt: skip

    def write(self, computed: StackOutput, given: Any) -> tuple[Any, ...]:
        """See `Container.write`."""
        call: StackCall = given[0]
        presents = None
        if call.use_cache and call.cache is not None:
            layers, rows = range(len(call.cache.self_attention)), computed.hidden.shape[0]
            presents = tuple(documented_past(call.cache.of_layer(index), BOTH, rows) for index in layers)
        values = (computed.hidden, presents, computed.states, computed.weights)
        return tuple(value for value in values if value is not None)

    @classmethod
    def arguments(cls, call: Call) -> Arguments:
        """See `Container.arguments`."""
        by_name: dict[str, Any] = {
            "input_ids": call.input_ids,
            "attention_mask": call.attention_mask,
            "inputs_embeds": call.inputs_embeds,
            "head_mask": call.head_mask,
            "output_attentions": call.want_weights,
            "output_hidden_states": call.want_states,
        }
        if call.encoder_states is not None:  # a decoder
            given = call.input_ids if call.input_ids is not None else call.inputs_embeds
            rows, cache, past = given.shape[0], call.cache, None
            if cache is not None:
                layers = range(len(cache.self_attention))
                past = tuple(documented_past(cache.of_layer(index), BOTH, rows) for index in layers)
            by_name |= {
                "past_key_value_states": past if past and past[0] is not None else None,
                "encoder_hidden_states": for_rows(call.encoder_states, rows),
                "encoder_attention_mask": for_rows(call.encoder_mask, rows),
                "use_cache": cache is not None,
            }
        return Arguments(**by_name)

    @classmethod
    def parse(cls, result: Any, call: Call) -> StackOutput:
        """See `Container.parse`."""
        hidden, *rest = result
        if call.cache is not None:
            for index, present in enumerate(rest.pop(0)):
                keep(call.cache.of_layer(index), BOTH, present)
        states = tuple(rest.pop(0)) if call.want_states else None
        return StackOutput(hidden, states, tuple(rest.pop(0)) if call.want_weights else None)


def find_tables(module: nn.Module) -> None:
    """Let the attentions in a module know whether they have tables of position biases."""
    for inner in module.modules():
        if isinstance(inner, T5Attention):
            inner.has_relative_attention_bias = "relative_attention_bias" in inner._modules
