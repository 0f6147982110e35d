"""What T5's model classes take and which heads they have."""
from formers.architecture import Head, Reads, Scale, Step, Task, TokenLoss, Vocabulary

from .configuration import T5Config

CACHE = "decoder_past_key_value_states"
INPUTS = (
    "input_ids", "attention_mask", "encoder_outputs", "decoder_input_ids", "decoder_attention_mask", CACHE, "use_cache",
)  # fmt: skip
EMBEDS = ("inputs_embeds", "decoder_inputs_embeds", "head_mask", "output_attentions", "output_hidden_states")


def vocabulary_head(config: T5Config) -> Head:
    """Return the head that scores the vocabulary at every position of the decoder."""
    tied = config.tie_word_embeddings
    scale: tuple[Step, ...] = (Scale(config.d_model**-0.5),) if tied else ()
    return Head(("logits",), Reads.EVERY_TOKEN, (*scale, Vocabulary("lm_head", None, tied)), TokenLoss())


BASE = Task((*INPUTS, *EMBEDS), cache=CACHE)
CONDITIONAL_GENERATION = Task(
    (*INPUTS, "labels", *EMBEDS),
    lambda config: (vocabulary_head(config),),
    renamed={"lm_labels": "labels"},
    cache=CACHE,
)
