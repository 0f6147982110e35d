"""BART's names in checkpoint files."""
from formers.architecture.names import NameTable

NAMES = NameTable(
    base="""
    shared                                        shared
    encoder.embeddings.tokens                     encoder.embed_tokens
    encoder.embeddings.positions                  encoder.embed_positions
    encoder.embeddings.LayerNorm                  encoder.layernorm_embedding
    encoder.layers.{i}.attention.query            encoder.layers.{i}.self_attn.q_proj
    encoder.layers.{i}.attention.key              encoder.layers.{i}.self_attn.k_proj
    encoder.layers.{i}.attention.value            encoder.layers.{i}.self_attn.v_proj
    encoder.layers.{i}.attention.output           encoder.layers.{i}.self_attn.out_proj
    encoder.layers.{i}.attention_LayerNorm        encoder.layers.{i}.self_attn_layer_norm
    encoder.layers.{i}.feed_forward.up            encoder.layers.{i}.fc1
    encoder.layers.{i}.feed_forward.down          encoder.layers.{i}.fc2
    encoder.layers.{i}.feed_forward_LayerNorm     encoder.layers.{i}.final_layer_norm
    encoder.LayerNorm                             encoder.layer_norm
    decoder.embeddings.tokens                     decoder.embed_tokens
    decoder.embeddings.positions                  decoder.embed_positions
    decoder.embeddings.LayerNorm                  decoder.layernorm_embedding
    decoder.layers.{i}.attention.query            decoder.layers.{i}.self_attn.q_proj
    decoder.layers.{i}.attention.key              decoder.layers.{i}.self_attn.k_proj
    decoder.layers.{i}.attention.value            decoder.layers.{i}.self_attn.v_proj
    decoder.layers.{i}.attention.output           decoder.layers.{i}.self_attn.out_proj
    decoder.layers.{i}.attention_LayerNorm        decoder.layers.{i}.self_attn_layer_norm
    decoder.layers.{i}.cross_attention.query      decoder.layers.{i}.encoder_attn.q_proj
    decoder.layers.{i}.cross_attention.key        decoder.layers.{i}.encoder_attn.k_proj
    decoder.layers.{i}.cross_attention.value      decoder.layers.{i}.encoder_attn.v_proj
    decoder.layers.{i}.cross_attention.output     decoder.layers.{i}.encoder_attn.out_proj
    decoder.layers.{i}.cross_attention_LayerNorm  decoder.layers.{i}.encoder_attn_layer_norm
    decoder.layers.{i}.feed_forward.up            decoder.layers.{i}.fc1
    decoder.layers.{i}.feed_forward.down          decoder.layers.{i}.fc2
    decoder.layers.{i}.feed_forward_LayerNorm     decoder.layers.{i}.final_layer_norm
    decoder.LayerNorm                             decoder.layer_norm
    """
)
