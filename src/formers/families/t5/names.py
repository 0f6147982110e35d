"""T5's parts, and their documented paths."""
import re

from formers.architecture.names import NameTable, Variable

# Version 1.0 has a bias on the cross-attention; the library dropped it later, and files saved since lack it.
CROSS_BIAS = r"^decoder\.block\.0\.layer\.1\.EncDecAttention\.relative_attention_bias\.weight$"

# What the optimizer (Adafactor) remembers of a variable has its name and one of these.
_OPTIMIZER = re.compile(r"_slot_\w+$|^global_step$")


def original(variable: str) -> Variable | None:
    """Return the name in Mesh TensorFlow: `encoder/block_003/layer_000/SelfAttention/q`, or `.../layer_norm/scale`."""
    if _OPTIMIZER.search(variable):
        return None
    if variable == "decoder/logits/kernel":
        return Variable("lm_head.weight", transposed=True)
    dotted = re.sub(r"(block|layer)_(\d+)/", lambda match: f"{match[1]}.{int(match[2])}.", variable).replace("/", ".")
    head, _, leaf = dotted.rpartition(".")
    path = head if leaf in ("embedding", "scale", "kernel") else dotted
    return Variable(f"{path}.weight", transposed=leaf not in ("embedding", "scale"))


SHARED = """
shared                                               shared
"""

# The first block has the position bias of all.
ENCODER = """
encoder                                              encoder                                      T5Stack
encoder.embeddings.tokens                            encoder.embed_tokens
encoder.layers.{i}                                   encoder.block.{i}                            T5Block
encoder.layers.{i}.attention                         encoder.block.{i}.layer.0                    T5LayerSelfAttention
encoder.layers.{i}.attention                         encoder.block.{i}.layer.0.SelfAttention      T5Attention
encoder.layers.{i}.attention.dropout                 encoder.block.{i}.layer.0.SelfAttention.dropout  number
encoder.layers.{i}.attention.query                   encoder.block.{i}.layer.0.SelfAttention.q
encoder.layers.{i}.attention.key                     encoder.block.{i}.layer.0.SelfAttention.k
encoder.layers.{i}.attention.value                   encoder.block.{i}.layer.0.SelfAttention.v
encoder.layers.{i}.attention.output                  encoder.block.{i}.layer.0.SelfAttention.o
encoder.position_bias.table                          encoder.block.0.layer.0.SelfAttention.relative_attention_bias
encoder.layers.{i}.attention.norm                    encoder.block.{i}.layer.0.layer_norm
encoder.layers.{i}.attention.residual_dropout        encoder.block.{i}.layer.0.dropout
encoder.layers.{i}.feed_forward                      encoder.block.{i}.layer.1                    T5LayerFF
encoder.layers.{i}.feed_forward                      encoder.block.{i}.layer.1.DenseReluDense     T5DenseReluDense
encoder.layers.{i}.feed_forward.up                   encoder.block.{i}.layer.1.DenseReluDense.wi
encoder.layers.{i}.feed_forward.gate                 encoder.block.{i}.layer.1.DenseReluDense.wi_0
encoder.layers.{i}.feed_forward.linear               encoder.block.{i}.layer.1.DenseReluDense.wi_1
encoder.layers.{i}.feed_forward.down                 encoder.block.{i}.layer.1.DenseReluDense.wo
encoder.layers.{i}.feed_forward.dropout              encoder.block.{i}.layer.1.DenseReluDense.dropout
encoder.layers.{i}.feed_forward.norm                 encoder.block.{i}.layer.1.layer_norm
encoder.layers.{i}.feed_forward.residual_dropout     encoder.block.{i}.layer.1.dropout
encoder.norm                                         encoder.final_layer_norm
encoder.embeddings.dropout                           encoder.dropout
encoder.dropout                                      encoder.dropout
"""

DECODER = """
decoder                                              decoder                                      T5Stack
decoder.embeddings.tokens                            decoder.embed_tokens
decoder.layers.{i}                                   decoder.block.{i}                            T5Block
decoder.layers.{i}.attention                         decoder.block.{i}.layer.0                    T5LayerSelfAttention
decoder.layers.{i}.attention                         decoder.block.{i}.layer.0.SelfAttention      T5Attention
decoder.layers.{i}.attention.dropout                 decoder.block.{i}.layer.0.SelfAttention.dropout  number
decoder.layers.{i}.attention.query                   decoder.block.{i}.layer.0.SelfAttention.q
decoder.layers.{i}.attention.key                     decoder.block.{i}.layer.0.SelfAttention.k
decoder.layers.{i}.attention.value                   decoder.block.{i}.layer.0.SelfAttention.v
decoder.layers.{i}.attention.output                  decoder.block.{i}.layer.0.SelfAttention.o
decoder.position_bias.table                          decoder.block.0.layer.0.SelfAttention.relative_attention_bias
decoder.layers.{i}.attention.norm                    decoder.block.{i}.layer.0.layer_norm
decoder.layers.{i}.attention.residual_dropout        decoder.block.{i}.layer.0.dropout
decoder.layers.{i}.cross_attention                   decoder.block.{i}.layer.1                    T5LayerCrossAttention
decoder.layers.{i}.cross_attention                   decoder.block.{i}.layer.1.EncDecAttention    T5Attention
decoder.layers.{i}.cross_attention.dropout           decoder.block.{i}.layer.1.EncDecAttention.dropout  number
decoder.layers.{i}.cross_attention.query             decoder.block.{i}.layer.1.EncDecAttention.q
decoder.layers.{i}.cross_attention.key               decoder.block.{i}.layer.1.EncDecAttention.k
decoder.layers.{i}.cross_attention.value             decoder.block.{i}.layer.1.EncDecAttention.v
decoder.layers.{i}.cross_attention.output            decoder.block.{i}.layer.1.EncDecAttention.o
decoder.cross_position_bias.table                    decoder.block.0.layer.1.EncDecAttention.relative_attention_bias
decoder.layers.{i}.cross_attention.norm              decoder.block.{i}.layer.1.layer_norm
decoder.layers.{i}.cross_attention.residual_dropout  decoder.block.{i}.layer.1.dropout
decoder.layers.{i}.feed_forward                      decoder.block.{i}.layer.2                    T5LayerFF
decoder.layers.{i}.feed_forward                      decoder.block.{i}.layer.2.DenseReluDense     T5DenseReluDense
decoder.layers.{i}.feed_forward.up                   decoder.block.{i}.layer.2.DenseReluDense.wi
decoder.layers.{i}.feed_forward.gate                 decoder.block.{i}.layer.2.DenseReluDense.wi_0
decoder.layers.{i}.feed_forward.linear               decoder.block.{i}.layer.2.DenseReluDense.wi_1
decoder.layers.{i}.feed_forward.down                 decoder.block.{i}.layer.2.DenseReluDense.wo
decoder.layers.{i}.feed_forward.dropout              decoder.block.{i}.layer.2.DenseReluDense.dropout
decoder.layers.{i}.feed_forward.norm                 decoder.block.{i}.layer.2.layer_norm
decoder.layers.{i}.feed_forward.residual_dropout     decoder.block.{i}.layer.2.dropout
decoder.norm                                         decoder.final_layer_norm
decoder.embeddings.dropout                           decoder.dropout
decoder.dropout                                      decoder.dropout
"""

NAMES = NameTable(
    SHARED + ENCODER + DECODER, ignored=(CROSS_BIAS,), optional=(CROSS_BIAS,), original=original
)
