"""Small models for the tests of the Keras backend."""
from typing import Any

import numpy as np
import torch

import formers
from formers.families import families

_BERT = {
    "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 20,
    "max_position_embeddings": 24,
}  # fmt: skip
_GPT = {"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 24, "n_ctx": 24}
_BART = {
    "d_model": 16, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 2, "decoder_attention_heads": 2,
    "encoder_ffn_dim": 20, "decoder_ffn_dim": 20, "max_position_embeddings": 24, "init_std": 0.2,
}  # fmt: skip
SIZES: dict[str, dict[str, Any]] = {
    "bert": _BERT,
    "roberta": _BERT,
    "distilbert": {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 20, "max_position_embeddings": 24},
    "gpt2": _GPT,
    "openai-gpt": _GPT,
    "ctrl": {**_GPT, "dff": 20},
    "t5": {"d_model": 16, "d_kv": 6, "d_ff": 20, "num_layers": 2, "num_heads": 2, "decoder_start_token_id": 0},
    "bart": _BART,
    "marian": {
        **_BART, "static_position_embeddings": True, "normalize_embedding": False, "scale_embedding": True,
        "pad_token_id": 49, "eos_token_id": 0, "decoder_start_token_id": 49,
    },
}  # fmt: skip
# The documented library has no Keras class for a BERT decoder.
TWINS = [
    (family, name)
    for family in SIZES
    for name in sorted(set(families()[family].classes.values()))
    if name != "BertLMHeadModel"
]
PAIRED = ("t5", "bart", "marian")  # families with an encoder and a decoder


def config(family: str, **options: Any) -> Any:
    """A small configuration."""
    return families()[family].config(vocab_size=50, **SIZES[family], **options)


def make(family: str, name: str, **options: Any) -> Any:
    """A small model with fresh weights, the larger for the differences to show."""
    return getattr(formers, name)(config(family, initializer_range=0.2, **options))


def ids(*shape: int, seed: int = 0) -> np.ndarray:
    """Token ids that are no special ones."""
    return np.random.default_rng(seed).integers(5, 49, shape).astype("int32")


def inputs_for(name: str) -> dict[str, np.ndarray]:
    """Inputs that a class takes, in either framework."""
    inputs = {"input_ids": ids(2, 3, 7) if "MultipleChoice" in name or "DoubleHeads" in name else ids(2, 7)}
    if name.removeprefix("TF").startswith(("T5", "Bart", "Marian")):
        inputs["input_ids"][:, -1] = 2  # the end of a sentence, which BART's classifier looks for
        inputs |= {"attention_mask": np.array([[1] * 7, [1] * 5 + [0, 1]], "int32"), "decoder_input_ids": ids(2, 7)}
    return inputs


def tensors(inputs: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """Inputs as PyTorch takes them."""
    return {name: torch.from_numpy(value).long() for name, value in inputs.items()}
