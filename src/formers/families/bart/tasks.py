"""What BART's public classes take and which heads they have."""
from formers.architecture import (
    Dense,
    Dropout,
    Head,
    LabelLoss,
    LastOf,
    Reads,
    SpanLoss,
    Task,
    TokenLoss,
    WordTable,
)

from .configuration import BartConfig

FLAGS = ("output_attentions", "output_hidden_states")
INPUTS = ("input_ids", "attention_mask", "encoder_outputs", "decoder_input_ids", "decoder_attention_mask")
CACHE = "decoder_cached_states"


def vocabulary_head() -> Head:
    """Scores of all words at every position of the decoder."""
    return Head(("logits",), Reads.EVERY_TOKEN, (WordTable("final_logits_bias"),), TokenLoss())


def sequence_head(config: BartConfig) -> Head:
    """Classes of a sequence, read at its last end-of-sentence token."""
    dropout = Dropout(config.classif_dropout)
    steps = (
        dropout,
        Dense("classification_head.dense", config.d_model, "tanh"),
        dropout,
        Dense("classification_head.out_proj", config.num_labels),
    )
    return Head(("logits",), LastOf(config.eos_token_id), steps, LabelLoss())


def span_head() -> Head:
    """Start and end of the answer."""
    return Head(("start_logits", "end_logits"), Reads.EVERY_TOKEN, (Dense("qa_outputs", 2),), SpanLoss())


BASE = Task(
    (
        "input_ids", "attention_mask", "decoder_input_ids", "encoder_outputs", "decoder_attention_mask", CACHE,
        "use_cache", *FLAGS,
    ),  # fmt: skip
    cache=CACHE,
)
CONDITIONAL_GENERATION = Task(
    (*INPUTS, CACHE, "labels", "use_cache", *FLAGS),
    lambda config: (vocabulary_head(),),
    renamed={"lm_labels": "labels"},
    cache=CACHE,
)
SEQUENCE_CLASSIFICATION = Task(
    (*INPUTS, "labels", *FLAGS, "use_cache"), lambda config: (sequence_head(config),), caching=False
)
QUESTION_ANSWERING = Task(
    (*INPUTS, "start_positions", "end_positions", *FLAGS, "use_cache"), lambda config: (span_head(),), caching=False
)
