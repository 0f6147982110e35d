"""What BERT's model classes take and which heads they have."""
from formers.architecture import (
    Dense,
    Dropout,
    Head,
    LabelLoss,
    LayerNorm,
    Normalize,
    Reads,
    SpanLoss,
    SquaredLoss,
    Task,
    TokenLoss,
    Vocabulary,
)

from .configuration import BertConfig

INPUTS = ("input_ids", "attention_mask", "token_type_ids", "position_ids", "head_mask", "inputs_embeds")
ENCODER = ("encoder_hidden_states", "encoder_attention_mask")
FLAGS = ("output_attentions", "output_hidden_states")


def vocabulary_head(config: BertConfig, shifted: bool = False, output: str = "logits") -> Head:
    """Return the head that scores all tokens at every position."""
    steps = (
        Dense(
            "cls.predictions.transform.dense",
            config.hidden_size,
            config.hidden_act,
            "cls.predictions.transform.transform_act_fn",
        ),
        Normalize("cls.predictions.transform.LayerNorm", LayerNorm(config.layer_norm_eps)),
        Vocabulary("cls.predictions.decoder", bias="cls.predictions.bias"),
    )
    return Head((output,), Reads.EVERY_TOKEN, steps, TokenLoss(shifted=shifted))


def next_sentence_head(output: str = "logits") -> Head:
    """Return the head that tells whether the second sentence follows the first."""
    return Head((output,), Reads.POOLED, (Dense("cls.seq_relationship", 2),), LabelLoss("next_sentence_label"))


def pretraining_heads(config: BertConfig) -> tuple[Head, ...]:
    """Return the heads for masked tokens and for the next sentence."""
    return (
        vocabulary_head(config, output="prediction_logits"),
        next_sentence_head("seq_relationship_logits"),
    )


def sequence_head(config: BertConfig) -> Head:
    """Return the head for classes, or one number, of a sequence."""
    steps = (Dropout(config.hidden_dropout_prob), Dense("classifier", config.num_labels))
    return Head(("logits",), Reads.POOLED, steps, label_loss(config.num_labels))


def choice_head(config: BertConfig) -> Head:
    """Return the head for one score a choice."""
    steps = (Dropout(config.hidden_dropout_prob), Dense("classifier", 1))
    return Head(("logits",), Reads.POOLED, steps, LabelLoss(), per_choice=True)


def token_head(config: BertConfig) -> Head:
    """Return the head for classes of every position."""
    steps = (Dropout(config.hidden_dropout_prob), Dense("classifier", config.num_labels))
    return Head(("logits",), Reads.EVERY_TOKEN, steps, TokenLoss(masked=True))


def span_head() -> Head:
    """Start and end of the answer."""
    return Head(("start_logits", "end_logits"), Reads.EVERY_TOKEN, (Dense("qa_outputs", 2),), SpanLoss())


def label_loss(num_labels: int) -> LabelLoss | SquaredLoss:
    """Return the loss of a sequence's label; with one label, it is that of a number."""
    return SquaredLoss() if num_labels == 1 else LabelLoss()


BASE = Task((*INPUTS, *ENCODER, *FLAGS))
PRETRAINING = Task(
    (*INPUTS, "labels", "next_sentence_label", *FLAGS), pretraining_heads, renamed={"masked_lm_labels": "labels"}
)
CAUSAL_LM = Task(
    (*INPUTS, "labels", *ENCODER, *FLAGS), lambda config: (vocabulary_head(config, shifted=True),), decoder=True
)
MASKED_LM = Task(
    (*INPUTS, "labels", *ENCODER, *FLAGS),
    lambda config: (vocabulary_head(config),),
    renamed={"masked_lm_labels": "labels"},
    decoder=False,
)
NEXT_SENTENCE = Task((*INPUTS, "next_sentence_label", *FLAGS), lambda config: (next_sentence_head(),))
SEQUENCE_CLASSIFICATION = Task((*INPUTS, "labels", *FLAGS), lambda config: (sequence_head(config),))
MULTIPLE_CHOICE = Task((*INPUTS, "labels", *FLAGS), lambda config: (choice_head(config),))
TOKEN_CLASSIFICATION = Task((*INPUTS, "labels", *FLAGS), lambda config: (token_head(config),))
QUESTION_ANSWERING = Task((*INPUTS, "start_positions", "end_positions", *FLAGS), lambda config: (span_head(),))
