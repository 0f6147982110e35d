"""What DistilBERT's public classes take and which heads they have."""
from formers.architecture import (
    Dense,
    Dropout,
    Head,
    LabelLoss,
    Normalize,
    Reads,
    SpanLoss,
    Step,
    Task,
    TokenLoss,
    Vocabulary,
)
from formers.families.bert.tasks import FLAGS, label_loss

from .architecture import NORM
from .configuration import DistilBertConfig

INPUTS = ("input_ids", "attention_mask", "head_mask", "inputs_embeds")


def vocabulary_head(config: DistilBertConfig) -> Head:
    """Return the head that scores all tokens at every position."""
    steps = (
        Dense("vocab_transform", config.dim, "gelu"),
        Normalize("vocab_layer_norm", NORM),
        Vocabulary("vocab_projector", bias="vocab_projector.bias"),
    )
    return Head(("logits",), Reads.EVERY_TOKEN, steps, TokenLoss(path="mlm_loss_fct"))


def _pooled(config: DistilBertConfig, outputs: int) -> tuple[Step, ...]:
    """Return the steps from the first token to the output, in place of a pooler."""
    return (
        Dense("pre_classifier", config.dim, "relu"),
        Dropout(config.seq_classif_dropout),
        Dense("classifier", outputs),
    )


def sequence_head(config: DistilBertConfig) -> Head:
    """Return the head for classes, or one number, of a sequence."""
    return Head(("logits",), Reads.FIRST_TOKEN, _pooled(config, config.num_labels), label_loss(config.num_labels))


def choice_head(config: DistilBertConfig) -> Head:
    """Return the head for one score a choice."""
    return Head(("logits",), Reads.FIRST_TOKEN, _pooled(config, 1), LabelLoss(), per_choice=True)


def token_head(config: DistilBertConfig) -> Head:
    """Return the head for classes of every position."""
    steps = (Dropout(config.dropout), Dense("classifier", config.num_labels))
    return Head(("logits",), Reads.EVERY_TOKEN, steps, TokenLoss(masked=True))


def span_head(config: DistilBertConfig) -> Head:
    """Start and end of the answer."""
    steps = (Dropout(config.qa_dropout), Dense("qa_outputs", 2))
    return Head(("start_logits", "end_logits"), Reads.EVERY_TOKEN, steps, SpanLoss())


BASE = Task((*INPUTS, *FLAGS))
MASKED_LM = Task(
    (*INPUTS, "labels", *FLAGS), lambda config: (vocabulary_head(config),), renamed={"masked_lm_labels": "labels"}
)
SEQUENCE_CLASSIFICATION = Task((*INPUTS, "labels", *FLAGS), lambda config: (sequence_head(config),))
MULTIPLE_CHOICE = Task((*INPUTS, "labels", *FLAGS), lambda config: (choice_head(config),))
TOKEN_CLASSIFICATION = Task((*INPUTS, "labels", *FLAGS), lambda config: (token_head(config),))
QUESTION_ANSWERING = Task((*INPUTS, "start_positions", "end_positions", *FLAGS), lambda config: (span_head(config),))
