"""BERT's parts, and their documented paths."""
from formers.architecture.names import NameTable

EMBEDDINGS = """
embeddings                                     embeddings                                        BertEmbeddings
embeddings.tokens                              embeddings.word_embeddings
embeddings.positions                           embeddings.position_embeddings
embeddings.types                               embeddings.token_type_embeddings
embeddings.norm                                embeddings.LayerNorm
embeddings.dropout                             embeddings.dropout
"""

ENCODER = """
layers                                         encoder                                           BertEncoder
layers.{i}                                     encoder.layer.{i}                                 BertLayer
layers.{i}.attention                           encoder.layer.{i}.attention                       BertAttention
layers.{i}.attention                           encoder.layer.{i}.attention.self                  BertSelfAttention
layers.{i}.attention.query                     encoder.layer.{i}.attention.self.query
layers.{i}.attention.key                       encoder.layer.{i}.attention.self.key
layers.{i}.attention.value                     encoder.layer.{i}.attention.self.value
layers.{i}.attention.dropout                   encoder.layer.{i}.attention.self.dropout
layers.{i}.attention                           encoder.layer.{i}.attention.output                BertSelfOutput
layers.{i}.attention.output                    encoder.layer.{i}.attention.output.dense
layers.{i}.attention.norm                      encoder.layer.{i}.attention.output.LayerNorm
layers.{i}.attention.residual_dropout          encoder.layer.{i}.attention.output.dropout
layers.{i}.cross_attention                     encoder.layer.{i}.crossattention                  BertAttention
layers.{i}.cross_attention                     encoder.layer.{i}.crossattention.self             BertSelfAttention
layers.{i}.cross_attention.query               encoder.layer.{i}.crossattention.self.query
layers.{i}.cross_attention.key                 encoder.layer.{i}.crossattention.self.key
layers.{i}.cross_attention.value               encoder.layer.{i}.crossattention.self.value
layers.{i}.cross_attention.dropout             encoder.layer.{i}.crossattention.self.dropout
layers.{i}.cross_attention                     encoder.layer.{i}.crossattention.output           BertSelfOutput
layers.{i}.cross_attention.output              encoder.layer.{i}.crossattention.output.dense
layers.{i}.cross_attention.norm                encoder.layer.{i}.crossattention.output.LayerNorm
layers.{i}.cross_attention.residual_dropout    encoder.layer.{i}.crossattention.output.dropout
layers.{i}.feed_forward                        encoder.layer.{i}.intermediate                    BertIntermediate
layers.{i}.feed_forward.up                     encoder.layer.{i}.intermediate.dense
layers.{i}.feed_forward.activation             encoder.layer.{i}.intermediate.intermediate_act_fn
layers.{i}.feed_forward                        encoder.layer.{i}.output                          BertOutput
layers.{i}.feed_forward.down                   encoder.layer.{i}.output.dense
layers.{i}.feed_forward.norm                   encoder.layer.{i}.output.LayerNorm
layers.{i}.feed_forward.residual_dropout       encoder.layer.{i}.output.dropout
pooler                                         pooler                                            BertPooler
pooler.dense                                   pooler.dense
pooler.activation                              pooler.activation                                 Tanh
"""

HEADS = """
cls.predictions                                BertLMPredictionHead
cls.predictions.transform                      BertPredictionHeadTransform
dropout
classifier
"""

# Later releases of the original library saved the positions 0, 1, 2, ... as a buffer.
IGNORED = (r"(^|\.)embeddings\.position_ids$",)

NAMES = NameTable(EMBEDDINGS + ENCODER, heads=HEADS, ignored=IGNORED)
