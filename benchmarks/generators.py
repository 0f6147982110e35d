"""Full-size generators with random weights, written as the hub's files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SPECIAL_TOKENS = ("<s>", "<pad>", "</s>", "<unk>")


@dataclass(frozen=True)
class Generator:
    """A model, and how much of it a step of generation reads.

    Args:
        folder: name of its folder.
        classes: names of the configuration class and the model class.
        config: what differs from the defaults of the configuration class.
        weights_per_step: weights of the matrix products that every new token passes.
    """

    folder: str
    classes: tuple[str, str]
    config: dict[str, Any]
    weights_per_step: int

    @property
    def paired(self) -> bool:
        """Whether it has an encoder."""
        return self.classes[1] != "GPT2LMHeadModel"


GPT2 = Generator(
    folder="gpt2-small",
    classes=("GPT2Config", "GPT2LMHeadModel"),
    config={},
    weights_per_step=12 * 12 * 768**2 + 50257 * 768,
)
BART = Generator(
    folder="bart-base",
    classes=("BartConfig", "BartForConditionalGeneration"),
    config={
        "d_model": 768, "encoder_layers": 6, "decoder_layers": 6, "encoder_ffn_dim": 3072, "decoder_ffn_dim": 3072,
        "encoder_attention_heads": 12, "decoder_attention_heads": 12, "decoder_start_token_id": 2,
    },  # fmt: skip
    # The keys and values of the encoder's states are computed once.
    weights_per_step=6 * (4 + 2 + 8) * 768**2 + 50265 * 768,
)
T5 = Generator(
    folder="t5-small",
    classes=("T5Config", "T5ForConditionalGeneration"),
    config={"decoder_start_token_id": 0},
    weights_per_step=6 * (4 + 2 + 8) * 512**2 + 32128 * 512,
)


def make_generator(generator: Generator, cache: Path, seed: int = 0) -> Path:
    """Write `config.json`, `model.safetensors` (fp32) and `tokenizer.json` unless they are there.

    The tokenizer knows as many words as the model; nothing is tokenized with it, but converters ask for one.

    Args:
        generator: which.
        cache: where its folder goes.
        seed: of the weights.

    Returns:
        The folder.
    """
    folder = cache / generator.folder
    if (folder / "complete").exists():
        return folder
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel

    import formers

    config_class, model_class = (getattr(formers, name) for name in generator.classes)
    config = config_class(**generator.config)
    torch.manual_seed(seed)
    model_class(config).save_pretrained(folder)
    words = [*SPECIAL_TOKENS, *(f"word{number}" for number in range(config.vocab_size - len(SPECIAL_TOKENS)))]
    vocabulary = {word: number for number, word in enumerate(words)}
    Tokenizer(WordLevel(vocabulary, unk_token="<unk>")).save(str(folder / "tokenizer.json"))
    names = dict(zip(("bos_token", "pad_token", "eos_token", "unk_token"), SPECIAL_TOKENS, strict=True))
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", **names}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2), encoding="utf-8")
    (folder / "complete").touch()
    return folder
