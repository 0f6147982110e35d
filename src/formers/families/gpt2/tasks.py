"""What GPT-2's model classes take and which heads they have."""
from typing import Any

from formers.architecture import Head, LabelLoss, Reads, Task, TokenLoss, Vocabulary
from formers.families.summaries import summary_head

INPUTS = ("attention_mask", "token_type_ids", "position_ids", "head_mask", "inputs_embeds")
FLAGS = ("output_attentions", "output_hidden_states")
CACHED = ("use_cache", *FLAGS)


def vocabulary_head(output: str = "logits", bias: str | None = None) -> Head:
    """Return the head that scores the next token at every position."""
    return Head((output,), Reads.EVERY_TOKEN, (Vocabulary("lm_head", bias),), TokenLoss(shifted=True))


def choice_head(config: Any) -> Head:
    """Return the head for one score a choice, read at its last token or where `mc_token_ids` says."""
    return summary_head(
        config, "multiple_choice_head", "mc_token_ids", 1,
        outputs=("mc_logits",), loss=LabelLoss("mc_labels"), per_choice=True, loss_name="mc_loss",
    )  # fmt: skip


def double_heads(config: Any) -> tuple[Head, ...]:
    """Return the heads for the next token and for the choice."""
    return vocabulary_head("lm_logits"), choice_head(config)


BASE = Task(("input_ids", "past", *INPUTS, *CACHED), cache="past", any_shape=True)
LM_HEAD = Task(
    ("input_ids", "past", *INPUTS, "labels", *CACHED), lambda config: (vocabulary_head(),), cache="past", any_shape=True
)
DOUBLE_HEADS = Task(
    ("input_ids", "past", *INPUTS, "mc_token_ids", "labels", "mc_labels", *CACHED),
    double_heads,
    renamed={"lm_labels": "labels"},
    cache="past",
    any_shape=True,
)
