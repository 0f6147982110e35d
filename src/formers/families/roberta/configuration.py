"""RoBERTa's configuration and the names of its published checkpoints."""

from __future__ import annotations

from typing import Any, ClassVar

from formers.configuration import archive_map
from formers.families.bert.configuration import BertConfig

ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST = [
    "roberta-base",
    "roberta-large",
    "roberta-large-mnli",
    "distilroberta-base",
    "roberta-base-openai-detector",
    "roberta-large-openai-detector",
]
TF_ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST = [
    name for name in ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST if not name.endswith("openai-detector")
]
ROBERTA_PRETRAINED_CONFIG_ARCHIVE_MAP = archive_map(ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST)


class RobertaConfig(BertConfig):
    """Configuration of a RoBERTa model: BERT's, with other special tokens.

    Args:
        pad_token_id: Id of the padding token; positions are counted from the next number.
        bos_token_id: Id of the first token of a sequence.
        eos_token_id: Id of the last token of a sequence.
        **kwargs: See `BertConfig` and `PretrainedConfig`. `max_position_embeddings` counts the `pad_token_id + 1`
            positions that are never used: 514 for 512 tokens.
    """

    model_type: ClassVar[str] = "roberta"

    def __init__(
        self,
        pad_token_id: int | None = 1,
        bos_token_id: int | None = 0,
        eos_token_id: int | None = 2,
        **kwargs: Any,
    ) -> None:
        super().__init__(pad_token_id=pad_token_id, bos_token_id=bos_token_id, eos_token_id=eos_token_id, **kwargs)
