"""GPT (Radford et al., 2018): GPT-2 with its norms after the blocks."""
from formers.architecture import FeedForward, Layer, LayerNorm, Normal, SingleStack, Stack, Sublayer
from formers.families.gpt2.architecture import attention, embeddings

from .configuration import OpenAIGPTConfig

# GPT's own table of activations: what it calls GELU is the tanh form.
ACTIVATIONS = {"gelu": "gelu_new"}


def architecture(config: OpenAIGPTConfig) -> SingleStack:
    """Return GPT's architecture."""
    norm = LayerNorm(config.layer_norm_epsilon)
    activation = ACTIVATIONS.get(config.afn, config.afn)
    feed_forward = FeedForward(4 * config.n_embd, activation, chunk_size=config.chunk_size_feed_forward)
    layers = tuple(
        Layer(
            (
                Sublayer("attention", attention(config, index), after=norm, dropout=config.resid_pdrop),  # type: ignore[arg-type]
                Sublayer("feed_forward", feed_forward, after=norm, dropout=config.resid_pdrop),
            )
        )
        for index in range(config.n_layer)
    )
    stack = Stack(
        config.n_embd,
        embeddings(config),  # type: ignore[arg-type]
        layers,
        checkpointing=config.gradient_checkpointing,
    )
    return SingleStack(stack, Normal(config.initializer_range))
