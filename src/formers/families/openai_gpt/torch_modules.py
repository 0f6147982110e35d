"""GPT's PyTorch modules."""
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from formers.architecture import Sublayer
from formers.backends.torch import summaries
from formers.backends.torch.containers import Arguments, LayerContainer, Update
from formers.backends.torch.presents import GivenScores, padding_bias
from formers.backends.torch.tree import Tree
from formers.families.gpt2.architecture import MASKED_POSITION, attention
from formers.families.gpt2.causal_attention import CausalAttention
from formers.network.call import LayerCall
from formers.network.layer import Computed, Step
from formers.network.weights import layer_weights, sublayer_weights

from .architecture import architecture
from .configuration import OpenAIGPTConfig
from .names import NAMES

TREE = Tree(__name__, NAMES, summaries.TREE)


def _call(mask: Any, head_mask: Any, output_attentions: bool) -> LayerCall:
    """Return the call of a layer for documented arguments."""
    return LayerCall({"attention": GivenScores(mask, True)}, None, None, head_mask, output_attentions)


class Attention(CausalAttention, tree=TREE):
    """GPT's attention up to its last dropout.

    Args:
        nx: width of the states.
        n_ctx: number of positions of its mask.
        config: the model's configuration.
        scale: divide the products of queries and keys by the root of the size of a head.
    """

    mask_type = torch.float32

    def __init__(self, nx: int, n_ctx: int, config: OpenAIGPTConfig, scale: bool = False):
        if nx % config.n_head:
            raise AssertionError(f"nx {nx} is not a multiple of n_head {config.n_head}: change one of them")
        whole = architecture(config)
        block = attention(config, 0)  # type: ignore[arg-type]
        size = nx // config.n_head
        block = replace(block, heads=config.n_head, head_size=size, scale=size**-0.5 if scale else 1.0, pruned=frozenset())
        sublayer = replace(whole.stack.layers[0].named("attention"), block=block)
        self.build(sublayer, sublayer_weights(sublayer, nx, whole.init), {"": sublayer}, config)
        self.make_mask(n_ctx)

    def mask_scores(self, scores: Tensor) -> Tensor:
        """See `CausalAttention.mask_scores`."""
        visible = self.visible(*scores.shape[-2:]).to(scores)
        return scores * visible + MASKED_POSITION * (1 - visible)

    def read(
        self,
        x: Tensor,
        attention_mask: Tensor | None = None,
        head_mask: Tensor | None = None,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        return x, x, _call(attention_mask, head_mask, output_attentions)

    def write(self, computed: Computed, given: Any) -> list[Tensor]:
        """See `Container.write`."""
        return [computed[1]] if computed[2] is None else [computed[1], computed[2]]

    @classmethod
    def arguments(cls, x: Tensor, y: Tensor, call: LayerCall, spec: Any) -> Arguments:
        """See `Container.arguments`."""
        mask = padding_bias(call, y, MASKED_POSITION, "an attention")
        return Arguments(y, attention_mask=mask, head_mask=call.head_mask, output_attentions=call.want_weights)

    @classmethod
    def parse(cls, result: Any, x: Tensor, y: Tensor, call: LayerCall, spec: Any) -> Computed:
        """See `Container.parse`."""
        return x, result[0], result[1] if call.want_weights else None


class MLP(Update, tree=TREE):
    """GPT's feed-forward block up to its dropout.

    Args:
        n_state: inner width.
        config: the model's configuration.
    """

    first_step, last_step = Step.MIX, Step.DROPOUT

    def __init__(self, n_state: int, config: OpenAIGPTConfig):
        whole = architecture(config)
        sublayer: Sublayer = whole.stack.layers[0].named("feed_forward")
        sublayer = replace(sublayer, block=replace(sublayer.block, size=n_state))  # type: ignore[type-var]
        self.build(sublayer, sublayer_weights(sublayer, config.n_embd, whole.init), {"": sublayer}, config)

    def read(self, x: Tensor) -> Any:  # type: ignore[override]
        """See `Container.read`."""
        return x, x, LayerCall()


class Block(LayerContainer, tree=TREE):
    """One layer of GPT.

    Args:
        n_ctx: number of positions of the mask.
        config: the model's configuration.
        scale: divide the products of queries and keys by the root of the size of a head.
    """

    attn: Attention

    def __init__(self, n_ctx: int, config: OpenAIGPTConfig, scale: bool = False):
        whole = architecture(config)
        layer = whole.stack.layers[0]
        specs = {sublayer.name: sublayer for sublayer in layer.sublayers}
        self.build(layer, layer_weights(layer, whole.stack.hidden, whole.init), specs, config)
        self.attn.scale = scale
        self.attn.make_mask(n_ctx)

    def read(
        self,
        x: Tensor,
        attention_mask: Tensor | None = None,
        head_mask: Tensor | None = None,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        return x, _call(attention_mask, head_mask, output_attentions)

    def write(self, computed: Any, given: Any) -> list[Tensor]:
        """See `Container.write`."""
        x, weights = computed
        return [x, *weights]

    @classmethod
    def arguments(cls, x: Tensor, call: LayerCall) -> Arguments:
        """See `Container.arguments`."""
        mask = padding_bias(call, x, MASKED_POSITION, "a layer")
        return Arguments(x, mask, call.head_mask, output_attentions=call.want_weights)

    @classmethod
    def parse(cls, result: Any, *args: Any) -> Any:
        """See `Container.parse`."""
        return result[0], tuple(result[1:2])
