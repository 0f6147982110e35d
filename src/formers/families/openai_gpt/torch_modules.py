"""GPT's PyTorch modules."""
from typing import Any

import torch
from torch import Tensor

from formers.backends.torch import summaries
from formers.backends.torch.activations import ACT2FN
from formers.backends.torch.containers import Arguments
from formers.backends.torch.presents import GivenScores, padding_bias
from formers.backends.torch.tree import Tree
from formers.families.gpt2.architecture import MASKED_POSITION
from formers.families.gpt2.causal_modules import CausalAttention, CausalFeedForward, CausalLayer
from formers.network.call import LayerCall
from formers.network.layer import Computed

from .architecture import ACTIVATIONS, architecture
from .configuration import OpenAIGPTConfig
from .names import NAMES

ACT_FNS: dict[str, Any] = {"relu": ACT2FN["relu"], "swish": ACT2FN["swish"], "gelu": ACT2FN[ACTIVATIONS["gelu"]]}
TREE = Tree(__name__, NAMES, architecture, summaries.TREE)


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
        self.build_alone(architecture(config), nx, n_ctx, config, scale)

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


class MLP(CausalFeedForward, tree=TREE):
    """GPT's feed-forward block up to its dropout.

    Args:
        n_state: inner width.
        config: the model's configuration.
    """

    def __init__(self, n_state: int, config: OpenAIGPTConfig):
        self.build_alone(architecture(config), n_state, config)


class Block(CausalLayer, tree=TREE):
    """One layer of GPT.

    Args:
        n_ctx: number of positions of the mask.
        config: the model's configuration.
        scale: divide the products of queries and keys by the root of the size of a head.
    """

    def __init__(self, n_ctx: int, config: OpenAIGPTConfig, scale: bool = False):
        self.build_alone(architecture(config), n_ctx, config, scale)

    def read(
        self,
        x: Tensor,
        attention_mask: Tensor | None = None,
        head_mask: Tensor | None = None,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        return self.checked(x, _call(attention_mask, head_mask, output_attentions))

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
