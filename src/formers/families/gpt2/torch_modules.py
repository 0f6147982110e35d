"""GPT-2's PyTorch modules."""
from typing import Any

import torch
from torch import Tensor

from formers.backends.torch import ops, summaries
from formers.backends.torch.containers import Arguments
from formers.backends.torch.presents import (
    GivenScores,
    documented_keywords,
    keep_present,
    padding_bias,
)
from formers.backends.torch.tree import Tree
from formers.network.call import LayerCall
from formers.network.documented_caches import documented_present, given_past
from formers.network.layer import Computed

from .architecture import MASKED_POSITION, architecture
from .causal_modules import CausalAttention, CausalFeedForward, CausalLayer
from .configuration import GPT2Config
from .names import NAMES

TREE = Tree(__name__, NAMES, architecture, summaries.TREE)


def _call(layer_past: Any, mask: Any, head_mask: Any, use_cache: bool, output_attentions: bool) -> LayerCall:
    """Return the call of a layer for documented arguments."""
    cache = given_past(ops, layer_past, use_cache)
    caches = None if cache is None else {"attention": cache}
    return LayerCall({"attention": GivenScores(mask, True)}, None, caches, head_mask, output_attentions)


def _documented(x: Tensor, call: LayerCall, owner: str) -> dict[str, Any]:
    """Return the documented arguments by name for the call of a layer."""
    return documented_keywords(call, padding_bias(call, x, MASKED_POSITION, owner))


class Attention(CausalAttention, tree=TREE):
    """GPT-2's attention up to its last dropout.

    Args:
        nx: width of the states.
        n_ctx: number of positions of its mask.
        config: the model's configuration.
        scale: divide the products of queries and keys by the root of the size of a head.
    """

    mask_type = torch.uint8
    masked_bias: Tensor

    def __init__(self, nx: int, n_ctx: int, config: GPT2Config, scale: bool = False):
        self.build_alone(architecture(config), nx, n_ctx, config, scale)

    def mask_buffers(self, size: int) -> dict[str, Tensor]:
        """See `CausalAttention.mask_buffers`."""
        return super().mask_buffers(size) | {"masked_bias": torch.tensor(MASKED_POSITION, device="cpu")}

    def mask_scores(self, scores: Tensor) -> Tensor:
        """See `CausalAttention.mask_scores`."""
        visible = self.visible(*scores.shape[-2:]).to(scores.device)
        return torch.where(visible.bool(), scores, self.masked_bias.to(scores))

    def read(
        self,
        x: Tensor,
        layer_past: Any = None,
        attention_mask: Tensor | None = None,
        head_mask: Tensor | None = None,
        use_cache: bool = False,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        return x, x, _call(layer_past, attention_mask, head_mask, use_cache, output_attentions)

    def write(self, computed: Computed, given: Any) -> list[Any]:
        """See `Container.write`."""
        found: list[Any] = [computed[1], documented_present(ops, given[2].cache("attention"))]
        return found if computed[2] is None else [*found, computed[2]]

    @classmethod
    def arguments(cls, x: Tensor, y: Tensor, call: LayerCall, spec: Any) -> Arguments:
        """See `Container.arguments`."""
        return Arguments(y, **_documented(y, call, "an attention"))

    @classmethod
    def parse(cls, result: Any, x: Tensor, y: Tensor, call: LayerCall, spec: Any) -> Computed:
        """See `Container.parse`."""
        keep_present(call.cache("attention"), result[1], "an attention")
        return x, result[0], result[2] if call.want_weights else None


class MLP(CausalFeedForward, tree=TREE):
    """GPT-2's feed-forward block up to its dropout.

    Args:
        n_state: inner width.
        config: the model's configuration.
    """

    def __init__(self, n_state: int, config: GPT2Config):
        self.build_alone(architecture(config), n_state, config)


class Block(CausalLayer, tree=TREE):
    """One layer of GPT-2.

    Args:
        n_ctx: number of positions of the mask.
        config: the model's configuration.
        scale: divide the products of queries and keys by the root of the size of a head.
    """

    def __init__(self, n_ctx: int, config: GPT2Config, scale: bool = False):
        self.build_alone(architecture(config), n_ctx, config, scale)

    def read(
        self,
        x: Tensor,
        layer_past: Any = None,
        attention_mask: Tensor | None = None,
        head_mask: Tensor | None = None,
        use_cache: bool = False,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        return self.checked(x, _call(layer_past, attention_mask, head_mask, use_cache, output_attentions))

    def write(self, computed: Any, given: Any) -> list[Any]:
        """See `Container.write`."""
        x, weights = computed
        return [x, documented_present(ops, given[1].cache("attention")), *weights]

    @classmethod
    def arguments(cls, x: Tensor, call: LayerCall) -> Arguments:
        """See `Container.arguments`."""
        return Arguments(x, **_documented(x, call, "a layer"))

    @classmethod
    def parse(cls, result: Any, x: Tensor, call: LayerCall) -> Any:
        """See `Container.parse`."""
        keep_present(call.cache("attention"), result[1], "a layer")
        return result[0], tuple(result[2:3])
