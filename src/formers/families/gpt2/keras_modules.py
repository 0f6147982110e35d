"""GPT-2's Keras layers by themselves; GPT has the same with other arguments."""
from collections.abc import Iterable
from typing import Any

from formers.backends.keras import TFAttentionLayer, TFAttentionSteps, TFSteps
from formers.network.layer import Step
from formers.network.weights import Weight, layer_weights, sublayer_weights

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
        whole = self.family.architecture(self.config)
        spec = attention_alone(whole, self.nx, self.config.n_head, self.scale)
        return spec, sublayer_weights(spec, self.nx, whole.init)


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
        spec = feed_forward_alone(whole, self.n_state)
        return spec, sublayer_weights(spec, whole.stack.hidden, whole.init)


class TFBlock(TFAttentionLayer, family=FAMILY, arguments=ARGUMENTS):
    """One layer.

    Args:
        n_ctx: number of positions.
        config: the model's configuration, or its dict.
        scale: divide the products of queries and keys by the root of the size of a head.
        **kwargs: passed to the Keras layer.
    """

    causal, gives = True, list

    def __init__(self, n_ctx: int, config: Any, scale: bool = False, **kwargs: Any):
        self.n_ctx, self.scale = n_ctx, scale
        super().__init__(config, **kwargs)

    def describe(self) -> tuple[Any, Iterable[tuple[str, Weight]]]:
        """See `TFInnerLayer.describe`."""
        whole: Any = self.family.architecture(self.config)
        spec = layer_alone(whole, self.scale)
        return spec, layer_weights(spec, whole.stack.hidden, whole.init)
