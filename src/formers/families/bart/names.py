"""BART's parts, and their documented paths."""
from formers.architecture.names import NameTable

SHARED = """
shared                                               shared
"""

ENCODER = """
encoder                                              encoder                                 BartEncoder
encoder.embeddings.dropout                           encoder.dropout                         number
encoder.embeddings.tokens                            encoder.embed_tokens
encoder.embeddings.positions                         encoder.embed_positions                 LearnedPositionalEmbedding
encoder.layers.{i}                                   encoder.layers.{i}                      EncoderLayer
encoder.layers.{i}.attention                         encoder.layers.{i}.self_attn            SelfAttention
encoder.layers.{i}.attention.dropout                 encoder.layers.{i}.self_attn.dropout    number
encoder.layers.{i}.attention.key                     encoder.layers.{i}.self_attn.k_proj
encoder.layers.{i}.attention.value                   encoder.layers.{i}.self_attn.v_proj
encoder.layers.{i}.attention.query                   encoder.layers.{i}.self_attn.q_proj
encoder.layers.{i}.attention.output                  encoder.layers.{i}.self_attn.out_proj
encoder.layers.{i}.attention.residual_dropout        encoder.layers.{i}.dropout              number
encoder.layers.{i}.attention.norm                    encoder.layers.{i}.self_attn_layer_norm
encoder.layers.{i}.feed_forward.activation           encoder.layers.{i}.activation_fn
encoder.layers.{i}.feed_forward.dropout              encoder.layers.{i}.activation_dropout   number
encoder.layers.{i}.feed_forward.up                   encoder.layers.{i}.fc1
encoder.layers.{i}.feed_forward.down                 encoder.layers.{i}.fc2
encoder.layers.{i}.feed_forward.residual_dropout     encoder.layers.{i}.dropout              number
encoder.layers.{i}.feed_forward.norm                 encoder.layers.{i}.final_layer_norm
encoder.embeddings.norm                              encoder.layernorm_embedding             Identity
encoder.norm                                         encoder.layer_norm
"""

DECODER = """
decoder                                              decoder                                 BartDecoder
decoder.embeddings.dropout                           decoder.dropout                         number
decoder.embeddings.tokens                            decoder.embed_tokens
decoder.embeddings.positions                         decoder.embed_positions                 LearnedPositionalEmbedding
decoder.layers.{i}                                   decoder.layers.{i}                      DecoderLayer
decoder.layers.{i}.attention                         decoder.layers.{i}.self_attn            SelfAttention
decoder.layers.{i}.attention.dropout                 decoder.layers.{i}.self_attn.dropout    number
decoder.layers.{i}.attention.key                     decoder.layers.{i}.self_attn.k_proj
decoder.layers.{i}.attention.value                   decoder.layers.{i}.self_attn.v_proj
decoder.layers.{i}.attention.query                   decoder.layers.{i}.self_attn.q_proj
decoder.layers.{i}.attention.output                  decoder.layers.{i}.self_attn.out_proj
decoder.layers.{i}.attention.residual_dropout        decoder.layers.{i}.dropout              number
decoder.layers.{i}.attention.norm                    decoder.layers.{i}.self_attn_layer_norm
decoder.layers.{i}.cross_attention                   decoder.layers.{i}.encoder_attn         SelfAttention
decoder.layers.{i}.cross_attention.dropout           decoder.layers.{i}.encoder_attn.dropout  number
decoder.layers.{i}.cross_attention.key               decoder.layers.{i}.encoder_attn.k_proj
decoder.layers.{i}.cross_attention.value             decoder.layers.{i}.encoder_attn.v_proj
decoder.layers.{i}.cross_attention.query             decoder.layers.{i}.encoder_attn.q_proj
decoder.layers.{i}.cross_attention.output            decoder.layers.{i}.encoder_attn.out_proj
decoder.layers.{i}.cross_attention.residual_dropout  decoder.layers.{i}.dropout              number
decoder.layers.{i}.cross_attention.norm              decoder.layers.{i}.encoder_attn_layer_norm
decoder.layers.{i}.feed_forward.activation           decoder.layers.{i}.activation_fn
decoder.layers.{i}.feed_forward.dropout              decoder.layers.{i}.activation_dropout   number
decoder.layers.{i}.feed_forward.up                   decoder.layers.{i}.fc1
decoder.layers.{i}.feed_forward.down                 decoder.layers.{i}.fc2
decoder.layers.{i}.feed_forward.residual_dropout     decoder.layers.{i}.dropout              number
decoder.layers.{i}.feed_forward.norm                 decoder.layers.{i}.final_layer_norm
decoder.embeddings.norm                              decoder.layernorm_embedding             Identity
decoder.norm                                         decoder.layer_norm
"""

HEADS = """
classification_head             BartClassificationHead
classification_head.dense
classification_head.dropout
classification_head.out_proj
"""

NAMES = NameTable(SHARED + ENCODER + DECODER, heads=HEADS)
