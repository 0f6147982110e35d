"""BART's tokenizers: RoBERTa's under other names."""

from __future__ import annotations

from formers.families.gpt2.tokenization import VOCAB_FILES_NAMES as VOCAB_FILES_NAMES
from formers.families.gpt2.tokenization import vocabulary_addresses
from formers.families.roberta.tokenization import RobertaTokenizer, RobertaTokenizerFast

_NAMES = (
    "facebook/bart-base",
    "facebook/bart-large",
    "facebook/bart-large-mnli",
    "facebook/bart-large-cnn",
    "facebook/bart-large-xsum",
    "yjernite/bart_eli5",
)

# Where mBART's vocabulary is, which had its tokenizer in this module.
SPM_URL = "https://huggingface.co/facebook/mbart-large-en-ro/resolve/main/sentencepiece.bpe.model"

PRETRAINED_VOCAB_FILES_MAP = vocabulary_addresses(dict.fromkeys(_NAMES, "roberta-large"))
PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES: dict[str, int | None] = dict.fromkeys(_NAMES, 1024)


class BartTokenizer(RobertaTokenizer):
    """BART's tokenizer with the interface of the Python tokenizers; see `RobertaTokenizer`."""

    pretrained_vocab_files_map = PRETRAINED_VOCAB_FILES_MAP
    max_model_input_sizes = PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES


class BartTokenizerFast(RobertaTokenizerFast):
    """BART's tokenizer with offsets; see `RobertaTokenizerFast`."""

    pretrained_vocab_files_map = PRETRAINED_VOCAB_FILES_MAP
    max_model_input_sizes = PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES
