"""What a model made of two takes."""
from formers.architecture import Task

INPUTS = (
    "input_ids", "inputs_embeds", "attention_mask", "head_mask", "encoder_outputs", "decoder_input_ids",
    "decoder_attention_mask", "decoder_head_mask", "decoder_inputs_embeds", "labels",
)  # fmt: skip

PAIR = Task(INPUTS)
