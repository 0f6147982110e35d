"""GPT-2's Keras layers by themselves; GPT has the same with other arguments."""
from collections.abc import Iterable
from typing import Any

from formers.backends.keras import TFAttentionLayer, TFAttentionSteps, TFSteps
from formers.network.layer import Step
from formers.network.weights import Weight, alone

from . import FAMILY
from .architecture import attention_alone, feed_forward_alone, layer_alone

ARGUMENTS = ("x", "layer_past", "attention_mask", "head_mask", "use_cache", "output_attentions")


class TFAttention(TFAttentionSteps, family=FAMILY, arguments=ARGUMENTS):
    """The attention up to its last dropout.

    Args:
        nx: width of the states.
        n_ctx: number of positions.
        config: the model's configuration, or its dict.
        scale: divide the products of queries and keys by the root of the size of a head.
        **kwargs: passed to the Keras layer.
    """

    first_step, last_step = Step.MIX, Step.DROPOUT
    causal, gives = True, list

    def __init__(self, nx: int, n_ctx: int, config: Any, scale: bool = False, **kwargs: Any):
        self.nx, self.n_ctx, self.scale = nx, n_ctx, scale
        super().__init__(config, **kwargs)

    def describe(self) -> tuple[Any, Iterable[tuple[str, Weight]]]:
        """See `TFInnerLayer.describe`."""
        whole: Any = self.family.architecture(self.config)
        return alone(attention_alone(whole, self.nx, self.config.n_head, self.scale), self.nx, whole.init)


class TFMLP(TFSteps, family=FAMILY, arguments=("x",)):
    """The feed-forward block up to its dropout.

    Args:
        n_state: inner width.
        config: the model's configuration, or its dict.
        **kwargs: passed to the Keras layer.
    """

    first_step, last_step = Step.MIX, Step.DROPOUT

    def __init__(self, n_state: int, config: Any, **kwargs: Any):
        self.n_state = n_state
        super().__init__(config, **kwargs)

    def describe(self) -> tuple[Any, Iterable[tuple[str, Weight]]]:
        """See `TFInnerLayer.describe`."""
        whole: Any = self.family.architecture(self.config)
        return alone(feed_forward_alone(whole, self.n_state), whole.stack.hidden, whole.init)


class TFBlock(TFAttentionLayer, family=FAMILY, arguments=ARGUMENTS):
    """One layer; see `TFAttention`."""

    causal, gives = True, list

    def __init__(self, n_ctx: int, config: Any, scale: bool = False, **kwargs: Any):
        self.n_ctx, self.scale = n_ctx, scale
        super().__init__(config, **kwargs)

    def describe(self) -> tuple[Any, Iterable[tuple[str, Weight]]]:
        """See `TFInnerLayer.describe`."""
        whole: Any = self.family.architecture(self.config)
        return alone(layer_alone(whole, self.scale), whole.stack.hidden, whole.init)
