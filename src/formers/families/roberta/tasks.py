"""What RoBERTa's public classes take and which heads they have, where they differ from BERT's."""
from formers.architecture import Dense, Dropout, Head, LayerNorm, Normalize, Reads, Task, TokenLoss, Vocabulary
from formers.families.bert.tasks import FLAGS, INPUTS, choice_head, label_loss

from .configuration import RobertaConfig


def vocabulary_head(config: RobertaConfig) -> Head:
    """Return the head that scores all tokens at every position; the activation is always GELU."""
    steps = (
        Dense("lm_head.dense", config.hidden_size, "gelu"),
        Normalize("lm_head.layer_norm", LayerNorm(config.layer_norm_eps)),
        Vocabulary("lm_head.decoder", bias="lm_head.bias"),
    )
    return Head(("logits",), Reads.EVERY_TOKEN, steps, TokenLoss())


def sequence_head(config: RobertaConfig) -> Head:
    """Return the head for classes, or one number, of a sequence."""
    dropout = Dropout(config.hidden_dropout_prob, "classifier.dropout")
    steps = (
        dropout,
        Dense("classifier.dense", config.hidden_size, "tanh"),
        dropout,
        Dense("classifier.out_proj", config.num_labels),
    )
    return Head(("logits",), Reads.FIRST_TOKEN, steps, label_loss(config.num_labels))


MASKED_LM = Task(
    (*INPUTS, "labels", *FLAGS), lambda config: (vocabulary_head(config),), renamed={"masked_lm_labels": "labels"}
)
SEQUENCE_CLASSIFICATION = Task((*INPUTS, "labels", *FLAGS), lambda config: (sequence_head(config),))
MULTIPLE_CHOICE = Task(
    (
        "input_ids", "token_type_ids", "attention_mask", "labels", "position_ids", "head_mask", "inputs_embeds", *FLAGS,
    ),  # fmt: skip
    lambda config: (choice_head(config),),
)
