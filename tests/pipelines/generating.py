"""Tiny models of random weights that write text, and what they are given."""

from tests.golden_data import GOLDEN

from formers import pipeline

FOLDER = GOLDEN / "pipelines"
GPT2, GPT, CTRL = "generate_gpt2", "generate_gpt", "generate_ctrl"
BART, T5, MARIAN = "summarize_bart", "summarize_translate_t5", "translate_marian"
PROMPTS = ["The lamp is lit.", "It isn't", "Children measure the pier each summer", "a", "The lamp is ", "It is so"]
DOCUMENTS = [
    "The harbour wakes before the sun. Fishermen untie their boats and gulls argue over bread.",
    "Nobody remembers who built the stone pier.",
    "In the evening the wind turns and the boats return with silver fish. The market opens at seven.",
    "The lamp is lit.",
]


def load(task, folder, **options):
    return pipeline(task, model=str(FOLDER / folder), **options)


def shapes(seen):
    return [tuple(arguments["input_ids"].shape) for arguments in seen]
