"""What GPT's model classes take and which heads they have."""
from formers.architecture import Task
from formers.families.gpt2.tasks import FLAGS, INPUTS, double_heads, vocabulary_head

BASE = Task(("input_ids", *INPUTS, *FLAGS), any_shape=True, flat_outputs=("attentions",))
LM_HEAD = Task(
    ("input_ids", *INPUTS, "labels", *FLAGS),
    lambda config: (vocabulary_head(),),
    any_shape=True,
    flat_outputs=("attentions",),
)
DOUBLE_HEADS = Task(
    ("input_ids", *INPUTS, "mc_token_ids", "labels", "mc_labels", *FLAGS),
    double_heads,
    renamed={"lm_labels": "labels"},
    any_shape=True,
    flat_outputs=("attentions",),
)
