"""What BART's model classes take and which heads they have."""
from formers.architecture import (
    Dense,
    Dropout,
    Head,
    LabelLoss,
    LastOf,
    Reads,
    SpanLoss,
    Step,
    Task,
    TokenLoss,
    TokenScores,
)

from .configuration import BartConfig

FLAGS = ("output_attentions", "output_hidden_states")
INPUTS = ("input_ids", "attention_mask", "encoder_outputs", "decoder_input_ids", "decoder_attention_mask")
CACHE = "decoder_cached_states"


def vocabulary_head() -> Head:
    """Return the head that scores the vocabulary at every position of the decoder."""
    return Head(("logits",), Reads.EVERY_TOKEN, (TokenScores("final_logits_bias"),), TokenLoss())


def sequence_head(config: BartConfig) -> Head:
    """Return the head for classes of a sequence, read at its last end-of-sentence token."""
    steps = classification_steps(config.d_model, config.num_labels, config.classif_dropout)
    return Head(("logits",), LastOf(config.eos_token_id), steps, LabelLoss())


def classification_steps(inner: int, labels: int, rate: float) -> tuple[Step, ...]:
    """Return the steps of the classification head: its inner width, its number of classes, its dropout."""
    dropout = Dropout(rate, "classification_head.dropout")
    return (
        dropout,
        Dense("classification_head.dense", inner, "tanh"),
        dropout,
        Dense("classification_head.out_proj", labels),
    )


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
