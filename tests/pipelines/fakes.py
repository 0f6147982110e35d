"""A word tokenizer and a model of one embedding table: small enough to know every result by hand."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import torch

_SPECIAL = ["[PAD]", "[CLS]", "[SEP]", "[MASK]", "[UNK]"]
WORDS = [*_SPECIAL, *"good bad ugly fine who what is the cat dog in house on mat a".split()]  # noqa: SIM905


class WordTokenizer:
    """One token a word."""

    padding_side = "right"
    pad_token_id, pad_token_type_id, cls_token_id, sep_token_id, mask_token_id = 0, 0, 1, 2, 3
    mask_token = "[MASK]"
    model_max_length = 10**9

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def __call__(
        self,
        texts: list[str],
        add_special_tokens: bool = True,
        truncation: bool = False,
        max_length: int | None = None,
        return_attention_mask: bool = True,
        return_token_type_ids: bool = True,
        verbose: bool = True,
    ) -> dict[str, list[list[int]]]:
        self.calls.append(texts)
        rows = []
        for text in texts:
            ids = [WORDS.index(word) if word in WORDS else 4 for word in text.split()]
            room = max_length - 2 * add_special_tokens if truncation and max_length else len(ids)
            rows.append(self.build_inputs_with_special_tokens(ids[:room]) if add_special_tokens else ids[:room])
        return {"input_ids": rows, "token_type_ids": [[0] * len(row) for row in rows]}

    def build_inputs_with_special_tokens(self, first: list[int], second: list[int] | None = None) -> list[int]:
        return [1, *first, 2, *([] if second is None else [*second, 2])]

    def create_token_type_ids_from_sequences(self, first: list[int], second: list[int]) -> list[int]:
        return [0] * (len(first) + 2) + [1] * (len(second) + 1)

    def num_special_tokens_to_add(self, pair: bool = False) -> int:
        return 3 if pair else 2

    def convert_ids_to_tokens(self, ids: Any) -> Any:
        return WORDS[ids] if isinstance(ids, int) else [WORDS[index] for index in ids]

    def convert_tokens_to_string(self, tokens: Sequence[str]) -> str:
        return " ".join(tokens)

    def decode(self, ids: Sequence[int]) -> str:
        return " ".join(WORDS[index] for index in ids)

    def save_pretrained(self, folder: str) -> None:
        raise NotImplementedError


class TableModel(torch.nn.Module):
    """Looks every token up in one table.

    Args:
        outputs: Numbers a token gets.
        per_text: Whether to return their mean over a text's tokens instead.
        memory: Most tokens of a batch; a larger one runs out of memory.
    """

    def __init__(self, outputs: int, per_text: bool = False, memory: int | None = None, **config: Any) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(7)
        self.table = torch.nn.Parameter(torch.randn(len(WORDS), outputs, generator=generator))
        self.per_text, self.memory = per_text, memory
        self.shapes: list[tuple[int, int]] = []
        names = {index: f"L{index}" for index in range(outputs)}
        self.config = SimpleNamespace(model_type="table", max_position_embeddings=512, id2label=names, **config)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None) -> tuple[torch.Tensor, ...]:
        if self.memory is not None and input_ids.numel() > self.memory:
            raise RuntimeError(f"[enforce fail] DefaultCPUAllocator: can't allocate memory: {input_ids.numel()} bytes")
        self.shapes.append((input_ids.shape[0], input_ids.shape[1]))
        assert not torch.is_grad_enabled() and not self.training
        states = self.table[input_ids]
        if not self.per_text:
            return (states,)
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        mask = mask.unsqueeze(-1).to(states.dtype)
        return ((states * mask).sum(1) / mask.sum(1),)


class SpanModel(TableModel):
    """Start and end logits from the table's two columns."""

    def __init__(self, **config: Any) -> None:
        super().__init__(2, **config)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None) -> tuple[torch.Tensor, ...]:
        (states,) = super().forward(input_ids, attention_mask)
        return states[..., 0], states[..., 1]
