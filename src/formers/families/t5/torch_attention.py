"""T5's attentions as PyTorch modules."""
from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from formers.architecture import Bucketed, CrossAttention, Sublayer
from formers.architecture.buckets import bucket_of_distance
from formers.backends.torch import ops
from formers.backends.torch.containers import Arguments, Container, Steps, is_plain
from formers.backends.torch.presents import for_rows
from formers.backends.torch.pruning import find_pruneable_heads_and_indices, prune_linear_layer
from formers.backends.torch.tree import Tree
from formers.network.call import LayerCall, Scores
from formers.network.layer import Computed, Step
from formers.network.weights import std_of, sublayer_weights

from .alone import MISSING_BIAS, attending, caches_of, keep, sublayer_alone
from .architecture import architecture, is_gated
from .configuration import T5Config
from .names import NAMES
from .torch_biases import Biases, T5Call, documented_past, documented_sum

TREE = Tree(__name__, NAMES, architecture)


class _Attends(Steps):
    """Steps of a sublayer with attention, with T5's documented arguments and results."""

    @property
    def attention(self) -> Any:
        """The attention, which may have a table of position biases."""
        return self

    def call_of(
        self,
        hidden: Tensor,
        mask: Tensor | None,
        source: Tensor | None,
        position_bias: Tensor | None,
        past: Any,
        head_mask: Tensor | None,
        total: int | None,
        use_cache: bool,
        output_attentions: bool,
    ) -> Any:
        """Return the arguments of `compute` for documented ones; `total` counts beside earlier keys and values alone.

        Raises:
            ValueError: there are earlier keys and values and this is no decoder, or there is no position bias.
        """
        spec = attending(self.spec, source is not None)
        decoder = getattr(self.attention, "is_decoder", True)
        if past is not None and not decoder:
            raise ValueError("Encoder cannot cache past key value states: past_key_value_state is for decoders")
        total = None if past is None else total
        caches = caches_of(ops, past, (spec.name,)) if past is not None or (use_cache and decoder) else None
        biases = Biases({spec.name: mask})
        call = T5Call({}, source, caches, head_mask, output_attentions, biases=biases, use_cache=use_cache, total=total)
        keys = hidden.shape[1] if source is None else source.shape[1]
        if past is not None:
            total = hidden.shape[1] + past[0].shape[2] if total is None else total
            keys = total if source is None else keys
        asked = () if self.attention is self else (self.attention,)
        fill_scores(call, spec.name, self.attention, asked, position_bias, (hidden.shape[1], total, keys))
        return hidden, hidden, call, spec

    def write(self, computed: Computed, given: Any) -> tuple[Any, ...]:
        """See `Container.write`."""
        x, y, weights = computed
        call, spec = given[2:]
        present = None
        if call.use_cache and call.caches is not None:
            present = call.caches[spec.name].read()
        result: tuple[Any, ...] = (y, present)
        if weights is not None:
            result += (weights,)
        return result + given_sum(call, spec.name, self.attention)

    @classmethod
    def documented(cls, hidden: Tensor, call: Any, spec: Sublayer, mask: str) -> Arguments:
        """Return documented arguments; `mask` is what the class calls it."""
        rows, name = hidden.shape[0], spec.name
        by_name: dict[str, Any] = {
            mask: for_rows(call.biases.documented_mask(name), rows),
            "past_key_value_state": documented_past(call.caches, (name,), rows),
            "head_mask": call.head_mask,
            "use_cache": call.use_cache,
            "output_attentions": call.want_weights,
        }
        if isinstance(spec.block, CrossAttention):
            states = for_rows(call.source, rows)
            by_name |= {"kv": states, "query_length": total_of(call, hidden)}
            keys = states.shape[1]  # type: ignore[union-attr]
        else:
            keys = total_of(call, hidden) + (0 if call.caches is None else hidden.shape[1])
        by_name["position_bias"] = documented_sum(call, name, hidden, keys)
        return Arguments(hidden, **by_name)

    @classmethod
    def parse(cls, result: Any, x: Tensor, y: Tensor, call: Any, spec: Sublayer) -> Computed:
        """See `Container.parse`."""
        keep(call.caches, (spec.name,), result[1])
        weights = result[2] if call.want_weights else None
        rest = result[3:] if call.want_weights else result[2:]
        if spec.name in call.unknown and rest and rest[0] is not None:
            call.biases.take(spec.name, rest[0])
        return (result[0] if cls.last_step == Step.AFTER else x), result[0], weights


class T5Attention(_Attends, tree=TREE):
    """T5's attention, without norm and residual.

    Args:
        config: the model's configuration.
        has_relative_attention_bias: it has a table of position biases.
    """

    first_step, last_step = Step.MIX, Step.PROJECT

    def __init__(self, config: T5Config, has_relative_attention_bias: bool = False):
        build_sublayer(self, config, "attention", has_relative_attention_bias)

    def settled(self) -> None:
        """See `Container.settled`."""
        block: Any = self.spec.block
        self.is_decoder = isinstance(block, CrossAttention) or block.causal
        self.has_relative_attention_bias = "relative_attention_bias" in self._modules
        self.relative_attention_num_buckets = self.config.relative_attention_num_buckets
        self.d_model, self.d_kv, self.n_heads = self.config.d_model, block.head_size, block.heads
        self.inner_dim = self.n_heads * self.d_kv
        self.pruned_heads: set[int] = set(getattr(block, "pruned", ()))

    @classmethod
    def entered(cls, module: Any, training: bool | None = None) -> Any:
        """See `Steps.entered`."""
        if getattr(module, "pruned_heads", None):
            return cls.entrance(cls, module)
        return super().entered(module, training)

    def compute(self, x: Any, y: Any, call: LayerCall, spec: Sublayer | None = None) -> Computed:
        """Compute the steps; of position biases for all heads, those of the heads that are left count."""
        if self.pruned_heads:
            name = (spec or self.spec).name
            bias, heads = call.scores[name].bias, range(self.n_heads + len(self.pruned_heads))
            before = [head for head in heads if head not in getattr(self.spec.block, "pruned", ())]
            if bias is not None and bias.shape[1] == len(before):
                left = [index for index, head in enumerate(before) if head not in self.pruned_heads]
                call = replace(call, scores={**call.scores, name: Scores(bias[:, left])})
        return super().compute(x, y, call, spec)

    def read(
        self,
        input: Tensor,
        mask: Tensor | None = None,
        kv: Tensor | None = None,
        position_bias: Tensor | None = None,
        past_key_value_state: Any = None,
        head_mask: Tensor | None = None,
        query_length: int | None = None,
        use_cache: bool = False,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        return self.call_of(
            input, mask, kv, position_bias, past_key_value_state, head_mask, query_length, use_cache, output_attentions
        )

    @classmethod
    def arguments(cls, x: Tensor, y: Tensor, call: Any, spec: Sublayer) -> Arguments:
        """See `Container.arguments`."""
        return cls.documented(y, call, spec, "mask")

    def changes_bias(self, spec: Bucketed) -> bool:
        """Tell whether it computes position biases in another way than the spec says."""
        own, table = self.__dict__, self._modules.get("relative_attention_bias")
        return getattr(table, "num_embeddings", spec.buckets) != spec.buckets or any(
            name in own or getattr(type(self), name) is not getattr(T5Attention, name)
            for name in ("compute_bias", "_relative_position_bucket")
        )

    def compute_bias(self, qlen: int, klen: int) -> Tensor:
        """Look up the position biases. *Shape:* `[1, heads, qlen, klen]`."""
        table: Any = self.relative_attention_bias
        weight: Any = table.weight if hasattr(table, "weight") else next(table.parameters())
        device = weight.device
        query, key = torch.arange(qlen, device=device), torch.arange(klen, device=device)
        buckets = self._relative_position_bucket(
            key - query[:, None], not self.is_decoder, self.relative_attention_num_buckets,
            self.config.relative_attention_max_distance,
        )  # fmt: skip
        return ops.heads_first(ops.embed(table, buckets, "buckets"))

    @staticmethod
    def _relative_position_bucket(
        relative_position: Tensor, bidirectional: bool = True, num_buckets: int = 32, max_distance: int = 128
    ) -> Tensor:
        """Return the buckets of positions of keys relative to their queries."""
        table = torch.from_numpy(_buckets(Bucketed(num_buckets, max_distance, bidirectional, 0)))
        return table.to(relative_position.device)[relative_position.clamp(-max_distance, max_distance) + max_distance]

    def prune_heads(self, heads: Any) -> None:
        """Remove heads, by their indices in the full attention.

        Raises:
            IndexError: there is no such head.
        """
        total = self.n_heads + len(self.pruned_heads)
        wrong = sorted(head for head in heads if not -total <= head < total)
        if wrong:
            raise IndexError(f"cannot prune heads {wrong}: the attention has heads 0 to {total - 1}")
        heads = {head % total for head in heads}
        gone, index = find_pruneable_heads_and_indices(heads, self.n_heads, self.d_kv, self.pruned_heads)
        if not gone:
            return
        for name in ("q", "k", "v"):
            setattr(self, name, prune_linear_layer(getattr(self, name), index))
        self.o = prune_linear_layer(self._modules["o"], index, dim=1)  # type: ignore[arg-type]
        self.n_heads -= len(gone)
        self.inner_dim = self.n_heads * self.d_kv
        self.pruned_heads = self.pruned_heads | gone


@lru_cache(maxsize=16)
def _buckets(spec: Bucketed) -> Any:
    return bucket_of_distance(spec)  # no tensor: one that was made while a model is exported has no values


class T5LayerSelfAttention(_Attends, tree=TREE):
    """T5's self-attention with norm and residual.

    Args:
        config: the model's configuration.
        has_relative_attention_bias: it has a table of position biases.
    """

    def __init__(self, config: T5Config, has_relative_attention_bias: bool = False):
        build_sublayer(self, config, "attention", has_relative_attention_bias)

    @property
    def attention(self) -> Any:
        """The attention, which may have a table of position biases."""
        return self.SelfAttention

    def read(
        self,
        hidden_states: Tensor,
        attention_mask: Tensor | None = None,
        position_bias: Tensor | None = None,
        head_mask: Tensor | None = None,
        past_key_value_state: Any = None,
        use_cache: bool = False,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        return self.call_of(
            hidden_states, attention_mask, None, position_bias, past_key_value_state, head_mask, None, use_cache,
            output_attentions,
        )  # fmt: skip

    @classmethod
    def arguments(cls, x: Tensor, y: Tensor, call: Any, spec: Sublayer) -> Arguments:
        """See `Container.arguments`."""
        return cls.documented(x, call, spec, "attention_mask")


class T5LayerCrossAttention(_Attends, tree=TREE):
    """T5's attention to an encoder, with norm and residual.

    Args:
        config: the model's configuration.
        has_relative_attention_bias: it has a table of position biases.
    """

    def __init__(self, config: T5Config, has_relative_attention_bias: bool = False):
        build_sublayer(self, config, "cross_attention", has_relative_attention_bias)

    @property
    def attention(self) -> Any:
        """The attention, which may have a table of position biases."""
        return self.EncDecAttention

    def read(
        self,
        hidden_states: Tensor,
        kv: Tensor,
        attention_mask: Tensor | None = None,
        position_bias: Tensor | None = None,
        head_mask: Tensor | None = None,
        past_key_value_state: Any = None,
        use_cache: bool = False,
        query_length: int | None = None,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        return self.call_of(
            hidden_states, attention_mask, kv, position_bias, past_key_value_state, head_mask, query_length, use_cache,
            output_attentions,
        )  # fmt: skip

    @classmethod
    def arguments(cls, x: Tensor, y: Tensor, call: Any, spec: Sublayer) -> Arguments:
        """See `Container.arguments`."""
        return cls.documented(x, call, spec, "attention_mask")


def fill_scores(
    call: T5Call,
    name: str,
    attention: Any,
    asked: tuple[Any, ...],
    position_bias: Tensor | None,
    sizes: tuple[int, int | None, int],
) -> None:
    """Put the sum of position biases and mask of an attention into a documented call.

    Args:
        call: the call, whose `biases` have the mask.
        name: name of the attention.
        attention: the attention.
        asked: the modules on the way to it, with it; what was changed of them is called as documented, and computes the
            sum by itself.
        position_bias: the sum, if the caller gave it.
        sizes: numbers of queries, of queries with those before (None for no others), and of keys.

    Raises:
        ValueError: the caller gave none, and the attention has no table.
    """
    if position_bias is None:
        call.unknown |= {name}
        if not all(is_plain(module) for module in asked):
            call.scores = {**call.scores, name: Scores()}
            return
        mask = call.biases.documented_mask(name)
        if attention.has_relative_attention_bias:
            queries, total, keys = sizes
            position_bias = attention.compute_bias(queries if total is None else total, keys)[:, :, -queries:]
            position_bias = position_bias if mask is None else position_bias + mask
        elif name == "cross_attention" and is_gated(attention.config):
            call.scores = {**call.scores, name: Scores(mask)}  # version 1.1 has no bias there
            return
        else:
            raise ValueError(MISSING_BIAS)
    call.scores = {**call.scores, name: Scores(position_bias)}
    call.biases.take(name, position_bias)


def given_sum(call: T5Call, name: str, attention: Any) -> tuple[Tensor, ...]:
    """Return the sum that a documented result has, if the attention has a table of position biases."""
    found = call.biases.sums.get(name)
    has_table = getattr(attention, "has_relative_attention_bias", name in call.unknown)
    return (found,) if has_table and found is not None else ()


def total_of(call: T5Call, hidden: Tensor) -> int:
    """Return the number of positions so far, with those of `hidden` where the cache has them already."""
    if call.total is not None:
        return call.total
    own = None if call.caches is None else call.caches.get("attention")
    return hidden.shape[1] if own is None else own.length


def build_sublayer(
    container: Container, config: T5Config, name: str, has_relative_attention_bias: bool = False
) -> None:
    """Make a container of a sublayer by itself, with a table of position biases if it is to have one."""
    sublayer = sublayer_alone(config, name)
    weights = sublayer_weights(sublayer, config.d_model, architecture(config).init)
    container.build(sublayer, weights, {"": sublayer}, config)
    for module in container.modules():
        if isinstance(module, T5Attention):
            module.is_decoder = config.is_decoder
            if has_relative_attention_bias:
                add_table(module, config)


def add_table(attention: T5Attention, config: T5Config) -> None:
    """Give an attention a table of position biases."""
    table = nn.Embedding(config.relative_attention_num_buckets, config.num_heads)
    table.init_std = std_of(architecture(config).init, config.d_model)  # type: ignore[assignment]
    attention.relative_attention_bias = table
    attention.has_relative_attention_bias = True
