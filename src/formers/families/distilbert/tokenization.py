"""DistilBERT's tokenizers: BERT's, for a model without token types."""

from __future__ import annotations

from typing import Any

from formers.families.bert.tokenization import (
    VOCAB_FILES_NAMES as VOCAB_FILES_NAMES,
)
from formers.families.bert.tokenization import (
    BertTokenizer,
    BertTokenizerFast,
    vocabulary_address,
)

# Names on the hub, whose vocabulary each uses, and whether it is lower-case.
_MODELS = {
    "distilbert-base-uncased": ("bert-base-uncased", True),
    "distilbert-base-uncased-distilled-squad": ("bert-large-uncased", True),
    "distilbert-base-cased": ("bert-base-cased", False),
    "distilbert-base-cased-distilled-squad": ("bert-large-cased", False),
    "distilbert-base-german-cased": ("distilbert-base-german-cased", False),
    "distilbert-base-multilingual-cased": ("bert-base-multilingual-cased", False),
}

PRETRAINED_VOCAB_FILES_MAP = {"vocab_file": {name: vocabulary_address(source) for name, (source, _) in _MODELS.items()}}
PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES: dict[str, int | None] = dict.fromkeys(_MODELS, 512)
PRETRAINED_INIT_CONFIGURATION: dict[str, dict[str, Any]] = {
    name: {"do_lower_case": lower} for name, (_, lower) in _MODELS.items()
}


class DistilBertTokenizer(BertTokenizer):
    """DistilBERT's tokenizer with the interface of the Python tokenizers; arguments as in `BertTokenizer`."""

    pretrained_vocab_files_map = PRETRAINED_VOCAB_FILES_MAP
    max_model_input_sizes = PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES
    pretrained_init_configuration = PRETRAINED_INIT_CONFIGURATION
    model_input_names = ["attention_mask"]


class DistilBertTokenizerFast(BertTokenizerFast):
    """DistilBERT's tokenizer with offsets; arguments as in `BertTokenizerFast`."""

    pretrained_vocab_files_map = PRETRAINED_VOCAB_FILES_MAP
    max_model_input_sizes = PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES
    pretrained_init_configuration = PRETRAINED_INIT_CONFIGURATION
    model_input_names = ["attention_mask"]
