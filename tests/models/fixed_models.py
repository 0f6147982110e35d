"""Small models, written to folders, whose weights tests give another form while they are loaded."""

from pathlib import Path
from typing import Any

import torch

import formers

SIZES = {"vocab_size": 211}
TINY: dict[str, tuple[type, Any]] = {
    "BertForMaskedLM": (formers.BertForMaskedLM, formers.BertConfig(
        hidden_size=48, num_hidden_layers=2, num_attention_heads=4, intermediate_size=96, **SIZES)),
    "GPT2LMHeadModel": (formers.GPT2LMHeadModel, formers.GPT2Config(
        n_embd=48, n_layer=2, n_head=4, n_positions=64, eos_token_id=None, **SIZES)),
    "BartForConditionalGeneration": (formers.BartForConditionalGeneration, formers.BartConfig(
        d_model=48, encoder_layers=2, decoder_layers=2, encoder_ffn_dim=96, decoder_ffn_dim=96,
        encoder_attention_heads=4, decoder_attention_heads=4, decoder_start_token_id=2, **SIZES)),
    "T5ForConditionalGeneration": (formers.T5ForConditionalGeneration, formers.T5Config(
        d_model=48, d_kv=12, d_ff=96, num_layers=2, num_heads=4, decoder_start_token_id=0, **SIZES)),
}  # fmt: skip
IDS = torch.randint(5, 200, (2, 9), generator=torch.Generator().manual_seed(1))


def write(name: str, target: Path) -> Path:
    """Write the small model of a class below a folder; its own folder has the name of the class."""
    model_class, config = TINY[name]
    torch.manual_seed(0)
    model_class(config).save_pretrained(target / name)
    return target / name


def load(folder: Path, **options: Any) -> Any:
    return getattr(formers, folder.name).from_pretrained(folder, **options)


def scores(model: Any) -> torch.Tensor:
    paired = {"decoder_input_ids": IDS} if model.config.is_encoder_decoder else {}
    with torch.no_grad():
        return model(IDS, **paired)[0]
